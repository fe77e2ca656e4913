/**
 * Cuts a byte stream of `application/vnd.amazon.eventstream` into frames, each verified by its checksums.
 * https://smithy.io/2.0/aws/amazon-eventstream.html
 *
 *   total length (4) | header length (4) | prelude CRC (4) | headers | payload | message CRC (4)
 *
 * Pure and hot: a frame that lies whole in the bytes pushed is handed out as views on them, with one checksum over all
 * of it. A small frame that is cut by the pushes is copied together, a large one handed out in the pieces it came in.
 * Nothing is allocated on the word of a length field before the prelude's own checksum has confirmed it.
 */

import { crc32, crc32At } from './crc32';
import { FRAME_CRC_BYTES, FRAME_PRELUDE_BYTES, type FrameHeaders, parseFrameHeaders } from './frame-headers';
import { LargeFrame } from './large-frame';
import { FRAME_MAX_BYTES } from './limits';
import { WireError, type WireErrorCode } from './wire-error';

/** Prelude and message CRC: the smallest frame there is. */
const FRAME_OVERHEAD_BYTES = FRAME_PRELUDE_BYTES + FRAME_CRC_BYTES;
/** Longest header block of the format. */
const HEADERS_MAX_BYTES = 131_072;
/** Frames up to this size are copied together when they are cut. */
const COPIED_MAX_BYTES = 16_384;

/** A verified frame, or one part of a large one. */
export interface Frame {
  readonly headers: FrameHeaders;
  /** May be a view on what was pushed, so that must not be changed any more. */
  readonly payload: Uint8Array;
  /** False for a part that others of the same frame follow; they are all there already. */
  readonly isLast: boolean;
}

export interface FrameDecoderOptions {
  /**
   * Largest frame accepted, in bytes.
   * @default 24 MiB
   */
  readonly maxFrameBytes?: number;
}

const EMPTY: Uint8Array = new Uint8Array(0);

/** Push bytes, then take frames until there is none; say `end()` after the last bytes. */
export class FrameDecoder {
  private readonly maxFrameBytes: number;
  private bytes: Uint8Array = EMPTY;
  /** Over `bytes`; made when a frame begins in them, which in a large frame's pieces none does. */
  private view: DataView<ArrayBufferLike> | undefined;
  private at = 0;
  /** Bytes of the stream before `bytes[0]`. */
  private base = 0;
  private readonly prelude = new Uint8Array(FRAME_PRELUDE_BYTES);
  /** The frame being put together from several pushes, and how much of it is here. */
  private partial: Uint8Array | undefined;
  private filled = 0;
  /** The same for a large one, and the parts of it that are verified and not yet handed out. */
  private large: LargeFrame | undefined;
  private verified: readonly Uint8Array[] = [];
  private handedOut = 0;
  /** Prelude and headers of the last frame, their checksum, and what the headers say. */
  private lastHead = viewOf(new Uint8Array(FRAME_PRELUDE_BYTES));
  private lastHeadCrc = 0;
  private lastHeaders: FrameHeaders = { messageType: '' };
  private failure: WireError | undefined;

  public constructor(options: FrameDecoderOptions = {}) {
    this.maxFrameBytes = options.maxFrameBytes ?? FRAME_MAX_BYTES;
  }

  /** Adds the next bytes of the stream. Take all frames first: `next()` must have returned undefined. */
  public push(bytes: Uint8Array): void {
    if (this.at < this.bytes.length || this.verified.length > 0)
      throw new Error('take the frames of the last push before pushing more bytes');
    this.base += this.bytes.length;
    this.bytes = bytes;
    this.view = undefined;
    this.at = 0;
  }

  /**
   * The next frame, or undefined when it is not all there yet.
   * @throws WireError for a corrupt frame, and again for each call after it: what follows cannot be trusted either.
   */
  public next(): Frame | undefined {
    if (this.failure) throw this.failure;
    if (this.verified.length > 0) return this.nextPart();
    if (this.large !== undefined) return this.resumeLarge(this.large);
    if (this.filled > 0) return this.resume();
    const left = this.bytes.length - this.at;
    if (left < FRAME_PRELUDE_BYTES) {
      this.prelude.set(this.bytes.subarray(this.at));
      this.filled = left;
      this.at += left;
      return undefined;
    }
    this.view ??= viewOf(this.bytes);
    const total = this.view.getUint32(this.at);
    if (total > left || total < FRAME_OVERHEAD_BYTES) return this.begin(this.view, this.at);
    const frame = this.open(this.view, this.at, total, this.base + this.at);
    this.at += total;
    return frame;
  }

  /** Bytes of an unfinished frame at the end of the stream; 0 when the stream ends between frames. */
  public end(): number {
    return this.large?.taken ?? this.filled;
  }

  /** Bytes without which a large frame that has begun cannot be handed out; 0 where the next byte may matter. */
  public get missing(): number {
    return this.large?.missing ?? 0;
  }

  /** Takes in what is here of a frame that is cut; its prelude is at `start`. */
  private begin(view: DataView<ArrayBufferLike>, start: number): Frame | undefined {
    this.checkPrelude(view, start, this.base + this.at - this.filled);
    const total = view.getUint32(start);
    if (total <= COPIED_MAX_BYTES) {
      this.partial = new Uint8Array(total);
      this.partial.set(this.prelude);
      return this.resume();
    }
    const large = new LargeFrame(total, view.getUint32(start + 4));
    if (this.filled > 0) large.take(this.prelude, 0);
    this.filled = 0;
    this.large = large;
    return this.resumeLarge(large);
  }

  /** Continues a frame that began in an earlier push. */
  private resume(): Frame | undefined {
    if (this.partial === undefined) {
      this.fill(this.prelude);
      return this.filled < FRAME_PRELUDE_BYTES ? undefined : this.begin(viewOf(this.prelude), 0);
    }
    const partial = this.partial;
    this.fill(partial);
    if (this.filled < partial.length) return undefined;
    this.partial = undefined;
    this.filled = 0;
    return this.open(viewOf(partial), 0, partial.length, this.base + this.at - partial.length);
  }

  private resumeLarge(large: LargeFrame): Frame | undefined {
    this.at = large.take(this.bytes, this.at);
    if (!large.isWhole) return undefined;
    const offset = this.base + this.at - large.taken;
    if (!large.isIntact()) this.fail('frame-message-crc', offset, 'its content does not match its checksum');
    this.remember(large.head, crc32(large.head), offset);
    this.large = undefined;
    this.verified = large.parts.length > 0 ? large.parts : [EMPTY];
    this.handedOut = 0;
    return this.nextPart();
  }

  private nextPart(): Frame {
    const payload = this.verified[this.handedOut++];
    const isLast = this.handedOut === this.verified.length;
    if (isLast) this.verified = [];
    return { headers: this.lastHeaders, payload, isLast };
  }

  private fill(target: Uint8Array): void {
    const wanted = Math.min(target.length - this.filled, this.bytes.length - this.at);
    target.set(this.bytes.subarray(this.at, this.at + wanted), this.filled);
    this.filled += wanted;
    this.at += wanted;
  }

  /**
   * Verifies a whole frame and hands it out. The message CRC covers all before it, so it is computed in two steps: what
   * precedes the payload is nearly always the same as in the last frame, and so is its part of the checksum.
   */
  private open(view: DataView<ArrayBufferLike>, start: number, total: number, offset: number): Frame {
    const headerLength = view.getUint32(start + 4);
    if (!isPossible(total, headerLength) || total > this.maxFrameBytes) this.checkPrelude(view, start, offset);
    const headLength = FRAME_PRELUDE_BYTES + headerLength;
    const payload = bytesOf(view, start + headLength, total - headLength - FRAME_CRC_BYTES);
    const known = this.isLastHead(view, start, headLength);
    const headCrc = known ? this.lastHeadCrc : crc32(bytesOf(view, start, headLength));
    if (crc32(payload, headCrc) !== view.getUint32(start + total - FRAME_CRC_BYTES)) {
      this.checkPrelude(view, start, offset);
      this.fail('frame-message-crc', offset, 'its content does not match its checksum');
    }
    if (!known) {
      // A head that is the last one's, byte by byte, has its checksum as well.
      this.checkPrelude(view, start, offset);
      this.remember(bytesOf(view, start, headLength).slice(), headCrc, offset);
    }
    return { headers: this.lastHeaders, payload, isLast: true };
  }

  /** Whether prelude and headers are, byte by byte, those of the last frame. */
  private isLastHead(view: DataView<ArrayBufferLike>, start: number, length: number): boolean {
    const last = this.lastHead;
    let at = 0;
    // Four at a time: this runs for each frame. Heads of other lengths differ in the second four, which say so.
    for (; at + 4 <= length; at += 4) if (view.getUint32(start + at) !== last.getUint32(at)) return false;
    for (; at < length; at++) if (view.getUint8(start + at) !== last.getUint8(at)) return false;
    return true;
  }

  /** Keeps a verified head. Headers are parsed only where they changed: frames of other lengths have the same ones. */
  private remember(head: Uint8Array, headCrc: number, offset: number): void {
    const headers = head.subarray(FRAME_PRELUDE_BYTES);
    const last = bytesOf(this.lastHead, FRAME_PRELUDE_BYTES, this.lastHead.byteLength - FRAME_PRELUDE_BYTES);
    if (headers.length === 0 || headers.length !== last.length || headers.some((byte, i) => byte !== last[i])) {
      this.lastHeaders = parseFrameHeaders(headers) ?? this.fail('frame-headers', offset, 'its headers cannot be read');
    }
    this.lastHead = viewOf(head);
    this.lastHeadCrc = headCrc;
  }

  /** Refuses lengths that their own checksum does not confirm, or that do not fit together. */
  private checkPrelude(view: DataView<ArrayBufferLike>, start: number, offset: number): void {
    const total = view.getUint32(start);
    const headerLength = view.getUint32(start + 4);
    if (crc32At(view, start, 8) !== view.getUint32(start + 8)) {
      this.fail('frame-prelude-crc', offset, 'its length fields do not match their checksum');
    }
    if (!isPossible(total, headerLength)) {
      this.fail('frame-length', offset, `a frame of ${total} bytes cannot hold ${headerLength} bytes of headers`);
    }
    if (total > this.maxFrameBytes) {
      this.fail('frame-length', offset, `${total} bytes, at most ${this.maxFrameBytes} are accepted`);
    }
  }

  private fail(kind: WireErrorCode, byteOffset: number, message: string): never {
    this.bytes = EMPTY;
    this.at = 0;
    this.partial = this.large = undefined;
    this.failure = new WireError(kind, `event stream frame at byte ${byteOffset}: ${message}`, { byteOffset });
    throw this.failure;
  }
}

/** Whether a frame of `total` bytes can hold headers of this length. */
function isPossible(total: number, headerLength: number): boolean {
  return headerLength <= Math.min(total - FRAME_OVERHEAD_BYTES, HEADERS_MAX_BYTES);
}

function viewOf(bytes: Uint8Array): DataView<ArrayBufferLike> {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function bytesOf(view: DataView<ArrayBufferLike>, start: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + start, length);
}
