/** Cuts bytes into pieces, at random for property tests. */
import fc from 'fast-check';

/** Bytes with a way to cut them into pieces, some of them empty. */
export function cutBytes(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array[]> {
  return fc
    .tuple(bytes, fc.array(fc.nat(), { maxLength: 12 }), fc.boolean())
    .map(([data, cuts, intoBytes]) => (intoBytes ? intoSingleBytes(data) : cutAt(data, cuts)));
}

function cutAt(data: Uint8Array, cuts: number[]): Uint8Array[] {
  const offsets = [0, ...cuts.map((cut) => cut % (data.length + 1)), data.length].sort((a, b) => a - b);
  return offsets.slice(1).map((end, i) => data.subarray(offsets[i], end));
}

export function intoSingleBytes(data: Uint8Array): Uint8Array[] {
  return Array.from(data, (_, i) => data.subarray(i, i + 1));
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
