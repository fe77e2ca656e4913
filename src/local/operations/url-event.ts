/** The event a function URL passes on: payload format 2.0 (https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html). */
import type { IncomingMessage } from 'node:http';
import { commonLogTime } from '../http/log-time';
import { type Principal, principalAccount, principalName } from '../iam/principals';

export interface UrlRequest {
  readonly requestId: string;
  /** Value of `X-Amzn-Trace-Id`. */
  readonly traceId: string;
  readonly request: IncomingMessage;
  readonly body: Buffer;
  readonly urlId: string;
  readonly region: string;
  /** Path and query without the prefix that stands for the host here. */
  readonly target: string;
  /** Of a signed request. */
  readonly caller: { readonly accessKeyId: string; readonly principal: Principal } | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** Bodies of these types arrive as text; all others, forms included, as base64. */
const TEXT = /^(text\/|application\/(json|javascript|xml)|[^;]+\+(json|xml))/i;
/** They concern the connection, not the function. */
const DROPPED_HEADERS = new Set(['connection', 'cookie', 'keep-alive', 'transfer-encoding']);

export function urlEvent(url: UrlRequest): Buffer {
  const { body, request, target } = url;
  const [rawPath = '/', rawQueryString = ''] = splitOnce(target, '?');
  const cookies = request.headers.cookie?.split('; ');
  const text = TEXT.test(request.headers['content-type'] ?? '');
  const query = joined(new URLSearchParams(rawQueryString));
  return Buffer.from(
    JSON.stringify({
      version: '2.0',
      routeKey: '$default',
      rawPath,
      rawQueryString,
      ...(cookies && { cookies }),
      headers: eventHeaders(url),
      ...(query && { queryStringParameters: query }),
      requestContext: requestContext(url, rawPath),
      ...(body.length > 0 && { body: body.toString(text ? 'utf8' : 'base64') }),
      isBase64Encoded: body.length > 0 && !text,
    }),
  );
}

function requestContext(url: UrlRequest, path: string): Record<string, unknown> {
  const { caller, now, region, request, requestId, urlId } = url;
  return {
    accountId: (caller && principalAccount(caller.principal)) ?? 'anonymous',
    apiId: urlId,
    ...(caller && { authorizer: { iam: iamAuthorizer(caller) } }),
    domainName: `${urlId}.lambda-url.${region}.on.aws`,
    domainPrefix: urlId,
    http: {
      method: request.method,
      path,
      protocol: `HTTP/${request.httpVersion}`,
      sourceIp: request.socket.remoteAddress,
      userAgent: request.headers['user-agent'],
    },
    requestId,
    routeKey: '$default',
    stage: '$default',
    time: commonLogTime(new Date(now)),
    timeEpoch: now,
  };
}

function iamAuthorizer(caller: NonNullable<UrlRequest['caller']>): Record<string, unknown> {
  const { accessKeyId, principal } = caller;
  return {
    accessKey: accessKeyId,
    accountId: principalAccount(principal),
    callerId: accessKeyId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: principalName(principal),
    userId: accessKeyId,
  };
}

/** A signature is for the URL; where callers do not sign, `authorization` is the function's own, such as a bearer token. */
function eventHeaders({ caller, request, traceId }: UrlRequest): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    const dropped = DROPPED_HEADERS.has(name) || (caller !== undefined && name === 'authorization');
    if (value !== undefined && !dropped) kept[name] = [value].flat().join(',');
  }
  const sourceIp = request.socket.remoteAddress ?? '';
  kept['x-amzn-trace-id'] = traceId;
  kept['x-forwarded-for'] = sourceIp;
  kept['x-forwarded-port'] = '443';
  kept['x-forwarded-proto'] = 'https';
  return kept;
}

/** Several values of a parameter are joined by commas. */
function joined(query: URLSearchParams): Record<string, string> | undefined {
  const parameters = new Map<string, string>();
  for (const [name, value] of query) {
    const before = parameters.get(name);
    parameters.set(name, before === undefined ? value : `${before},${value}`);
  }
  return parameters.size === 0 ? undefined : Object.fromEntries(parameters);
}

function splitOnce(text: string, separator: string): string[] {
  const index = text.indexOf(separator);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}
