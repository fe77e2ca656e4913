import { base64ToBytes, bytesToBase64, joinBytes } from '../../src/base/bytes';

test.each([0, 1, 8_191, 8_192, 8_193, 20_000, 100_000])('base64 of %i bytes is that of Node.js', (length) => {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 7) % 256);
  expect(bytesToBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
  expect(Buffer.from(base64ToBytes(bytesToBase64(bytes))).equals(Buffer.from(bytes))).toBe(true);
});

test('pieces are joined in their order', () => {
  expect(joinBytes([])).toEqual(new Uint8Array());
  expect(joinBytes([Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3)])).toEqual(Uint8Array.of(1, 2, 3));
});
