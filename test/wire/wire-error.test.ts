import { runInNewContext } from 'node:vm';
import { ContractError, isContractError } from '../../src/contract/contract-error';
import { isWireError, WireError } from '../../src/wire/wire-error';

test.each([
  ['WireError', new WireError('json-invalid', 'x'), isWireError],
  ['ContractError', new ContractError('final-invalid', 'x'), isContractError],
] as const)('%s is recognised by its brand and code, whatever copy of the package made it', (name, error, is) => {
  const guard = is as (error: unknown, code?: string) => boolean;
  expect(error).toMatchObject({ name, message: 'x' });
  expect(guard(error)).toBe(true);
  expect(guard(error, error.code)).toBe(true);
  expect(guard(error, 'frame-length')).toBe(false);
  const brand = `Object.assign(new Error('x'), { [Symbol.for('cdk-lambda-streaming.${name}')]: true, code: 'c' })`;
  expect(guard(runInNewContext(brand))).toBe(true);
  expect(guard(runInNewContext(brand), 'c')).toBe(true);
  expect(guard(Object.assign(new Error('x'), { name, code: 'c', issues: [] }))).toBe(false);
  for (const other of [undefined, null, 'text', 5, new Error('x'), {}]) expect(guard(other)).toBe(false);
});

test('a brand does not show where an error is printed', () => {
  expect(Object.keys(new WireError('json-invalid', 'x', { line: 1 }))).toEqual(['name', 'code', 'line']);
});
