import * as fc from 'fast-check';

const SURROGATES = { from: 0xd800, count: 0x800 };

/** Any code point that text may hold. fast-check's own makes a table of all 1.1 million first, which takes seconds. */
export const anyCharacter: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: 0x10ffff - SURROGATES.count })
  .map((n) => String.fromCodePoint(n < SURROGATES.from ? n : n + SURROGATES.count));
