/** The tarball in users' bundles: made by each bundler, copied to an empty folder, and run there by Node.js. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** Bodies of functions that bundle the files `entries`, an object by name, into `folder`: each as its name, with `extension`. */
const BUNDLING: Readonly<Record<string, { readonly extension: 'cjs' | 'mjs'; readonly body: string }>> = {
  'esbuild to CommonJS': { extension: 'cjs', body: esbuild("outExtension: { '.js': '.cjs' }") },
  'esbuild to an ES module': {
    extension: 'mjs',
    body: `const js = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
      ${esbuild("outExtension: { '.js': '.mjs' }, format: 'esm', banner: { js }")}`,
  },
  'webpack to CommonJS': {
    extension: 'cjs',
    // As webpack does unless it is told not to; one program, for that takes four times as long as all the rest.
    body: webpack(
      "{ path: folder, filename: '[name].cjs', chunkFilename: minimize + '-[id].cjs' }",
      "name === 'program-1'",
    ),
  },
  'webpack to an ES module': {
    extension: 'mjs',
    body: webpack(
      "{ path: folder, filename: '[name].mjs', module: true, chunkFormat: 'module' }, experiments: { outputModule: true }",
      'false',
    ),
  },
  'Rollup to CommonJS': { extension: 'cjs', body: rollup('cjs', 'cjs') },
  'Rollup to an ES module': { extension: 'mjs', body: rollup('es', 'mjs') },
  'vite for a server': {
    extension: 'mjs',
    body: `const { build } = await import('vite');
      const rollupOptions = { input: entries, output: { entryFileNames: '[name].mjs' } };
      await build({ logLevel: 'error', ssr: { noExternal: true }, build: { ssr: true, outDir: folder, rollupOptions } });`,
  },
};

function esbuild(options: string): string {
  return `const { build } = await import('esbuild');
    await build({ entryPoints: entries, outdir: folder, bundle: true, platform: 'node', ${options} });`;
}

/** @param minimizes an expression that says it of the program `name` */
function webpack(output: string, minimizes: string): string {
  return `const { default: webpack } = await import('webpack');
    for (const minimize of [false, true]) {
      const entry = Object.fromEntries(Object.entries(entries).filter(([name]) => minimize === (${minimizes})));
      if (Object.keys(entry).length === 0) continue;
      const config = { mode: 'production', target: 'node20', entry, optimization: { minimize }, output: ${output} };
      await new Promise((resolve, reject) => webpack(config, (error, stats) => {
        const { errors = [] } = stats?.toJson({ all: false, errors: true }) ?? {};
        if (error || errors.length > 0) reject(error ?? new Error(errors.map(({ message }) => message).join('; ')));
        else resolve();
      }));
    }`;
}

/** What is read and parsed is the same for each format, so that is done once. */
function rollup(format: string, extension: string): string {
  return `const { rollup } = await import('rollup');
    const plugins = await Promise.all(['node-resolve', 'commonjs', 'json'].map((name) => import('@rollup/plugin-' + name)));
    const [resolve, commonjs, json] = plugins.map((plugin) => plugin.default);
    globalThis.parsed ??= rollup({
      input: entries,
      plugins: [resolve({ exportConditions: ['node'], preferBuiltins: true }), commonjs(), json()],
      onwarn: () => undefined,
    });
    const bundle = await globalThis.parsed;
    await bundle.write({ dir: folder, format: '${format}', entryFileNames: '[name].${extension}', chunkFileNames: 'part-[hash].${extension}' });`;
}

const wire = useWireServer();
const project = new ConsumerProject();
const places = mkdtempSync(join(tmpdir(), 'empty-places-'));
let tarball: string;

beforeAll(async () => {
  tarball = await packTarball();
  project.install(tarball, SDK, ...BUNDLERS);
});
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

/** A folder for the bundles of each way, with nothing else in it. */
const placeOf = (way: string) => join(places, way);

/** Bundles the programs in each way that a tool knows, all in one process. */
function bundleAll(tool: string, ways: readonly string[]): void {
  const functions = ways.map((way) => `'${way}': async (entries, folder) => { ${BUNDLING[way]?.body} },`);
  const script = `import { writeFileSync } from 'node:fs';
    const ways = { ${functions.join('\n')} };
    for (const [way, entries, folder] of JSON.parse(process.argv[2])) {
      await ways[way](entries, folder).catch((error) => writeFileSync(folder + '/failed', String(error.stack)));
    }`;
  const entries = PROGRAMS.map(([, code], program) => [
    `program-${program}`,
    project.write(`entry-${program}.mjs`, code()),
  ]);
  const jobs = ways.map((way) => {
    mkdirSync(placeOf(way));
    return [way, Object.fromEntries(entries), placeOf(way)];
  });
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
  beforeAll(() => bundleAll(tool, ways));

  describe.each(ways)('%s', (way) => {
    test.each(PROGRAMS.map(([title, , printed], program) => ({ title, program, printed })))(
      '$title',
      async ({ program, printed }) => {
        const place = placeOf(way);
        const failure = join(place, 'failed');
        expect(existsSync(failure) ? readFileSync(failure, 'utf8') : '').toBe('');
        wire.answer(stream([payloadChunk('it works'), invokeComplete()]));
        const ran = await run(place, 'node', `program-${program}.${BUNDLING[way]?.extension}`, wire.endpoint);
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

  // Next.js takes no 0 for a port that is free; so that nobody else can take the port before it, this does.
  const free = join(places, 'free-port.cjs');
  writeFileSync(
    free,
    `const { Server } = require('node:net');
     const { listen } = Server.prototype;
     Server.prototype.listen = function (port, host, ...rest) {
       if (port !== 3000) return listen.call(this, port, host, ...rest);
       this.once('listening', () => console.log('port ' + this.address().port + ';'));
       return listen.call(this, 0, host, ...rest);
     };`,
  );
  const env = { ...cleanEnvironment(), PORT: '3000', HOSTNAME: '127.0.0.1', ENDPOINT: wire.endpoint };
  const server = spawn('node', ['--require', free, 'server.js'], {
    cwd: place,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => server.once('close', resolve));
  try {
    const port = await new Promise<string>((resolve, reject) => {
      server.once('close', (code) => reject(new Error(`the server ended with ${code}\n${said}`)));
      let said = '';
      server.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const [, number] = /port (\d+);/.exec(said) ?? [];
        if (number !== undefined && said.includes('Ready')) resolve(number);
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
});
