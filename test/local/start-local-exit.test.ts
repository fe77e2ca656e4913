import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { functionResources, removeFolders, writeAssembly } from './engine/write-assembly';

afterEach(removeFolders);

const ENDLESS = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  stream.write(JSON.stringify({ pid: process.pid, folder: process.env.LAMBDA_TASK_ROOT }));
  await new Promise(() => setInterval(() => {}, 1000));
});`;

/** Starts a target in a process of its own and waits until its function streams. */
async function startProcess(): Promise<{ child: ChildProcess; pid: number; folder: string }> {
  const resources = functionResources({ FunctionName: 'endless', Timeout: 60, Code: { ZipFile: ENDLESS } });
  const directory = writeAssembly({
    S: { account: '111111111111', region: 'us-east-1', template: { Resources: resources } },
  });
  const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'interrupted-process.ts'), directory], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, TSX_TSCONFIG_PATH: join(__dirname, '../tsconfig.json') },
  });
  const [line] = (await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line')) as [string];
  return { child, ...(JSON.parse(line) as { pid: number; folder: string }) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function isGone(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 100 && isAlive(pid); attempt++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return !isAlive(pid);
}

describe('when the process of a local target is ended', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends it as the signal would, with the function and its temporary folder',
    async (signal) => {
      const { child, pid, folder } = await startProcess();
      expect([isAlive(pid), existsSync(folder)]).toEqual([true, true]);
      child.kill(signal);
      const [, endedBy] = (await once(child, 'exit')) as [unknown, string];
      expect(endedBy).toBe(signal);
      expect(await isGone(pid)).toBe(true);
      expect(existsSync(folder)).toBe(false);
    },
    30_000,
  );

  it('the function is gone even if it was killed', async () => {
    const { child, pid } = await startProcess();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await isGone(pid)).toBe(true);
  }, 30_000);
});
