/** The invoker as a consumer's process loads it: CommonJS and ESM, with and without the SDK in the project. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, type Format } from 'esbuild';
import { isMissing } from '../../../src/invoker/request/load-client-lambda';
import { C, P } from '../read-stream';
import { stream, useWireServer } from '../wire-server';

const root = join(__dirname, '..', '..', '..');
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

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

/** The consumer's output, run as a program of its own that bundles the invoker as the package does. */
async function consume(format: Format, withSdk: boolean): Promise<string> {
  const project = mkdtempSync(join(folder, 'project-'));
  const entry = join(project, 'entry.ts');
  const from = (name: string) => JSON.stringify(join(root, 'src', name, 'index.ts'));
  writeFileSync(
    entry,
    `import { streamContract } from ${from('contract')};\nimport { streamInvoker } from ${from('invoker')};\n${CALL}`,
  );
  const outfile = join(project, format === 'esm' ? 'main.mjs' : 'main.cjs');
  const banner: Record<string, string> = format === 'esm' ? { js: REQUIRE } : {};
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format,
    banner,
    packages: 'external',
    target: 'node20',
  });
  if (withSdk) symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
  const { stdout } = await promisify(execFile)(process.execPath, [outfile, wire.endpoint]);
  return stdout.trim();
}

test.each<Format>(['cjs', 'esm'])('as %s it finds the SDK of the project it runs in', async (format) => {
  wire.answer(stream([P('it works'), C()]));
  expect(await consume(format, true)).toBe('it works');
});

test.each<Format>(['cjs', 'esm'])('as %s without the SDK it loads, and a call says what to install', async (format) => {
  expect(await consume(format, false)).toContain('npm install @aws-sdk/client-lambda');
});

test('a package that is there but lacks one of its own is not called missing', () => {
  const lacks = (name: string) => ({
    code: 'MODULE_NOT_FOUND',
    message: `Cannot find module '${name}'\nRequire stack:`,
  });
  expect(isMissing(lacks('@aws-sdk/client-lambda'), '@aws-sdk/client-lambda')).toBe(true);
  expect(isMissing(lacks('@smithy/core'), '@aws-sdk/client-lambda')).toBe(false);
  expect(isMissing(new Error('x'), '@aws-sdk/client-lambda')).toBe(false);
});
