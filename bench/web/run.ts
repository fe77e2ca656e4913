/**
 * What an adapter of web apps costs beside a handler written by hand, ours and others in the same run: bytes in the bundle,
 * load, first call, and a warm call. Each number is the least of alternating rounds in fresh processes: other work only adds.
 * Run: `npm run bench:web`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type BuildOptions, buildSync } from 'esbuild';

const root = join(__dirname, '../..');
const ROUNDS = 9;
const WARM_CALLS = 2_000;

const FETCH = `const app = () => new Response('hello', { headers: { 'content-type': 'text/plain' } });`;
const LISTENER = `const app = (request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' }); response.end('hello'); };`;

/** Source of the handler file, and what of it is the adapter's size: its import alone. */
const SUBJECTS: Readonly<Record<string, readonly [source: string, adapter: string]>> = {
  'by hand': [
    `const prelude = JSON.stringify({ statusCode: 200, headers: { 'content-type': 'text/plain' } }) + '\\0'.repeat(8);
     exports.handler = awslambda.streamifyResponse(async (event, stream) => {
       stream.setContentType('application/vnd.awslambda.http-integration-response');
       stream.write(prelude); stream.write('hello'); stream.end(); });`,
    '',
  ],
  webHandler: [
    `import { webHandler } from './src/web'; ${FETCH} exports.handler = webHandler(app);`,
    `export { webHandler } from './src/web';`,
  ],
  hono: [
    `import { streamHandle } from 'hono/aws-lambda'; ${FETCH} exports.handler = streamHandle({ fetch: app });`,
    `export { streamHandle } from 'hono/aws-lambda';`,
  ],
  srvx: [
    `import { handleLambdaEventWithStream } from 'srvx/aws-lambda'; ${FETCH}
     exports.handler = awslambda.streamifyResponse((event, stream, context) => handleLambdaEventWithStream(app, event, stream, context));`,
    `export { handleLambdaEventWithStream } from 'srvx/aws-lambda';`,
  ],
  nodeHandler: [
    `import { nodeHandler } from './src/web'; ${LISTENER} exports.handler = nodeHandler(app);`,
    `export { nodeHandler } from './src/web';`,
  ],
};

/** In the process: the function loads, answers once, then often. The stream takes all at once and counts. */
const RUNNER = `
const event = ${JSON.stringify({
  version: '2.0',
  rawPath: '/',
  rawQueryString: 'a=1',
  headers: {
    host: 'h',
    accept: '*/*',
    'user-agent': 'bench',
    'x-forwarded-for': '203.0.113.7',
    'x-forwarded-proto': 'https',
  },
  requestContext: {
    domainName: 'h',
    http: { method: 'GET', path: '/', protocol: 'HTTP/1.1', sourceIp: '203.0.113.7' },
  },
  isBase64Encoded: false,
})};
const context = { awsRequestId: 'id', getRemainingTimeInMillis: () => 60000 };
class Prelude { static from(stream, prelude) { stream.setContentType(''); stream.write(JSON.stringify(prelude)); return stream; } }
globalThis.awslambda = { streamifyResponse: (handler) => handler, HttpResponseStream: Prelude };
const { Writable } = require('node:stream');
const now = () => Number(process.hrtime.bigint()) / 1e3;
const newStream = () => Object.assign(new Writable({ write: (chunk, encoding, done) => done() }), { setContentType() {} });
(async () => {
  const start = now();
  const { handler } = require(process.argv[2]);
  // What is loaded asynchronously is loaded while the function starts.
  await new Promise((resolve) => setTimeout(resolve, 30));
  const load = now() - start - 30_000;
  const call = async () => { const before = now(); await handler(event, newStream(), context); return now() - before; };
  const first = await call();
  const warm = [];
  for (let n = 0; n < ${WARM_CALLS}; n++) warm.push(await call());
  const steady = warm.slice(500);
  // What a call costs where nothing else runs: the best hundred calls in a row.
  const means = steady.flatMap((_, at) => (at % 100 ? [] : [steady.slice(at, at + 100).reduce((sum, one) => sum + one) / 100]));
  const sorted = steady.sort((a, b) => a - b);
  console.log(JSON.stringify({ load, first, best: Math.min(...means), p50: sorted[sorted.length >> 1], p95: sorted[Math.floor(sorted.length * 0.95)] }));
  process.exit(0);
})();`;

interface Run {
  readonly load: number;
  readonly first: number;
  readonly best: number;
  readonly p50: number;
  readonly p95: number;
}

const options: BuildOptions = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20',
  nodePaths: [join(__dirname, 'node_modules')],
  logLevel: 'error',
};

function sizeOf(adapter: string): string {
  if (!adapter) return '–';
  const stdin = { contents: adapter, resolveDir: root, loader: 'ts' } as const;
  const text = buildSync({ ...options, format: 'esm', stdin, write: false }).outputFiles?.[0]?.text ?? '';
  return `${text.length} / ${gzipSync(text, { level: 9 }).length}`;
}

const folder = mkdtempSync(join(tmpdir(), 'web-bench-'));
try {
  const runner = join(folder, 'runner.js');
  writeFileSync(runner, RUNNER);
  const runs = new Map<string, Run[]>();
  for (const [name, [contents]] of Object.entries(SUBJECTS)) {
    const stdin = { contents, resolveDir: root, loader: 'ts' } as const;
    buildSync({ ...options, format: 'cjs', stdin, outfile: join(folder, `${name}.js`) });
    runs.set(name, []);
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, seen] of runs) {
      seen.push(JSON.parse(execFileSync(process.execPath, [runner, join(folder, `${name}.js`)], { encoding: 'utf8' })));
    }
  }
  const least = (seen: readonly Run[], key: keyof Run): number => Math.min(...seen.map((run) => run[key]));
  const bare = least(runs.get('by hand') ?? [], 'p50');
  console.log(
    '| adapter | bytes / gzip | load ms | first call ms | warm p50 µs | over by hand µs | p95 µs | best 100 in a row µs |',
  );
  console.log('|---|---|---|---|---|---|---|---|');
  for (const [name, seen] of runs) {
    const [load, first, p50, p95, best] = (['load', 'first', 'p50', 'p95', 'best'] as const).map((key) =>
      least(seen, key),
    );
    const ms = (microseconds = Number.NaN) => (microseconds / 1e3).toFixed(1);
    console.log(
      `| ${name} | ${sizeOf(SUBJECTS[name]?.[1] ?? '')} | ${ms(load)} | ${ms(first)} | ${p50?.toFixed(1)} | ${((p50 ?? 0) - bare).toFixed(1)} | ${p95?.toFixed(1)} | ${best?.toFixed(1)} |`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
