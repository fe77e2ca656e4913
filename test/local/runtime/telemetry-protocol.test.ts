import fc from 'fast-check';
import { BOUNDARY_FRAME, TelemetryParser } from '../../../src/local/runtime/telemetry-protocol';

/** As AWS's runtime writes it. */
function frame(type: number, message: string): Buffer {
  const text = Buffer.from(message);
  const bytes = Buffer.alloc(16 + text.length);
  bytes.writeUInt32BE(type, 0);
  bytes.writeUInt32BE(text.length, 4);
  bytes.writeBigInt64BE(1_766_000_000_000_000n, 8);
  text.copy(bytes, 16);
  return bytes;
}

function parse(pieces: readonly Buffer[]): unknown[] {
  const seen: unknown[] = [];
  const parser = new TelemetryParser({
    onLog: (message) => seen.push(message),
    onBoundary: (maxRssKb) => seen.push(maxRssKb),
  });
  for (const piece of pieces) parser.push(piece);
  return seen;
}

const TEXT = 0xa55a0003 | 12;
const STREAM = Buffer.concat([
  frame(TEXT >>> 0, 'first line\nsecond line ü\n'),
  frame(0xa55a0002, '{"level":"INFO"}'),
  frame(BOUNDARY_FRAME, '{"maxRssKb":4711}'),
  frame(TEXT >>> 0, ''),
]);
const EXPECTED = ['first line\nsecond line ü', '{"level":"INFO"}', 4711, ''];

test('keeps several lines of one call together', () => {
  expect(parse([STREAM])).toEqual(EXPECTED);
});

test('finds the same frames however the pipe cuts them', () => {
  for (let cut = 0; cut <= STREAM.length; cut++) {
    expect(parse([STREAM.subarray(0, cut), STREAM.subarray(cut)])).toEqual(EXPECTED);
  }
  fc.assert(
    fc.property(fc.array(fc.nat(STREAM.length), { maxLength: 20 }), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), STREAM.length];
      expect(parse(places.slice(1).map((end, i) => STREAM.subarray(places[i], end)))).toEqual(EXPECTED);
    }),
  );
});

test('refuses garbage before it believes its length', () => {
  expect(() => parse([Buffer.from('garbage that nobody framed')])).toThrow('unknown telemetry frame type 0x67617262');
});
