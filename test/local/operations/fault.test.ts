import { InvokeCommand, InvokeWithResponseStreamCommand } from '@aws-sdk/client-lambda';
import { decideFault } from '../../../src/local/operations/fault';
import type { Fault } from '../../../src/local/operations/invocation-options';
import { startLocalLambda } from './local-lambda';

const REQUEST = { operation: 'Invoke', functionName: 'chat', qualifier: undefined, invocation: 3 } as const;
const decide = (returned: unknown) => decideFault({ fault: () => returned as Fault }, REQUEST);
const BYTES = 'must be a whole number, 0 or more, got';

test.each([
  [{ disconectAfterBytes: 1 }, "there is no fault 'disconectAfterBytes'; did you mean 'disconnectAfterBytes'?"],
  [{ throttle: 1 }, 'throttle must be true or false, got 1'],
  [{ delayMs: -1 }, 'delayMs must be a number of milliseconds from 0 to 2147483647, got -1'],
  [{ delayMs: Number.NaN }, 'delayMs must be a number of milliseconds from 0 to 2147483647, got NaN'],
  [{ disconnectAfterBytes: -1 }, `disconnectAfterBytes ${BYTES} -1`],
  [{ exceptionAfterBytes: Number.NaN }, `exceptionAfterBytes ${BYTES} NaN`],
  [{ truncateAfterBytes: 1.5 }, `truncateAfterBytes ${BYTES} 1.5`],
  ['throttle', "the faults must be an object, got 'throttle'"],
  [Promise.resolve({}), 'a fault must be decided at once, got a promise; the function must not be async'],
])('%p is no fault', (returned, message) => {
  expect(() => decide(returned)).toThrow(
    `what the option 'fault' returned for invocation 3 (Invoke of chat) is not a fault: ${message}`,
  );
});

test('a fault may be missing, empty, or have any of its members', () => {
  expect([undefined, null, {}].map(decide)).toEqual([{}, {}, {}]);
  expect(decideFault({}, REQUEST)).toEqual({});
  const all: Required<Fault> = {
    throttle: false,
    delayMs: 0.5,
    disconnectAfterBytes: 0,
    exceptionAfterBytes: 1,
    truncateAfterBytes: 2,
    rechunk: { seed: 1 },
  };
  expect(decide(all)).toBe(all);
});

test('what is no fault fails its invocation only, before the function starts', async () => {
  const lambda = await startLocalLambda({
    fault: ({ invocation }) => (invocation > 2 ? undefined : ({ delay: 5 } as Fault)),
  });
  try {
    const { functionName: FunctionName } = lambda.define('export const handler = async () => "ok";');
    for (const command of [
      new InvokeCommand({ FunctionName }),
      new InvokeWithResponseStreamCommand({ FunctionName }),
    ]) {
      await expect(lambda.client.send(command as InvokeCommand)).rejects.toMatchObject({
        name: 'ServiceException',
        message: expect.stringMatching(
          /of fn-\w+\) is not a fault: there is no fault 'delay'; did you mean 'delayMs'\?$/,
        ),
      });
    }
    expect(lambda.logs).toEqual([]);
    const { Payload } = await lambda.client.send(new InvokeCommand({ FunctionName }));
    expect(Buffer.from(Payload ?? []).toString()).toBe('"ok"');
  } finally {
    await lambda.stop();
  }
});
