import fc from 'fast-check';
import { encodeNdjsonLine, NdjsonDecoder } from '../../src/wire/ndjson';
import { cutBytes, utf8 } from './split-anywhere';

function decode(pieces: Uint8Array[], maxLineBytes?: number): unknown[] {
  const decoder = new NdjsonDecoder(maxLineBytes);
  const values: unknown[] = [];
  for (const piece of pieces) decoder.push(piece, (value) => values.push(value));
  decoder.flush((value) => values.push(value));
  return values;
}

test('any values come back as they went out, however the bytes are cut', () => {
  const stream = fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 8 }).chain((values) => {
    const bytes = utf8(values.map(encodeNdjsonLine).join(''));
    return cutBytes(fc.constant(bytes)).map((pieces) => ({ values, pieces }));
  });
  fc.assert(
    fc.property(stream, ({ values, pieces }) => {
      expect(decode(pieces)).toEqual(values.map((value) => JSON.parse(JSON.stringify(value))));
    }),
    { numRuns: 150 },
  );
});

test('any bytes give the same values or the same error, however they are cut', () => {
  const soup = fc.array(fc.constantFrom('{"a":1}', '\n', '\r\n', ' ', '"\u{1f642}"', '[', '\uFEFF', '\xff'), {
    maxLength: 12,
  });
  const bytes = soup.map((parts) =>
    Buffer.concat(parts.map((part) => Buffer.from(part, part === '\xff' ? 'latin1' : 'utf8'))),
  );
  const outcome = (pieces: Uint8Array[]) => {
    const seen: unknown[] = [];
    const decoder = new NdjsonDecoder(16);
    try {
      for (const piece of pieces) decoder.push(piece, (value) => seen.push(value));
      decoder.flush((value) => seen.push(value));
      return { seen };
    } catch (error) {
      const { code, line, byteOffset } = error as Record<string, unknown>;
      return { seen, code, line, byteOffset };
    }
  };
  fc.assert(
    fc.property(
      bytes.chain((data) => cutBytes(fc.constant(data)).map((pieces) => ({ data, pieces }))),
      ({ data, pieces }) => {
        expect(outcome(pieces)).toEqual(outcome([data]));
      },
    ),
    { numRuns: 300 },
  );
});

test('a line that is not JSON is reported with line, offset and excerpt', () => {
  expect(() => decode([utf8('1\n\n{"a":}\n')])).toThrow(
    expect.objectContaining({ code: 'json-invalid', line: 3, byteOffset: 3, excerpt: '{"a":}' }),
  );
});

test('blank lines, CRLF and a byte order mark are no values', () => {
  expect(decode([utf8('\uFEFF1\r\n\r\n \t\n2')])).toEqual([1, 2]);
  expect(decode([utf8(' \n1\n')])).toEqual([1]);
  expect(decode([])).toEqual([]);
});

test('a value may stand after white space', () => {
  expect(decode([utf8(' {"a":1}\n\t2 \n')])).toEqual([{ a: 1 }, 2]);
});

test('refuses what JSON cannot say', () => {
  for (const value of [undefined, () => undefined, Symbol('s')]) {
    expect(() => encodeNdjsonLine(value)).toThrow(expect.objectContaining({ code: 'value-unencodable' }));
  }
});

test('a line of the greatest length passes, one byte more does not', () => {
  expect(decode([utf8('"12345678"\n')], 10)).toEqual(['12345678']);
  expect(() => decode([utf8('"123456789"\n')], 10)).toThrow(
    expect.objectContaining({ code: 'line-too-long', line: 1 }),
  );
});
