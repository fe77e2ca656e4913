import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { InvokeCommand, InvokeWithResponseStreamCommand } from '@aws-sdk/client-lambda';
import { type LocalLambda, type LocalLambdaOptions, startLocalLambda, streamOf } from '../operations/local-lambda';
import { type HostProcess, processGone, startHost } from './host-process';

// A guard against hanging on a busy machine, not a measure.
const running: LocalLambda[] = [];
const hosts: HostProcess[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  for (const host of hosts.splice(0)) host.dispose();
  await Promise.all(running.splice(0).map((lambda) => lambda.stop()));
});

async function start(options: LocalLambdaOptions = {}): Promise<LocalLambda> {
  const lambda = await startLocalLambda(options);
  running.push(lambda);
  return lambda;
}

async function startInProcess(source: string, format?: 'esm'): Promise<HostProcess> {
  const host = await startHost(source, format);
  hosts.push(host);
  return host;
}

/** Streams its process ids between markers and then behaves. */
const telling = (behaviour: string) => `
import { spawn } from 'node:child_process';
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  await new Promise((sent) => stream.write('<<' + process.pid + ' ' + child.pid + '>>', sent));
  ${behaviour}
});`;
const WAITING = 'await new Promise(() => setInterval(() => {}, 1000));';
const BUSY = 'for (;;);';

const idsOf = (line: string) => line.split(' ').map(Number);

test.each([
  ['SIGKILL', 'is busy in an endless loop', BUSY],
  ['SIGKILL', 'waits', WAITING],
  ['SIGINT', 'waits', WAITING],
] as const)(
  'when the local target ends by %s, a function that %s ends with the processes it started',
  async (signal, _, behaviour) => {
    const host = await startInProcess(telling(behaviour));
    const ids = idsOf(await host.invoke());
    expect(ids).toHaveLength(2);
    host.child.kill(signal);
    await Promise.all(ids.map(processGone));
  },
);

test('runs from an ES module bundle', async () => {
  const host = await startInProcess(telling('stream.end();'), 'esm');
  expect(idsOf(await host.invoke())).toHaveLength(2);
});

test('stop ends busy and idle environments, what they started, and their ports', async () => {
  const lambda = await start();
  const source = `
    import { spawn } from 'node:child_process';
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      const child = spawn('sleep', ['600'], { stdio: 'ignore' });
      stream.write(JSON.stringify({ ids: [process.pid, child.pid], api: process.env.AWS_LAMBDA_RUNTIME_API }));
      if (event.stay) ${WAITING}
      stream.end();
    });`;
  const idle = JSON.parse((await streamOf(lambda.client, { FunctionName: lambda.define(source).functionName })).text);
  const FunctionName = lambda.define(source).functionName;
  const Payload = Buffer.from('{"stay":true}');
  const output = await lambda.client.send(new InvokeWithResponseStreamCommand({ FunctionName, Payload }));
  const iterator = output.EventStream?.[Symbol.asyncIterator]();
  const first = await iterator?.next();
  const busy = JSON.parse(Buffer.from(first?.value.PayloadChunk?.Payload ?? []).toString('utf8'));
  const left = iterator?.next().catch(() => undefined);

  await lambda.stop();

  await left;
  for (const { ids, api } of [idle, busy]) {
    await Promise.all(ids.map(processGone));
    expect(await isOpen(Number(api.split(':')[1]))).toBe(false);
  }
  expect(await isOpen(lambda.port)).toBe(false);
});

test('an environment that is idle long enough is ended', async () => {
  const lambda = await start({ idleMs: 50 });
  const { functionName } = lambda.define('export const handler = async () => process.pid;');
  await processGone(await pidOf(lambda, functionName));
});

test('an environment that died while idle is not used again', async () => {
  const lambda = await start();
  const { functionName } = lambda.define(
    'export const handler = async () => { setTimeout(() => process.exit(1), 20); return process.pid; };',
  );
  const first = await pidOf(lambda, functionName);
  await processGone(first);
  expect(await pidOf(lambda, functionName)).not.toBe(first);
});

test('what a function prints outside of invocations is logged, before START or without a request id', async () => {
  const lambda = await start();
  const gate = join(lambda.folder, 'gate');
  const { functionName } = lambda.define(`
    import { existsSync } from 'node:fs';
    console.log('loading');
    export const handler = async () => {
      const timer = setInterval(() => {
        if (!existsSync(${JSON.stringify(gate)})) return;
        clearInterval(timer);
        console.log('afterwards');
      }, 5);
    };`);
  await lambda.client.send(new InvokeCommand({ FunctionName: functionName }));
  const find = (text: string) => lambda.logs.find(({ message }) => message.includes(text));
  while (!find('REPORT')) await new Promise((resolve) => setTimeout(resolve, 5));
  writeFileSync(gate, '');
  while (!find('afterwards')) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(find('afterwards')).toMatchObject({ requestId: undefined, logGroupName: `/aws/lambda/${functionName}` });
  const messages = lambda.logs.map(({ message }) => message);
  const index = (text: string) => messages.findIndex((message) => message.includes(text));
  expect(index('loading')).toBeLessThan(index('START'));
});

describe('an onLog that fails', () => {
  const failing = {
    throws: () => {
      throw new Error('no room left');
    },
    rejects: async () => {
      throw new Error('no room left');
    },
  };

  test.each(Object.keys(failing) as (keyof typeof failing)[])(
    'when it %s, disturbs neither invocations nor the end, and is told once',
    async (how) => {
      const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      const lambda = await start({ onLog: failing[how] });
      const answering = lambda.define('export const handler = async () => { console.log("a line"); return 1; };');
      const exiting = lambda.define('export const handler = async () => process.exit(3);');
      const { text, logTail } = await streamOf(lambda.client, { FunctionName: answering.functionName });
      expect(text).toBe('1');
      expect(logTail).toContain('a line');
      const { FunctionError } = await lambda.client.send(new InvokeCommand({ FunctionName: exiting.functionName }));
      expect(FunctionError).toBe('Unhandled');
      await lambda.stop();
      expect(warned.mock.calls).toEqual([[expect.stringContaining('The option onLog of the local target failed')]]);
      expect(warned.mock.calls[0]?.[0]).toContain('Error: no room left');
    },
  );
});

test('a function may log tens of megabytes at once, with and without line breaks', async () => {
  const lambda = await start();
  const { functionName } = lambda.define(`export const handler = async () => {
    console.log('x'.repeat(20_000_000));
    await new Promise((written) => process.stdout.write('y'.repeat(20_000_000), written));
  };`);
  const { text, logTail } = await streamOf(lambda.client, { FunctionName: functionName });
  expect(text).toBe('null');
  expect(logTail).toMatch(/[xy]\nEND RequestId/);
  const letters = lambda.logs.reduce((sum, { message }) => sum + message.length, 0);
  expect(letters).toBeGreaterThanOrEqual(40_000_000);
});

test('the Node.js of a runtime and further variables may be chosen', async () => {
  const chosen: string[] = [];
  const lambda = await start({
    nodeExecutable: (runtime) => {
      chosen.push(runtime);
      return process.execPath;
    },
    variables: (functionArn, roleArn) => ({ WHO: `${functionArn} as ${roleArn}` }),
  });
  const { functionName, functionArn } = lambda.define('export const handler = async () => process.env.WHO;', {
    runtime: 'nodejs22.x',
  });
  const { Payload } = await lambda.client.send(new InvokeCommand({ FunctionName: functionName }));
  expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toMatch(
    new RegExp(`^${functionArn} as arn:aws:iam::\\d{12}:role/${functionName}$`),
  );
  expect(chosen).toEqual(['nodejs22.x']);
});

test('a Node.js that does not exist fails the invocation and names it', async () => {
  const lambda = await start({ nodeExecutable: () => '/nowhere/node' });
  const { functionName } = lambda.define('export const handler = async () => 1;');
  const { FunctionError, Payload } = await lambda.client.send(new InvokeCommand({ FunctionName: functionName }));
  expect(FunctionError).toBe('Unhandled');
  expect(Buffer.from(Payload ?? []).toString()).toMatch(/Runtime could not be started: spawn \/nowhere\/node ENOENT/);
});

test('a function that writes to a descriptor that is not its own ends, and says so', async () => {
  const lambda = await start();
  const { functionName } = lambda.define(`
    import { writeSync } from 'node:fs';
    export const handler = async () => { writeSync(3, 'garbage in the telemetry'); await new Promise((r) => setTimeout(r, 600_000)); };`);
  const { errorCode, logTail } = await streamOf(lambda.client, { FunctionName: functionName });
  expect(errorCode).toBeUndefined();
  expect(logTail).toMatch(/ended this execution environment: unknown telemetry frame type 0x67617262/);
});

async function pidOf(lambda: LocalLambda, FunctionName: string): Promise<number> {
  const { Payload } = await lambda.client.send(new InvokeCommand({ FunctionName }));
  return Number(Buffer.from(Payload ?? []).toString('utf8'));
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
