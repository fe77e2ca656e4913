/**
 * An open response stream: the async iterable of checked chunks that `invoke()` resolves with. Portable: it knows
 * payload pieces, not the connection they come from.
 */

import { joinBytes } from '../../base/bytes';
import { show } from '../../base/option-problem';
import { LazyPromise } from '../../base/promises';
import type { StreamContract } from '../../contract/stream-contract';
import type { HttpPrelude } from '../../wire/http-prelude';
import type { StreamError } from '../errors/stream-error';
import { describe } from '../errors/system-error';
import { ChunkReader } from './chunk-reader';
import type { PayloadSource } from './payload-source';
import type { ReadOptions } from './read-options';
import type { OnSettled, StreamProgress, StreamTimings } from './stream-progress';
import { settleOnce, teePayloads } from './tee-payloads';
import {
  errorStatus,
  isBodiless,
  type ResponseHeadParts,
  type ResponseOptions,
  type ServerResponseLike,
  startingWith,
  toReadableStream,
  toResponseHead,
  writeResponse,
} from './web-streams';

/** Longest wait for the end of the response after the handler's own error. Single captures on AWS with a log tail show 0.1 s. */
const END_WAIT_MS = 1_000;

/** Lambda sends one byte more than 200 MiB of an endless response, which must arrive to be told from a shorter one. */
const MAX_RESPONSE_BYTES = 210_000_000;

/** What is known once a stream is whole. */
export interface StreamResult<Final> {
  /** What the handler returned. */
  readonly final: Final;
  readonly metrics: StreamTimings;
  /** End of the function's log, where `logs: 'tail'` was set. */
  readonly logTail?: string | undefined;
  readonly requestId?: string | undefined;
  /** Version that ran, also where an alias was called. */
  readonly executedVersion?: string | undefined;
}

/** Everything a stream gives, at once. */
export interface CollectedStream<Chunk, Final> extends StreamResult<Final> {
  readonly chunks: readonly Chunk[];
}

/** What the response headers said. */
export interface ResponseHead {
  readonly requestId?: string | undefined;
  readonly executedVersion?: string | undefined;
  /** Content type the function set. */
  readonly contentType?: string | undefined;
  /** Whether the payload begins with an HTTP prelude. */
  readonly hasPrelude: boolean;
}

/** What a response stream is made of. */
export interface StreamParts {
  readonly contract: StreamContract;
  readonly source: PayloadSource;
  readonly progress: StreamProgress;
  readonly head: ResponseHead;
  /** Media types of the contract's stream, where nobody has compared the head's with them; undefined for any. */
  readonly expectedTypes?: readonly string[] | undefined;
  readonly read: ReadOptions;
  /** Whether the platform tells more about a failure at the end of the response: in the log tail, where it was asked for it. */
  readonly tellsMoreAtEnd?: boolean | undefined;
  /** Told once when the stream is whole, or with what failed; of a stream that was split, when both branches are settled. */
  readonly onSettled?: OnSettled | undefined;
}

/**
 * Iterate it once: `for await (const chunk of stream)`. The loop throws when the stream is not whole; leaving the loop
 * early closes the connection. The function itself runs on: Lambda does not tell it that the caller has gone.
 */
export class ResponseStream<Chunk = unknown, Final = unknown> implements AsyncIterable<Chunk>, AsyncDisposable {
  /** Id of the invocation, as in the function's log. */
  public readonly requestId: string | undefined;
  /** Version that runs, also where an alias was called. */
  public readonly executedVersion: string | undefined;
  /** Content type the function set. */
  public readonly contentType: string | undefined;
  /**
   * What is known at the end; rejects where the stream is not whole. Asking for it without reading the stream reads it
   * to its end and drops the chunks. Nobody has to ask.
   */
  public readonly result: Promise<StreamResult<Final>>;
  private readonly reader: ChunkReader<Chunk, Final>;
  private claimedBy: string | undefined;
  private branches: readonly [ResponseStream<Chunk, Final>, ResponseStream<Chunk, Final>] | undefined;

  public constructor(protected readonly parts: StreamParts) {
    const { contract, source, progress, head, read } = parts;
    this.requestId = head.requestId;
    this.executedVersion = head.executedVersion;
    this.contentType = head.contentType;
    this.reader = new ChunkReader(contract, source, progress, {
      validate: read.validate ?? true,
      invalidUtf8: read.invalidUtf8 ?? 'fatal',
      hasPrelude: head.hasPrelude,
      contentType: head.contentType,
      expectedTypes: parts.expectedTypes,
      endWaitMs: parts.tellsMoreAtEnd ? END_WAIT_MS : 0,
      timeouts: read.timeouts ?? {},
      maxResponseBytes: read.maxResponseBytes ?? MAX_RESPONSE_BYTES,
    });
    this.result = new LazyPromise(() => this.settle());
    this.reader.outcome.then(
      () => parts.onSettled?.(progress),
      (error) => parts.onSettled?.(progress, error),
    );
  }

  /**
   * The HTTP status, headers and cookies that the function sent first; undefined where it sent none. Reads the stream as
   * far as needed and loses nothing of it.
   */
  public get http(): Promise<HttpPrelude | undefined> {
    return this.reader.readPrelude().then(({ value }) => value ?? this.branches?.[0].http);
  }

  public [Symbol.asyncIterator](): AsyncIterator<Chunk, undefined> {
    this.claim('iterated');
    return this.iterator(() => this.reader.next());
  }

  /**
   * The payload as it arrives, in the pieces it arrives in, which have no relation to the handler's writes: for format
   * `ndjson` and `sse` with the markers. Ends and fails like the stream itself.
   */
  public payload(): AsyncIterableIterator<Uint8Array> {
    this.claim('read by payload()');
    const iterator = this.iterator(() => this.reader.nextPiece());
    return Object.assign(iterator, { [Symbol.asyncIterator]: () => iterator as AsyncIterableIterator<Uint8Array> });
  }

  /** The whole payload, markers included, without the HTTP prelude. */
  public async bytes(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.payload()) pieces.push(piece);
    return joinBytes(pieces);
  }

  /** The whole payload as text, markers included, without the HTTP prelude. */
  public async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  /** All chunks and the result. */
  public async collect(): Promise<CollectedStream<Chunk, Final>> {
    const chunks: Chunk[] = [];
    for await (const chunk of this) chunks.push(chunk);
    return { chunks, ...(await this.result) };
  }

  /**
   * Two streams of the same response, each to be read like this one, which cannot be read any more. The faster reader
   * waits for the slower one as soon as it is `maxAheadBytes` ahead, so read both at the same time; a branch that is not
   * wanted any more is to be aborted. The connection stays open as long as one of them is read.
   * @param maxAheadBytes bytes kept for the slower reader, 8 MiB unless told otherwise
   */
  public tee(maxAheadBytes = 8 * 1024 * 1024): [ResponseStream<Chunk, Final>, ResponseStream<Chunk, Final>] {
    if (!(maxAheadBytes >= 1)) {
      const given = `tee(): maxAheadBytes must be a number of bytes, 1 or more, got ${show(maxAheadBytes)}`;
      throw new TypeError(`${given}; at 0 both branches would wait for each other`);
    }
    this.claim('split by tee()');
    const begun = this.reader.detach();
    const { parts } = this;
    const onSettled = settleOnce(parts.onSettled);
    const [left, right] = teePayloads(parts.source, maxAheadBytes, begun);
    const branch = (source: PayloadSource) =>
      this.again({ ...parts, source, progress: parts.progress.fork(), onSettled });
    const branches: [ResponseStream<Chunk, Final>, ResponseStream<Chunk, Final>] = [branch(left), branch(right)];
    this.branches = branches;
    return branches;
  }

  /** The chunks as a web stream; cancelling it closes the connection. */
  public toReadableStream(): ReadableStream<Chunk> {
    return toReadableStream(this[Symbol.asyncIterator]());
  }

  /**
   * The payload as a web `Response` for a framework to pass on: status, headers and cookies as the function sent them,
   * content type of the contract's format otherwise. Markers pass too, so the reader behind it, a `streamFetcher` for
   * example, knows whether it has everything, and gets the handler's own errors with their type and data. An error before
   * the first chunk sets the status. A stream that breaks without a marker breaks the response, too.
   *
   * Resolves with the first byte of the payload. Where the status allows no body, the stream is read to its end first.
   * @throws StreamError where the stream fails before that and has no marker to pass on, or HTTP cannot carry its head
   */
  public async toResponse(init: ResponseOptions = {}): Promise<Response> {
    const { body, head } = await this.forward(init);
    return new Response(body && toReadableStream(body), head);
  }

  /**
   * As {@link toResponse}, into the response of a Node.js server, as Express, Fastify (`reply.raw`) and `node:http` have it.
   * Waits where its client is slow, and leaves the stream where its client leaves.
   * @returns the error that ended the stream, where the response has begun: its reader is told by the marker, or by a
   * connection that breaks; undefined for a stream that is whole
   * @throws StreamError as `toResponse()`, while nothing was sent: the server can still answer
   */
  public async pipeTo(response: ServerResponseLike, init: ResponseOptions = {}): Promise<StreamError | undefined> {
    const { body, head } = await this.forward(init);
    await writeResponse(body, head, response);
    return this.reader.outcome.then(
      () => undefined,
      (error: StreamError) => error,
    );
  }

  /** The payload to pass on, read as far as its first byte; without a body where the status allows none. */
  private async forward(
    init: ResponseOptions,
  ): Promise<{ readonly body: AsyncIterator<Uint8Array, undefined> | undefined; readonly head: ResponseHeadParts }> {
    const given = await this.responseHead(init);
    if (isBodiless(given.status)) {
      await this.drain('read to its end: its status allows no body');
      return { body: undefined, head: given };
    }
    this.claim('passed on');
    const pieces = this.iterator(() => this.reader.nextForwarded());
    let first = await pieces.next();
    while (first.value?.length === 0) first = await pieces.next();
    const failure = this.parts.progress.chunks === 0 ? this.reader.forwardedFailure : undefined;
    const status = failure === undefined ? undefined : (failure.statusCode ?? errorStatus(given.status));
    const head = status === undefined ? given : await this.responseHead({ status, ...init });
    return { body: startingWith(first, pieces), head };
  }

  private async responseHead(init: ResponseOptions): Promise<ResponseHeadParts> {
    const { format } = this.parts.contract;
    const http = await this.http;
    try {
      return toResponseHead(format, http, init);
    } catch (cause) {
      const message = `the head of the response cannot be sent: ${describe(cause)}`;
      const error = this.parts.progress.error('DECODE', message, { kind: 'prelude-invalid' }, { cause });
      this.reader.interrupt(error);
      throw error;
    }
  }

  /** Closes the connection. Readers get an `ABORTED` error with `reason` as its cause. */
  public abort(reason?: unknown): void {
    if (this.branches !== undefined) {
      for (const branch of this.branches) branch.abort(reason);
      return;
    }
    const why = reason === undefined ? 'abort() was called' : 'aborted';
    this.reader.interrupt(
      this.parts.progress.error('ABORTED', `${why}; the function may still run`, {}, { cause: reason }),
    );
  }

  /** As leaving the loop early: closes the connection if it is still open. */
  public async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.branches ?? [this]) stream.leave();
  }

  /** A stream of the same kind over other parts. */
  protected again(parts: StreamParts): ResponseStream<Chunk, Final> {
    return new ResponseStream(parts);
  }

  private async settle(): Promise<StreamResult<Final>> {
    // Whoever begins to read in the same turn of the event loop is meant to get the chunks.
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (this.branches !== undefined) return this.branches[0].result;
    if (this.claimedBy === undefined) await this.drain('read to its end for its result');
    const final = await this.reader.outcome;
    const { progress, head } = this.parts;
    const { requestId, executedVersion } = head;
    return { final, metrics: progress.metrics(), logTail: progress.logTail, requestId, executedVersion };
  }

  private async drain(why: string): Promise<void> {
    this.claim(why);
    for (let step = await this.reader.next(); !step.done; step = await this.reader.next());
  }

  private claim(how: string): void {
    if (this.claimedBy !== undefined) {
      throw new TypeError(`the stream is already ${this.claimedBy}; it can be read once: use tee() to read it twice`);
    }
    this.claimedBy = how;
  }

  private iterator<T>(next: () => Promise<IteratorResult<T, undefined>>): AsyncIterator<T, undefined> {
    const leave = async (): Promise<IteratorResult<T, undefined>> => {
      this.leave();
      return { done: true, value: undefined };
    };
    return { next, return: leave };
  }

  private leave(): void {
    const message = 'the reader left the stream before its end; the function may still run';
    const error: StreamError = this.parts.progress.error('ABORTED', message, {});
    this.reader.interrupt(error);
  }
}
