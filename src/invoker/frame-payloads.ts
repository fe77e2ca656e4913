/**
 * Reads the event stream of `InvokeWithResponseStream`: payload chunks, then `InvokeComplete`.
 * https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
 */

import { joinBytes } from '../base/bytes';
import type { ByteSource } from '../stream/body/byte-source';
import { decodeLogTail } from '../stream/reading/log-tail';
import { type PayloadEnd, PayloadFailure, type PayloadSource } from '../stream/reading/payload-source';
import { type Frame, FrameDecoder } from '../wire/frame-decoder';
import { isWireError } from '../wire/wire-error';

/**
 * Time for `InvokeComplete` and the log tail after the contract's own end marker. Longer than a handler takes to return
 * after its last write; nothing of the stream is missing when it is over.
 */
const END_GRACE_MS = 3_000;

export class FramePayloads implements PayloadSource {
  public end: PayloadEnd | undefined;
  private readonly decoder = new FrameDecoder();
  private failure: PayloadFailure | undefined;
  /** What the large frame that has begun lacked at the last wait. */
  private missing = 0;
  private grace: ReturnType<typeof setTimeout> | undefined;

  public constructor(private readonly bytes: ByteSource) {}

  public take(): Uint8Array | undefined {
    if (this.failure !== undefined) throw this.failure;
    while (this.end === undefined) {
      const frame = this.nextFrame();
      if (frame === undefined) return undefined;
      const { messageType, eventType } = frame.headers;
      if (messageType !== 'event') throw this.fail(exception(this.whole(frame)));
      if (eventType === 'PayloadChunk') return frame.payload;
      if (eventType === 'InvokeComplete') {
        this.finish(this.complete(this.whole(frame).payload));
        this.bytes.release();
      }
      // Any other event is of a later version of the service.
    }
    return undefined;
  }

  public wait(onArrival?: () => void): Promise<void> {
    const { missing } = this.decoder;
    if (missing > 0 && missing !== this.missing) onArrival?.();
    this.missing = missing;
    return this.bytes.wait(missing, onArrival);
  }

  public close(): void {
    clearTimeout(this.grace);
    this.bytes.close();
  }

  public contentEnded(): void {
    if (this.end === undefined) this.grace ??= setTimeout(() => this.bytes.close(), END_GRACE_MS);
  }

  private nextFrame(): Frame | undefined {
    for (;;) {
      const frame = this.decode();
      if (frame !== undefined) return frame;
      const bytes = this.bytes.take();
      if (bytes !== undefined) {
        this.decoder.push(bytes);
        continue;
      }
      if (this.bytes.ended) {
        this.finish({ outcome: 'truncated', where: this.decoder.end() === 0 ? 'boundary' : 'frame' });
      }
      return undefined;
    }
  }

  /** Joins the parts of a frame that is read as one; they are all there. */
  private whole(frame: Frame): Frame {
    const parts = [frame.payload];
    for (let part: Frame | undefined = frame; part !== undefined && !part.isLast; ) {
      part = this.decode();
      if (part !== undefined) parts.push(part.payload);
    }
    return parts.length === 1 ? frame : { ...frame, payload: joinBytes(parts) };
  }

  private decode(): Frame | undefined {
    try {
      return this.decoder.next();
    } catch (cause) {
      if (!isWireError(cause)) throw cause;
      throw this.fail(corrupt(cause.code.replace(/^frame-/, ''), cause.message, cause.byteOffset, cause));
    }
  }

  private complete(payload: Uint8Array): PayloadEnd {
    const body = parseObject(payload);
    if (body === undefined) {
      throw this.fail(corrupt('invoke-complete', 'the body of InvokeComplete is not a JSON object'));
    }
    const { ErrorCode, ErrorDetails, LogResult, LocalNotes } = body;
    return {
      outcome: 'complete',
      errorCode: said(ErrorCode),
      errorDetails: said(ErrorDetails),
      logTail: typeof LogResult === 'string' ? decodeLogTail(LogResult) : undefined,
      localNotes: text(LocalNotes),
    };
  }

  private finish(end: PayloadEnd): void {
    this.end = end;
    clearTimeout(this.grace);
  }

  private fail(failure: PayloadFailure): PayloadFailure {
    this.failure = failure;
    return failure;
  }
}

function corrupt(kind: string, what: string, byteOffset?: number, cause?: unknown): PayloadFailure {
  const message = `the response is corrupt: ${what}; nothing after it was read`;
  return new PayloadFailure('CORRUPT', message, { kind, byteOffset }, cause);
}

function exception({ headers, payload }: Frame): PayloadFailure {
  const body = parseObject(payload) ?? {};
  const errorCode = headers.exceptionType ?? headers.errorCode ?? 'unknown';
  const reason =
    headers.errorMessage ?? text(body['message']) ?? text(body['Message']) ?? new TextDecoder().decode(payload);
  const message = `Lambda ended the stream with ${errorCode}: ${reason}`;
  return new PayloadFailure('STREAM_EXCEPTION', message, { errorCode, reason: text(body['Reason']) });
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What the service said, also where it is not the text that is documented: an error must not pass for a success. */
function said(value: unknown): string | undefined {
  return value === undefined || value === null || typeof value === 'string' ? text(value) : JSON.stringify(value);
}

function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  if (bytes.length === 0) return {};
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined; // the caller says what that means
  }
}
