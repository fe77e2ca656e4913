/** The tarball in users' bundles: made by each bundler, copied to an empty folder, and run there by Node.js. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { invokeComplete, payloadChunk } from '../../test/invoker/read-stream';
import { stream, useWireServer } from '../../test/invoker/wire-server';
import { ConsumerProject, cleanEnvironment, moduleEntries, packTarball, type Run } from './packed';

const SDK = '@aws-sdk/client-lambda@3.1164.0';
const BUNDLERS = [
  'esbuild@0.28.2',
  'webpack@5.113.0',
  'rollup@4.68.8',
  '@rollup/plugin-node-resolve@16.0.3',
  '@rollup/plugin-commonjs@29.0.3',
  '@rollup/plugin-json@6.1.0',
  'vite@7.3.8',
];

/** Programs that bundle their first argument into the folder of the second, as `out.cjs` or `out.mjs`. */
const BUNDLING: Readonly<Record<string, { readonly out: string; readonly program: string }>> = {
  'esbuild to CommonJS': {
    out: 'out.cjs',
    program: `import { build } from 'esbuild';
      await build({ entryPoints: [entry], outfile: folder + '/out.cjs', bundle: true, platform: 'node' });`,
  },
  'esbuild to an ES module': {
    out: 'out.mjs',
    program: `import { build } from 'esbuild';
      const js = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
      await build({ entryPoints: [entry], outfile: folder + '/out.mjs', bundle: true, platform: 'node', format: 'esm', banner: { js } });`,
  },
  'webpack to CommonJS': { out: 'out.cjs', program: webpack("{ path: folder, filename: 'out.cjs' }") },
  'webpack to an ES module': {
    out: 'out.mjs',
    program: webpack(
      "{ path: folder, filename: 'out.mjs', module: true, chunkFormat: 'module' }, experiments: { outputModule: true }",
    ),
  },
  'Rollup to CommonJS': { out: 'out.cjs', program: rollup('cjs', 'cjs') },
  'Rollup to an ES module': { out: 'out.mjs', program: rollup('es', 'mjs') },
  'vite for a server': {
    out: 'out.mjs',
    program: `import { build } from 'vite';
      const output = { entryFileNames: 'out.mjs' };
      await build({ logLevel: 'error', ssr: { noExternal: true }, build: { ssr: entry, outDir: folder, rollupOptions: { output } } });`,
  },
};

function webpack(output: string): string {
  return `import webpack from 'webpack';
    const config = { mode: 'production', target: 'node20', entry, output: ${output} };
    await new Promise((resolve, reject) => webpack(config, (error, stats) => {
      const { errors = [] } = stats?.toJson({ all: false, errors: true }) ?? {};
      if (error || errors.length > 0) reject(error ?? new Error(errors.map(({ message }) => message).join('; ')));
      else resolve();
    }));`;
}

function rollup(format: string, extension: string): string {
  return `import { rollup } from 'rollup';
    import resolve from '@rollup/plugin-node-resolve';
    import commonjs from '@rollup/plugin-commonjs';
    import json from '@rollup/plugin-json';
    const plugins = [resolve({ exportConditions: ['node'], preferBuiltins: true }), commonjs(), json()];
    const bundle = await rollup({ input: entry, plugins, onwarn: () => undefined });
    await bundle.write({ dir: folder, format: '${format}', entryFileNames: 'out.${extension}', chunkFileNames: '[name].${extension}' });`;
}

const wire = useWireServer();
const project = new ConsumerProject();
const places = mkdtempSync(join(tmpdir(), 'empty-places-'));
let tarball: string;

beforeAll(() => {
  tarball = packTarball();
  project.install(tarball, SDK, ...BUNDLERS);
  for (const [name, { program }] of Object.entries(BUNDLING)) {
    project.write(`${name}.mjs`, `const [, , entry, folder] = process.argv;\n${program}`);
  }
}, 300_000);
afterAll(() => {
  project.remove();
  rmSync(places, { recursive: true, force: true });
});

const caller = (imports: string, client: string) => `
  import { streamContract } from 'cdk-lambda-streaming/contract';
  import { streamInvoker } from 'cdk-lambda-streaming/invoker';
  ${imports}
  const config = { endpoint: process.argv[2], region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  const invoker = streamInvoker(streamContract({ format: 'text' }), { functionName: 'f', ${client} });
  invoker.invoke({}).then((stream) => stream.text()).then(console.log, console.error);
`;

/** What a program prints that is bundled in the project and run from a folder with nothing else. */
async function bundledAndRun(bundler: string, code: string): Promise<Run> {
  const folder = mkdtempSync(join(places, 'out-'));
  const made = project.run('node', `${bundler}.mjs`, project.write('entry.mjs', code), folder);
  if (made.code !== 0) throw new Error(`${bundler} failed\n${made.output}`);
  return run(folder, 'node', BUNDLING[bundler]?.out ?? '', wire.endpoint);
}

/** Runs a program beside the server of this process. */
async function run(folder: string, command: string, ...args: string[]): Promise<Run> {
  const child = spawn(command, args, { cwd: folder, env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const pipe of [child.stdout, child.stderr]) pipe.setEncoding('utf8').on('data', (text) => (output += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  return { code, output };
}

describe.each(Object.keys(BUNDLING))('%s', (bundler) => {
  beforeEach(() => wire.answer(stream([payloadChunk('it works'), invokeComplete()])));

  test('takes every entry', async () => {
    const entries = moduleEntries();
    const imports = entries.map((name, index) => `import * as e${index} from 'cdk-lambda-streaming/${name}';`);
    const counts = entries.map((_, index) => `Object.keys(e${index}).length`);
    const code = `${imports.join('\n')}\nconsole.log([${counts.join()}].every((count) => count > 0));`;
    expect(await bundledAndRun(bundler, code)).toEqual({ code: 0, output: 'true\n' });
  });

  test('takes the SDK along for the invoker', async () => {
    expect(await bundledAndRun(bundler, caller('', 'clientConfig: config'))).toEqual({ code: 0, output: 'it works\n' });
  });

  test('makes one SDK of the invoker’s and the caller’s own', async () => {
    const code = caller("import { LambdaClient } from '@aws-sdk/client-lambda';", 'client: new LambdaClient(config)');
    expect(await bundledAndRun(bundler, code)).toEqual({ code: 0, output: 'it works\n' });
  });
});

test('a Next.js route invokes from a standalone build that is copied elsewhere', async () => {
  const app = new ConsumerProject();
  app.install(tarball, SDK, 'next@16.4.6', 'react@19.3.1', 'react-dom@19.3.1');
  mkdirSync(join(app.folder, 'app', 'ask'), { recursive: true });
  app.write(
    'next.config.mjs',
    `const root = import.meta.dirname;
     export default { output: 'standalone', outputFileTracingRoot: root, turbopack: { root } };`,
  );
  app.write('app/layout.js', 'export default ({ children }) => <html><body>{children}</body></html>;');
  app.write(
    'app/ask/route.js',
    `import { streamContract } from 'cdk-lambda-streaming/contract';
     import { streamInvoker } from 'cdk-lambda-streaming/invoker';
     export const dynamic = 'force-dynamic';
     export async function GET() {
       const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
       const clientConfig = { endpoint: process.env.ENDPOINT, region: 'us-east-1', credentials };
       const invoker = streamInvoker(streamContract({ format: 'text' }), { functionName: 'f', clientConfig });
       return new Response(await (await invoker.invoke({})).text());
     }`,
  );
  const built = app.run('npx', 'next', 'build');
  expect({ ...built, output: built.code === 0 ? '' : built.output }).toEqual({ code: 0, output: '' });
  const place = join(places, 'standalone');
  cpSync(join(app.folder, '.next', 'standalone'), place, { recursive: true });
  app.remove();

  wire.answer(stream([payloadChunk('it works'), invokeComplete()]));
  const port = await freePort();
  const env = { ...cleanEnvironment(), PORT: String(port), HOSTNAME: '127.0.0.1', ENDPOINT: wire.endpoint };
  const server = spawn('node', ['server.js'], { cwd: place, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => server.once('close', resolve));
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('close', (code) => reject(new Error(`the server ended with ${code}`)));
      server.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (text.includes('Ready')) resolve();
      });
    });
    const response = await fetch(`http://127.0.0.1:${port}/ask`);
    expect([response.status, await response.text()]).toEqual([200, 'it works']);
  } finally {
    server.kill();
    await ended;
  }
}, 600_000);

/** Next.js does not print a port that it was left to choose. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
