/** Pulls the payload of one response: counts it, watches the clocks and the size limit, and splits off an HTTP prelude. */
import { joinBytes } from '../../base/bytes';
import { type HttpPrelude, PreludeSplitter } from '../../wire/http-prelude';
import type { StreamError, TimeoutKind } from '../errors/stream-error';
import {
  describe,
  FETCH_BODY_TIMEOUT,
  FETCH_SILENCE_MS,
  FETCH_TIMEOUT_REMEDY,
  systemCodeOf,
} from '../errors/system-error';
import type { PayloadEnd, PayloadSource } from './payload-source';
import type { StreamTimeouts } from './read-options';
import { StreamClock } from './stream-clock';
import type { StreamProgress } from './stream-progress';

/** Enough to tell by its beginning what a payload is. */
const BEGINNING_BYTES = 240;

export interface PayloadLimits {
  readonly timeouts: StreamTimeouts;
  readonly maxResponseBytes: number;
}

export class PayloadReader {
  private readonly clock: StreamClock;
  private readonly prelude: PreludeSplitter | undefined;
  private interruption: StreamError | undefined;
  private rejectWait: ((error: StreamError) => void) | undefined;
  /** Whether the source is closed, or others read it. */
  public isLeft = false;
  private firstBytes: Uint8Array = new Uint8Array();
  /** The pieces with the prelude, and what came with its end. */
  private readonly preludePieces: Uint8Array[] = [];
  private endWait: (() => void) | undefined;

  /**
   * @param hasPrelude whether the payload begins with an HTTP prelude
   * @param onInterrupt told of an interruption even when no reader waits
   */
  public constructor(
    private readonly source: PayloadSource,
    private readonly progress: StreamProgress,
    private readonly limits: PayloadLimits,
    hasPrelude: boolean,
    private readonly onInterrupt: (error: StreamError) => void,
  ) {
    this.prelude = hasPrelude ? new PreludeSplitter() : undefined;
    this.clock = new StreamClock(limits.timeouts, progress.elapsed(), progress.requestedAt, (kind, limitMs) =>
      this.timeout(kind, limitMs),
    );
  }

  /** The prelude, once all of it has arrived. */
  public get http(): HttpPrelude | undefined {
    return this.prelude?.prelude;
  }

  /** The first bytes of the body, as text. */
  public get beginning(): string {
    return new TextDecoder().decode(this.firstBytes);
  }

  public get end(): PayloadEnd | undefined {
    return this.source.end;
  }

  /** The next piece of the body that is already here; may be empty. */
  public take(): Uint8Array | undefined {
    if (this.interruption !== undefined) throw this.interruption;
    const payload = this.source.take();
    if (payload === undefined) return undefined;
    if (payload.length > 0) this.endSilence(this.clock.arrived());
    this.progress.count(payload);
    if (this.progress.payloadBytes > this.limits.maxResponseBytes) throw this.tooLarge();
    const body = this.prelude === undefined ? payload : this.splitOff(this.prelude, payload);
    const lacking = BEGINNING_BYTES - this.firstBytes.length;
    if (lacking > 0 && body !== undefined) this.firstBytes = joinBytes([this.firstBytes, body.subarray(0, lacking)]);
    return body;
  }

  private splitOff(prelude: PreludeSplitter, payload: Uint8Array): Uint8Array {
    if (prelude.prelude === undefined) this.preludePieces.push(payload);
    return prelude.push(payload);
  }

  /** Resolves when `take()` may have something or `end` is known. */
  public wait(): Promise<void> {
    if (this.interruption !== undefined) return Promise.reject(this.interruption);
    if (this.isLeft) return Promise.resolve();
    this.clock.wait();
    return new Promise((resolve, reject) => {
      this.rejectWait = reject;
      this.endWait = resolve;
      this.source.wait(this.onArrival).then(resolve, (cause) => reject(this.broken(cause)));
    });
  }

  /** As `work`, unless the stream is interrupted first. No clock of silence runs: the other side owes nothing. */
  public race<T>(work: Promise<T>): Promise<T> {
    if (this.interruption !== undefined) return Promise.reject(this.interruption);
    return new Promise((resolve, reject) => {
      this.rejectWait = reject;
      work.then(resolve, reject);
    });
  }

  /** Something came, but less than can be handed out. */
  private readonly onArrival = (): void => {
    this.progress.maxGapMs = Math.max(this.progress.maxGapMs, this.clock.arriving());
  };

  private endSilence(gapMs: number): void {
    if (this.progress.payloadBytes === 0) this.clock.firstByte();
    if (gapMs > this.progress.maxGapMs) this.progress.maxGapMs = gapMs;
  }

  /** Reads on to the end for as long as `ms`, past all that is still in between; undefined where it does not come. */
  public async readEnd(ms: number): Promise<PayloadEnd | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let late = false;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        late = true;
        resolve();
      }, ms);
    });
    try {
      while (this.source.end === undefined && this.interruption === undefined && !late) {
        if (this.source.take() === undefined && this.source.end === undefined) {
          await Promise.race([this.source.wait(), deadline]);
        }
      }
    } catch {
      return undefined; // the stream has its error already; the log would only have added to it
    } finally {
      clearTimeout(timer);
    }
    return this.source.end;
  }

  /** Throws where the payload ended inside the prelude. */
  public finish(): void {
    this.prelude?.finish();
  }

  /** Fails the reader that waits now, and every later one. */
  public interrupt(error: StreamError): void {
    this.interruption ??= error;
    this.onInterrupt(error);
    this.rejectWait?.(error);
  }

  /** Leaves the source to others, also where a reader waits; gives what was taken for the prelude, which is theirs too. */
  public detach(): readonly Uint8Array[] {
    this.isLeft = true;
    this.clock.stop();
    this.endWait?.();
    return this.preludePieces;
  }

  /** The end marker has come: the source itself sees to it that its own end is not waited for much longer. */
  public contentEnded(): void {
    if (this.source.contentEnded === undefined) return;
    this.clock.allowSilence();
    this.source.contentEnded();
  }

  public close(): void {
    if (this.isLeft) return;
    this.detach();
    // After its end a source has released its connection by itself.
    if (this.source.end?.outcome !== 'complete') this.source.close();
  }

  private timeout(kind: TimeoutKind, limitMs: number): void {
    const told = { firstByte: 'no payload since the request', idle: 'no payload', total: 'not complete' };
    const what = told[kind as keyof typeof told];
    const message = `${what} within ${limitMs} ms (timeouts.${kind}Ms); the connection was closed, the function may still run`;
    this.interrupt(this.progress.error('TIMEOUT', message, { kind, limitMs }, { retryable: true }));
  }

  private broken(cause: unknown): StreamError {
    if (systemCodeOf(cause) === FETCH_BODY_TIMEOUT) {
      const message = `fetch gave up after its own ${FETCH_SILENCE_MS / 1_000} s of silence; ${FETCH_TIMEOUT_REMEDY}`;
      const limit = { kind: 'idle', limitMs: FETCH_SILENCE_MS } as const;
      return this.progress.error('TIMEOUT', message, limit, { cause, retryable: true });
    }
    const message = `the connection broke before the response was complete: ${describe(cause)}`;
    const details = { systemCode: systemCodeOf(cause) };
    return this.progress.error('TRANSPORT', message, details, { cause, retryable: true });
  }

  private tooLarge(): StreamError {
    const { maxResponseBytes: limitBytes } = this.limits;
    const message = `the payload exceeds maxResponseBytes (${limitBytes}); raise it or ask for less`;
    return this.progress.error('RESPONSE_TOO_LARGE', message, { limitBytes });
  }
}
