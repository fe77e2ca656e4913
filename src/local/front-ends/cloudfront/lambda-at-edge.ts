/**
 * Lambda@Edge before an origin: gives a function the request as CloudFront does and takes what it makes of it
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html).
 */
import { isObject } from '../../../base/is-object';
import type { EdgeTrigger, OriginState } from '../../cloudfront-state';
import type { EdgeResponse } from './edge-function';
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
const BODY_MAX_BYTES = { 'viewer-request': 40 * 1_024, 'origin-request': 1_024 * 1_024 } as const;

/** The request that goes on, or the response that is the answer. @throws EdgeRefusal where the function fails */
export async function runTrigger(
  run: RunAtEdge,
  { eventType, functionArn, includeBody }: EdgeTrigger,
  config: EdgeConfig,
  passage: EdgePassage,
): Promise<EdgePassage | EdgeResponse> {
  const { request, body, origin } = passage;
  const seen = body.subarray(0, BODY_MAX_BYTES[eventType]);
  const event = {
    clientIp: request.viewerIp,
    headers: headersIn(request.headers),
    method: request.method,
    querystring: request.query,
    uri: request.path,
    ...(includeBody && {
      body: {
        inputTruncated: seen.length < body.length,
        action: 'read-only',
        encoding: 'base64',
        data: seen.toString('base64'),
      },
    }),
    ...(eventType === 'origin-request' && origin && { origin: originIn(origin) }),
  };
  const cf = { config: { ...config, eventType }, request: event };
  const { failure, payload } = await run(functionArn, { Records: [{ cf }] });
  const name = functionArn.split(':').slice(6).join(':');
  if (failure !== undefined) throw new EdgeRefusal(502, `the Lambda@Edge function ${name} failed: ${failure}`);
  const result: unknown = JSON.parse(payload === '' ? 'null' : payload);
  if (!isObject(result)) {
    throw new EdgeRefusal(
      502,
      `the Lambda@Edge function ${name} must return the request or a response, got ${payload}`,
    );
  }
  return 'status' in result ? readResponse(name, result) : readRequest(name, result, passage);
}

function headersIn(headers: EdgeRequest['headers']): Record<string, unknown> {
  const entries = Object.entries(headers).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, [{ key, value }]] as const],
  );
  return Object.fromEntries(entries);
}

function headersOut(headers: unknown): [name: string, values: string[]][] {
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
  if (/\.s3[.-]/.test(domainName)) return { s3: { ...shared, authMethod: 'none', region } };
  const custom = { keepaliveTimeout: 5, port, protocol: 'https', readTimeout: readTimeoutMs / 1_000 };
  return { custom: { ...shared, ...custom, sslProtocols: ['TLSv1.2'] } };
}

function readRequest(
  name: string,
  result: Record<string, unknown>,
  { request, body, origin }: EdgePassage,
): EdgePassage {
  const { uri, querystring, headers, body: changed } = result;
  if (typeof uri !== 'string' || !uri.startsWith('/')) {
    throw new EdgeRefusal(502, `the Lambda@Edge function ${name} must return a request with a uri, got ${String(uri)}`);
  }
  const own = Object.fromEntries(headersOut(headers).map(([key, values]) => [key, values.join(', ')]));
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
  const statusCode = Number(status);
  if (!Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599) {
    throw new EdgeRefusal(
      502,
      `the Lambda@Edge function ${name} must return a status of 200 to 599, got ${String(status)}`,
    );
  }
  const own = headersOut(headers).map(
    ([key, values]) => [key, key === 'set-cookie' ? values : values.join(', ')] as const,
  );
  return { statusCode, headers: Object.fromEntries(own), body: bytes(body, bodyEncoding) };
}

function bytes(data: unknown, encoding: unknown): Buffer {
  return Buffer.from(typeof data === 'string' ? data : '', encoding === 'base64' ? 'base64' : 'utf8');
}
