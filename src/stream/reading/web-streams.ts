/** Hands a stream on: as web platform objects, and into the response of a Node.js server. */
import { createDeferred } from '../../base/promises';
import { FORMAT_CONTENT_TYPES } from '../../wire/content-types';
import type { HttpPrelude } from '../../wire/http-prelude';
import type { StreamFormat } from '../../wire/stream-format';

/** What {@link toResponse} puts in place of what the function sent. */
export interface ResponseOptions {
  /** @default - the function's, or 200 */
  readonly status?: number | undefined;
  /** @default - none besides the function's */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Pulls from `iterator` as the stream is read; cancelling leaves the iteration. */
export function toReadableStream<T>(iterator: AsyncIterator<T, undefined>): ReadableStream<T> {
  return new ReadableStream<T>(
    {
      async pull(controller) {
        const step = await iterator.next();
        if (step.done) controller.close();
        else controller.enqueue(step.value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    // Nothing is pulled ahead of the reader: what is buffered is buffered once, next to the connection.
    { highWaterMark: 0 },
  );
}

/** Status and headers of a `Response`. */
export interface ResponseHeadParts {
  readonly status: number;
  readonly headers: Headers;
}

/** Statuses by which HTTP says that no body follows. */
const BODILESS: readonly number[] = [204, 205, 304];

export function isBodiless(status: number): boolean {
  return BODILESS.includes(status);
}

/**
 * The function's status, headers and cookies; `init` has the last word.
 * @throws TypeError or RangeError of the platform for what HTTP or a `Response` cannot say
 */
export function toResponseHead(
  format: StreamFormat,
  http: HttpPrelude | undefined,
  init: ResponseOptions,
): ResponseHeadParts {
  const headers = new Headers({ 'content-type': FORMAT_CONTENT_TYPES[format], 'cache-control': 'no-store' });
  for (const [name, value] of Object.entries(http?.headers ?? {})) headers.set(name, value);
  for (const cookie of http?.cookies ?? []) headers.append('set-cookie', cookie);
  for (const [name, value] of Object.entries(init.headers ?? {})) headers.set(name, value);
  const status = init.status ?? http?.statusCode ?? 200;
  // Asks the platform, which refuses a status that is not final.
  return new Response(null, { status, headers });
}

/** The status of an error that gives none: what the function set, if that is an error's. */
export function errorStatus(status: number): number {
  return status >= 400 ? status : 500;
}

/** `iterator` from its beginning, although `first` was taken already. */
export function startingWith<T>(
  first: IteratorResult<T, undefined>,
  iterator: AsyncIterator<T, undefined>,
): AsyncIterator<T, undefined> {
  let taken: IteratorResult<T, undefined> | undefined = first;
  const next = (): Promise<IteratorResult<T, undefined>> => {
    const step = taken;
    taken = undefined;
    return step === undefined ? iterator.next() : Promise.resolve(step);
  };
  return { next, return: () => iterator.return?.() ?? Promise.resolve({ done: true, value: undefined }) };
}

/** What is needed of a `ServerResponse` of Node.js, so that those of frameworks will do. */
export interface ServerResponseLike {
  statusCode: number;
  readonly destroyed?: boolean;
  setHeader(name: string, value: string | string[]): unknown;
  /** Gives false where there is no room for more until `done` is called. */
  write(bytes: Uint8Array, done: () => void): boolean;
  end(): unknown;
  destroy(error?: Error): unknown;
  on(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
  flushHeaders?(): void;
  /** Of middleware that compresses: sends what it has. */
  flush?(): void;
}

/** Settles when everything is written, or the response is broken; a client that leaves ends the reading of `body`. */
export async function writeResponse(
  body: AsyncIterator<Uint8Array, undefined> | undefined,
  { status, headers }: ResponseHeadParts,
  response: ServerResponseLike,
): Promise<void> {
  response.statusCode = status;
  for (const [name, value] of headers) if (name !== 'set-cookie') response.setHeader(name, value);
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  response.flushHeaders?.();
  const left = createDeferred<void>();
  let hasLeft = response.destroyed === true;
  let flushed: Promise<void> = Promise.resolve();
  const onClose = () => {
    hasLeft = true;
    left.resolve();
    void body?.return?.();
  };
  response.on('close', onClose);
  try {
    for (let step = await body?.next(); step && !step.done && !hasLeft; step = await body?.next()) {
      const { promise, resolve } = createDeferred<void>();
      flushed = promise;
      // Its callback comes when the bytes have left this process, so no `drain` has to be awaited besides.
      if (!response.write(step.value, () => resolve())) await Promise.race([flushed, left.promise]);
      response.flush?.();
    }
    if (hasLeft) await body?.return?.();
    else response.end();
  } catch {
    // The outcome of the stream has the error. What came before it is right, and is delivered; but a client must not take
    // this for a proper end.
    await Promise.race([flushed, left.promise]);
    response.destroy();
  } finally {
    response.off('close', onClose);
  }
}
