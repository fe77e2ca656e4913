/** A fetch for stock clients (openai, Anthropic, the AI SDK, MCP) whose body errors where a streaming function was cut off. */
import { ANYTHING, BOOLEAN, type Rules, show } from '../base/option-problem';
import { StreamError } from '../stream/errors/stream-error';
import { checkOptions } from '../stream/options/option-rules';
import { wholeBody } from '../stream/reading/whole-body';
import { unlimited } from './fetch-function';
import { resolveSigning, type Sign, scopeOfHost } from './signing';
import { canDigest, sha256Hex } from './sigv4/digest';
import { signRequest } from './sigv4/sign-request';

/** What `globalThis.fetch` is. */
export type WebFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

export interface WholeFetchOptions {
  /** Whether and how requests are signed. @default 'none' */
  readonly sign?: Sign | undefined;
  /**
   * Whether to send the hash of a body as `x-amz-content-sha256`. A CloudFront distribution that signs for a function URL
   * refuses a POST without it. Signed requests always have it.
   * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
   * @default - true, except for the host of a function URL or of API Gateway, where no CloudFront can be in front
   */
  readonly contentSha256?: boolean | undefined;
}

const RULES: Rules = { sign: ANYTHING, contentSha256: BOOLEAN };

/**
 * `fetch`, whose responses end well only where they are whole: server-sent events of `webHandler` or of a contract by their
 * end mark, other bodies by the length that the function promised. Otherwise reading them fails with a `StreamError`
 * `TRUNCATED`. Give it to a client that takes a `fetch`: `new OpenAI({ baseURL, fetch: wholeFetch() })`.
 * Not for servers of others: their events have no end mark.
 * @param fetch the one to use; by default the platform's
 * @throws StreamError `CONFIG_INVALID` for an option that is unknown or has a wrong value
 */
export function wholeFetch(fetch?: WebFetch, options: WholeFetchOptions = {}): WebFetch {
  if (fetch !== undefined && typeof fetch !== 'function') {
    throw StreamError.of('CONFIG_INVALID', `wholeFetch: fetch must be a function, got ${show(fetch)}`, {}, {});
  }
  checkOptions('wholeFetch', options, RULES);
  const send: WebFetch = fetch ?? ((input, init) => globalThis.fetch(input, { ...init, ...unlimited() }));
  return async (input, init) => {
    const response = await (needsHash(input, init, options)
      ? sendHashed(send, new Request(input, init), options)
      : send(input, init));
    if (!response.ok || response.body === null) return response;
    if (typeof response.body?.pipeThrough !== 'function') {
      const message = `wholeFetch: fetch must give a Response with a web stream as its body, got ${show(response.body)}`;
      throw StreamError.of('CONFIG_INVALID', message, {}, { phase: 'request', invoked: 'maybe' });
    }
    const { headers } = response;
    // A length that is HTTP's own is checked by fetch, and is that of the encoded body.
    const length = headers.get('x-amzn-remapped-content-length');
    const body = wholeBody(response.body, { contentType: headers.get('content-type'), length });
    return body === response.body ? response : withBody(response, body);
  };
}

function needsHash(input: string | URL | Request, init: RequestInit | undefined, options: WholeFetchOptions): boolean {
  const { sign = 'none', contentSha256 } = options;
  if (sign !== 'none') return true;
  const hasBody = (init?.body ?? (input instanceof Request ? input.body : null)) !== null;
  if (!hasBody || contentSha256 !== undefined) return hasBody && contentSha256 === true;
  const { location } = globalThis as { location?: { readonly href?: string } };
  const url = new URL(input instanceof Request ? input.url : String(input), location?.href);
  return scopeOfHost(url.hostname) === undefined && canDigest();
}

/** The body is read for its hash, and sent as the bytes that were hashed. */
async function sendHashed(send: WebFetch, request: Request, { sign = 'none' }: WholeFetchOptions): Promise<Response> {
  const { method, signal, credentials, cache, mode, keepalive, referrer, referrerPolicy } = request;
  const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
  const url = new URL(request.url);
  const headers: Record<string, string> = {};
  request.headers.forEach((value, name) => {
    headers[name] = value;
  });
  const hash = await sha256Hex(body ?? new Uint8Array());
  headers['x-amz-content-sha256'] = hash;
  const signing = resolveSigning(sign, url);
  const signed =
    signing === undefined
      ? headers
      : await signRequest({ method, url, headers }, hash, await signing.credentials(), signing.scope, new Date());
  // A signature is for one host.
  const redirect = signing === undefined ? request.redirect : 'manual';
  const same = { method, signal, credentials, cache, mode, keepalive, referrer, referrerPolicy, redirect };
  return send(url.href, { ...same, headers: signed, ...(body !== undefined && { body }) });
}

/** A `Response` that is made here has no address. */
function withBody(response: Response, body: ReadableStream<Uint8Array>): Response {
  const { status, statusText, headers, url, redirected, type } = response;
  const copy = new Response(body, { status, statusText, headers });
  for (const [name, value] of Object.entries({ url, redirected, type })) Object.defineProperty(copy, name, { value });
  return copy;
}
