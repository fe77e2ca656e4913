import { runInNewContext } from 'node:vm';
import { ApplicationError, isApplicationError } from 'cdk-lambda-streaming/handler';

test('says its type, what it was given, and the code that all of them have', () => {
  const cause = new Error('inner');
  const error = new ApplicationError('Quota', 'spent', { data: { quota: 1 }, retryable: true, statusCode: 429, cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: 'Quota',
    type: 'Quota',
    code: 'APPLICATION_ERROR',
    message: 'spent',
    data: { quota: 1 },
    retryable: true,
    statusCode: 429,
    cause,
  });
});

test('is recognised by its brand, whatever copy of the package or realm made it', () => {
  expect(isApplicationError(new ApplicationError('Quota', 'spent'))).toBe(true);
  const brand = "Symbol.for('cdk-lambda-streaming.ApplicationError')";
  expect(isApplicationError(runInNewContext(`Object.assign(new Error('x'), { [${brand}]: true })`))).toBe(true);
  const likeOne = Object.assign(new Error('x'), { name: 'ApplicationError', type: 'Quota', code: 'APPLICATION_ERROR' });
  for (const other of [undefined, null, 'text', 5, {}, likeOne]) expect(isApplicationError(other)).toBe(false);
});
