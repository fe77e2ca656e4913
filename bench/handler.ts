/**
 * What the handler helper costs over a handler written by hand, both in the same run: load time of the bundle, and CPU
 * per chunk on the official runtime's response stream. Run: `npx tsx --tsconfig test/tsconfig.json bench/handler.ts`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamHandler } from 'cdk-lambda-streaming/handler';
import { buildSync } from 'esbuild';
import type { ResponseWriter } from '../src/wire/lambda-runtime';
import { runOnOfficialRuntime } from '../test/handler/official-runtime';

const root = join(__dirname, '..');
const ROUNDS = 41;
const CHUNKS = 100_000;

const BARE = `exports.handler = globalThis.awslambda.streamifyResponse(async (event, stream) => {
  stream.setContentType('application/x-ndjson');
  stream.write(JSON.stringify({ token: 'hi' }) + '\\n');
  stream.end();
});`;
const HELPER = `import { streamHandler } from '${root}/src/handler';
import { streamContract } from '${root}/src/contract';
exports.handler = streamHandler(streamContract({ format: 'ndjson' }), async function* () { yield { token: 'hi' }; });`;

/** Milliseconds to load each bundle in a fresh process, the least of alternating rounds: other work only adds to it. */
function loadTimes(): { bare: number; helper: number } {
  const folder = mkdtempSync(join(tmpdir(), 'handler-bench-'));
  try {
    const files = Object.entries({ bare: BARE, helper: HELPER }).map(([name, contents]) => {
      const outfile = join(folder, `${name}.js`);
      const options = { bundle: true, minify: true, platform: 'node', target: 'node20', format: 'cjs' } as const;
      buildSync({ ...options, stdin: { contents, resolveDir: root, loader: 'ts' }, outfile });
      return outfile;
    });
    const runner = join(folder, 'load.js');
    writeFileSync(
      runner,
      `globalThis.awslambda = { streamifyResponse: (handler) => handler };
       const start = process.hrtime.bigint(); require(process.argv[2]);
       process.stdout.write(String(Number(process.hrtime.bigint() - start) / 1e6));`,
    );
    const times: number[][] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, file] of files.entries()) times[i]?.push(Number(execFileSync(process.execPath, [runner, file])));
    }
    return { bare: Math.min(...(times[0] ?? [])), helper: Math.min(...(times[1] ?? [])) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Writes = (stream: ResponseWriter, line: string) => Promise<void>;

/** A handler written by hand, that waits for room. */
function byHand(write: Writes) {
  return async (_: unknown, stream: ResponseWriter) => {
    stream.setContentType?.('application/x-ndjson');
    for (let i = 0; i < CHUNKS; i++) await write(stream, `${JSON.stringify({ token: 'hello', i })}\n`);
    stream.end();
  };
}

const waiting: Writes = (stream, line) =>
  new Promise((resolve) => {
    if (stream.write(Buffer.from(line), () => resolve())) resolve();
  });

const helper = streamHandler(streamContract({ format: 'ndjson' }), async function* () {
  for (let i = 0; i < CHUNKS; i++) yield { token: 'hello', i };
});

/** CPU microseconds per chunk, of handler and the loopback server together. */
async function cpuPerChunk(handler: unknown): Promise<number> {
  const before = process.cpuUsage();
  const { errorType } = await runOnOfficialRuntime(handler);
  if (errorType !== undefined) throw new Error(`the handler failed: ${errorType}`);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CHUNKS;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function main(): Promise<void> {
  const load = loadTimes();
  console.log(
    `load, ms          bare ${load.bare.toFixed(2)}   helper ${load.helper.toFixed(2)}   over ${(load.helper - load.bare).toFixed(2)}`,
  );
  const cpu: Record<string, number[]> = { hand: [], helper: [] };
  for (let round = 0; round < 7; round++) {
    cpu.hand?.push(await cpuPerChunk(byHand(waiting)));
    cpu.helper?.push(await cpuPerChunk(helper));
  }
  const [hand, ours] = [median(cpu.hand ?? []), median(cpu.helper ?? [])];
  console.log(
    `CPU per chunk, µs by hand ${hand.toFixed(2)}   helper ${ours.toFixed(2)}   ratio ${(ours / hand).toFixed(2)}`,
  );
}

void main();
