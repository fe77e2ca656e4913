/** Frames too large to be copied: the same payload at any cut, nothing of a damaged one, and memory only for what came. */
import { type Frame, FrameDecoder } from '../../src/wire/frame-decoder';
import { encodePayloadChunk } from '../../src/wire/frame-encoder';
import { bytes, concat, decode, rawFrame } from './frames';

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
    const sizes = decode(frame, 1).map((part) => part.payload.length);
    expect(sizes).toEqual([16_384, 16_384, 16_384, 16_384, 70_000 - 4 * 16_384]);
  });

  test('gathers pieces below 4 KiB, and hands out longer ones as they came', () => {
    const pieces = (size: number) => [
      frame.slice(0, headLength),
      frame.slice(headLength, headLength + size),
      frame.slice(headLength + size, -4),
      frame.slice(-4),
    ];
    const came = (size: number) => {
      const [head, first, rest, checksum] = pieces(size);
      const decoder = new FrameDecoder();
      const parts = [head, first, rest, checksum].flatMap((piece = new Uint8Array()) =>
        decode(piece, piece.length, decoder),
      );
      return { first, rest, parts: parts.map(({ payload: part }) => part) };
    };
    const small = came(4_095);
    expect(small.parts).toEqual([small.first, small.rest]);
    expect(small.parts[0]).not.toBe(small.first);
    expect(small.parts[1]?.buffer).toBe(small.rest?.buffer);
    const large = came(4_096);
    expect(large.parts.map((part) => part.buffer)).toEqual([large.first?.buffer, large.rest?.buffer]);
    expect(large.parts[0]?.buffer).toBe(large.first?.buffer);
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
