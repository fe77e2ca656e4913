import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuiltCli, buildCli } from '../support/built-cli';

interface Finding {
  readonly name: string;
  readonly state: string;
  readonly text: string;
}

let cli: BuiltCli;
/** Answers as STS does, with a clock of its own. */
let sts: Server;
let skewMs = 0;
beforeAll(async () => {
  cli = await buildCli();
  sts = createServer((_, response) => {
    response.setHeader('date', new Date(Date.now() - skewMs).toUTCString());
    response.end();
  });
  await new Promise<void>((resolve) => sts.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => sts?.close(resolve));
  cli?.remove();
});

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'eu-west-1' };

async function examine(env: Readonly<Record<string, string>> = KEYS) {
  const endpoint = `http://127.0.0.1:${(sts.address() as AddressInfo).port}`;
  const home = { HOME: cli.folder, AWS_ENDPOINT_URL_STS: endpoint };
  const { code, stdout } = await cli.run(['doctor', '--json'], { ...home, ...env });
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  return { code, find: (name: string) => findings.find((finding) => finding.name === name) };
}

function install(name: string, version: string, main = ''): void {
  const folder = join(cli.folder, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version }));
  writeFileSync(join(folder, 'index.js'), main);
}

afterEach(() => {
  skewMs = 0;
  rmSync(join(cli.folder, 'node_modules'), { recursive: true, force: true });
});

test('what is there is told with its version, and never a secret', async () => {
  const { code, find } = await examine();
  expect(code).toBe(0);
  expect(find('Node.js')).toEqual({ name: 'Node.js', state: 'ok', text: process.versions.node });
  expect(find('@aws-sdk/client-lambda')).toMatchObject({ state: 'ok', text: '3.1164.0' });
  expect(find('runtime client of the local target')).toMatchObject({ state: 'ok' });
  expect(find('credentials and region')).toMatchObject({ state: 'ok', text: 'AKIDEXAMPLE in eu-west-1' });
  expect(find('clock')?.text).toMatch(/^within \d+ s of AWS$/);
});

test('what is not there is told with how to get it, and is not a problem', async () => {
  const { code, find } = await examine({});
  expect(code).toBe(0);
  expect(find('aws-cdk-lib')).toEqual({
    name: 'aws-cdk-lib',
    state: 'missing',
    text: 'not installed; the constructs need it: npm install aws-cdk-lib',
  });
  expect(find('credentials and region')).toMatchObject({
    state: 'missing',
    text: expect.stringMatching(/calls to AWS need them/),
  });
});

test('what is beside the library is there, too: pnpm puts its optional peers there', async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'workspace-'));
  try {
    const { stdout } = await cli.run(['doctor', '--json'], { HOME: elsewhere }, elsewhere);
    const { findings } = JSON.parse(stdout) as { readonly findings: readonly { readonly name: string }[] };
    expect(findings.find(({ name }) => name === '@aws-sdk/client-lambda')).toMatchObject({ state: 'ok' });
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
});

test.each([
  ['pnpm-lock.yaml', 'pnpm add aws-cdk-lib'],
  ['yarn.lock', 'yarn add aws-cdk-lib'],
  ['bun.lock', 'bun add aws-cdk-lib'],
])('a project with %s is told its own command', async (lockFile, command) => {
  const file = join(cli.folder, lockFile);
  writeFileSync(file, '');
  const { find } = await examine();
  rmSync(file);
  expect(find('aws-cdk-lib')?.text).toBe(`not installed; the constructs need it: ${command}`);
});

test.each([
  ['2.256.9', 'problem'],
  ['2.257.0', 'ok'],
  ['2.1000.0', 'ok'],
  ['3.0.0', 'problem'],
])('aws-cdk-lib %s is %s', async (version, state) => {
  install('aws-cdk-lib', version);
  const { code, find } = await examine();
  expect({ code, state: find('aws-cdk-lib')?.state }).toEqual({ code: state === 'ok' ? 0 : 1, state });
});

test('an esbuild without the program for this platform is a problem', async () => {
  install(
    'esbuild',
    '0.28.2',
    "exports.transformSync = () => { throw new Error('The package @esbuild/x could not be found'); };",
  );
  const { code, find } = await examine();
  expect(code).toBe(1);
  expect(find('esbuild')).toMatchObject({ state: 'ok', text: '0.28.2' });
  expect(find('esbuild runs')?.text).toBe(
    'no: The package @esbuild/x could not be found; remove node_modules and install again',
  );
});

test.each([
  [600_000, /^\d+ s ahead of AWS, which refuses signatures beyond 300 s; set it$/],
  [-600_000, /^\d+ s behind AWS/],
])('a clock that is %i ms off is a problem', async (off, text) => {
  skewMs = off;
  const { code, find } = await examine();
  expect({ code, state: find('clock')?.state }).toEqual({ code: 1, state: 'problem' });
  expect(find('clock')?.text).toMatch(text);
});

test('for people: a line each', async () => {
  install('aws-cdk-lib', '1.0.0');
  const { code, stdout } = await cli.run(['doctor'], {
    ...KEYS,
    HOME: cli.folder,
    AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1',
  });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^✓ Node\.js: [\d.]+$/m);
  expect(stdout).toMatch(/^✗ aws-cdk-lib: 1\.0\.0 is not \^2\.257\.0; npm install aws-cdk-lib@latest$/m);
  expect(stdout).toMatch(/^– clock: not compared: STS does not answer/m);
});
