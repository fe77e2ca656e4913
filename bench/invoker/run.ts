/**
 * Compares reading a response stream by the invoker, by the AWS SDK's own iterator and by bare `node:http`, and decoding
 * by our decoders and others. Server and every measurement are processes of their own; the rivals take turns.
 *
 *   npx tsx --tsconfig test/tsconfig.json bench/invoker/run.ts [--quick]
 */
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { ReaderName } from './readers';

const root = join(__dirname, '..', '..');
const out = join(__dirname, '.cache');
const quick = process.argv.includes('--quick');
const ROUNDS = quick ? 1 : 3;
const MIB = 1_048_576;
/** Just below what Lambda sends. */
const LARGE = 199 * MIB;

/** Chunk size, bytes in all, and the most CPU the invoker may take against the SDK's. */
const SIZES: readonly (readonly [label: string, size: number, total: number, target: number])[] = [
  ['64 B', 64, 16 * MIB, 1 / 8],
  ['1 KB', 1_024, LARGE, 1 / 4],
  ['16 KB', 16_384, LARGE, 1],
  ['64 KB', 65_536, LARGE, 1],
  ['1 MB', MIB, LARGE, 0.9],
];

interface Measured {
  /** Of the first read in its process. */
  readonly firstCpuMs: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly peakRssMb: number;
  readonly kiloChunksPerSecond: number;
}

async function bundle(): Promise<void> {
  await build({
    entryPoints: ['server', 'measure'].map((name) => join(__dirname, `${name}.ts`)),
    outdir: out,
    bundle: true,
    platform: 'node',
    target: 'node20',
    external: ['@aws-sdk/*'],
    alias: {
      'cdk-lambda-streaming/contract': join(root, 'src/contract/index.ts'),
      'cdk-lambda-streaming/invoker': join(root, 'src/invoker/index.ts'),
    },
  });
}

async function measure<T>(endpoint: string, ...args: (string | number)[]): Promise<T> {
  const script = [join(out, 'measure.js'), endpoint, ...args.map(String)];
  const { stdout } = await promisify(execFile)(process.execPath, script, { cwd: root });
  return JSON.parse(stdout) as T;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function compareReaders(endpoint: string): Promise<void> {
  console.log('| chunk | reader | CPU ms | of the SDK | of raw | first read | k chunks/s | peak RSS MB |');
  console.log('|---|---|---:|---:|---:|---:|---:|---:|');
  const verdicts: string[] = [];
  for (const [label, size, total, target] of SIZES) {
    const runs: Record<ReaderName, Measured[]> = { raw: [], sdk: [], invoker: [] };
    for (let round = 0; round < ROUNDS; round++) {
      for (const reader of ['raw', 'sdk', 'invoker'] as const) {
        runs[reader].push(await measure<Measured>(endpoint, 'throughput', reader, size, total));
      }
    }
    const cpu = (reader: ReaderName) => median(runs[reader].map(({ cpuMs }) => cpuMs));
    const first = (reader: ReaderName) => median(runs[reader].map(({ firstCpuMs }) => firstCpuMs));
    const rss = (reader: ReaderName) => median(runs[reader].map(({ peakRssMb }) => peakRssMb));
    for (const reader of ['raw', 'sdk', 'invoker'] as const) {
      const speed = reader === 'raw' ? '' : median(runs[reader].map((run) => run.kiloChunksPerSecond)).toFixed(1);
      const ratios = `${(cpu(reader) / cpu('sdk')).toFixed(2)} | ${(cpu(reader) / cpu('raw')).toFixed(1)}`;
      console.log(
        `| ${label} | ${reader} | ${cpu(reader).toFixed(0)} | ${ratios} | ${first(reader).toFixed(0)} | ${speed} | ${rss(reader).toFixed(0)} |`,
      );
    }
    const ratio = cpu('invoker') / cpu('sdk');
    verdicts.push(
      `${label}: CPU ${ratio.toFixed(3)} of the SDK, at most ${target}: ${ratio <= target ? 'met' : 'MISSED'}`,
    );
    if (size >= 16_384) {
      const more = rss('invoker') - rss('sdk');
      verdicts.push(`${label}: RSS ${more.toFixed(0)} MB over the SDK, at most 20: ${more <= 20 ? 'met' : 'MISSED'}`);
    }
  }
  console.log(`\n${verdicts.join('\n')}`);
}

async function compareFirstChunk(endpoint: string): Promise<void> {
  const times = await measure<Record<ReaderName, number>>(endpoint, 'first-chunk', quick ? 100 : 500);
  const more = times.invoker - times.sdk;
  console.log('\n| time to first chunk, p50 | ms |\n|---|---:|');
  for (const [reader, ms] of Object.entries(times)) console.log(`| ${reader} | ${ms.toFixed(2)} |`);
  console.log(`\nfirst chunk ${more.toFixed(2)} ms over the SDK, at most 0.3: ${more <= 0.3 ? 'met' : 'MISSED'}`);
}

async function compareDecoders(): Promise<void> {
  console.log('\n| decoder, 32 MiB in pieces of 16 KiB | CPU ms | ratio |\n|---|---:|---:|');
  const groups = [
    ['ndjson-parse', 'ndjson-splitter', 'ndjson-ours'],
    ['sse-eventsource-parser', 'sse-ours'],
  ];
  for (const group of groups) {
    const runs = new Map(group.map((name) => [name, [] as number[]]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const name of group) runs.get(name)?.push((await measure<Measured>('-', 'decode', name)).cpuMs);
    }
    const [base = Number.NaN] = group.map((name) => median(runs.get(name) ?? []));
    for (const name of group) {
      const cpuMs = median(runs.get(name) ?? []);
      console.log(`| ${name} | ${cpuMs.toFixed(0)} | ${(cpuMs / base).toFixed(2)} |`);
    }
  }
}

async function main(): Promise<void> {
  await bundle();
  const server: ChildProcess = fork(join(out, 'server.js'));
  const [port] = (await once(server, 'message')) as [number];
  const endpoint = `http://127.0.0.1:${port}`;
  console.log(`Node.js ${process.version}, ${cpus().length} cores, ${ROUNDS} rounds, medians\n`);
  try {
    await compareReaders(endpoint);
    await compareFirstChunk(endpoint);
    await compareDecoders();
  } finally {
    server.disconnect();
  }
}

void main();
