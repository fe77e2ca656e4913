import { runInNewContext } from 'node:vm';
import { isWireError, WireError } from '../../src/wire/wire-error';

test('is recognised by its brand and code, whatever copy of the package made it', () => {
  const error = new WireError('json-invalid', 'x');
  expect(error).toMatchObject({ name: 'WireError', message: 'x', code: 'json-invalid' });
  expect(isWireError(error)).toBe(true);
  expect(isWireError(error, 'json-invalid')).toBe(true);
  expect(isWireError(error, 'frame-length')).toBe(false);
  const brand = "Symbol.for('cdk-lambda-streaming.WireError')";
  const other = runInNewContext(`Object.assign(new Error('x'), { [${brand}]: true, code: 'json-invalid' })`);
  expect(isWireError(other, 'json-invalid')).toBe(true);
  const likeOne = Object.assign(new Error('x'), { name: 'WireError', code: 'json-invalid' });
  for (const value of [undefined, null, 'text', 5, {}, likeOne]) expect(isWireError(value)).toBe(false);
});

test('a brand does not show where an error is printed', () => {
  expect(Object.keys(new WireError('json-invalid', 'x', { line: 1 }))).toEqual(['name', 'code', 'line']);
});
