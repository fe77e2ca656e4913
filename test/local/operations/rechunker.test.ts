import fc from 'fast-check';
import { Rechunker } from '../../../src/local/operations/rechunker';

function rechunk(seed: number, payloads: readonly Uint8Array[]): Buffer[] {
  const pieces: Buffer[] = [];
  const rechunker = new Rechunker(seed, (piece) => pieces.push(Buffer.from(piece)));
  for (const payload of payloads) rechunker.push(payload);
  rechunker.flush();
  return pieces;
}

test('never loses, adds or reorders a byte, and never makes an empty piece of a full one', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.uint8Array({ minLength: 1, maxLength: 30 })), (seed, payloads) => {
      const pieces = rechunk(seed, payloads);
      expect(Buffer.concat(pieces)).toEqual(Buffer.concat(payloads));
      expect(pieces.every(({ length }) => length > 0)).toBe(true);
    }),
  );
});

test('cuts and joins, the same way for the same seed', () => {
  const lines = Array.from({ length: 40 }, (_, i) => Buffer.from(`line ${i}\n`));
  const pieces = rechunk(7, lines).map(String);
  expect(pieces).toEqual(rechunk(7, lines).map(String));
  expect(pieces).not.toEqual(rechunk(8, lines).map(String));
  expect(pieces.some((piece) => !piece.includes('\n'))).toBe(true);
  expect(pieces.some((piece) => piece.split('\n').length > 2)).toBe(true);
});

test('holds nothing back for longer than a turn of the event loop', async () => {
  for (let seed = 0; seed < 20; seed++) {
    let length = 0;
    const rechunker = new Rechunker(seed, (piece) => {
      length += piece.length;
    });
    rechunker.push(Buffer.from('waited for'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(length).toBe(10);
  }
});
