/** Frames too large to be copied: the same payload at any cut, nothing of a damaged one, and memory only for what came. */
import { crc32 } from '../../src/wire/crc32';
import { type Frame, FrameDecoder } from '../../src/wire/frame-decoder';
import { encodePayloadChunk } from '../../src/wire/frame-encoder';

const bytes = (text: string) => new TextEncoder().encode(text);
const concat = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

/** All frames of `stream` pushed in pieces of `size` bytes, as `eventType payload`. */
function decode(stream: Uint8Array, size: number, decoder = new FrameDecoder()): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < stream.length; at += size) {
    decoder.push(stream.subarray(at, at + size));
    for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) frames.push(frame);
  }
  return frames;
}

/** Frames with the parts of large ones joined. */
function joined(parts: readonly Frame[]): Frame[] {
  const frames: Frame[] = [];
  let before: Frame | undefined;
  for (const part of parts) {
    const whole: Frame = before === undefined ? part : { ...part, payload: concat(before.payload, part.payload) };
    before = part.isLast ? undefined : whole;
    if (part.isLast) frames.push(whole);
  }
  expect(before).toBeUndefined();
  return frames;
}

/** A frame with any header block and lengths, checksums right unless told otherwise. */
function rawFrame(headers: Uint8Array, payload: Uint8Array, lengths: { total?: number; headers?: number } = {}) {
  const frame = new Uint8Array(16 + headers.length + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, lengths.total ?? frame.length);
  view.setUint32(4, lengths.headers ?? headers.length);
  view.setUint32(8, crc32(frame.subarray(0, 8)));
  frame.set(headers, 12);
  frame.set(payload, 12 + headers.length);
  view.setUint32(frame.length - 4, crc32(frame.subarray(0, frame.length - 4)));
  return frame;
}

describe('a large frame', () => {
  const payload = new Uint8Array(70_000).map((_, i) => i * 31);
  const frame = encodePayloadChunk(payload);
  const headLength = frame.length - payload.length - 4;
  const next = encodePayloadChunk(bytes('next'));

  test.each([1, 7, 64, 4_095, 4_096, 4_097, 65_536, 100_000])('arrives unchanged in pieces of %i bytes', (size) => {
    const decoder = new FrameDecoder();
    const frames = joined(decode(concat(next, frame, next), size, decoder));
    expect(frames.map(({ payload: { length } }) => length)).toEqual([4, 70_000, 4]);
    expect(Buffer.compare(frames[1]?.payload ?? new Uint8Array(), payload)).toBe(0);
    expect(frames.every(({ headers }) => headers.eventType === 'PayloadChunk')).toBe(true);
    expect(decoder.end()).toBe(0);
  });

  const cuts = [
    1,
    11,
    12,
    13,
    headLength - 1,
    headLength,
    headLength + 1,
    5_000,
    frame.length - 5,
    frame.length - 4,
    frame.length - 1,
  ];

  test.each(cuts)('arrives unchanged cut after %i bytes, and is told apart from an end there', (cut) => {
    const decoder = new FrameDecoder();
    const first = decode(frame.subarray(0, cut), cut, decoder);
    expect(first).toEqual([]);
    expect(decoder.end()).toBe(cut);
    const [whole] = joined(decode(frame.subarray(cut), frame.length, decoder));
    expect(Buffer.compare(whole?.payload ?? new Uint8Array(), payload)).toBe(0);
  });

  test.each([0, 9, 20, headLength, headLength + 40_000, frame.length - 5, frame.length - 1])(
    'with a flipped bit at byte %i hands out nothing',
    (at) => {
      const broken = frame.map((byte, i) => (i === at ? byte ^ 1 : byte));
      for (const size of [64, 30_000, 100_000]) {
        const decoder = new FrameDecoder();
        expect(() => decode(concat(broken, next), size, decoder)).toThrow(expect.objectContaining({ byteOffset: 0 }));
      }
    },
  );

  test('may consist of headers alone', () => {
    const name = [1, 97, 6, 78, 32, ...new Uint8Array(20_000)];
    const headers = Uint8Array.from([...name, 13, ...bytes(':message-type'), 7, 0, 5, ...bytes('event')]);
    expect(
      joined(decode(rawFrame(headers, new Uint8Array(0)), 6_000)).map(({ payload: { length } }) => length),
    ).toEqual([0]);
  });

  test('sent byte by byte does not become a piece per byte', () => {
    expect(decode(frame, 1).length).toBeLessThan(10);
  });

  test('makes no more memory than the bytes that came', () => {
    const claims = rawFrame(new Uint8Array(0), new Uint8Array(100), { total: 24 * 1024 * 1024 });
    const before = process.memoryUsage().arrayBuffers;
    const decoders = Array.from({ length: 50 }, () => {
      const decoder = new FrameDecoder();
      decode(claims, 1_000, decoder);
      return decoder;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
    expect(decoders[0]?.end()).toBe(claims.length);
  });
});
