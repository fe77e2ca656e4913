import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { type LocalLambda, startLocalLambda, streamOf } from '../operations/local-lambda';

// A guard against hanging on a busy machine, not a measure.
const running: LocalLambda[] = [];
afterEach(() => Promise.all(running.splice(0).map((lambda) => lambda.stop())));

async function start(...args: Parameters<typeof startLocalLambda>): Promise<LocalLambda> {
  const lambda = await startLocalLambda(...args);
  running.push(lambda);
  return lambda;
}

const STREAMING = `export const handler = awslambda.streamifyResponse(async (event, stream) => { stream.write(String(process.pid)); stream.end(); });`;

test.each([1, 4])('%d callers that invoke again and again need no more environments than they are', async (callers) => {
  const lambda = await start();
  const { functionName } = lambda.define(STREAMING);
  const pids = new Set<string>();
  const caller = async () => {
    for (let i = 0; i < 12; i++)
      pids.add((await streamOf(lambda.client, { FunctionName: functionName, LogType: 'None' })).text);
  };
  await Promise.all(Array.from({ length: callers }, caller));
  expect(pids.size).toBeLessThanOrEqual(callers);
});

test('of several idle environments the one that was used last is used next', async () => {
  const lambda = await start();
  const gate = join(lambda.folder, 'gate');
  const { functionName } = lambda.define(`
    import { existsSync } from 'node:fs';
    export const handler = async (gate) => {
      while (gate && !existsSync(gate)) await new Promise((r) => setTimeout(r, 5));
      return process.pid;
    };`);
  const invoke = async (event?: string) => {
    const Payload = Buffer.from(JSON.stringify(event ?? ''));
    const answer = await lambda.client.send(new InvokeCommand({ FunctionName: functionName, Payload }));
    return Buffer.from(answer.Payload ?? []).toString();
  };
  const last = invoke(gate);
  while (!lambda.logs.some(({ message }) => message.startsWith('START'))) await new Promise(setImmediate);
  const first = await invoke();
  writeFileSync(gate, '');
  expect(await last).not.toBe(first);
  // One that has just answered is not idle yet, so the other may come first. Were the oldest used next, they would take turns for ever.
  for (let previous = await last, next = await invoke(); next !== previous; next = await invoke()) {
    previous = next;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

test('the time that a function takes to load does not count for its timeout', async () => {
  const lambda = await start();
  const source = 'await new Promise((r) => setTimeout(r, 2_100)); export const handler = async () => 1;';
  const { functionName: FunctionName } = lambda.define(source, { timeoutSeconds: 2 });
  expect((await lambda.client.send(new InvokeCommand({ FunctionName }))).FunctionError).toBeUndefined();
});

test('the limit does not stand in the way of a caller that invokes again right after an answer', async () => {
  const lambda = await start({ maxConcurrency: 1 });
  const { functionName } = lambda.define(STREAMING);
  for (let i = 0; i < 5; i++) await streamOf(lambda.client, { FunctionName: functionName, LogType: 'None' });
});

describe('reserved concurrency', () => {
  const waiting = `export const handler = awslambda.streamifyResponse(async (event, stream) => {
    await new Promise((sent) => stream.write('x', sent));
    await new Promise((resolve) => setTimeout(resolve, event.ms ?? 0));
    stream.end();
  });`;
  const throttled = (functionName: string, lambda: LocalLambda) =>
    expect(lambda.client.send(new InvokeCommand({ FunctionName: functionName }))).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    });

  test('of 0 stops the function', async () => {
    const lambda = await start();
    const definition = lambda.define(waiting);
    lambda.state.functions.set(definition.functionArn, { ...definition, reservedConcurrency: 0 });
    await throttled(definition.functionName, lambda);
  });

  test('of 1 lets one invocation run at a time, whatever its version, and the next one afterwards', async () => {
    const lambda = await start();
    const definition = lambda.define(waiting);
    lambda.state.functions.set(definition.functionArn, { ...definition, reservedConcurrency: 1 });
    const FunctionName = definition.functionName;
    const first = streamOf(lambda.client, { FunctionName, Qualifier: 'live', event: { ms: 60_000 } }).catch(
      () => undefined,
    );
    while (!lambda.logs.some(({ message }) => message.startsWith('START'))) await new Promise(setImmediate);
    await throttled(FunctionName, lambda);
    const other = lambda.define(waiting);
    await streamOf(lambda.client, { FunctionName: other.functionName });
    await lambda.stop();
    running.length = 0;
    await first;
  });
});

test('a function may ask for JSON logs, from a level on', async () => {
  const lambda = await start();
  const source = "export const handler = async () => { console.info('quiet'); console.warn('loud'); };";
  const { functionName } = lambda.define(source, { logFormat: 'JSON', applicationLogLevel: 'WARN' });
  await lambda.client.send(new InvokeCommand({ FunctionName: functionName, LogType: 'Tail' }));
  const entries = lambda.logs.map(({ message }) => message).filter((message) => message.startsWith('{'));
  expect(entries.map((entry) => JSON.parse(entry))).toMatchObject([{ level: 'WARN', message: 'loud' }]);
});
