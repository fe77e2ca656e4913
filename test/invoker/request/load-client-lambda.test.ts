/** The invoker as a consumer's process loads it: CommonJS and ESM, with and without the SDK in the project. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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
