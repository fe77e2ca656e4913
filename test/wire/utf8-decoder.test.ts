import fc from 'fast-check';
import { Utf8Decoder } from '../../src/wire/utf8-decoder';
import { cutBytes, utf8 } from './split-anywhere';

test('any text comes back whole, however its bytes are cut, and no piece holds half a character', () => {
  fc.assert(
    fc.property(
      fc
        .string({ unit: 'grapheme' })
        .chain((text) => cutBytes(fc.constant(utf8(text))).map((pieces) => ({ text, pieces }))),
      ({ text, pieces }) => {
        const splitter = new Utf8Decoder();
        const decoded = [...pieces.map((piece) => splitter.push(piece)), splitter.flush()];
        expect(decoded.join('')).toBe(text.replace(/^\uFEFF/, ''));
        expect(decoded.filter((piece) => /[\ud800-\udbff]$/.test(piece))).toEqual([]);
      },
    ),
    { numRuns: 200 },
  );
});

test('bytes that are not UTF-8 fail, or are replaced on request', () => {
  expect(() => new Utf8Decoder().push(Uint8Array.of(0x61, 0xff))).toThrow(
    expect.objectContaining({ code: 'utf8-invalid', byteOffset: 0 }),
  );
  expect(new Utf8Decoder('replace').push(Uint8Array.of(0x61, 0xff))).toBe('a\uFFFD');
});

test('a character cut off at the end fails, or is replaced on request', () => {
  const half = utf8('€').subarray(0, 2);
  const fatal = new Utf8Decoder();
  fatal.push(half);
  expect(() => fatal.flush()).toThrow('ends inside a UTF-8 character');
  const replacing = new Utf8Decoder('replace');
  expect(replacing.push(half) + replacing.flush()).toBe('\uFFFD');
});
