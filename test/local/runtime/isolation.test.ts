import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { descendantsOf, ownsConnection } from '../../../src/local/runtime/process-tree';
import { type LocalLambda, startLocalLambda, streamOf } from '../operations/local-lambda';
import { type HostProcess, processGone, startHost } from './host-process';

// A guard against hanging on a busy machine, not a measure.
const running: LocalLambda[] = [];
const hosts: HostProcess[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) host.dispose();
  await Promise.all(running.splice(0).map((lambda) => lambda.stop()));
});

async function start(...args: Parameters<typeof startLocalLambda>): Promise<LocalLambda> {
  const lambda = await startLocalLambda(...args);
  running.push(lambda);
  return lambda;
}

async function resultOf(lambda: LocalLambda, FunctionName: string): Promise<unknown> {
  const { Payload } = await lambda.client.send(new InvokeCommand({ FunctionName }));
  return JSON.parse(Buffer.from(Payload ?? []).toString());
}

/**
 * A handler that starts processes in every way to outlive it: in a group of their own, without the environment of the
 * function, deaf to SIGTERM, and as a daemon, whose parent is gone.
 */
const leaving = (then: string) => `
import { execFileSync, spawn } from 'node:child_process';
const options = { detached: true, stdio: 'ignore' };
const start = (...args) => {
  const child = spawn(...args);
  child.unref();
  return child.pid;
};
const forking = "const child = require('node:child_process').spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });" +
  "child.unref(); console.log(child.pid);";
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  const ids = {
    detached: start('sleep', ['600'], options),
    bare: start('/bin/sleep', ['600'], { ...options, env: {} }),
    deaf: start('/bin/sh', ['-c', "trap '' TERM INT HUP; while :; do sleep 1; done"], options),
    daemon: Number(execFileSync(process.execPath, ['-e', forking], { encoding: 'utf8' })),
  };
  await new Promise((sent) => stream.write('<<' + JSON.stringify(ids) + '>>', sent));
  ${then}
});`;
const WAITING = 'await new Promise(() => setInterval(() => {}, 1000));';
const BUSY = 'for (;;);';

interface Started {
  readonly detached: number;
  readonly bare: number;
  readonly deaf: number;
  readonly daemon: number;
}

const startedIn = (text: string) => JSON.parse(/<<(.*)>>/.exec(text)?.[1] ?? '') as Started;

describe('nothing that a handler starts survives', () => {
  test('the end of the target', async () => {
    const lambda = await start();
    const { functionName } = lambda.define(leaving('stream.end();'));
    const started = startedIn((await streamOf(lambda.client, { FunctionName: functionName })).text);
    await lambda.stop();
    running.length = 0;
    await Promise.all(Object.values(started).map(processGone));
  });

  test('the timeout of its function', async () => {
    const lambda = await start();
    const { functionName } = lambda.define(leaving(WAITING), { timeoutSeconds: 1 });
    const { text, logTail } = await streamOf(lambda.client, { FunctionName: functionName });
    expect(logTail).toContain('Status: timeout');
    await Promise.all(Object.values(startedIn(text)).map(processGone));
  });

  test.each([
    ['exits', 'process.exit(3);', 'exit status 3'],
    [
      'throws what nobody catches',
      "setTimeout(() => { throw new Error('late'); }); await new Promise(() => {});",
      'exit status 1',
    ],
  ])('a process of the function that %s', async (_, then, reason) => {
    const lambda = await start();
    const { functionName } = lambda.define(leaving(then));
    const { text, logTail } = await streamOf(lambda.client, { FunctionName: functionName });
    expect(logTail).toContain(reason);
    await Promise.all(Object.values(startedIn(text)).map(processGone));
  });

  test('a process of the function that is killed, as far as it kept its environment', async () => {
    const lambda = await start();
    const { functionName } = lambda.define(leaving("process.kill(process.pid, 'SIGKILL');"));
    const { text, logTail } = await streamOf(lambda.client, { FunctionName: functionName });
    expect(logTail).toContain('signal: killed');
    const { bare, ...others } = startedIn(text);
    await Promise.all(Object.values(others).map(processGone));
    process.kill(bare, 'SIGKILL');
  });

  test.each([
    ['waits', WAITING],
    ['is busy', BUSY],
  ])('a target that is killed while it %s', async (_, then) => {
    const host = await startHost(leaving(then));
    hosts.push(host);
    const started = startedIn(`<<${await host.invoke()}>>`);
    host.child.kill('SIGKILL');
    await Promise.all(Object.values(started).map(processGone));
  });
});

describe('the Runtime API of a function', () => {
  test('gives its events to nobody else', async () => {
    const lambda = await start();
    const { functionName } = lambda.define('export const handler = async () => process.env.AWS_LAMBDA_RUNTIME_API;');
    const address = await resultOf(lambda, functionName);
    const answer = await fetch(`http://${address}/2018-06-01/runtime/invocation/next`);
    expect(answer.status).toBe(403);
    expect(await resultOf(lambda, functionName)).toBe(address);
  });

  test('serves what the runtime itself starts', async () => {
    const lambda = await start();
    const asking = `
import { execFileSync } from 'node:child_process';
export const handler = async () => {
  const script = "fetch('http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/unknown').then(({ status }) => console.log(status))";
  return execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }).trim();
};`;
    expect(await resultOf(lambda, lambda.define(asking).functionName)).toBe('404');
  });

  test('knows a connection by the process that holds it', async () => {
    const lambda = await start();
    const script = `const socket = require('net').connect(${lambda.port}, '127.0.0.1', () => console.log(socket.localPort)); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      expect(ownsConnection(child.pid ?? 0, Number(line), lambda.port)).toBe(true);
      expect(ownsConnection(process.pid, Number(line), lambda.port)).toBe(true);
      const other = spawn('sleep', ['600']);
      expect(ownsConnection(other.pid ?? 0, Number(line), lambda.port)).toBe(false);
      other.kill('SIGKILL');
      await once(other, 'exit');
      // Neither a connection that is gone nor a process that is gone tells anything.
      expect(ownsConnection(other.pid ?? 0, Number(line), lambda.port)).toBeUndefined();
      expect(ownsConnection(child.pid ?? 0, 1, lambda.port)).toBeUndefined();
      expect(descendantsOf(process.pid)).toContain(child.pid);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

test('the home folder of the developer is not the one of a function', async () => {
  const lambda = await start();
  const { functionName } = lambda.define("import os from 'node:os'; export const handler = async () => os.homedir();");
  expect(await resultOf(lambda, functionName)).toBe('/home/sbx_user1051');
});
