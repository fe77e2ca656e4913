/** One request to an HTTP API, and the event that its parts make of it, payload format 2.0. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { commonLogTime } from '../../http/log-time';
import type { HttpApiState, HttpRouteState } from '../../http-api-state';
import { type Principal, principalAccount, principalName } from '../../iam/principals';
import type { LambdaApi } from '../../operations/lambda-call';

export interface HttpCall {
  readonly lambda: LambdaApi;
  readonly api: HttpApiState;
  readonly stageName: string;
  readonly route: HttpRouteState;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** With the stage, unless it is `$default`. */
  readonly rawPath: string;
  /** Without the stage. */
  readonly path: string;
  readonly rawQuery: string;
  readonly body: Buffer;
  readonly requestId: string;
  readonly traceId: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  readonly authorizer: Readonly<Record<string, unknown>> | undefined;
}

/** Ends a request with an answer of the API's own. */
export class HttpApiRefusal extends Error {
  public override readonly name = 'HttpApiRefusal';

  /** @param reason for the header `x-local-refusal` or `x-local-failure`, which AWS does not send */
  public constructor(
    public readonly status: number,
    public readonly says: string,
    public readonly reason: string,
    public readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(reason);
  }
}

export const internalError = (reason: string) => new HttpApiRefusal(500, 'Internal Server Error', reason);

/** `arn:…:execute-api:<region>:<account>:<api>/<rest>`. */
export function apiArn({ partition, region, account, apiId }: HttpApiState, rest: string): string {
  return `arn:${partition}:execute-api:${region}:${account}:${apiId}/${rest}`;
}

/** What IAM decides about: the path that was called. */
export function routeArn({ api, path, request, stageName }: HttpCall): string {
  return apiArn(api, `${stageName}/${request.method ?? 'GET'}${path}`);
}

/** Bodies of these types arrive as text; all others, forms and those without a type included, as base64. */
const TEXT = /^(text\/|application\/(json|javascript|xml)\b)/i;
const DROPPED = ['connection', 'cookie', 'keep-alive', 'transfer-encoding', 'x-amzn-trace-id', 'x-forwarded-for'];

export function httpEvent(call: HttpCall): Record<string, unknown> {
  const { body, request } = call;
  const isText = TEXT.test(request.headers['content-type'] ?? '');
  return {
    version: '2.0',
    ...requestMembers(call),
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** What events of integrations and of authorizers share; what is absent is left out. */
export function requestMembers(call: HttpCall): Record<string, unknown> {
  const { api, authorizer, now, pathParameters, rawPath, rawQuery, request, requestId, route, stageName } = call;
  const cookies = request.headers.cookie?.split('; ');
  const query = joined(new URLSearchParams(rawQuery));
  const variables = api.stages.get(stageName) ?? {};
  return {
    routeKey: route.routeKey,
    rawPath,
    rawQueryString: rawQuery,
    ...(cookies && { cookies }),
    headers: eventHeaders(call),
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    requestContext: {
      accountId: api.account,
      apiId: api.apiId,
      ...(authorizer && { authorizer }),
      domainName: `${api.apiId}.execute-api.${api.region}.amazonaws.com`,
      domainPrefix: api.apiId,
      http: {
        method: request.method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress,
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: route.routeKey,
      stage: stageName,
      time: commonLogTime(new Date(now)),
      timeEpoch: now,
    },
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    ...(Object.keys(variables).length > 0 && { stageVariables: variables }),
  };
}

function eventHeaders({ request, route, traceId }: HttpCall): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    // A signature is for the gateway.
    const isSignature = name === 'authorization' && route.authorization.kind === 'iam';
    if (value === undefined || isSignature || DROPPED.includes(name)) continue;
    kept[name] = [value].flat().join(',');
  }
  const before = request.headers['x-forwarded-for'];
  const sourceIp = request.socket.remoteAddress ?? '';
  return {
    ...kept,
    'x-amzn-trace-id': traceId,
    'x-forwarded-for': before === undefined ? sourceIp : `${String(before)}, ${sourceIp}`,
    'x-forwarded-port': '443',
    'x-forwarded-proto': 'https',
  };
}

/** Several values of a parameter are joined by commas. */
function joined(query: URLSearchParams): Record<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of query) values.set(name, values.has(name) ? `${values.get(name)},${value}` : value);
  return Object.fromEntries(values);
}

/** What the event tells of a signed caller. */
export function iamAuthorizer(accessKeyId: string, principal: Principal): Record<string, unknown> {
  return {
    iam: {
      accessKey: accessKeyId,
      accountId: principalAccount(principal),
      callerId: accessKeyId,
      cognitoIdentity: null,
      principalOrgId: null,
      userArn: principalName(principal),
      userId: accessKeyId,
    },
  };
}
