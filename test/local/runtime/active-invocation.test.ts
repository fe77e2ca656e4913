import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { ActiveInvocation } from '../../../src/local/runtime/active-invocation';
import type { FunctionFailure } from '../../../src/local/runtime/function-failure';
import type { RuntimeResponse } from '../../../src/local/runtime/runtime-api';

const FAILURE: FunctionFailure = { origin: 'handler', errorType: 'E', body: '{"errorType":"E"}' };
const EXIT: FunctionFailure = { origin: 'exit', errorType: 'Runtime.ExitError', body: '{"errorMessage":"gone"}' };

function start(timeoutSeconds = 60) {
  const messages: string[] = [];
  const invocation = new ActiveInvocation({
    request: { requestId: 'r-1', payload: Buffer.from('{}'), invokedFunctionArn: 'arn' },
    version: '1',
    timeoutSeconds,
    timeoutMs: timeoutSeconds * 1_000,
    memoryMb: 128,
    onMessage: (message) => messages.push(message),
    onTimeout: () => invocation.exited(EXIT, undefined),
    onOutputRead: () => invocation.logged('last words'),
  });
  invocation.delivered(undefined);
  return { invocation, messages };
}

/** A body as the Runtime API hands it over. */
function responseOf(failure?: FunctionFailure): {
  response: RuntimeResponse;
  body: PassThrough & { complete: boolean };
} {
  const body = Object.assign(new PassThrough(), { complete: false });
  body.on('end', () => {
    body.complete = true;
  });
  const response = { streaming: true, contentType: 'text/plain', body: body as unknown as IncomingMessage };
  return { response: { ...response, failure: () => failure }, body };
}

test.each([
  ['response, next, boundary', ['response', 'next', 'boundary']],
  ['next, boundary, response', ['next', 'boundary', 'response']],
  ['boundary, response, next', ['boundary', 'response', 'next']],
])('is complete when response, request for the next event and log boundary are there: %s', async (_, order) => {
  const { invocation } = start();
  const { response, body } = responseOf();
  let completed = false;
  void invocation.completed.then(() => {
    completed = true;
  });
  for (const step of order) {
    await new Promise((resolve) => setImmediate(resolve));
    expect(completed).toBe(false);
    if (step === 'next') invocation.idle();
    if (step === 'boundary') invocation.boundary(2_048);
    if (step === 'response') {
      invocation.accept(response);
      body.end('text');
      body.resume();
      await new Promise((resolve) => body.once('close', resolve));
    }
  }
  const { failure, logTail } = await invocation.completed;
  expect(failure).toBeUndefined();
  expect(logTail.toString()).toMatch(/Max Memory Used: 2 MB\t\n$/);
  expect(await invocation.response).toMatchObject({ kind: 'body' });
});

test('output that is read after the boundary is in the log, before its end', async () => {
  const { invocation, messages } = start();
  invocation.reject(FAILURE);
  invocation.idle();
  invocation.boundary(2_048);
  invocation.logged('late');
  await invocation.completed;
  expect(messages.map((message) => message.split(' ')[0])).toEqual(['START', 'late', 'last', 'END', 'REPORT']);
});

test('the end of the process explains a broken body better than the break', async () => {
  const { invocation } = start();
  const { response, body } = responseOf();
  invocation.accept(response);
  body.destroy();
  await new Promise((resolve) => body.once('close', resolve));
  invocation.exited(EXIT, undefined);
  expect((await invocation.completed).failure).toBe(EXIT);
});

test('a reported error explains the end of the process better than its exit', async () => {
  const { invocation, messages } = start();
  invocation.exited(EXIT, FAILURE);
  expect((await invocation.completed).failure).toBe(FAILURE);
  expect(await invocation.response).toEqual({ kind: 'failure', failure: FAILURE });
  expect(messages.filter((message) => message.startsWith('REPORT'))).toHaveLength(1);
});

test('a runtime that goes on without having answered ends as truncated, and a later answer is thrown away', async () => {
  const { invocation } = start();
  invocation.boundary(1);
  invocation.idle();
  expect((await invocation.completed).failure).toMatchObject({ errorType: 'Runtime.TruncatedResponse' });
  const { response, body } = responseOf();
  invocation.accept(response);
  expect(body.readableFlowing).toBe(true);
});

test('the timeout is told by its own name, though it ends the process', async () => {
  const { invocation } = start(0.01);
  const { failure, logTail } = await invocation.completed;
  expect(failure).toMatchObject({ errorType: 'Sandbox.Timedout', origin: 'timeout' });
  expect(logTail.toString()).toMatch(/\tStatus: timeout\n$/);
});
