import { crc32 as zlibCrc32 } from 'node:zlib';
import { crc32, crc32At, tableCrc32 } from '../../src/wire/crc32';

const bytes = (text: string) => new TextEncoder().encode(text);

test.each([crc32, tableCrc32])('gives the check value of CRC-32, and 0 for nothing', (crc) => {
  expect(crc(bytes('123456789'))).toBe(0xcbf43926);
  expect(crc(new Uint8Array(0))).toBe(0);
});

test('continues from a seed, native and table alike', () => {
  const data = Uint8Array.from({ length: 1000 }, (_, i) => (i * 31) % 256);
  const split = tableCrc32(data.subarray(313), tableCrc32(data.subarray(0, 313)));
  expect(split).toBe(zlibCrc32(data));
  expect(crc32(data.subarray(313), crc32(data.subarray(0, 313)))).toBe(split);
});

test('reads a part of a view as it reads an array', () => {
  const data = Uint8Array.from({ length: 40 }, (_, i) => (i * 31) % 256);
  const view = new DataView(data.buffer, 4, 30);
  expect(crc32At(view, 3, 8)).toBe(zlibCrc32(data.subarray(7, 15)));
  expect(crc32At(view, 3, 0)).toBe(0);
});

test('uses the native function of this Node.js', () => {
  expect(crc32).toBe(zlibCrc32);
});
