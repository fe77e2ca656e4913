/**
 * Cuts a byte stream of `application/vnd.amazon.eventstream` into frames, each verified by its checksums.
 * https://smithy.io/2.0/aws/amazon-eventstream.html
 *
 *   total length (4) | header length (4) | prelude CRC (4) | headers | payload | message CRC (4)
 *
 * Pure and hot: a frame that lies whole in the bytes pushed is handed out as views on them, with one checksum over all
 * of it. Nothing is allocated on the word of a length field before the prelude's own checksum has confirmed it.
 */

import { crc32 } from './crc32';
import { FRAME_MAX_BYTES } from './limits';
import { WireError, type WireErrorKind } from './wire-error';

const PRELUDE_BYTES = 12;
const CRC_BYTES = 4;
/** Prelude and message CRC: the smallest frame there is. */
const FRAME_OVERHEAD_BYTES = PRELUDE_BYTES + CRC_BYTES;

/** The string headers of a frame by their wire names, without the colon. */
export interface FrameHeaders {
  /** `event`, `exception` or `error`. */
  readonly messageType: string;
  readonly eventType?: string;
  readonly exceptionType?: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly contentType?: string;
}

export interface Frame {
  readonly headers: FrameHeaders;
  /** A view on the pushed bytes or on the frame's own buffer: read it before reusing what was pushed. */
  readonly payload: Uint8Array;
}

export interface FrameDecoderOptions {
  /**
   * Largest frame accepted, in bytes.
   * @default 24 MiB
   */
  readonly maxFrameBytes?: number;
}

/** Push bytes, then take frames until there is none; say `end()` after the last bytes. */
export class FrameDecoder {
  private readonly maxFrameBytes: number;
  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;
  /** Bytes of the stream before `bytes[0]`. */
  private base = 0;
  private readonly prelude = new Uint8Array(PRELUDE_BYTES);
  /** The frame being put together from several pushes, and how much of it is here. */
  private partial: Uint8Array | undefined;
  private filled = 0;
  private lastHeaderBytes = new Uint8Array(0);
  private lastHeaders: FrameHeaders | undefined;
  private failure: WireError | undefined;

  public constructor(options: FrameDecoderOptions = {}) {
    this.maxFrameBytes = options.maxFrameBytes ?? FRAME_MAX_BYTES;
  }

  /** Adds the next bytes of the stream. Take all frames first: `next()` must have returned undefined. */
  public push(bytes: Uint8Array): void {
    if (this.at < this.bytes.length) throw new Error('take the frames of the last push before pushing more bytes');
    this.base += this.bytes.length;
    this.bytes = bytes;
    this.at = 0;
  }

  /**
   * The next frame, or undefined when it is not all there yet.
   * @throws WireError for a corrupt frame, and again for each call after it: what follows cannot be trusted either.
   */
  public next(): Frame | undefined {
    if (this.failure) throw this.failure;
    if (this.filled > 0) return this.resume();
    const left = this.bytes.length - this.at;
    if (left < PRELUDE_BYTES) {
      this.prelude.set(this.bytes.subarray(this.at));
      this.filled = left;
      this.at += left;
      return undefined;
    }
    const total = uint32(this.bytes, this.at);
    if (total > left || total < FRAME_OVERHEAD_BYTES) {
      this.checkPrelude(this.bytes, this.at, this.base + this.at);
      this.partial = new Uint8Array(total);
      this.fill(this.partial);
      return undefined;
    }
    const frame = this.open(this.bytes, this.at, total, this.base + this.at);
    this.at += total;
    return frame;
  }

  /** Bytes of an unfinished frame at the end of the stream; 0 when the stream ends between frames. */
  public end(): number {
    return this.filled;
  }

  /** Continues a frame that began in an earlier push. */
  private resume(): Frame | undefined {
    if (this.partial === undefined) {
      this.fill(this.prelude);
      if (this.filled < PRELUDE_BYTES) return undefined;
      this.checkPrelude(this.prelude, 0, this.base + this.at - PRELUDE_BYTES);
      this.partial = new Uint8Array(uint32(this.prelude, 0));
      this.partial.set(this.prelude);
    }
    const partial = this.partial;
    this.fill(partial);
    if (this.filled < partial.length) return undefined;
    this.partial = undefined;
    this.filled = 0;
    return this.open(partial, 0, partial.length, this.base + this.at - partial.length);
  }

  private fill(target: Uint8Array): void {
    const wanted = Math.min(target.length - this.filled, this.bytes.length - this.at);
    target.set(this.bytes.subarray(this.at, this.at + wanted), this.filled);
    this.filled += wanted;
    this.at += wanted;
  }

  /** Verifies a whole frame and hands it out. Its message CRC covers the prelude too. */
  private open(bytes: Uint8Array, start: number, total: number, offset: number): Frame {
    const crcAt = start + total - CRC_BYTES;
    const checked = new Uint8Array(bytes.buffer, bytes.byteOffset + start, total - CRC_BYTES);
    if (crc32(checked) !== uint32(bytes, crcAt)) {
      this.checkPrelude(bytes, start, offset);
      return this.fail('frame-message-crc', offset, 'its content does not match its checksum');
    }
    const headerLength = uint32(bytes, start + 4);
    if (headerLength > total - FRAME_OVERHEAD_BYTES || total > this.maxFrameBytes) {
      this.checkPrelude(bytes, start, offset);
    }
    const payloadAt = start + PRELUDE_BYTES + headerLength;
    const headers = this.headersOf(bytes, start + PRELUDE_BYTES, payloadAt, offset);
    return { headers, payload: new Uint8Array(bytes.buffer, bytes.byteOffset + payloadAt, crcAt - payloadAt) };
  }

  /** Refuses lengths that their own checksum does not confirm, or that cannot be. */
  private checkPrelude(bytes: Uint8Array, start: number, offset: number): void {
    const total = uint32(bytes, start);
    const headerLength = uint32(bytes, start + 4);
    if (crc32(bytes.subarray(start, start + 8)) !== uint32(bytes, start + 8)) {
      this.fail('frame-prelude-crc', offset, 'its length fields do not match their checksum');
    }
    if (total < FRAME_OVERHEAD_BYTES || headerLength > total - FRAME_OVERHEAD_BYTES) {
      this.fail('frame-length', offset, `a frame of ${total} bytes cannot hold ${headerLength} bytes of headers`);
    }
    if (total > this.maxFrameBytes) {
      this.fail('frame-length', offset, `${total} bytes, at most ${this.maxFrameBytes} are accepted`);
    }
  }

  /** Nearly all frames of a response carry the same header block, so it is parsed when it changes. */
  private headersOf(bytes: Uint8Array, from: number, to: number, offset: number): FrameHeaders {
    const last = this.lastHeaderBytes;
    const length = to - from;
    if (this.lastHeaders !== undefined && length === last.length) {
      let same = 0;
      while (same < length && bytes[from + same] === last[same]) same++;
      if (same === length) return this.lastHeaders;
    }
    const block = bytes.slice(from, to);
    const headers = parseFrameHeaders(block);
    if (headers === undefined) return this.fail('frame-headers', offset, 'its headers cannot be read');
    this.lastHeaderBytes = block;
    this.lastHeaders = headers;
    return headers;
  }

  private fail(kind: WireErrorKind, byteOffset: number, message: string): never {
    this.bytes = new Uint8Array(0);
    this.at = 0;
    this.partial = undefined;
    this.failure = new WireError(kind, `event stream frame at byte ${byteOffset}: ${message}`, { byteOffset });
    throw this.failure;
  }
}

/** Value sizes of the header types 0 to 9; 6 and 7 carry their size in two bytes. */
const HEADER_VALUE_BYTES = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16];
const HEADER_TYPE_STRING = 7;

/** The header block's known string headers; undefined where the block is malformed or lacks `:message-type`. */
function parseFrameHeaders(block: Uint8Array): FrameHeaders | undefined {
  const utf8 = new TextDecoder();
  const found = new Map<string, string>();
  let at = 0;
  while (at < block.length) {
    const nameLength = block[at++];
    const name = utf8.decode(block.subarray(at, at + nameLength));
    at += nameLength;
    const type = block[at++];
    let size = HEADER_VALUE_BYTES[type];
    if (size === undefined) return undefined;
    if (size < 0) {
      if (at + 2 > block.length) return undefined;
      size = (block[at] << 8) | block[at + 1];
      at += 2;
    }
    if (at + size > block.length) return undefined;
    if (type === HEADER_TYPE_STRING) found.set(name, utf8.decode(block.subarray(at, at + size)));
    at += size;
  }
  const messageType = found.get(':message-type');
  if (messageType === undefined) return undefined;
  return {
    messageType,
    eventType: found.get(':event-type'),
    exceptionType: found.get(':exception-type'),
    errorCode: found.get(':error-code'),
    errorMessage: found.get(':error-message'),
    contentType: found.get(':content-type'),
  };
}

function uint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}
