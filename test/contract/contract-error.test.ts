import { runInNewContext } from 'node:vm';
import { ContractError, isContractError } from '../../src/contract/contract-error';

test('is recognised by its brand and code, whatever copy of the package made it', () => {
  const error = new ContractError('final-invalid', 'x');
  expect(error).toMatchObject({ name: 'ContractError', message: 'x', code: 'final-invalid', issues: [] });
  expect(isContractError(error)).toBe(true);
  expect(isContractError(error, 'final-invalid')).toBe(true);
  expect(isContractError(error, 'chunk-invalid')).toBe(false);
  const brand = "Symbol.for('cdk-lambda-streaming.ContractError')";
  const other = runInNewContext(`Object.assign(new Error('x'), { [${brand}]: true, code: 'final-invalid' })`);
  expect(isContractError(other, 'final-invalid')).toBe(true);
  const likeOne = Object.assign(new Error('x'), { name: 'ContractError', code: 'final-invalid', issues: [] });
  for (const value of [undefined, null, 'text', 5, {}, likeOne]) expect(isContractError(value)).toBe(false);
});

test('keeps the findings of a schema, and the number of the chunk', () => {
  const issues = [{ message: 'm', path: ['a'] }];
  expect(new ContractError('chunk-invalid', 'x', { issues, index: 3 })).toMatchObject({ issues, index: 3 });
});
