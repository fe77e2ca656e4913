/**
 * Measures the local target as a test would feel it: real SDK client, signatures, IAM hook and child process, all in one
 * process with the client. Run with `npx tsx --tsconfig test/tsconfig.json bench/local/run.ts [--json]`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus, loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';
import { InvokeCommand, InvokeWithResponseStreamCommand } from '@aws-sdk/client-lambda';
import { type LocalLambda, startLocalLambda } from '../../test/local/operations/local-lambda';

const STREAM = `
const now = () => performance.timeOrigin + performance.now();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const handler = awslambda.streamifyResponse(async ({ kind, size, count }, stream) => {
  if (kind === 'hello') stream.write('hello');
  if (kind === 'ticks') for (let i = 0; i < count; i++) { stream.write(String(now()) + '\\n'); await pause(5); }
  if (kind === 'bytes') {
    const block = Buffer.alloc(size);
    for (let i = 0; i < count; i++) if (!stream.write(block)) await new Promise((resolve) => stream.once('drain', resolve));
  }
  stream.end();
});`;

/** What the machine gives at this moment without any local target: the same work, bare. */
interface Yardsticks {
  /** Milliseconds to start and end a Node.js that does nothing. */
  readonly startMs: number;
  /** Milliseconds of a request to an HTTP server of the same process. */
  readonly roundTripMs: number;
  /** MB/s of 64 KiB writes over one HTTP response. */
  readonly megabytesPerSecond: number;
}

interface Row {
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  /** In units of the yardstick. */
  readonly ratio?: string;
  /** The worst acceptable value, where there is one. */
  readonly target?: { readonly atMost?: number; readonly atLeast?: number };
}

async function stream(lambda: LocalLambda, FunctionName: string, event: unknown): Promise<Uint8Array[]> {
  const Payload = Buffer.from(JSON.stringify(event));
  const output = await lambda.client.send(new InvokeWithResponseStreamCommand({ FunctionName, Payload }));
  const chunks: Uint8Array[] = [];
  for await (const part of output.EventStream ?? []) {
    if (part.PayloadChunk?.Payload) chunks.push(part.PayloadChunk.Payload);
  }
  return chunks;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function repeat(times: number, work: () => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let i = 0; i < times; i++) values.push(await work());
  return values.sort((left, right) => left - right);
}

const quantile = (sorted: readonly number[], share: number) =>
  sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;

async function latencies(lambda: LocalLambda, FunctionName: string): Promise<number[]> {
  const Payload = Buffer.from(JSON.stringify({ kind: 'ticks', count: 200 }));
  const output = await lambda.client.send(new InvokeWithResponseStreamCommand({ FunctionName, Payload }));
  const delays: number[] = [];
  for await (const { PayloadChunk } of output.EventStream ?? []) {
    if (!PayloadChunk?.Payload) continue;
    const received = performance.timeOrigin + performance.now();
    delays.push(received - Number.parseFloat(Buffer.from(PayloadChunk.Payload).toString()));
  }
  return delays.sort((left, right) => left - right);
}

async function throughput(lambda: LocalLambda, FunctionName: string, size: number, megabytes: number): Promise<number> {
  const count = Math.round((megabytes * 1e6) / size);
  const rounds = await repeat(3, async () => {
    const milliseconds = await timed(async () => {
      const chunks = await stream(lambda, FunctionName, { kind: 'bytes', size, count });
      const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
      if (bytes !== size * count) throw new Error(`expected ${size * count} bytes, got ${bytes}`);
    });
    return (size * count) / 1e3 / milliseconds;
  });
  return quantile(rounds, 0.5);
}

function bareGet(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port }, (response) => {
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.length;
      });
      response.on('end', () => resolve(bytes));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

async function bareServer(blocks: number): Promise<{ readonly port: number; close(): void }> {
  const block = Buffer.alloc(65_536);
  const server = createServer(async (_, response) => {
    for (let i = 0; i < blocks; i++) if (!response.write(block)) await once(response, 'drain');
    response.end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { port: (server.address() as AddressInfo).port, close };
}

async function yardsticks(): Promise<Yardsticks> {
  const starts = await repeat(10, () => timed(() => once(spawn(process.execPath, ['-e', '0']), 'exit')));
  const small = await bareServer(0);
  const trips = await repeat(300, () => timed(() => bareGet(small.port)));
  small.close();
  const blocks = 1_600;
  const large = await bareServer(blocks);
  const rounds = await repeat(3, async () => (blocks * 65_536) / 1e3 / (await timed(() => bareGet(large.port))));
  large.close();
  return {
    startMs: quantile(starts, 0.5),
    roundTripMs: quantile(trips, 0.5),
    megabytesPerSecond: quantile(rounds, 0.5),
  };
}

async function measure(lambda: LocalLambda): Promise<Row[]> {
  const bare = await yardsticks();
  const times = (value: number, unit: number, what: string) => `${(value / unit).toFixed(1)} x ${what}`;
  const hello = { kind: 'hello' };
  // The SDK's own first request is not the local target's.
  await stream(lambda, lambda.define(STREAM).functionName, hello);
  const cold = await repeat(10, () => timed(() => stream(lambda, lambda.define(STREAM).functionName, hello)));
  const { functionName } = lambda.define(STREAM, { memoryMb: 512 });
  const buffered = lambda.define('export const handler = async () => 1;').functionName;
  const invoke = () => lambda.client.send(new InvokeCommand({ FunctionName: buffered }));
  await Promise.all([stream(lambda, functionName, hello), invoke()]);
  const warm = await repeat(300, () => timed(() => stream(lambda, functionName, hello)));
  const warmBuffered = await repeat(300, () => timed(invoke));
  const delays = await latencies(lambda, functionName);
  const blocks = await throughput(lambda, functionName, 65_536, 100);
  const coldMs = quantile(cold, 0.5);
  const warmMs = quantile(warm, 0.5);
  const bufferedMs = quantile(warmBuffered, 0.5);
  const { startMs, roundTripMs, megabytesPerSecond } = bare;
  const trip = `a bare round trip (${roundTripMs.toFixed(2)} ms)`;
  return [
    {
      measure: 'cold streaming invoke, median',
      value: coldMs,
      unit: 'ms',
      target: { atMost: 200 },
      ratio: times(coldMs, startMs, `a bare Node.js start (${startMs.toFixed(0)} ms)`),
    },
    {
      measure: 'warm streaming invoke, median',
      value: warmMs,
      unit: 'ms',
      target: { atMost: 5 },
      ratio: times(warmMs, roundTripMs, trip),
    },
    { measure: 'warm streaming invoke, p95', value: quantile(warm, 0.95), unit: 'ms' },
    {
      measure: 'warm buffered invoke, median',
      value: bufferedMs,
      unit: 'ms',
      target: { atMost: 5 },
      ratio: times(bufferedMs, roundTripMs, trip),
    },
    { measure: 'write to iterator, median', value: quantile(delays, 0.5), unit: 'ms', target: { atMost: 1 } },
    { measure: 'write to iterator, p99', value: quantile(delays, 0.99), unit: 'ms' },
    {
      measure: '64 KiB writes',
      value: blocks,
      unit: 'MB/s',
      target: { atLeast: 100 },
      ratio: times(blocks, megabytesPerSecond, `bare HTTP (${megabytesPerSecond.toFixed(0)} MB/s)`),
    },
    { measure: '16 KiB writes', value: await throughput(lambda, functionName, 16_384, 100), unit: 'MB/s' },
    { measure: '1 KiB writes', value: await throughput(lambda, functionName, 1_024, 20), unit: 'MB/s' },
  ];
}

function verdict({ value, target }: Row): string {
  if (target === undefined) return '';
  const { atMost = Number.POSITIVE_INFINITY, atLeast = 0 } = target;
  const wanted = target.atMost === undefined ? `>= ${atLeast}` : `<= ${atMost}`;
  return `${wanted}  ${value <= atMost && value >= atLeast ? 'ok' : 'MISSED'}`;
}

async function main(): Promise<void> {
  const lambda = await startLocalLambda();
  try {
    const rows = await measure(lambda);
    if (process.argv.includes('--json')) {
      console.log(JSON.stringify(rows, undefined, 2));
      return;
    }
    const [load = 0] = loadavg();
    console.log(`Node ${process.version}, ${cpus().length} cores, load ${load.toFixed(1)}`);
    if (load > cpus().length) console.log('Others use this machine: read the ratios, not the milliseconds.');
    console.log();
    for (const row of rows) {
      const value = `${row.value.toFixed(2)} ${row.unit}`;
      console.log(
        `${row.measure.padEnd(34)}${value.padStart(14)}   ${verdict(row).padEnd(18)}${row.ratio ?? ''}`.trimEnd(),
      );
    }
  } finally {
    await lambda.stop();
  }
}

void main();
