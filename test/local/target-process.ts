/** A local target in a process of its own, with a function that streams until the process is ended. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { functionResources, writeAssembly } from './engine/write-assembly';

const ENDLESS = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  stream.write(JSON.stringify({ pid: process.pid, folder: process.env.LAMBDA_TASK_ROOT }));
  await new Promise(() => setInterval(() => {}, 1000));
});`;

/** Starts a target in a process of its own and waits until its function streams. */
export async function startProcess(...args: string[]): Promise<{ child: ChildProcess; pid: number; folder: string }> {
  const resources = functionResources({ FunctionName: 'endless', Timeout: 60, Code: { ZipFile: ENDLESS } });
  const directory = writeAssembly({
    S: { account: '111111111111', region: 'us-east-1', template: { Resources: resources } },
  });
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(__dirname, 'interrupted-process.ts'), directory, ...args],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, TSX_TSCONFIG_PATH: join(__dirname, '../tsconfig.json') },
    },
  );
  const [line] = (await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line')) as [string];
  return { child, ...(JSON.parse(line) as { pid: number; folder: string }) };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until a folder that something else removes is gone. */
export async function expectGone(folder: string): Promise<void> {
  for (let attempt = 0; attempt < 200 && existsSync(folder); attempt++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(existsSync(folder)).toBe(false);
}

export async function isGone(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 100 && isAlive(pid); attempt++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return !isAlive(pid);
}
