/**
 * The event of a Lambda proxy integration, payload format 1.0
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html).
 */
import { commonLogTime } from '../../http/log-time';
import { principalAccount, principalName } from '../../iam/principals';
import { ownMember } from '../../own-member';
import { edgeHeaders, isOfEdge } from './edge-headers';
import { domainNameOf, headerOf, type RestCall } from './rest-call';

/** They concern the connection, or the gateway says them itself. */
const DROPPED = new Set([
  'connection',
  'content-length',
  'content-md5',
  'expect',
  'max-forwards',
  'proxy-authenticate',
  'server',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
]);
/** However the client writes them. */
const CAPITALISED: Readonly<Record<string, string>> = { authorization: 'Authorization', 'user-agent': 'User-Agent' };

/** What events of integrations and of authorizers share. */
export function requestMembers(call: RestCall): Record<string, unknown> {
  const { path, httpMethod, resourcePath, pathParameters, query, stage } = call;
  const headers = eventHeaders(call);
  const parameters = multiValues([...query]);
  return {
    resource: resourcePath,
    path,
    httpMethod,
    headers: lastValues(headers),
    multiValueHeaders: headers,
    queryStringParameters: orNull(lastValues(parameters)),
    multiValueQueryStringParameters: orNull(parameters),
    pathParameters: orNull(pathParameters),
    stageVariables: orNull(stage.variables),
    requestContext: requestContext(call),
  };
}

export function proxyEvent(call: RestCall): Buffer {
  const { api, body, request } = call;
  const isBase64Encoded = body.length > 0 && isBinary(headerOf(request, 'content-type'), api.binaryMediaTypes);
  return Buffer.from(
    JSON.stringify({
      ...requestMembers(call),
      body: body.length === 0 ? null : body.toString(isBase64Encoded ? 'base64' : 'utf8'),
      isBase64Encoded,
    }),
  );
}

/** Whether a content type is one of the API's binary types; its parameters and its letter case do not count. */
export function isBinary(contentType: string | undefined, binaryMediaTypes: readonly string[]): boolean {
  const [type = ''] = (contentType ?? '').toLowerCase().split(';');
  return binaryMediaTypes.some((each) => {
    const pattern = each.toLowerCase();
    if (pattern === '*/*') return true;
    return pattern.endsWith('/*') ? type.trim().startsWith(pattern.slice(0, -1)) : type.trim() === pattern;
  });
}

function requestContext(call: RestCall): Record<string, unknown> {
  const { api, extendedRequestId, httpMethod, identity, method, now, request, requestId, resourcePath, stage } = call;
  return {
    resourceId: method.resourceId,
    ...(identity.authorizer && {
      authorizer: { ...identity.authorizer, integrationLatency: identity.authorizerLatency ?? 0 },
    }),
    ...(identity.claims && { authorizer: { claims: identity.claims } }),
    resourcePath,
    httpMethod,
    extendedRequestId,
    requestTime: commonLogTime(new Date(now)),
    path: `/${stage.stageName}${call.path}`,
    accountId: api.account,
    protocol: `HTTP/${request.httpVersion}`,
    stage: stage.stageName,
    domainPrefix: api.apiId,
    requestTimeEpoch: now,
    requestId,
    identity: eventIdentity(call),
    domainName: domainNameOf(api),
    deploymentId: stage.deploymentId,
    apiId: api.apiId,
  };
}

/** `null` stands for what is not known. */
function eventIdentity({ identity: { apiKey, caller }, request }: RestCall): Record<string, string | null> {
  const user = caller === undefined ? null : caller.accessKeyId;
  return {
    cognitoIdentityPoolId: null,
    accountId: (caller && principalAccount(caller.principal)) ?? null,
    cognitoIdentityId: null,
    caller: user,
    sourceIp: request.socket.remoteAddress ?? null,
    principalOrgId: null,
    accessKey: caller?.accessKeyId ?? null,
    cognitoAuthenticationType: null,
    cognitoAuthenticationProvider: null,
    userArn: caller === undefined ? null : principalName(caller.principal),
    userAgent: headerOf(request, 'user-agent') ?? null,
    user,
    ...(apiKey && { apiKey: apiKey.value, apiKeyId: apiKey.keyId }),
  };
}

/** In the order and the letter case of the client; a signature is for the gateway. */
function eventHeaders(call: RestCall): Record<string, string[]> {
  const { api, identity, request, traceId } = call;
  const isEdge = api.endpointType === 'EDGE';
  const sent: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i] ?? '';
    const lower = name.toLowerCase();
    const isSignature = lower === 'authorization' && identity.caller !== undefined;
    const isOurs = lower === 'x-amzn-trace-id' || lower.startsWith('x-forwarded-');
    if (DROPPED.has(lower) || isSignature || isOurs || (isEdge && isOfEdge(lower))) continue;
    sent.push([ownMember(CAPITALISED, lower) ?? (lower === 'host' ? 'Host' : name), request.rawHeaders[i + 1] ?? '']);
  }
  const forwarded = headerOf(request, 'x-forwarded-for');
  const sourceIp = request.socket.remoteAddress ?? '';
  if (isEdge) sent.push(...edgeHeaders(call));
  sent.push(
    ['X-Amzn-Trace-Id', traceId],
    ['X-Forwarded-For', forwarded === undefined ? sourceIp : `${forwarded}, ${sourceIp}`],
    ['X-Forwarded-Port', '443'],
    ['X-Forwarded-Proto', 'https'],
  );
  return multiValues(sent);
}

function multiValues(pairs: readonly (readonly [string, string])[]): Record<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries(values);
}

function lastValues(values: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, each]) => [name, each.at(-1) ?? '']));
}

function orNull<T extends object>(members: T): T | null {
  return Object.keys(members).length === 0 ? null : members;
}
