/**
 * What an adapter of web apps costs beside a handler written by hand, ours and others in the same run: bytes in the bundle,
 * load, first call, and a warm call. Each number is the least of alternating rounds in fresh processes: other work only adds.
 * Run: `npm run bench:web`, for some of them `npm run bench:web -- hono srvx`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { payload2 } from '../../src/testing/conformance/events';
import { ADAPTERS, bundled, chosenAdapters, versionOf } from './adapters';

const ROUNDS = 9;
const WARM_CALLS = 2_000;

const APPS = {
  fetch: `const app = () => new Response('hello', { headers: { 'content-type': 'text/plain' } });`,
  node: `const app = (request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' }); response.end('hello'); };`,
};

const BY_HAND = `const prelude = JSON.stringify({ statusCode: 200, headers: { 'content-type': 'text/plain' } }) + '\\0'.repeat(8);
  export const handler = awslambda.streamifyResponse(async (event, stream) => {
    stream.setContentType('application/vnd.awslambda.http-integration-response');
    stream.write(prelude); stream.write('hello'); stream.end(); });`;

/** In the process: the function loads, answers once, then often. The stream takes all at once and counts. */
const RUNNER = `
const event = ${JSON.stringify(payload2('/?a=1'))};
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
  /** Until the handler and its stream are done; each in a turn of its own, as Lambda calls, so that nothing piles up. */
  const call = async () => {
    await new Promise(setImmediate);
    const stream = newStream();
    const finished = new Promise((resolve) => stream.on('finish', resolve));
    const before = now();
    await handler(event, stream, context);
    if (stream.writableEnded) await finished;
    return now() - before;
  };
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

/** What a bundle holds of the adapter: its imports, without the framework it works through. */
function sizeOf(name: string): string {
  const { imports, framework } = ADAPTERS[name] ?? {};
  if (imports === undefined) return '–';
  const text = bundled(
    imports.replaceAll('import ', 'export ').replaceAll(/export (\w+) from/g, 'export { default } from'),
    'esm',
    framework ? [framework] : [],
  );
  return `${text.length} / ${gzipSync(text, { level: 9 }).length}`;
}

const chosen = chosenAdapters(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), 'web-bench-'));
try {
  const runner = join(folder, 'runner.js');
  writeFileSync(runner, RUNNER);
  const sources = {
    'by hand': BY_HAND,
    ...Object.fromEntries(
      chosen.map(([name, { kind, imports, handler, hello = handler }]) => [
        name,
        `${imports}\n${APPS[kind]}\n${hello}`,
      ]),
    ),
  };
  const runs = new Map<string, Run[]>();
  const fileOf = (name: string) => join(folder, `${name.replaceAll('/', '-')}.js`);
  for (const [name, source] of Object.entries(sources)) {
    writeFileSync(fileOf(name), bundled(source, 'cjs'));
    runs.set(name, []);
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, seen] of runs) {
      seen.push(JSON.parse(execFileSync(process.execPath, [runner, fileOf(name)], { encoding: 'utf8' })));
    }
  }
  const least = (seen: readonly Run[], key: keyof Run): number => Math.min(...seen.map((run) => run[key]));
  const bare = least(runs.get('by hand') ?? [], 'p50');
  console.log(
    '| adapter | version | bytes / gzip | load ms | first call ms | warm p50 µs | over by hand µs | p95 µs | best 100 in a row µs |',
  );
  console.log('|---|---|---|---:|---:|---:|---:|---:|---:|');
  for (const [name, seen] of runs) {
    const [load, first, p50, p95, best] = (['load', 'first', 'p50', 'p95', 'best'] as const).map((key) =>
      least(seen, key),
    );
    const ms = (microseconds = Number.NaN) => (microseconds / 1e3).toFixed(1);
    console.log(
      `| ${name} | ${name in ADAPTERS ? versionOf(name) : '–'} | ${sizeOf(name)} | ${ms(load)} | ${ms(first)} | ${p50?.toFixed(1)} | ${((p50 ?? 0) - bare).toFixed(1)} | ${p95?.toFixed(1)} | ${best?.toFixed(1)} |`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
