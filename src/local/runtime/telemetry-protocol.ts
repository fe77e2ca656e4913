/**
 * Framed logs between an execution environment and the target, the layout AWS's runtime writes to
 * `_LAMBDA_TELEMETRY_LOG_FD`: type (4 bytes), length (4), time in microseconds (8), message; big-endian.
 */

/** File descriptor of the child that carries frames to the target. */
export const TELEMETRY_FD = 3;
/** File descriptor of the child whose end means that the target is gone. */
export const LIFELINE_FD = 4;

export const FRAME_HEADER_BYTES = 16;
/** First two bytes of the frame types the runtime writes; the last byte holds format and level. */
const RUNTIME_FRAME = 0xa55a;
/** Our own frame: the runtime asks for the next event; the message is JSON `{ maxRssKb }`. */
export const BOUNDARY_FRAME = 0xc0de0001;

export interface TelemetryListener {
  /** One call of `console.…`, without its final line break. */
  onLog(message: string): void;
  onBoundary(maxRssKb: number): void;
}

/** Cuts the bytes of a pipe into frames. */
export class TelemetryParser {
  private pending: Buffer[] = [];
  private pendingLength = 0;
  /** Bytes until the next header or frame is complete: joined once, or a long message would cost its square. */
  private wanted = FRAME_HEADER_BYTES;

  public constructor(private readonly listener: TelemetryListener) {}

  public push(bytes: Buffer): void {
    this.pending.push(bytes);
    this.pendingLength += bytes.length;
    if (this.pendingLength < this.wanted) return;
    const [only] = this.pending;
    const rest = this.take(this.pending.length === 1 && only ? only : Buffer.concat(this.pending));
    this.pending = rest.length === 0 ? [] : [rest];
    this.pendingLength = rest.length;
  }

  /** Accepts every whole frame and returns what is left. */
  private take(buffer: Buffer): Buffer {
    let offset = 0;
    for (;;) {
      this.wanted = FRAME_HEADER_BYTES;
      if (buffer.length - offset < this.wanted) break;
      checkType(buffer.readUInt32BE(offset));
      this.wanted += buffer.readUInt32BE(offset + 4);
      if (buffer.length - offset < this.wanted) break;
      const end = offset + this.wanted;
      this.accept(buffer.readUInt32BE(offset), buffer.toString('utf8', offset + FRAME_HEADER_BYTES, end));
      offset = end;
    }
    return buffer.subarray(offset);
  }

  private accept(type: number, message: string): void {
    if (type === BOUNDARY_FRAME) {
      this.listener.onBoundary((JSON.parse(message) as { maxRssKb: number }).maxRssKb);
    } else {
      this.listener.onLog(message.replace(/\n$/, ''));
    }
  }
}

/** Before its length is believed: the length of garbage may be gigabytes that never come. */
function checkType(type: number): void {
  if (type === BOUNDARY_FRAME || type >>> 16 === RUNTIME_FRAME) return;
  throw new Error(`unknown telemetry frame type 0x${type.toString(16)}`);
}
