import { decodeEscapes } from '../../src/base/decode-escapes';

test('decodes escapes, and leaves a text alone that has a malformed one', () => {
  expect(['a%2Fb', '%zz%41', '%'].map(decodeEscapes)).toEqual(['a/b', '%zz%41', '%']);
});
