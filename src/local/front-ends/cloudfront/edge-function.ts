/**
 * CloudFront Functions, run in a context of their own
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html). The context keeps
 * mistakes apart, not attackers; the language is that of this Node.js, which is more than CloudFront's.
 */
import { STATUS_CODES } from 'node:http';
import { createContext, runInContext } from 'node:vm';
import { isObject } from '../../../base/is-object';
import type { EdgeFunctionState } from '../../cloudfront-state';
import { mergedRequest, shown } from './edge-headers';
import type { EdgeRequest } from './origin-request';

/** Longer than any that CloudFront lets pass. */
const TIMEOUT_MS = 1_000;

interface OneValue {
  readonly value: string;
  /** Of a cookie in a response. */
  readonly attributes?: string;
}

interface EdgeValue extends OneValue {
  readonly multiValue?: readonly OneValue[];
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

/**
 * The request that goes on, or the response that is the answer. Throws where the function fails or returns neither.
 * @throws EdgeRefusal where it changes a header that it may not touch
 */
export function runViewerRequest(
  { code, name }: EdgeFunctionState,
  request: EdgeRequest,
  context: EdgeContext,
): EdgeRequest | EdgeResponse {
  const result = run(name, code, eventOf('viewer-request', request, context));
  return 'statusCode' in result ? readResponse(name, result) : readRequest(name, result, request);
}

/** Status and headers of a response that a function has seen last. Throws where it fails, or returns no response. */
export function runViewerResponse(
  { code, name }: EdgeFunctionState,
  request: EdgeRequest,
  { headers: given, statusCode }: Pick<EdgeResponse, 'headers' | 'statusCode'>,
  context: EdgeContext,
): Pick<EdgeResponse, 'headers' | 'statusCode'> {
  const { 'set-cookie': set = [], ...headers } = given;
  const cookies = new Map<string, OneValue[]>();
  for (const cookie of [set].flat()) {
    const [, key = '', value = '', attributes = ''] = /^([^=]*)=([^;]*)(?:; *(.*))?$/.exec(cookie) ?? [];
    cookies.set(key, [...(cookies.get(key) ?? []), { value, ...(attributes !== '' && { attributes }) }]);
  }
  const values = Object.entries(headers).flatMap(([key, value]) => [value].flat().map((each) => [key, each] as const));
  const event = {
    ...eventOf('viewer-response', request, context),
    response: {
      statusCode,
      statusDescription: STATUS_CODES[statusCode] ?? '',
      headers: Object.fromEntries(grouped(values)),
      cookies: Object.fromEntries(
        [...cookies].map(([key, all]) => [key, { ...all[0], ...(all.length > 1 && { multiValue: all }) }]),
      ),
    },
  };
  return readResponse(name, run(name, code, event));
}

function eventOf(eventType: string, request: EdgeRequest, context: EdgeContext) {
  const { cookie, ...headers } = shown(request.headers);
  return {
    version: '1.0',
    context: { ...context, eventType },
    viewer: { ip: request.viewerIp },
    request: {
      method: request.method,
      uri: request.path,
      querystring: Object.fromEntries(grouped(new URLSearchParams(request.query))),
      headers: Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, { value }])),
      cookies: Object.fromEntries(grouped(cookiePairs(cookie))),
    },
  };
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
  const by = { name: `CloudFront Function ${name}`, hasPage: false };
  return {
    ...before,
    path: uri,
    query: pairsOf(querystring)
      .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
      .join('&'),
    headers: {
      ...mergedRequest('viewer-request', by, before.headers, changed),
      ...(cookie !== '' && { cookie }),
    },
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
  for (const [key, value] of pairsOf(headers)) {
    const before = own[key.toLowerCase()];
    own[key.toLowerCase()] = before === undefined ? value : [before, value].flat();
  }
  const set = Object.entries(isObject(cookies) ? cookies : {}).flatMap(([key, entry]) => {
    const { multiValue = [entry as OneValue] } = entry as EdgeValue;
    return multiValue.map(
      ({ attributes = '', value }) => `${key}=${value}${attributes === '' ? '' : `; ${attributes}`}`,
    );
  });
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
