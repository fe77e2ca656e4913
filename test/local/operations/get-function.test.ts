import { GetFunctionCommand, GetFunctionConfigurationCommand, waitUntilFunctionActiveV2 } from '@aws-sdk/client-lambda';
import { ALLOWED, type LocalLambda, startLocalLambda } from './local-lambda';

// A guard against hanging on a busy machine, not a measure.
jest.setTimeout(30_000);

const asked: string[] = [];
let lambda: LocalLambda;
beforeAll(async () => {
  lambda = await startLocalLambda({
    authorize: ({ action, resource }) => {
      asked.push(`${action} ${resource}`);
      return ALLOWED;
    },
  });
});
afterAll(() => lambda.stop());

test('describes the version an alias stands for', async () => {
  const { functionName, functionArn } = lambda.define('', { environment: { A: 'b' }, timeoutSeconds: 7 });
  const input = { FunctionName: functionName, Qualifier: 'live' };
  const expected = {
    FunctionName: functionName,
    FunctionArn: `${functionArn}:live`,
    Version: '1',
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Timeout: 7,
    MemorySize: 256,
    Environment: { Variables: { A: 'b' } },
    State: 'Active',
  };
  const { Configuration, Code } = await lambda.client.send(new GetFunctionCommand(input));
  expect(Configuration).toMatchObject(expected);
  expect(Code?.Location).toMatch(/^file:\/\//);
  expect(await lambda.client.send(new GetFunctionConfigurationCommand(input))).toMatchObject(expected);
  expect(asked).toEqual([
    `lambda:GetFunction ${functionArn}:live`,
    `lambda:GetFunctionConfiguration ${functionArn}:live`,
  ]);
});

test('satisfies the waiter of the SDK', async () => {
  const { functionName } = lambda.define('');
  const result = await waitUntilFunctionActiveV2(
    { client: lambda.client, maxWaitTime: 5 },
    { FunctionName: functionName },
  );
  expect(result.state).toBe('SUCCESS');
});

test('an unknown function is not found', async () => {
  await expect(lambda.client.send(new GetFunctionCommand({ FunctionName: 'missing' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});
