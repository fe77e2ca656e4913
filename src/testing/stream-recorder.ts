/** Records streams as they are read, for {@link replayStreams} to play again. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { show } from '../base/option-problem';
import { createDeferred } from '../base/promises';
import type { HttpPrelude } from '../contract';
import { isStreamError, type StreamErrorCode } from '../invoker';
import { LocalConfigError } from '../local/local-error';
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

/** How often a file was written by recorders of this process. */
const saves = new Map<string, number>();

/** What is in the way of writing a file; undefined where nothing is. */
function writeProblem(path: string): string | undefined {
  const folder = dirname(path);
  if (existsSync(path) && !statSync(path).isFile()) return 'which is not a file';
  if (!existsSync(folder)) return `and there is no folder '${folder}'`;
  try {
    accessSync(existsSync(path) ? path : folder, constants.W_OK);
    return undefined;
  } catch {
    return 'which cannot be written to';
  }
}

/**
 * Records streams with the times of their pieces into a file, which `replayStreams()` plays again: local ones, those of AWS,
 * and what any client reads by `fetch`.
 */
export class StreamRecorder {
  /** In the order of the requests; undefined for one that nothing answered. */
  private readonly recordings: Promise<RecordedStream | undefined>[] = [];
  /** Bodies that have not ended. */
  private readonly bodies = new Set<ReadableStream>();

  private readonly savesBefore: number;
  private isSaved = false;

  /**
   * @param path of the file that {@link save} writes, such as `test/chat.stream.jsonl`; what is there is replaced
   * @throws an error of code `CONFIG_INVALID` where it cannot be written
   */
  public constructor(private readonly path: string) {
    const isPath = typeof path === 'string' && path !== '';
    const problem = isPath ? writeProblem(resolve(path)) : '';
    if (problem !== undefined) {
      const got = isPath ? `${show(path)}, ${problem}` : show(path);
      throw new LocalConfigError(
        `new StreamRecorder(): path must be that of a file in a folder that can be written to, got ${got}`,
      );
    }
    this.savesBefore = saves.get(resolve(path)) ?? 0;
  }

  /**
   * Records a stream of `streamInvoker` or `streamFetcher`.
   * @returns the stream to read in its place; it waits for nobody but its reader
   * @throws Error after {@link save}
   */
  public record<Branch>(stream: RecordableStream<Branch>): Branch {
    this.requireOpen();
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
      this.requireOpen();
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
   *   that it broke; and where another recorder has written the file since this one was made, whose streams would be lost
   */
  public async save(): Promise<void> {
    const unread = [...this.bodies].filter((body) => !body.locked).length;
    if (unread > 0) throw new Error(`nobody reads ${unread} of the bodies; what is recorded must be read to its end`);
    const recorded = await Promise.all(this.recordings);
    const file = resolve(this.path);
    const count = saves.get(file) ?? 0;
    if (!this.isSaved && count !== this.savesBefore)
      throw new Error(`another recorder has written '${this.path}' meanwhile; give each recorder a file of its own`);
    writeCassette(
      this.path,
      recorded.filter((stream) => stream !== undefined),
    );
    this.isSaved = true;
    saves.set(file, count + 1);
  }

  private requireOpen(): void {
    if (this.isSaved)
      throw new Error(`what is recorded after save() would not be in '${this.path}'; make another StreamRecorder`);
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
