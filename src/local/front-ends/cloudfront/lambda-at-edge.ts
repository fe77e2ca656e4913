/**
 * Lambda@Edge for requests: gives a function the request as CloudFront does and takes what it makes of it
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html).
 */
import { isObject } from '../../../base/is-object';
import type { EdgeTrigger, OriginState } from '../../cloudfront-state';
import type { EdgeResponse } from './edge-function';
import { mergedRequest, shown } from './edge-headers';
import { EdgeRefusal } from './edge-refusal';
import type { EdgeRequest } from './origin-request';

/** Runs a function in the name of CloudFront. */
export type RunAtEdge = (
  functionArn: string,
  event: unknown,
) => Promise<{ readonly failure: string | undefined; readonly payload: string }>;

/** What a function is given, and what goes on. */
export interface EdgePassage {
  readonly request: EdgeRequest;
  readonly body: Buffer;
  /** Where the request goes; a function at the viewer does not know yet. */
  readonly origin?: OriginState;
}

export interface EdgeConfig {
  readonly distributionDomainName: string;
  readonly distributionId: string;
  readonly requestId: string;
}

/** How much of a body a function sees. */
const VIEWER_BODY_MAX_BYTES = 40 * 1_024;
const ORIGIN_BODY_MAX_BYTES = 1_024 * 1_024;

/** The request that goes on, or the response that is the answer. @throws EdgeRefusal where the function fails */
export async function runTrigger(
  run: RunAtEdge,
  { eventType, functionArn, includeBody }: EdgeTrigger,
  config: EdgeConfig,
  passage: EdgePassage,
): Promise<EdgePassage | EdgeResponse> {
  const { request, body, origin } = passage;
  const seen = body.subarray(0, eventType === 'viewer-request' ? VIEWER_BODY_MAX_BYTES : ORIGIN_BODY_MAX_BYTES);
  const event = {
    ...requestIn(request, eventType === 'origin-request' ? origin : undefined),
    ...(includeBody && {
      body: {
        inputTruncated: seen.length < body.length,
        action: 'read-only',
        encoding: 'base64',
        data: seen.toString('base64'),
      },
    }),
  };
  const { name, result } = await askFunction(run, functionArn, { config: { ...config, eventType }, request: event });
  if (!isObject(result)) {
    throw new EdgeRefusal(502, `the ${name} must return the request or a response, got ${JSON.stringify(result)}`);
  }
  if ('status' in result) return readResponse(name, result);
  return readRequest(name, eventType === 'viewer-request' ? eventType : 'origin-request', result, passage);
}

/** What a function returns, and how it is called in a message. @throws EdgeRefusal where it fails */
export async function askFunction(
  run: RunAtEdge,
  functionArn: string,
  cf: object,
): Promise<{ readonly name: string; readonly result: unknown }> {
  const { failure, payload } = await run(functionArn, { Records: [{ cf }] });
  const name = `Lambda@Edge function ${functionArn.split(':').slice(6).join(':')}`;
  if (failure !== undefined) throw new EdgeRefusal(502, `the ${name} failed: ${failure}`);
  return { name, result: JSON.parse(payload === '' ? 'null' : payload) };
}

/** A request as functions see it, without its body. */
export function requestIn(
  { headers, method, path, query, viewerIp }: EdgeRequest,
  origin?: OriginState,
): Record<string, unknown> {
  return {
    clientIp: viewerIp,
    headers: headersIn(headers),
    method,
    querystring: query,
    uri: path,
    ...(origin && { origin: originIn(origin) }),
  };
}

function headersIn(headers: EdgeRequest['headers']): Record<string, unknown> {
  const entries = Object.entries(shown(headers)).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, [{ key, value }]] as const],
  );
  return Object.fromEntries(entries);
}

export function headersOut(headers: unknown): [name: string, values: string[]][] {
  return Object.entries(isObject(headers) ? headers : {}).map(([name, values]) => [
    name.toLowerCase(),
    (Array.isArray(values) ? values : []).flatMap((each: unknown) => (isObject(each) ? [String(each['value'])] : [])),
  ]);
}

function originIn({
  customHeaders,
  domainName,
  originPath,
  port,
  readTimeoutMs,
}: OriginState): Record<string, unknown> {
  const shared = { customHeaders: headersIn(customHeaders), domainName, path: originPath };
  const [, region = 'us-east-1'] = /\.s3[.-]([a-z0-9-]+)\.amazonaws\.com/.exec(domainName) ?? [];
  if (/\.s3[.-](?!website)/.test(domainName)) return { s3: { ...shared, authMethod: 'none', region } };
  const custom = { keepaliveTimeout: 5, port, protocol: 'https', readTimeout: readTimeoutMs / 1_000 };
  return { custom: { ...shared, ...custom, sslProtocols: ['TLSv1.2'] } };
}

function readRequest(
  name: string,
  event: 'origin-request' | 'viewer-request',
  result: Record<string, unknown>,
  { request, body, origin }: EdgePassage,
): EdgePassage {
  const { uri, querystring, headers, body: changed } = result;
  if (typeof uri !== 'string' || !uri.startsWith('/')) {
    throw new EdgeRefusal(502, `the ${name} must return a request with a uri, got ${String(uri)}`);
  }
  const returned = Object.fromEntries(headersOut(headers).map(([key, values]) => [key, values.join(', ')]));
  const own = mergedRequest(event, { name, hasPage: true }, request.headers, returned);
  const next = origin && originOut(result['origin'], origin);
  return {
    request: { ...request, path: uri, query: typeof querystring === 'string' ? querystring : '', headers: own },
    body: isObject(changed) && changed['action'] === 'replace' ? bytes(changed['data'], changed['encoding']) : body,
    ...(next && { origin: next }),
  };
}

/** Another origin need not be one of the distribution. */
function originOut(given: unknown, before: OriginState): OriginState {
  const chosen = isObject(given) ? (given['custom'] ?? given['s3']) : undefined;
  if (!isObject(chosen)) return before;
  const { customHeaders, domainName, path, port } = chosen;
  return {
    ...before,
    domainName: String(domainName),
    originPath: typeof path === 'string' ? path : '',
    port: typeof port === 'number' ? port : before.port,
    customHeaders: Object.fromEntries(headersOut(customHeaders).map(([key, values]) => [key, values.join(', ')])),
    // The signature is for the origin of the distribution.
    ...(domainName !== before.domainName && { signing: undefined }),
  };
}

function readResponse(name: string, { status, headers, body, bodyEncoding }: Record<string, unknown>): EdgeResponse {
  const statusCode = statusOf(name, status);
  const own = headersOut(headers).map(
    ([key, values]) => [key, key === 'set-cookie' ? values : values.join(', ')] as const,
  );
  return { statusCode, headers: Object.fromEntries(own), body: bytes(body, bodyEncoding) };
}

/** @throws EdgeRefusal for what is no status of a response */
export function statusOf(name: string, status: unknown): number {
  const statusCode = Number(status);
  if (Number.isInteger(statusCode) && statusCode >= 200 && statusCode <= 599) return statusCode;
  throw new EdgeRefusal(502, `the ${name} must return a status of 200 to 599, got ${String(status)}`);
}

export function bytes(data: unknown, encoding: unknown): Buffer {
  return Buffer.from(typeof data === 'string' ? data : '', encoding === 'base64' ? 'base64' : 'utf8');
}
