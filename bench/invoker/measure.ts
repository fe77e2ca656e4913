/** One measurement in a process of its own; prints a line of JSON. Arguments: endpoint, task, and what the task takes. */

import { streamContract } from 'cdk-lambda-streaming/contract';
import { createParser } from 'eventsource-parser';
import { createChunkDecoder } from '../../src/contract/chunk-decoder';
import { createReaders, type ReaderName } from './readers';

const [endpoint = '', task = '', ...args] = process.argv.slice(2);

interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly peakRssMb: number;
}

async function cost(work: () => Promise<unknown> | unknown): Promise<Cost> {
  let peak = 0;
  const sample = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 20);
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  const wallMs = performance.now() - wall;
  clearInterval(sample);
  peak = Math.max(peak, process.memoryUsage.rss());
  return { cpuMs: (user + system) / 1_000, wallMs, peakRssMb: peak / 1_048_576 };
}

/** Reads before those that count: V8 compiles in the background for two to three of them. */
const WARM_UP_READS = 4;
const COUNTED_READS = 3;

/** Cost of reading a response once: of the first read in this process, and of one that finds all code compiled. */
async function throughput(reader: ReaderName, size: number, total: number): Promise<object> {
  const read = createReaders(endpoint)[reader];
  const expected = Math.round(total / size) * size;
  const readOnce = async (): Promise<void> => {
    const { bytes } = await read(`f-${size}-${total}`);
    if (reader !== 'raw' && bytes !== expected) throw new Error(`${reader} read ${bytes} of ${expected} bytes`);
  };
  const first = await cost(readOnce);
  for (let i = 1; i < WARM_UP_READS; i++) await readOnce();
  const spent = await cost(async () => {
    for (let i = 0; i < COUNTED_READS; i++) await readOnce();
  });
  const wallMs = spent.wallMs / COUNTED_READS;
  return {
    firstCpuMs: first.cpuMs,
    cpuMs: spent.cpuMs / COUNTED_READS,
    wallMs,
    peakRssMb: Math.max(first.peakRssMb, spent.peakRssMb),
    kiloChunksPerSecond: total / size / wallMs,
  };
}

/** Time to the first chunk of short responses on kept connections, in turns, so that both meet the same moments. */
async function firstChunk(rounds: number): Promise<object> {
  const { sdk, invoker, raw } = createReaders(endpoint);
  const times: Record<ReaderName, number[]> = { raw: [], sdk: [], invoker: [] };
  for (let round = -30; round < rounds; round++) {
    for (const [name, read] of Object.entries({ raw, sdk, invoker })) {
      const { firstMs } = await read('f-64-64');
      if (round >= 0) times[name as ReaderName].push(firstMs);
    }
  }
  const p50 = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  return { raw: p50(times.raw), sdk: p50(times.sdk), invoker: p50(times.invoker) };
}

function pieces(text: string): Uint8Array[] {
  const bytes = Buffer.from(text);
  const cut: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 16_384) cut.push(bytes.subarray(at, at + 16_384));
  return cut;
}

const LINE = JSON.stringify({
  id: 123_456,
  token: 'a token of usual length',
  probability: 0.123_456,
  flags: ['a', 'b'],
  nested: { ok: true },
});

/** Decoders of text formats over the same 32 MiB in pieces of 16 KiB. */
async function decode(which: string): Promise<object> {
  const lines = Math.floor((32 * 1_048_576) / (LINE.length + 1));
  const isSse = which.startsWith('sse');
  const cut = pieces(Array.from({ length: lines }, () => (isSse ? `data: ${LINE}\n\n` : `${LINE}\n`)).join(''));
  let values = 0;
  const decoders: Record<string, () => void> = {
    'ndjson-ours': () => {
      const decoder = createChunkDecoder(streamContract({ format: 'ndjson', completion: 'platform' }));
      for (const piece of cut) values += decoder.push(piece).length;
    },
    // What the work cannot go below: the text is there, and so are its line breaks.
    'ndjson-parse': () => {
      for (let i = 0; i < lines; i++) values += JSON.parse(LINE) === undefined ? 0 : 1;
    },
    'ndjson-splitter': () => {
      const decoder = new TextDecoder();
      let rest = '';
      for (const piece of cut) {
        const all = (rest + decoder.decode(piece, { stream: true })).split('\n');
        rest = all.pop() ?? '';
        for (const line of all) values += JSON.parse(line) === undefined ? 0 : 1;
      }
    },
    'sse-ours': () => {
      const decoder = createChunkDecoder(streamContract({ format: 'sse', completion: 'platform' }));
      for (const piece of cut) values += decoder.push(piece).length;
    },
    'sse-eventsource-parser': () => {
      const decoder = new TextDecoder();
      const parser = createParser({ onEvent: () => values++ });
      for (const piece of cut) parser.feed(decoder.decode(piece, { stream: true }));
    },
  };
  const run = decoders[which];
  if (run === undefined) throw new Error(`no decoder ${which}`);
  run();
  values = 0;
  const spent = await cost(run);
  if (values !== lines) throw new Error(`${which} gave ${values} of ${lines} values`);
  return { ...spent, values };
}

async function main(): Promise<object> {
  if (task === 'first-chunk') return firstChunk(Number(args[0]));
  if (task === 'decode') return decode(args[0] ?? '');
  return throughput(args[0] as ReaderName, Number(args[1]), Number(args[2]));
}

main().then(
  (result) => {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    process.exit();
  },
  (error) => {
    process.stderr.write(`${error?.stack ?? error}\n`);
    process.exit(1);
  },
);
