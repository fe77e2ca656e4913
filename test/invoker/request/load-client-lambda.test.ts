/** The invoker as a consumer's process loads it: CommonJS and ESM, with and without the SDK in the project. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, type Format } from 'esbuild';
import { isMissing } from '../../../src/invoker/request/load-client-lambda';
import { invokeComplete, payloadChunk } from '../read-stream';
import { stream, useWireServer } from '../wire-server';

const root = join(__dirname, '..', '..', '..');
const { buildEsmEntry } = require('../../../build-tools/esm-entry.cjs') as {
  buildEsmEntry(name: string, outfile: string): Promise<void>;
};

const CALL = `
const invoker = streamInvoker(streamContract({ format: 'text' }), {
  functionName: 'f',
  clientConfig: { endpoint: process.argv[2], region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } },
});
invoker.invoke({}).then((stream) => stream.text()).then(console.log, (error) => console.log(error.message));
`;

const wire = useWireServer();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'invoker-consumer-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The consumer's output, run as a program of its own beside the half of the package that `format` names. */
async function consume(format: Format, withSdk: boolean): Promise<string> {
  const project = mkdtempSync(join(folder, 'project-'));
  const extension = format === 'esm' ? 'mjs' : 'cjs';
  for (const name of ['contract', 'invoker']) await buildHalf(format, name, join(project, `${name}.${extension}`));
  const main = join(project, `main.${extension}`);
  const take = (name: string, from: string) =>
    format === 'esm' ? `import { ${name} } from './${from}.mjs';` : `const { ${name} } = require('./${from}.cjs');`;
  writeFileSync(main, `${take('streamContract', 'contract')}\n${take('streamInvoker', 'invoker')}\n${CALL}`);
  if (withSdk) symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
  const { stdout } = await promisify(execFile)(process.execPath, [main, wire.endpoint]);
  return stdout.trim();
}

async function buildHalf(format: Format, name: string, outfile: string): Promise<void> {
  if (format === 'esm') return buildEsmEntry(name, outfile);
  const entryPoints = [join(root, 'src', name, 'index.ts')];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format, packages: 'external', target: 'node20' });
}

test.each<Format>(['cjs', 'esm'])('as %s it finds the SDK of the project it runs in', async (format) => {
  wire.answer(stream([payloadChunk('it works'), invokeComplete()]));
  expect(await consume(format, true)).toBe('it works');
});

test.each<Format>(['cjs', 'esm'])('as %s without the SDK it loads, and a call says what to install', async (format) => {
  expect(await consume(format, false)).toContain('npm install @aws-sdk/client-lambda');
});

test('in an ES module that has no require(), each call says so, and what to do', async () => {
  const project = mkdtempSync(join(folder, 'project-'));
  for (const name of ['contract', 'invoker']) await buildHalf('esm', name, join(project, `${name}.mjs`));
  // As the SDK's packages are: CommonJS, which has set some of its exports when it asks for a module of Node.js.
  writeFileSync(
    join(project, 'client-ssm.cjs'),
    "exports.SSMClient = undefined; exports.agent = require('node:https');",
  );
  const main = `
    import { streamContract } from './contract.mjs';
    import { StreamTarget, streamInvoker } from './invoker.mjs';
    const text = streamContract({ format: 'text' });
    const named = streamInvoker(text, { functionName: 'f', clientConfig: { region: 'us-east-1' } });
    const targeted = streamInvoker(text, { target: StreamTarget.fromParameter('/chat') });
    const said = (invoker) => invoker.invoke({}).then(() => 'invoked', (error) => error.message);
    const both = await Promise.all([said(named), said(named)]);
    console.log(JSON.stringify([...both, await said(named), await said(targeted), await said(targeted)]));`;
  const outfile = join(project, 'main.mjs');
  await build({
    stdin: { contents: main, resolveDir: project },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    nodePaths: [join(root, 'node_modules')],
    alias: { '@aws-sdk/client-ssm': join(project, 'client-ssm.cjs') },
    external: ['@aws-sdk/client-cloudformation'],
    logLevel: 'silent',
  });
  // As esbuild wrote it for years: a module that failed is not run again, and gives the exports that it has set so far.
  const bundle = readFileSync(outfile, 'utf8');
  const older = bundle.replace(/throw mod = 0, (\w+);/, 'throw $1;');
  expect(older).not.toBe(bundle);
  writeFileSync(outfile, older);
  const { stdout } = await promisify(execFile)(process.execPath, [outfile]);
  const said = (name: string) =>
    expect.stringMatching(
      new RegExp(`${name} cannot be loaded: Dynamic require of "node:https" is not supported; .* option banner`),
    );
  const [lambda, ssm] = [said('@aws-sdk/client-lambda'), said('@aws-sdk/client-ssm')];
  expect(JSON.parse(stdout)).toEqual([lambda, lambda, lambda, ssm, ssm]);
});

test('a package that is there but lacks one of its own is not called missing', () => {
  const unrequired = (name: string) => ({
    code: 'MODULE_NOT_FOUND',
    message: `Cannot find module '${name}'\nRequire stack:`,
  });
  const unimported = (name: string) => ({
    code: 'ERR_MODULE_NOT_FOUND',
    message: `Cannot find package '${name}' imported from /app/main.mjs`,
  });
  for (const lacks of [unrequired, unimported]) {
    expect(isMissing(lacks('@aws-sdk/client-lambda'), '@aws-sdk/client-lambda')).toBe(true);
    expect(isMissing(lacks('@smithy/core'), '@aws-sdk/client-lambda')).toBe(false);
  }
  expect(isMissing(new Error('x'), '@aws-sdk/client-lambda')).toBe(false);
});
