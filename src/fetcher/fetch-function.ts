/** The part of the fetch standard that is used here, structurally: any implementation will do, and none's types are needed. */
import type { WebBodyStream } from '../stream/body/web-body';

export interface FetchRequest {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Never followed: a signature is for one host, and most redirects turn a POST into a GET without its body. */
  readonly redirect: 'manual';
}

export interface FetchHeaders {
  get(name: string): string | null;
  forEach(visit: (value: string, name: string) => void): void;
  getSetCookie?(): string[];
}

export interface FetchResponse {
  readonly status: number;
  /** `opaqueredirect` where a browser hides a redirect that was not followed. */
  readonly type?: string;
  readonly headers: FetchHeaders;
  /** A web stream, or an asynchronous iterable such as a stream of Node.js; missing where fetch cannot stream. */
  readonly body?: WebBodyStream | AsyncIterable<Uint8Array | string> | null | undefined;
  /** Read where there is no `body`: then everything comes at once, at the end. */
  arrayBuffer?(): Promise<ArrayBuffer>;
}

/** What `globalThis.fetch` is. */
export type FetchFunction = (url: string, request: FetchRequest) => Promise<FetchResponse>;

/** A dispatcher of undici, on which the fetch of Node.js stands; other platforms have none. */
interface Dispatcher {
  dispatch(options: object, handler: unknown): boolean;
}
const GLOBAL_DISPATCHER = Symbol.for('undici.globalDispatcher.1');

/**
 * The fetch of the platform. That of Node.js ends a response after 300 seconds of silence, before its headers and between
 * its pieces, while a function may be silent for its 15 minutes: each request is passed on to the global dispatcher, a
 * proxy's too, without these limits. The clocks of `timeouts` hold instead.
 * https://github.com/nodejs/undici/blob/v6.x/docs/docs/api/Dispatcher.md#parameter-dispatchoptions
 */
export function platformFetch(): FetchFunction | undefined {
  const { fetch } = globalThis as { fetch?: FetchFunction };
  if (typeof fetch !== 'function') return undefined;
  return (url, request) => fetch(url, { ...request, ...unlimited() });
}

export function unlimited(): object {
  const dispatch: Dispatcher['dispatch'] = (options, handler) =>
    globalDispatcher()?.dispatch({ ...options, headersTimeout: 0, bodyTimeout: 0 }, handler) ?? false;
  // Asked for at each request, because a program may set another one.
  return globalDispatcher() === undefined ? {} : { dispatcher: { dispatch } };
}

/** Undefined on other platforms, and in a realm of its own, as a test runner makes one. */
function globalDispatcher(): Dispatcher | undefined {
  // Node.js loads undici, which sets its dispatcher, when the first of its classes is looked at.
  void globalThis.Headers;
  return (globalThis as unknown as Record<symbol, Dispatcher | undefined>)[GLOBAL_DISPATCHER];
}

/** Whatever kind of body the fetch gave; undefined for one that cannot be read. */
export function bodyOf(response: FetchResponse): WebBodyStream | undefined {
  const { body, arrayBuffer } = response;
  if (body !== null && body !== undefined) {
    if ('getReader' in body && typeof body.getReader === 'function') return body;
    return Symbol.asyncIterator in body ? readerOf(body) : undefined;
  }
  if (typeof arrayBuffer !== 'function') return undefined;
  return readerOf(
    (async function* () {
      yield new Uint8Array(await arrayBuffer.call(response));
    })(),
  );
}

function readerOf(body: AsyncIterable<Uint8Array | string>): WebBodyStream {
  const iterator = body[Symbol.asyncIterator]();
  return {
    getReader: () => ({
      read: async () => {
        const { done = false, value } = await iterator.next();
        return { done, value: typeof value === 'string' ? new TextEncoder().encode(value) : value };
      },
      cancel: async () => {
        (body as { destroy?: () => void }).destroy?.();
        await iterator.return?.();
      },
    }),
  };
}
