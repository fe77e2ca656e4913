import fc from 'fast-check';
import { clientContextFits, decodeClientContext, encodeClientContext } from '../../src/wire/client-context';

test('any context survives being encoded and decoded', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' })), (custom) => {
      expect(decodeClientContext(encodeClientContext({ custom }))).toEqual({ custom });
    }),
  );
});

test('2,685 bytes of JSON fit, one more does not', () => {
  const ofLength = (bytes: number) => ({ custom: { a: 'x'.repeat(bytes - '{"custom":{"a":""}}'.length) } });
  expect(JSON.stringify(ofLength(2685))).toHaveLength(2685);
  expect(encodeClientContext(ofLength(2685))).toHaveLength(3580);
  expect(clientContextFits(ofLength(2685))).toBe(true);
  expect(clientContextFits(ofLength(2686))).toBe(false);
  expect(() => encodeClientContext(ofLength(2686))).toThrow(
    'the client context must be at most 3583 bytes as base64, got 3584; put large values into the payload',
  );
});

test.each(['***', 'bm90IGpzb24=', btoa('[]'), btoa('null'), btoa('{"custom":{"a":"\xff"}}')])(
  'refuses %s as a context',
  (base64) => {
    expect(() => decodeClientContext(base64)).toThrow(expect.objectContaining({ code: 'client-context-invalid' }));
  },
);

test('refuses to encode what is no object', () => {
  for (const [value, got] of [
    [null, 'null'],
    [['a'], '["a"]'],
    ['text', '"text"'],
    [undefined, 'undefined'],
    [['a'.repeat(90)], `["${'a'.repeat(78)}`],
  ]) {
    expect(() => encodeClientContext(value as never)).toThrow(
      expect.objectContaining({ message: `the client context must be an object, got ${got}` }),
    );
  }
});
