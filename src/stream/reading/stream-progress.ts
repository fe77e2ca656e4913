/** What is known of one invocation so far: counts and times for its metrics, and the facts every error of it carries. */
import {
  type Invoked,
  StreamError,
  type StreamErrorCode,
  type StreamErrorDetails,
  type StreamErrorOf,
  type StreamPhase,
} from '../errors/stream-error';

/** Counts and times of one invocation. Times are in milliseconds since `invoke()` was called. */
export interface StreamMetrics {
  /** Requests that were made: 1 without a retry. */
  readonly attempts: number;
  /** Time until the response headers. */
  readonly headersMs: number;
  /** Time until the first byte of the payload; undefined when there was none. */
  readonly firstChunkMs?: number;
  /** Time until the end of the response. */
  readonly totalMs: number;
  /** Longest time the reader waited between two pieces of payload. */
  readonly maxGapMs: number;
  /** Chunks handed out. */
  readonly chunks: number;
  /** Pieces the payload arrived in. They have no relation to the handler's writes. */
  readonly payloadPieces: number;
  readonly payloadBytes: number;
}

export class StreamProgress {
  public requestId: string | undefined;
  public logTail: string | undefined;
  public attempts = 1;
  public chunks = 0;
  public payloadPieces = 0;
  public payloadBytes = 0;
  public maxGapMs = 0;
  public headersMs = 0;
  public firstChunkMs: number | undefined;
  public ended = false;
  private readonly startedAt = performance.now();

  /** Milliseconds since the invocation began. */
  public elapsed(): number {
    return performance.now() - this.startedAt;
  }

  /** Counts a piece of payload for which the reader waited `waitedMs`. */
  public count(payload: Uint8Array): void {
    this.payloadPieces++;
    this.payloadBytes += payload.length;
    if (this.firstChunkMs === undefined && payload.length > 0) this.firstChunkMs = this.elapsed();
  }

  public metrics(): StreamMetrics {
    const { attempts, headersMs, firstChunkMs, maxGapMs, chunks, payloadPieces, payloadBytes } = this;
    const totalMs = this.elapsed();
    return { attempts, headersMs, firstChunkMs, totalMs, maxGapMs, chunks, payloadPieces, payloadBytes };
  }

  /** The same invocation for another reader of its payload, which has read nothing yet. */
  public fork(): StreamProgress {
    const { requestId, attempts, headersMs, startedAt } = this;
    return Object.assign(new StreamProgress(), { requestId, attempts, headersMs, startedAt });
  }

  private phase(): StreamPhase {
    if (this.payloadBytes === 0) return 'before-first-chunk';
    return this.ended ? 'end' : 'streaming';
  }

  /** An error of this invocation after its response headers. */
  public error<C extends StreamErrorCode>(
    code: C,
    message: string,
    details: StreamErrorDetails[C],
    facts: { readonly cause?: unknown; readonly retryable?: boolean } = {},
  ): StreamErrorOf<C> {
    const { requestId, logTail, chunks, payloadBytes } = this;
    const invoked: Invoked = 'yes';
    const phase = this.phase();
    return StreamError.of(code, message, details, {
      phase,
      invoked,
      requestId,
      logTail,
      chunks,
      payloadBytes,
      ...facts,
    });
  }
}
