/** Clients that do not send: mocks, and middlewares that answer themselves. The SDK gives no response to read then. */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamInvoker } from 'cdk-lambda-streaming/invoker';
import { rejection } from './read-stream';
import { serviceError, useWireServer } from './wire-server';

const text = streamContract({ format: 'text' });

const wire = useWireServer();

const call = (client: LambdaClient) =>
  rejection(streamInvoker(text, { functionName: 'f', client, retry: false }).invoke({}));

function sending(send: () => unknown): LambdaClient {
  return Object.assign(wire.client(), { send });
}

type Stack = { add(middleware: (next: (args: object) => unknown) => (args: object) => unknown, options: object): void };

function through(step: string, middleware: (next: (args: object) => unknown) => (args: object) => unknown) {
  const client = wire.client();
  (client.middlewareStack as unknown as Stack).add(middleware, { step, priority: 'high', name: 'mine' });
  return client;
}

const answer = { response: {}, output: { $metadata: {} } };

test.each<[string, () => LambdaClient]>([
  ['a mocked send()', () => sending(async () => ({ StatusCode: 200 }))],
  ['a send() that gives no promise', () => sending(() => undefined)],
  ['a middleware that answers itself', () => through('finalizeRequest', () => async () => answer)],
])('%s is told at once, not by a clock', async (_, make) => {
  expect(await call(make())).toMatchObject({
    code: 'CONFIG_INVALID',
    phase: 'input',
    invoked: 'no',
    message: expect.stringContaining('resolved without sending a request: a mock of the client'),
  });
});

test('a send() that throws is told with what it threw', async () => {
  const client = sending(() => {
    throw new Error('no stub for this command');
  });
  expect(await call(client)).toMatchObject({
    code: 'CONFIG_INVALID',
    invoked: 'no',
    message: expect.stringContaining('no stub for this command'),
  });
});

test('an HTTP handler that gives no response is a failure of the connection', async () => {
  const client = wire.client({ requestHandler: { handle: async () => ({ response: undefined }) } as never });
  expect(await call(client)).toMatchObject({
    code: 'TRANSPORT',
    invoked: 'maybe',
    message: expect.stringContaining('gave no response'),
  });
});

test('a refusal that a middleware swallows is told all the same', async () => {
  wire.answer(serviceError(404, 'ResourceNotFoundException', { Message: 'Function not found: f' }));
  const client = through('initialize', (next) => async (args) => {
    try {
      return await next(args);
    } catch {
      return answer; // as a middleware with a fallback does
    }
  });
  expect(await call(client)).toMatchObject({
    code: 'NOT_FOUND',
    invoked: 'no',
    message: expect.stringContaining('Function not found: f'),
  });
});
