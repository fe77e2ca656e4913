/** Frames as bytes, whole or damaged, and what a decoder makes of them. */
import { crc32 } from '../../src/wire/crc32';
import { type Frame, FrameDecoder } from '../../src/wire/frame-decoder';

export const bytes = (text: string) => new TextEncoder().encode(text);
export const concat = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

/** All frames of `stream` pushed in pieces of `size` bytes, as `eventType payload`. */
export function decode(stream: Uint8Array, size: number, decoder = new FrameDecoder()): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < stream.length; at += size) {
    decoder.push(stream.subarray(at, at + size));
    for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) frames.push(frame);
  }
  return frames;
}

/** A frame with any header block, lengths and prelude checksum; checksums are right unless told otherwise. */
export function rawFrame(
  headers: Uint8Array,
  payload: Uint8Array,
  lengths: { total?: number; headers?: number; prelude?: number } = {},
) {
  const frame = new Uint8Array(16 + headers.length + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, lengths.total ?? frame.length);
  view.setUint32(4, lengths.headers ?? headers.length);
  view.setUint32(8, lengths.prelude ?? crc32(frame.subarray(0, 8)));
  frame.set(headers, 12);
  frame.set(payload, 12 + headers.length);
  view.setUint32(frame.length - 4, crc32(frame.subarray(0, frame.length - 4)));
  return frame;
}
