/**
 * CloudFront Functions, run in a context of their own
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html). The context keeps
 * mistakes apart, not attackers; the language is that of this Node.js, which is more than CloudFront's.
 */
import { createContext, runInContext } from 'node:vm';
import { isObject } from '../../../base/is-object';
import type { EdgeFunctionState } from '../../cloudfront-state';
import type { EdgeRequest } from './origin-request';

/** Longer than any that CloudFront lets pass. */
const TIMEOUT_MS = 1_000;

interface EdgeValue {
  readonly value: string;
  readonly multiValue?: readonly { readonly value: string }[];
}

export interface EdgeResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | Buffer;
}

export interface EdgeContext {
  readonly distributionDomainName: string;
  readonly distributionId: string;
  readonly requestId: string;
}

/** The request that goes on, or the response that is the answer. Throws where the function fails or returns neither. */
export function runViewerRequest(
  { code, name }: EdgeFunctionState,
  request: EdgeRequest,
  context: EdgeContext,
): EdgeRequest | EdgeResponse {
  const { cookie, ...headers } = request.headers;
  const event = {
    version: '1.0',
    context: { ...context, eventType: 'viewer-request' },
    viewer: { ip: request.viewerIp },
    request: {
      method: request.method,
      uri: request.path,
      querystring: Object.fromEntries(grouped(new URLSearchParams(request.query))),
      headers: Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, { value }])),
      cookies: Object.fromEntries(grouped(cookiePairs(cookie))),
    },
  };
  const result = run(name, code, event);
  return 'statusCode' in result ? readResponse(name, result) : readRequest(name, result, request);
}

function run(name: string, code: string, event: unknown): Record<string, unknown> {
  const place: { result?: string; failure?: string } = {};
  const context = createContext(
    { console: { log: () => undefined, error: () => undefined }, place },
    {
      microtaskMode: 'afterEvaluate',
      codeGeneration: { strings: false, wasm: false },
    },
  );
  const call =
    `${code}\n;(async () => handler(${JSON.stringify(event)}))()` +
    '.then((value) => { place.result = JSON.stringify(value); }, (error) => { place.failure = String(error); });';
  runInContext(call, context, { timeout: TIMEOUT_MS, filename: `${name}.js` });
  if (place.failure !== undefined) throw new Error(place.failure);
  const result: unknown = place.result === undefined ? undefined : JSON.parse(place.result);
  if (isObject(result)) return result;
  throw new Error(
    `the CloudFront Function ${name} must return the request or a response, got ${place.result ?? 'nothing'}`,
  );
}

function readRequest(name: string, result: Record<string, unknown>, before: EdgeRequest): EdgeRequest {
  const { cookies = {}, headers = {}, querystring = {}, uri } = result;
  if (typeof uri !== 'string' || !uri.startsWith('/')) {
    throw new Error(
      `the CloudFront Function ${name} must return a request with a uri that starts with '/', got ${String(uri)}`,
    );
  }
  const cookie = pairsOf(cookies)
    .map(([key, value]) => `${key}=${value}`)
    .join('; ');
  const changed = Object.fromEntries(pairsOf(headers).map(([key, value]) => [key.toLowerCase(), value]));
  // These are read-only.
  for (const key of ['host', 'content-length', 'via']) {
    const value = before.headers[key];
    if (value === undefined) delete changed[key];
    else changed[key] = value;
  }
  return {
    ...before,
    path: uri,
    query: pairsOf(querystring)
      .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
      .join('&'),
    headers: { ...changed, ...(cookie !== '' && { cookie }) },
  };
}

function readResponse(name: string, result: Record<string, unknown>): EdgeResponse {
  const { body = '', cookies = {}, headers = {}, statusCode } = result;
  if (!Number.isInteger(statusCode) || Number(statusCode) < 200 || Number(statusCode) > 599) {
    throw new Error(
      `the CloudFront Function ${name} must return a statusCode of 200 to 599, got ${String(statusCode)}`,
    );
  }
  const own: Record<string, string | string[]> = {};
  for (const [key, value] of pairsOf(headers)) own[key.toLowerCase()] = value;
  const set = pairsOf(cookies).map(([key, value]) => `${key}=${value}`);
  if (set.length > 0) own['set-cookie'] = set;
  const data = isObject(body) ? body['data'] : body;
  const encoding = isObject(body) && body['encoding'] === 'base64' ? 'base64' : 'utf8';
  return { statusCode: Number(statusCode), headers: own, body: Buffer.from(String(data), encoding) };
}

/** Names and values of an object of {@link EdgeValue}; each of several values on its own. */
function pairsOf(values: unknown): [string, string][] {
  return Object.entries(isObject(values) ? values : {}).flatMap(([key, entry]): [string, string][] => {
    const { value, multiValue } = entry as EdgeValue;
    if (multiValue === undefined) return [[key, value]];
    return multiValue.map((each) => [key, each.value]);
  });
}

function grouped(pairs: Iterable<readonly [string, string]>): Map<string, EdgeValue> {
  const groups = new Map<string, EdgeValue>();
  for (const [key, value] of pairs) {
    const before = groups.get(key);
    const values = before === undefined ? undefined : [...(before.multiValue ?? [{ value: before.value }]), { value }];
    groups.set(key, values === undefined ? { value } : { value, multiValue: values });
  }
  return groups;
}

function cookiePairs(cookie: string | undefined): [string, string][] {
  return (cookie ?? '')
    .split(/; */)
    .filter((pair) => pair !== '')
    .map((pair) => [pair.split('=')[0] ?? '', pair.split('=').slice(1).join('=')]);
}
