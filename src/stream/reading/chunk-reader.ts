/**
 * From the pieces of a payload to checked chunks, one after the other, and to a verdict at the end. Everything that is
 * already here is handed out without waiting; a promise waits only for the network or for an asynchronous schema.
 */

import { isPromise } from '../../base/promises';
import { type ChunkDecoder, createChunkDecoder, type StreamItem } from '../../contract/chunk-decoder';
import type { StreamContract } from '../../contract/stream-contract';
import { validate } from '../../contract/validate';
import type { HttpPrelude } from '../../wire/http-prelude';
import type { StreamFailure } from '../../wire/stream-control';
import type { InvalidUtf8 } from '../../wire/utf8-decoder';
import { isStreamError, type StreamError } from '../errors/stream-error';
import { contentTypeIn, type ForeignPayload, findForeignPayload } from './content-type';
import { type PayloadLimits, PayloadReader } from './payload-reader';
import type { PayloadSource } from './payload-source';
import { HandlerFailure, judgeEnding, StreamOutcome } from './stream-ending';
import type { StreamProgress } from './stream-progress';
import { type Step, TurnQueue } from './turn-queue';

/** Most bytes given to a decoder in one go: a frame of 24 MiB may hold twelve million lines, and all would become items at once. */
const DECODE_BYTES = 65_536;

/** The pieces of a payload one by one, and those that were taken too early or are too long for one go. */
class PieceFeed {
  private held: Uint8Array | undefined;

  /** @param next the next piece that is already here */
  public constructor(private readonly next: () => Uint8Array | undefined) {}

  public take(): Uint8Array | undefined {
    if (this.held === undefined) return this.next();
    const { held } = this;
    this.held = undefined;
    return held;
  }

  /** Keeps a piece for the next `take()`. */
  public hold(piece: Uint8Array | undefined): void {
    this.held = piece;
  }

  /** The next piece for a decoder; what is past its first part comes later. */
  public takePart(): Uint8Array | undefined {
    const piece = this.take();
    if (piece === undefined || piece.length <= DECODE_BYTES) return piece;
    this.hold(piece.subarray(DECODE_BYTES));
    return piece.subarray(0, DECODE_BYTES);
  }
}

export interface ChunkReaderOptions extends PayloadLimits {
  /** Whether to ask the contract's schemas about chunks and the final value. */
  readonly validate: boolean;
  readonly invalidUtf8: InvalidUtf8;
  /** Whether the payload begins with an HTTP prelude. */
  readonly hasPrelude: boolean;
  /** As the response headers say. */
  readonly contentType?: string | undefined;
  /** Media types of the contract's stream, where nobody has compared `contentType` with them; undefined for any. */
  readonly expectedTypes?: readonly string[] | undefined;
  /** Longest wait for the end of the response after the handler's own error; 0 where it tells nothing more. */
  readonly endWaitMs: number;
}

export class ChunkReader<Chunk, Final> {
  private readonly payloads: PayloadReader;
  private readonly decoder: ChunkDecoder | undefined;
  private readonly pieces = new PieceFeed(() => this.payloads.take());
  private items: readonly StreamItem[] = [];
  private cursor = 0;
  private final: unknown;
  private ending = false;
  private isForwarding = false;
  private forwarded: StreamFailure | undefined;
  private readonly ownFailure: HandlerFailure;
  private readonly end = new StreamOutcome<Final>(() => {
    this.items = [];
    this.pieces.hold(undefined);
    this.payloads.close();
  });
  private readonly turns = new TurnQueue(
    () => this.waitForPayload(),
    (cause) => this.failWith(cause),
  );

  public constructor(
    private readonly contract: StreamContract,
    source: PayloadSource,
    private readonly progress: StreamProgress,
    private readonly options: ChunkReaderOptions,
  ) {
    this.payloads = new PayloadReader(source, progress, options, options.hasPrelude, (error) =>
      this.onInterrupt(error),
    );
    this.ownFailure = new HandlerFailure(contract, this.payloads, progress, options.endWaitMs);
    // Bytes need no decoding: the pieces are the chunks.
    this.decoder = contract.format === 'bytes' ? undefined : createChunkDecoder(contract, options);
  }

  /** Resolves with the final value when the stream is whole; rejects with what went wrong. Never unhandled. */
  public get outcome(): Promise<Final> {
    return this.end.promise;
  }

  /** The next chunk. Calls that overlap are answered in their order. */
  public next(): Promise<IteratorResult<Chunk, undefined>> {
    return this.turns.take(this.nextChunk);
  }

  /** The next piece of the payload as it arrived, checked like a chunk but not handed out as one. */
  public nextPiece(): Promise<IteratorResult<Uint8Array, undefined>> {
    return this.turns.take(this.nextPayload);
  }

  /**
   * As {@link nextPiece}, for whoever passes the payload on: the piece with the handler's own error is handed out, too, and
   * is the last one. The outcome is that error.
   */
  public nextForwarded(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.isForwarding = true;
    return this.turns.take(this.nextPayload);
  }

  /** The handler's own error that {@link nextForwarded} has handed out. */
  public get forwardedFailure(): StreamFailure | undefined {
    return this.forwarded;
  }

  /** The HTTP prelude, reading as far as it goes; done without a value where the response has none, or others read it. */
  public readPrelude(): Promise<IteratorResult<HttpPrelude, undefined>> {
    return this.turns.take(this.nextPrelude);
  }

  /** Ends the stream with `error` unless it has ended, also for a reader that waits; closes the connection. */
  public interrupt(error: StreamError): void {
    if (!this.end.isSettled) this.payloads.interrupt(error);
  }

  /** Leaves the payload to other readers: stops the clocks, closes nothing. Gives what they have to see first. */
  public detach(): readonly Uint8Array[] {
    return this.payloads.detach();
  }

  /** A connection that breaks after the end marker has lost nothing of the stream. */
  private async waitForPayload(): Promise<void> {
    try {
      await this.payloads.wait();
    } catch (cause) {
      const whole = this.contract.completion === 'marker' && this.decoder?.complete;
      if (!whole || !isStreamError(cause, 'TRANSPORT')) throw cause;
      this.ending = true;
    }
  }

  private readonly nextChunk = (): Step<Chunk> => {
    for (;;) {
      if (this.end.isSettled) return this.end.step();
      if (this.cursor < this.items.length) {
        const now = this.take(this.items[this.cursor++]);
        if (now !== undefined) return now;
      } else if (this.ending) {
        return this.complete();
      } else {
        const payload = this.decoder === undefined ? this.pieces.take() : this.pieces.takePart();
        if (payload === undefined && this.payloads.end === undefined) return undefined;
        if (payload === undefined) this.atEnd();
        else if (this.decoder !== undefined) this.queue(this.decoder.push(payload));
        else if (payload.length > 0) return this.handOut(payload);
      }
    }
  };

  private readonly nextPayload = (): Step<Uint8Array> => {
    for (;;) {
      if (this.forwarded !== undefined) return this.endForwarded(this.forwarded);
      if (this.end.isSettled) return this.end.step();
      const payload = this.ending ? undefined : this.pieces.take();
      if (payload === undefined && this.ending) return this.complete();
      if (payload === undefined && this.payloads.end === undefined) return undefined;
      if (payload === undefined) this.atEnd();
      const stop = payload === undefined ? this.skipChunks() : this.check(payload);
      if (stop !== undefined) return stop;
      if (payload !== undefined) return { done: false, value: payload };
    }
  };

  /** The payload is passed on with the error in it, so its reader is told of an end and not of a failure. */
  private async endForwarded(failure: StreamFailure): Promise<IteratorResult<Uint8Array, undefined>> {
    this.failWith(await this.ownFailure.errorOf(failure));
    return { done: true, value: undefined };
  }

  private readonly nextPrelude = (): Step<HttpPrelude> => {
    for (;;) {
      if (!this.options.hasPrelude) return { done: true, value: undefined };
      if (this.payloads.http !== undefined) return { done: false, value: this.payloads.http };
      if (this.end.isSettled) return this.end.step();
      if (this.payloads.isLeft) return { done: true, value: undefined };
      // The piece that came with the end of the prelude is the first of the body.
      const piece = this.payloads.take();
      this.pieces.hold(piece);
      if (piece === undefined && this.payloads.end === undefined) return undefined;
      if (piece === undefined) this.atEnd();
    }
  };

  /** A piece that is passed on whole is decoded part by part too. */
  private check(payload: Uint8Array): Step<never> {
    if (this.decoder === undefined && payload.length > 0) this.progress.chunks++;
    for (let at = 0; this.decoder !== undefined && at < payload.length; at += DECODE_BYTES) {
      this.queue(this.decoder.push(payload.subarray(at, at + DECODE_BYTES)));
      const stop = this.skipChunks();
      if (stop !== undefined) return stop;
    }
    return undefined;
  }

  private queue(items: readonly StreamItem[]): void {
    this.items = items;
    this.cursor = 0;
  }

  /** Takes markers and failures to heart, and counts chunks, which are passed on as part of the payload. */
  private skipChunks(): Step<never> {
    const { items } = this;
    this.items = [];
    for (const item of items) {
      if (item.kind === 'chunk') this.progress.chunks++;
      const stop = item.kind === 'chunk' ? undefined : this.takeControl(item);
      if (stop !== undefined) return stop;
    }
    return undefined;
  }

  private take(item: StreamItem): Step<Chunk> {
    if (item.kind !== 'chunk') return this.takeControl(item);
    if (!this.options.validate || this.contract.chunk === undefined) return this.handOut(item.value);
    const checked = validate(this.contract.chunk, item.value, 'chunk', item.index);
    return isPromise(checked) ? this.handOutLater(checked) : this.handOut(checked);
  }

  private takeControl(item: Exclude<StreamItem, { kind: 'chunk' }>): Step<never> {
    if (item.kind === 'failure') throw item.error;
    if (item.kind === 'end') {
      this.final = item.final;
      this.payloads.contentEnded();
      return undefined;
    }
    if (this.isForwarding) {
      this.forwarded = item.failure;
      return undefined;
    }
    return this.failByHandler(item.failure);
  }

  private async failByHandler(failure: StreamFailure): Promise<never> {
    throw this.failWith(await this.ownFailure.errorOf(failure));
  }

  /** The handler's own error says more than that the caller ran out of patience afterwards. */
  private onInterrupt(error: StreamError): void {
    this.failWith(this.ownFailure.errorSoFar() ?? error);
  }

  /** The only place where a value gets the type the contract promises: it was checked, or the caller waived the check. */
  private handOut(value: unknown): IteratorResult<Chunk, undefined> {
    this.progress.chunks++;
    return { done: false, value: value as Chunk };
  }

  private async handOutLater(value: Promise<unknown>): Promise<IteratorResult<Chunk, undefined>> {
    try {
      return this.handOut(await this.payloads.race(value));
    } catch (cause) {
      throw this.failWith(cause);
    }
  }

  /** All payload is here: judges the end before anything that only the end completes is handed out. */
  private atEnd(): void {
    const { end } = this.payloads;
    if (end === undefined) return;
    this.ending = true;
    this.progress.ended = true;
    this.progress.heard(end);
    const last = this.decoder?.flush() ?? [];
    const ownError = last.some(({ kind }) => kind === 'error');
    const marker = { completion: this.contract.completion, seen: this.decoder?.complete ?? true };
    const verdict = ownError ? undefined : judgeEnding(end, marker, this.progress, () => this.foreignPayload());
    if (verdict !== undefined) throw verdict;
    this.payloads.finish();
    this.queue(last);
  }

  /** What the payload is instead, where no chunk has shown that it is the contract's. */
  private foreignPayload(): ForeignPayload | undefined {
    if (this.progress.chunks > 0 && this.contract.completion === 'marker') return undefined;
    const { hasPrelude, contentType, expectedTypes } = this.options;
    const type = hasPrelude ? contentTypeIn(this.payloads.http?.headers) : contentType;
    return findForeignPayload(this.contract, type, expectedTypes, this.payloads.beginning);
  }

  private complete(): Step<never> {
    const final = this.options.validate ? validate(this.contract.final, this.final, 'final') : this.final;
    return isPromise(final) ? this.succeedLater(final) : this.end.succeed(final);
  }

  private async succeedLater(final: Promise<unknown>): Promise<IteratorResult<never, undefined>> {
    try {
      return this.end.succeed(await this.payloads.race(final));
    } catch (cause) {
      throw this.failWith(cause);
    }
  }

  /** Fails with `cause`, unless something else was the first to fail: then that is what all readers get. */
  private failWith(cause: unknown): StreamError {
    return this.end.fail(this.progress.errorOf(cause));
  }
}
