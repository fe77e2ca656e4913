/** Programs that start a target, invoke a function and forget `stop()`: they end, and leave nothing behind. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { functionResources, removeFolders, writeAssembly } from './engine/write-assembly';
import { processGone } from './runtime/host-process';
import { expectGone } from './target-process';

const ROOT = join(__dirname, '..', '..');
const HANDLER = `const { spawn } = require('node:child_process');
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  const child = spawn('sleep', ['600'], { stdio: 'ignore', detached: true });
  stream.end(JSON.stringify({ ids: [process.pid, child.pid], folder: process.env.LAMBDA_TASK_ROOT }));
});`;

/** Runs by itself, as a test of jest or vitest, and as one of node:test. */
const program = (assembly: string, told: string, options: string) => `
import { writeFileSync } from 'node:fs';
import { InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { startLocal } from ${JSON.stringify(join(ROOT, 'src', 'local', 'index.ts'))};
async function main() {
  const local = await startLocal(${options});
  await local.deploy(${JSON.stringify(assembly)});
  const client = new LambdaClient(local.clientConfig({ as: 'arn:aws:iam::111111111111:root' }));
  const { EventStream } = await client.send(new InvokeWithResponseStreamCommand({ FunctionName: 'forgotten' }));
  let text = '';
  for await (const { PayloadChunk } of EventStream) text += Buffer.from(PayloadChunk?.Payload ?? []);
  writeFileSync(${JSON.stringify(told)}, text);
}
const test = process.env.NODE_TEST_CONTEXT ? require('node:test').test : globalThis.test;
if (test) test('forgets', main);
else main();
`;

let folder: string;
let assembly: string;
beforeAll(() => {
  // Inside the package, so that it finds the runtime as an installed copy does.
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  folder = mkdtempSync(join(ROOT, '.cache', 'forgotten-'));
  const resources = functionResources({ FunctionName: 'forgotten', Code: { ZipFile: HANDLER } });
  assembly = writeAssembly({
    S: { account: '111111111111', region: 'us-east-1', template: { Resources: resources } },
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  removeFolders();
});

/** Bundles the program, for no runner knows the names of this package. */
function write(name: string, options = ''): { readonly file: string; readonly told: string } {
  const [entry, file, told] = ['entry.ts', 'cjs', 'json'].map((end) => join(folder, `${name}.${end}`)) as [
    string,
    string,
    string,
  ];
  writeFileSync(entry, program(assembly, told, options));
  const flags = ['--bundle', '--platform=node', '--format=cjs', '--packages=external', '--log-level=error'];
  const esbuild = join(ROOT, 'node_modules', '.bin', 'esbuild');
  const built = spawnSync(esbuild, [entry, ...flags, `--outfile=${file}`], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(built.stderr);
  return { file, told };
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** That of no test runner. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { JEST_WORKER_ID: _, ...env } = process.env;
  return env;
}

async function run(args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: plainEnvironment(),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  const guard = setTimeout(() => child.kill('SIGKILL'), 150_000);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(guard);
  return { code, output };
}

async function expectNothingLeft(told: string): Promise<void> {
  const { ids, folder: code } = JSON.parse(readFileSync(told, 'utf8'));
  await Promise.all(ids.map(processGone));
  await expectGone(code);
}

const JEST = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');

test('a program by itself', async () => {
  const { file, told } = write('plain');
  const { code, output } = await run([file]);
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toMatch(/Warning: the local target at http:\/\/127\.0\.0\.1:\d+ ends with this process/);
  await expectNothingLeft(told);
});

test('a program with a port is kept alive, for it serves others', async () => {
  const { file, told } = write('serving', '{ port: 0 }');
  const child = spawn(process.execPath, [file], { cwd: folder, stdio: 'ignore', env: plainEnvironment() });
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  while (!existsSync(told)) await new Promise((resolve) => setTimeout(resolve, 20));
  // The program without a port is over by now.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(ended).toBe(false);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
  await expectNothingLeft(told);
});

test('a file of jest', async () => {
  const { file, told } = write('jest');
  writeFileSync(join(folder, 'package.json'), '{}');
  const config = {
    rootDir: folder,
    testMatch: [file],
    transform: {},
    moduleFileExtensions: ['js', 'cjs', 'json', 'node'],
  };
  const { code, output } = await run([JEST, '-i', '--config', JSON.stringify(config)]);
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toContain('1 passed');
  expect(output).not.toContain('did not exit');
  await expectNothingLeft(told);
});

test('a file of node:test', async () => {
  const { file, told } = write('node');
  const { code, output } = await run(['--test', file]);
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toMatch(/pass 1/);
  await expectNothingLeft(told);
});
