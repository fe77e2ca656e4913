/**
 * What is known of one call so far: counts and times, and the facts that every error of it carries. Turns what the floors
 * below raise while its stream is read into such an error.
 */
import { isContractError } from '../../contract/contract-error';
import { isWireError } from '../../wire/wire-error';
import {
  type Invoked,
  isStreamError,
  StreamError,
  type StreamErrorCode,
  type StreamErrorDetails,
  type StreamErrorOf,
  type StreamPhase,
} from '../errors/stream-error';
import { describe } from '../errors/system-error';
import { type PayloadEnd, PayloadFailure } from './payload-source';

/** Counts and times of one call, as its caller saw them. Times are in milliseconds since `invoke()` was called. */
export interface StreamTimings {
  /** Requests that were made: 1 without a retry. */
  readonly attempts: number;
  /** Time until the response headers. */
  readonly headersMs: number;
  /** Time until the first byte of the payload; undefined when there was none. */
  readonly firstByteMs: number | undefined;
  /** Time until the end of the response. */
  readonly totalMs: number;
  /** Longest time the reader waited between two pieces of payload. */
  readonly maxGapMs: number;
  /** Chunks handed out, or passed on as part of the payload. */
  readonly chunks: number;
  /** Pieces the payload arrived in. They have no relation to the handler's writes. */
  readonly payloadPieces: number;
  readonly payloadBytes: number;
}

export class StreamProgress {
  public requestId: string | undefined;
  public logTail: string | undefined;
  /** For the text of errors only: callers must not come to depend on what AWS does not say. */
  public localNotes: string | undefined;
  public attempts = 1;
  public chunks = 0;
  public payloadPieces = 0;
  public payloadBytes = 0;
  public maxGapMs = 0;
  public headersMs = 0;
  public firstByteMs: number | undefined;
  public ended = false;
  /** When the request of the last attempt began, on the clock of `performance.now()`. */
  public requestedAt = performance.now();
  private readonly startedAt = performance.now();

  /** Milliseconds since the call began. */
  public elapsed(): number {
    return performance.now() - this.startedAt;
  }

  /** Keeps what the platform told at the end of the response. */
  public heard(end: PayloadEnd | undefined): void {
    if (end?.outcome !== 'complete') return;
    this.logTail = end.logTail;
    this.localNotes = end.localNotes;
  }

  /** Counts a piece of payload. */
  public count(payload: Uint8Array): void {
    this.payloadPieces++;
    this.payloadBytes += payload.length;
    if (this.firstByteMs === undefined && payload.length > 0) this.firstByteMs = this.elapsed();
  }

  public metrics(): StreamTimings {
    const { attempts, headersMs, firstByteMs, maxGapMs, chunks, payloadPieces, payloadBytes } = this;
    const totalMs = this.elapsed();
    return { attempts, headersMs, firstByteMs, totalMs, maxGapMs, chunks, payloadPieces, payloadBytes };
  }

  /** The same call for another reader of its payload, which has read nothing yet. */
  public fork(): StreamProgress {
    const { requestId, attempts, headersMs, requestedAt, startedAt } = this;
    return Object.assign(new StreamProgress(), { requestId, attempts, headersMs, requestedAt, startedAt });
  }

  private phase(): StreamPhase {
    if (this.payloadBytes === 0) return 'before-first-byte';
    return this.ended ? 'end' : 'streaming';
  }

  /** An error of this call after its response headers. */
  public error<C extends StreamErrorCode>(
    code: C,
    message: string,
    details: StreamErrorDetails[C],
    facts: { readonly cause?: unknown; readonly retryable?: boolean } = {},
  ): StreamErrorOf<C> {
    const { requestId, logTail, chunks, payloadBytes } = this;
    // Marked, so that nothing in them passes for a frame of the error's own stack.
    const notes = this.localNotes?.trimEnd().replace(/^/gm, '  | ');
    const invoked: Invoked = 'yes';
    const phase = this.phase();
    return StreamError.of(code, message, details, {
      phase,
      invoked,
      requestId,
      logTail,
      chunks,
      payloadBytes,
      notes,
      ...facts,
    });
  }

  /**
   * `cause`, which was raised while the stream was read, as an error of this call. What the floors below say has its words
   * and facts in that error, and would only be printed twice as its cause.
   */
  public errorOf(cause: unknown): StreamError {
    if (isStreamError(cause)) return cause;
    if (cause instanceof PayloadFailure) {
      return this.error(cause.code, cause.message, cause.details, { cause: cause.cause, retryable: true });
    }
    if (isWireError(cause)) {
      const { code: kind, line, byteOffset, excerpt, message } = cause;
      if (kind === 'prelude-truncated') return this.error('TRUNCATED', message, { where: 'prelude' });
      return this.error('DECODE', message, { kind, line, byteOffset, excerpt });
    }
    if (!isContractError(cause)) {
      const message = `a chunk could not be checked: ${describe(cause)}; a schema should give issues and not throw`;
      return this.error('CHUNK_INVALID', message, { part: 'chunk', index: this.chunks, issues: [] }, { cause });
    }
    const { code: kind, message, issues, index = this.chunks } = cause;
    if (kind === 'chunk-count-wrong') {
      return this.error('TRUNCATED', message, { where: 'count' }, { retryable: true });
    }
    if (kind === 'chunk-invalid' || kind === 'final-invalid') {
      const part = kind === 'chunk-invalid' ? 'chunk' : 'final';
      return this.error('CHUNK_INVALID', message, { part, index, issues });
    }
    return this.error('DECODE', message, { kind });
  }
}

/** Told once of a stream that is whole, or of what made it fail, with the progress of whoever has read it. */
export type OnSettled = (progress: StreamProgress, error?: StreamError) => void;
