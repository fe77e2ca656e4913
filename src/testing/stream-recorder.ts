/** Records streams as they are read, for {@link replayStreams} to play again. */
import { createDeferred } from '../base/promises';
import type { HttpPrelude } from '../contract';
import { isStreamError, type StreamErrorCode } from '../invoker';
import type { RecordedEnd, RecordedPiece, RecordedStream } from '../wire/cassette';
import { writeCassette } from './cassette';

/** What a recorder needs of a stream: those of `streamInvoker` and `streamFetcher` have it. */
export interface RecordableStream<Branch> {
  tee(): readonly [Branch, RecordableBranch];
}

/** What it needs of the half that it reads itself. */
export interface RecordableBranch {
  readonly http: Promise<HttpPrelude | undefined>;
  readonly contentType: string | undefined;
  readonly result: Promise<{ readonly logTail?: string | undefined }>;
  toResponse(init: { readonly status: number }): Promise<Response>;
}

/** What is true of a connection, and not of what it carries. */
const OF_THE_CONNECTION =
  /^(connection|keep-alive|transfer-encoding|content-encoding|content-length|date|x-amzn?-(?!remapped-content-length).*)$/;

/**
 * Records streams with the times of their pieces into a file, which `replayStreams()` plays again: local ones, those of AWS,
 * and what any client reads by `fetch`.
 */
export class StreamRecorder {
  /** In the order of the requests; undefined for one that nothing answered. */
  private readonly recordings: Promise<RecordedStream | undefined>[] = [];
  /** Bodies that have not ended. */
  private readonly bodies = new Set<ReadableStream>();

  /** @param path of the file that {@link save} writes, such as `test/chat.stream.jsonl`; what is there is replaced */
  public constructor(private readonly path: string) {}

  /**
   * Records a stream of `streamInvoker` or `streamFetcher`.
   * @returns the stream to read in its place; it waits for nobody but its reader
   */
  public record<Branch>(stream: RecordableStream<Branch>): Branch {
    const [theirs, own] = stream.tee();
    this.keep(recordBranch(own));
    return theirs;
  }

  /**
   * A `fetch` that records its responses: give it to `streamFetcher`, `openai`, the AI SDK or any other client. The bodies
   * are to be read to their end.
   * @param inner what fetches, such as `invokeFetch()`
   */
  public fetch(inner: typeof globalThis.fetch = globalThis.fetch): typeof globalThis.fetch {
    return async (...given: Parameters<typeof globalThis.fetch>) => {
      const elapsed = stopwatch();
      const { promise, resolve, reject } = createDeferred<RecordedStream | undefined>();
      this.keep(promise);
      try {
        const response = await inner(...given);
        const { body, recorded } = recordBody(response.body, elapsed);
        recorded.then((rest) => resolve({ ...headOf(response), ...rest }), reject);
        if (body === null) return response;
        this.bodies.add(body);
        const forget = () => this.bodies.delete(body);
        recorded.then(forget, forget);
        const { status, statusText, headers, url } = response;
        return Object.defineProperty(new Response(body, { status, statusText, headers }), 'url', { value: url });
      } catch (error) {
        resolve(undefined);
        throw error;
      }
    };
  }

  /**
   * Waits for the streams to end, and writes them in the order of their requests.
   * @throws Error where nobody reads a body, a stream was left before its end, or could not be read for another reason than
   *   that it broke
   */
  public async save(): Promise<void> {
    const unread = [...this.bodies].filter((body) => !body.locked).length;
    if (unread > 0) throw new Error(`nobody reads ${unread} of the bodies; what is recorded must be read to its end`);
    const recorded = await Promise.all(this.recordings);
    writeCassette(
      this.path,
      recorded.filter((stream) => stream !== undefined),
    );
  }

  private keep(recording: Promise<RecordedStream | undefined>): void {
    // save() tells of it.
    recording.catch(() => undefined);
    this.recordings.push(recording);
  }
}

function stopwatch(): () => number {
  const start = performance.now();
  return () => performance.now() - start;
}

function headOf({ status, headers }: Response): Pick<RecordedStream, 'status' | 'headers' | 'hasPrelude'> {
  return { status, headers: [...headers].filter(([name]) => !OF_THE_CONNECTION.test(name)), hasPrelude: false };
}

/** `body` for its reader, and what has passed once it is over. */
function recordBody(
  body: ReadableStream<Uint8Array> | null,
  elapsed: () => number,
): {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly recorded: Promise<Pick<RecordedStream, 'pieces' | 'end'>>;
} {
  if (body === null) {
    return { body, recorded: Promise.resolve({ pieces: [], end: { ms: elapsed(), end: 'complete' } }) };
  }
  const reader = body.getReader();
  const pieces: RecordedPiece[] = [];
  const { promise: end, resolve, reject } = createDeferred<RecordedEnd>();
  const copy = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            resolve({ ms: elapsed(), end: 'complete' });
            controller.close();
          } else {
            pieces.push({ ms: elapsed(), bytes: value.slice() });
            controller.enqueue(value);
          }
        } catch (error) {
          resolve({ ms: elapsed(), end: 'broken' });
          throw error;
        }
      },
      cancel(reason) {
        reject(new Error(`a stream was left after ${pieces.length} pieces; what is recorded must be read to its end`));
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return { body: copy, recorded: end.then((ended) => ({ pieces, end: ended })) };
}

async function recordBranch(branch: RecordableBranch): Promise<RecordedStream> {
  const elapsed = stopwatch();
  const pieces: RecordedPiece[] = [];
  let status = 200;
  let head: Pick<RecordedStream, 'headers' | 'hasPrelude'> = {
    headers: [['content-type', branch.contentType ?? 'application/octet-stream']],
    hasPrelude: false,
  };
  try {
    const http = await branch.http;
    status = http?.statusCode ?? 200;
    // With the status that the function sent, which an error before the first byte would change.
    const response = await branch.toResponse({ status });
    if (http !== undefined) {
      const sent = new Set([
        'content-type',
        'set-cookie',
        ...Object.keys(http.headers ?? {}).map((name) => name.toLowerCase()),
      ]);
      head = { headers: [...response.headers].filter(([name]) => sent.has(name)), hasPrelude: true };
    }
    for await (const bytes of response.body ?? []) pieces.push({ ms: elapsed(), bytes });
  } catch (error) {
    // The result says what happened. What it does not know is a head that HTTP cannot carry.
    if (!isStreamError(error)) throw error;
  }
  const ended = await branch.result.then(
    ({ logTail }): Omit<RecordedEnd, 'ms'> => ({ end: 'complete', logTail }),
    endOf,
  );
  return { status, ...head, pieces, end: { ms: elapsed(), ...ended } };
}

/** What breaks a connection, or is one that broke. */
const BREAKS: readonly StreamErrorCode[] = ['TRUNCATED', 'TRANSPORT', 'STREAM_EXCEPTION'];

/** How a stream ended that failed with `error`. */
function endOf(error: unknown): Omit<RecordedEnd, 'ms'> {
  if (isStreamError(error, 'FUNCTION_ERROR') && error.source === 'complete') {
    const { errorCode, errorDetails, logTail } = error;
    return { end: 'function-error', errorCode, errorDetails, logTail };
  }
  // The handler's own error is a part of the payload.
  if (isStreamError(error, 'REMOTE') || isStreamError(error, 'FUNCTION_ERROR')) {
    return { end: 'complete', logTail: error.logTail };
  }
  if (isStreamError(error) && BREAKS.includes(error.code)) return { end: 'broken' };
  throw new Error('a stream cannot be recorded', { cause: error });
}
