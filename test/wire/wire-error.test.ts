import { runInNewContext } from 'node:vm';
import { isWireError, WireError } from '../../src/wire/wire-error';

test('is recognised by its name and kind, whatever copy of the package made it', () => {
  const error = new WireError('json-invalid', 'bad', { line: 3, cause: new Error('why') });
  expect(isWireError(error)).toBe(true);
  expect(isWireError(error, 'json-invalid')).toBe(true);
  expect(isWireError(error, 'utf8-invalid')).toBe(false);
  expect(error).toMatchObject({ name: 'WireError', message: 'bad', line: 3, cause: new Error('why') });
  const elsewhere = runInNewContext(`Object.assign(new Error('x'), { name: 'WireError', kind: 'json-invalid' })`);
  expect(isWireError(elsewhere, 'json-invalid')).toBe(true);
});

test.each([undefined, null, 'text', new Error('x'), { name: 'WireError' }])('%p is none', (value) => {
  expect(isWireError(value)).toBe(false);
});
