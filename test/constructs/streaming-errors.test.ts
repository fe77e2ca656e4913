import { isBundlingError, isStreamingConstructError, StreamingConstructError } from 'cdk-lambda-streaming';
import { streamingFunction, twoAccounts } from './two-accounts';

function thrown(define: () => unknown): unknown {
  try {
    return define();
  } catch (error) {
    return error;
  }
}

test('an error of the constructs has a name, a code and the path of its construct', () => {
  const error = thrown(() => streamingFunction(twoAccounts().a, 'Chat', { memorySize: 1 }));
  expect(error).toMatchObject({ name: 'StreamingConstructError', code: 'FunctionLimit' });
  expect(isStreamingConstructError(error) && error.message).toMatch(/^\[Provider\] Chat: memorySize must be/);
  expect(isBundlingError(error)).toBe(false);
});

test('an error of another copy of the package is recognised, others are not', () => {
  jest.isolateModules(() => {
    const copy = jest.requireActual<typeof import('../../src/constructs/problems/construct-error')>(
      '../../src/constructs/problems/construct-error',
    );
    const error = new copy.StreamingConstructError(twoAccounts().a, 'SomeCode', 'words');
    expect(error).not.toBeInstanceOf(StreamingConstructError);
    expect(isStreamingConstructError(error)).toBe(true);
  });
  for (const other of [new Error('no'), { code: 'x', name: 'StreamingConstructError' }, undefined, 'text']) {
    expect(isStreamingConstructError(other)).toBe(false);
  }
});
