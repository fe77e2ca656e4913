/** Hands a stream on as web platform objects, which frameworks and browsers take. */
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
  // Asks the platform, which refuses what is no final status.
  return new Response(null, { status, headers });
}
