import fc from 'fast-check';
import { encodePrelude, type HttpPrelude, PreludeSplitter } from '../../src/wire/http-prelude';
import { cutBytes, intoSingleBytes, utf8 } from './split-anywhere';

function split(pieces: Uint8Array[], maxBytes?: number) {
  const splitter = new PreludeSplitter(maxBytes);
  const body = Buffer.concat(pieces.map((piece) => splitter.push(piece)));
  splitter.finish();
  return { prelude: splitter.prelude, body };
}

const prelude: HttpPrelude = {
  statusCode: 201,
  headers: { 'content-type': 'text/plain', x: 'zwölf' },
  cookies: ['a=1'],
};

test('prelude and body come apart, however the bytes are cut', () => {
  const header = fc.string({ unit: 'grapheme' });
  const preludes = fc.record(
    {
      statusCode: fc.integer({ min: 100, max: 599 }),
      headers: fc.dictionary(header, header, { maxKeys: 3 }),
      cookies: fc.array(header, { maxLength: 2 }),
    },
    { requiredKeys: [] },
  );
  const response = fc.tuple(preludes, fc.uint8Array({ maxLength: 40 })).chain(([sent, body]) => {
    const bytes = Buffer.concat([encodePrelude(sent), body]);
    return cutBytes(fc.constant(bytes)).map((pieces) => ({ sent, body, pieces }));
  });
  fc.assert(
    fc.property(response, ({ sent, body, pieces }) => {
      const received = split(pieces);
      expect(JSON.stringify(received.prelude)).toBe(JSON.stringify(sent));
      expect(received.body.equals(body)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('only its own eight NUL bytes are taken, not those of the body', () => {
  const bytes = Buffer.concat([encodePrelude(prelude), Buffer.alloc(9), utf8('end')]);
  for (const pieces of [[bytes], intoSingleBytes(bytes)]) {
    expect(split(pieces)).toEqual({ prelude, body: Buffer.concat([Buffer.alloc(9), utf8('end')]) });
  }
});

test.each([
  ['a NUL that is not followed by seven more', '{}\0\0\0x', 'prelude-invalid'],
  ['what is not JSON', 'hello\0\0\0\0\0\0\0\0', 'prelude-invalid'],
  ['what is no object', '[]\0\0\0\0\0\0\0\0', 'prelude-invalid'],
  ['a status that is no number', '{"statusCode":"200"}\0\0\0\0\0\0\0\0', 'prelude-invalid'],
  ['a status that is no whole number', '{"statusCode":200.5}\0\0\0\0\0\0\0\0', 'prelude-invalid'],
  ['headers that are no object', '{"headers":"a: b"}\0\0\0\0\0\0\0\0', 'prelude-invalid'],
  ['headers that are null', '{"headers":null}\0\0\0\0\0\0\0\0', 'prelude-invalid'],
  ['headers that are a list', '{"headers":["a"]}\0\0\0\0\0\0\0\0', 'prelude-invalid'],
  ['cookies that are no list', '{"cookies":"a=1"}\0\0\0\0\0\0\0\0', 'prelude-invalid'],
  ['no delimiter within the limit', `{"headers":{"a":"${'x'.repeat(100)}"}}`, 'prelude-too-long'],
  ['an end before the delimiter', '{"statusCode":200}', 'prelude-truncated'],
  ['nothing at all', '', 'prelude-truncated'],
])('refuses %s, however it is cut', (_, text, kind) => {
  for (const pieces of [[utf8(text)], intoSingleBytes(utf8(text))]) {
    expect(() => split(pieces, 64)).toThrow(expect.objectContaining({ code: kind }));
  }
});

test('refuses a prelude that is not UTF-8', () => {
  const bytes = Buffer.from(`{"headers":{"a":"\xff"}}${'\0'.repeat(8)}`, 'latin1');
  expect(() => split([bytes])).toThrow(expect.objectContaining({ code: 'prelude-invalid' }));
});

test('takes a prelude of the greatest length, delimiter included, and no longer one', () => {
  const ofLength = (bytes: number) => utf8(`{"headers":{"a":"${'x'.repeat(bytes - 28)}"}}${'\0'.repeat(8)}`);
  for (const max of [64, undefined]) {
    const bytes = max ?? 65_536;
    expect(split([ofLength(bytes), utf8('body')], max).body).toEqual(Buffer.from('body'));
    const longer = ofLength(bytes + 1);
    for (const pieces of [[longer], [longer.subarray(0, 20), longer.subarray(20)]]) {
      expect(() => split(pieces, max)).toThrow(`none within ${bytes} bytes`);
    }
  }
});

test('an error shows where the response begins', () => {
  expect(() => split([utf8('a'.repeat(79)), utf8('bc')])).toThrow(
    expect.objectContaining({ message: expect.stringContaining('after 81 bytes'), excerpt: `${'a'.repeat(79)}b` }),
  );
});

test('the encoder takes what API Gateway reads in one piece', () => {
  const empty = encodePrelude({ headers: { a: '' } }).length;
  expect(encodePrelude({ headers: { a: 'x'.repeat(16_384 - empty) } })).toHaveLength(16_384);
});

test('the encoder refuses what API Gateway would not read', () => {
  expect(() => encodePrelude({ headers: { a: 'x'.repeat(20_000) } })).toThrow(
    new RangeError('the HTTP prelude has 20028 bytes, 16384 are possible'),
  );
});
