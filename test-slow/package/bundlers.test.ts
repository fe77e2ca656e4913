/** The tarball in users' bundles: made by each bundler, copied to an empty folder, and run there by Node.js. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { invokeComplete, payloadChunk, rejection } from '../../test/invoker/read-stream';
import { stream, useWireServer } from '../../test/invoker/wire-server';
import { recipeFor } from '../invoker/recipe-for';
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

/** Bodies of functions that bundle the file `entry`, of a program with this number, into `folder`, as `out.cjs` or `out.mjs`. */
const BUNDLING: Readonly<Record<string, { readonly out: string; readonly body: string }>> = {
  'esbuild to CommonJS': {
    out: 'out.cjs',
    body: `const { build } = await import('esbuild');
      await build({ entryPoints: [entry], outfile: folder + '/out.cjs', bundle: true, platform: 'node' });`,
  },
  'esbuild to an ES module': {
    out: 'out.mjs',
    body: `const { build } = await import('esbuild');
      const js = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
      await build({ entryPoints: [entry], outfile: folder + '/out.mjs', bundle: true, platform: 'node', format: 'esm', banner: { js } });`,
  },
  'webpack to CommonJS': { out: 'out.cjs', body: webpack("{ path: folder, filename: 'out.cjs' }", 1) },
  'webpack to an ES module': {
    out: 'out.mjs',
    body: webpack(
      "{ path: folder, filename: 'out.mjs', module: true, chunkFormat: 'module' }, experiments: { outputModule: true }",
      0,
    ),
  },
  'Rollup to CommonJS': { out: 'out.cjs', body: rollup('cjs', 'cjs') },
  'Rollup to an ES module': { out: 'out.mjs', body: rollup('es', 'mjs') },
  'vite for a server': {
    out: 'out.mjs',
    body: `const { build } = await import('vite');
      const output = { entryFileNames: 'out.mjs' };
      await build({ logLevel: 'error', ssr: { noExternal: true }, build: { ssr: entry, outDir: folder, rollupOptions: { output } } });`,
  },
};

/** Minifies one program, as webpack does unless it is told not to: that takes four times as long as all the rest. */
function webpack(output: string, minimized: number): string {
  return `const { default: webpack } = await import('webpack');
    const optimization = { minimize: program === ${minimized} };
    const config = { mode: 'production', target: 'node20', entry, optimization, output: ${output} };
    await new Promise((resolve, reject) => webpack(config, (error, stats) => {
      const { errors = [] } = stats?.toJson({ all: false, errors: true }) ?? {};
      if (error || errors.length > 0) reject(error ?? new Error(errors.map(({ message }) => message).join('; ')));
      else resolve();
    }));`;
}

/** What is read and parsed is the same for each format, so that is done once. */
function rollup(format: string, extension: string): string {
  return `const { rollup } = await import('rollup');
    const plugins = await Promise.all(['node-resolve', 'commonjs', 'json'].map((name) => import('@rollup/plugin-' + name)));
    const [resolve, commonjs, json] = plugins.map((plugin) => plugin.default);
    globalThis.parsed ??= {};
    const bundle = await (globalThis.parsed[entry] ??= rollup({
      input: entry,
      plugins: [resolve({ exportConditions: ['node'], preferBuiltins: true }), commonjs(), json()],
      onwarn: () => undefined,
    }));
    await bundle.write({ dir: folder, format: '${format}', entryFileNames: 'out.${extension}', chunkFileNames: '[name].${extension}' });`;
}

const wire = useWireServer();
const project = new ConsumerProject();
const places = mkdtempSync(join(tmpdir(), 'empty-places-'));
let tarball: string;

beforeAll(async () => {
  tarball = await packTarball();
  project.install(tarball, SDK, ...BUNDLERS);
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

function everyEntry(): string {
  const entries = moduleEntries();
  const imports = entries.map((name, index) => `import * as e${index} from 'cdk-lambda-streaming/${name}';`);
  const counts = entries.map((_, index) => `Object.keys(e${index}).length`);
  return `${imports.join('\n')}\nconsole.log([${counts.join()}].every((count) => count > 0));`;
}

/** What a program does with the package, its code, and what it prints. */
const PROGRAMS: readonly (readonly [title: string, code: () => string, printed: string])[] = [
  ['takes every entry', everyEntry, 'true\n'],
  ['takes the SDK along for the invoker', () => caller('', 'clientConfig: config'), 'it works\n'],
  [
    'makes one SDK of the invoker’s and the caller’s own',
    () => caller("import { LambdaClient } from '@aws-sdk/client-lambda';", 'client: new LambdaClient(config)'),
    'it works\n',
  ],
];

/** A folder for each bundle, with nothing else in it. */
const placeOf = (way: string, program: number) => join(places, `${way} ${program}`);

/** Bundles each program in each way that a tool knows, all in one process. */
function bundleAll(tool: string, ways: readonly string[]): void {
  const functions = ways.map((way) => `'${way}': async (entry, folder, program) => { ${BUNDLING[way]?.body} },`);
  const script = `import { writeFileSync } from 'node:fs';
    const ways = { ${functions.join('\n')} };
    for (const [way, ...job] of JSON.parse(process.argv[2])) {
      await ways[way](...job).catch((error) => writeFileSync(job[1] + '/failed', String(error.stack)));
    }`;
  const jobs = ways.flatMap((way) =>
    PROGRAMS.map(([, code], program) => {
      mkdirSync(placeOf(way, program));
      return [way, project.write(`entry-${program}.mjs`, code()), placeOf(way, program), program];
    }),
  );
  const { code, output } = project.run('node', project.write(`${tool}.mjs`, script), JSON.stringify(jobs));
  if (code !== 0) throw new Error(`${tool} failed\n${output}`);
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

describe.each(['esbuild', 'webpack', 'Rollup', 'vite'])('%s', (tool) => {
  const ways = Object.keys(BUNDLING).filter((way) => way.startsWith(`${tool} `));
  beforeAll(() => bundleAll(tool, ways), 300_000);

  describe.each(ways)('%s', (way) => {
    test.each(PROGRAMS.map(([title, , printed], program) => ({ title, program, printed })))(
      '$title',
      async ({ program, printed }) => {
        const place = placeOf(way, program);
        const failure = join(place, 'failed');
        expect(existsSync(failure) ? readFileSync(failure, 'utf8') : '').toBe('');
        wire.answer(stream([payloadChunk('it works'), invokeComplete()]));
        const ran = await run(place, 'node', BUNDLING[way]?.out ?? '', wire.endpoint);
        expect(ran).toEqual({ code: 0, output: printed });
      },
    );
  });
});

test('a Next.js route passes streams on, from a standalone build that is copied elsewhere', async () => {
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
     export async function POST(request) {
       const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
       const clientConfig = { endpoint: process.env.ENDPOINT, region: 'us-east-1', credentials };
       const invoker = streamInvoker(streamContract({ format: 'ndjson' }), { functionName: 'f', clientConfig });
       ${recipeFor('Next.js')}
     }`,
  );
  const built = app.run('npx', 'next', 'build');
  expect({ ...built, output: built.code === 0 ? '' : built.output }).toEqual({ code: 0, output: '' });
  const place = join(places, 'standalone');
  cpSync(join(app.folder, '.next', 'standalone'), place, { recursive: true });
  app.remove();

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
    const fetcher = streamFetcher(streamContract({ format: 'ndjson' }), {
      url: `http://127.0.0.1:${port}/ask`,
      sign: 'none',
    });
    const ask = async (...lines: readonly object[]) => {
      wire.answer(stream([payloadChunk(lines.map((line) => `${JSON.stringify(line)}\n`).join('')), invokeComplete()]));
      return (await fetcher.invoke({})).collect();
    };
    expect((await ask({ n: 1 }, { $stream: { end: {} } })).chunks).toEqual([{ n: 1 }]);
    const exceeded = { type: 'QuotaExceeded', message: 'no quota is left', data: { quota: 7 }, statusCode: 429 };
    const expected = { code: 'REMOTE', errorType: 'QuotaExceeded', data: { quota: 7 } };
    expect(await rejection(ask({ $stream: { error: exceeded } }))).toMatchObject({ ...expected, chunks: 0 });
    expect(await rejection(ask({ n: 1 }, { $stream: { error: exceeded } }))).toMatchObject({ ...expected, chunks: 1 });
    expect(await rejection(ask({ n: 1 }))).toMatchObject({ code: 'TRANSPORT' });
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
