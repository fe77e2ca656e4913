/** Every entry of the package in a caller's bundle: run by Node.js from a folder that has nothing but the bundle. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, type Format } from 'esbuild';
import { invokeComplete, payloadChunk } from '../invoker/read-stream';
import { serviceError, stream, useWireServer } from '../invoker/wire-server';

const root = join(__dirname, '..', '..');
const { buildEsmEntry } = require('../../build-tools/esm-entry.cjs') as {
  buildEsmEntry(name: string, outfile: string): Promise<void>;
};
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, { readonly import?: unknown }>;
};
const entries = Object.keys(manifest.exports)
  .filter((key) => manifest.exports[key]?.import !== undefined)
  .map((key) => key.slice('./'.length));

/** What AWS and esbuild advise for ES module bundles that contain CommonJS. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

const wire = useWireServer();
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bundled-entries-'));
  await Promise.all(['with-sdk', 'without-sdk'].map(install));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A project that has the package, in its ESM half as bundlers choose it, and the AWS SDK or not. */
async function install(project: string): Promise<void> {
  const modules = join(folder, project, 'node_modules');
  const home = join(modules, 'cdk-lambda-streaming');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), JSON.stringify(manifest));
  await Promise.all(entries.map((name) => buildEsmEntry(name, join(home, 'lib', name, 'index.mjs'))));
  if (project === 'with-sdk') symlinkSync(join(root, 'node_modules', '@aws-sdk'), join(modules, '@aws-sdk'));
}

/** What the program prints, bundled in `project` and run elsewhere. */
async function bundledAndRun(project: string, code: string, format: Format): Promise<string> {
  const place = mkdtempSync(join(folder, 'empty-'));
  const outfile = join(place, format === 'esm' ? 'main.mjs' : 'main.cjs');
  await build({
    stdin: { contents: code, resolveDir: join(folder, project) },
    outfile,
    bundle: true,
    platform: 'node',
    format,
    banner: format === 'esm' ? { js: REQUIRE } : {},
    logLevel: 'silent',
  });
  const { stdout } = await promisify(execFile)(process.execPath, [outfile, wire.endpoint], { cwd: place });
  return stdout.trim();
}

const bundles = entries.flatMap((entry) => [[entry, 'cjs'] as const, [entry, 'esm'] as const]);

test.each(bundles)('%s loads from a bundle of format %s', async (entry, format) => {
  const code = `import * as entry from 'cdk-lambda-streaming/${entry}'; console.log(Object.keys(entry).length > 0);`;
  expect(await bundledAndRun('with-sdk', code, format)).toBe('true');
});

const caller = (imports: string, client: string) => `${imports}
  import { streamContract } from 'cdk-lambda-streaming/contract';
  import { streamInvoker } from 'cdk-lambda-streaming/invoker';
  const config = {
    endpoint: process.argv[2], region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  };
  streamInvoker(streamContract({ format: 'text' }), { functionName: 'f', ${client} }).invoke({})
    .then((stream) => stream.text())
    .then(console.log, (error) => console.log(error.message));
`;

describe.each<Format>(['cjs', 'esm'])('a caller in a bundle of format %s', (format) => {
  beforeEach(() => wire.answer(stream([payloadChunk('it works'), invokeComplete()])));

  test('has the SDK inside, which only the invoker asked for', async () => {
    expect(await bundledAndRun('with-sdk', caller('', 'clientConfig: config'), format)).toBe('it works');
  });

  test('may pass a client of its own', async () => {
    const code = caller("import { LambdaClient } from '@aws-sdk/client-lambda';", 'client: new LambdaClient(config)');
    expect(await bundledAndRun('with-sdk', code, format)).toBe('it works');
  });

  test('is bundled where the SDK is missing, and a call says what to install', async () => {
    const said = await bundledAndRun('without-sdk', caller('', 'clientConfig: config'), format);
    expect(said).toContain('npm install @aws-sdk/client-lambda');
  });

  test('sees an error under its own name', async () => {
    const code = caller('', 'clientConfig: config').replace('error.message', 'error.stack, error.constructor.name');
    wire.answer(serviceError(404, 'ResourceNotFoundException'));
    const said = await bundledAndRun('with-sdk', code, format);
    expect(said).toMatch(/StreamError$/);
    expect(said).not.toContain('_StreamError');
  });

  test('is told what to install where the target comes from a stack', async () => {
    const code = caller("import { StreamTarget } from 'cdk-lambda-streaming/invoker';", '').replace(
      "functionName: 'f'",
      "target: StreamTarget.fromStack('Chat')",
    );
    expect(await bundledAndRun('without-sdk', code, format)).toContain('npm install @aws-sdk/client-cloudformation');
  });
});
