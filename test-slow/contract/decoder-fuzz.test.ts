/** Damages valid streams in thousands of ways: the decoder must answer the same for every cut, and never lose silently. */
import fc from 'fast-check';
import { createChunkDecoder, type StreamItem } from '../../src/contract/chunk-decoder';
import { encodeChunk, encodeMarker } from '../../src/contract/chunk-encoder';
import { type StreamContract, streamContract } from '../../src/contract/stream-contract';
import { cutBytes, utf8 } from '../../test/wire/split-anywhere';

const RUNS = 4_000;
const anything = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } } as const;
const contracts: Record<string, StreamContract> = {
  ndjson: streamContract({ format: 'ndjson', maxLineBytes: 200 }),
  sse: streamContract({ format: 'sse', chunk: anything, maxLineBytes: 200 }),
  'sse events': streamContract({ format: 'sse', maxLineBytes: 200 }),
};

/** Values, deletions, insertions and repetitions at any place. */
const damage = fc.array(
  fc.tuple(
    fc.constantFrom('set', 'delete', 'insert', 'repeat'),
    fc.nat(),
    fc.constantFrom(0, 10, 13, 32, 34, 36, 58, 123, 125, 195, 255),
  ),
  { minLength: 1, maxLength: 3 },
);

function damaged(bytes: Uint8Array, changes: [string, number, number][]): Uint8Array {
  let data = Buffer.from(bytes);
  for (const [how, place, byte] of changes) {
    const at = place % (data.length + 1);
    if (how === 'set' && at < data.length) data[at] = byte;
    if (how === 'delete') data = Buffer.concat([data.subarray(0, at), data.subarray(at + 1)]);
    if (how === 'insert') data = Buffer.concat([data.subarray(0, at), Buffer.of(byte), data.subarray(at)]);
    if (how === 'repeat') data = Buffer.concat([data, data.subarray(at)]);
  }
  return data;
}

function read(contract: StreamContract, pieces: Uint8Array[]): { items: StreamItem[]; complete: boolean } {
  const decoder = createChunkDecoder(contract);
  const items = [...pieces.flatMap((piece) => decoder.push(piece)), ...decoder.flush()];
  return { items, complete: decoder.complete };
}

/** What matters of an outcome: causes and stacks aside. */
function plain({ items, complete }: ReturnType<typeof read>): unknown {
  return [complete, JSON.parse(JSON.stringify(items, (key, value) => (key === 'cause' ? undefined : value)))];
}

describe.each(Object.keys(contracts))('%s', (name) => {
  const contract = contracts[name] as StreamContract;
  const chunk = name === 'sse events' ? fc.record({ data: fc.string() }) : fc.jsonValue({ maxDepth: 1 });
  const stream = fc.array(chunk, { maxLength: 5 }).map((chunks) => {
    const lines = chunks.map((value) => encodeChunk(contract, value)).join('');
    return utf8(lines + encodeMarker(contract, 'end', { final: 1, chunks: chunks.length }));
  });

  test('a damaged stream reads the same however it is cut, and nothing follows its failure', () => {
    const cases = fc.tuple(stream, damage).chain(([bytes, changes]) => {
      const data = damaged(bytes, changes as [string, number, number][]);
      return cutBytes(fc.constant(data)).map((pieces) => ({ data, pieces }));
    });
    fc.assert(
      fc.property(cases, ({ data, pieces }) => {
        const whole = read(contract, [data]);
        expect(plain(read(contract, pieces))).toEqual(plain(whole));
        const last = whole.items.findIndex(({ kind }) => kind === 'failure' || kind === 'error');
        if (last !== -1) expect(last).toBe(whole.items.length - 1);
      }),
      { numRuns: RUNS },
    );
  });

  const unlimited = { ...contract, maxLineBytes: undefined };

  test('a stream cut short is never complete, and its chunks are the first of the whole', () => {
    fc.assert(
      fc.property(stream, fc.nat(), (bytes, at) => {
        const whole = read(unlimited, [bytes]);
        const cut = read(unlimited, [bytes.subarray(0, at % bytes.length)]);
        // Only the end marker's own line break may be missing, where the format does without.
        if (cut.complete) expect(bytes.length - (at % bytes.length)).toBe(1);
        const chunks = cut.items.filter(({ kind }) => kind === 'chunk');
        expect(chunks).toEqual(whole.items.slice(0, chunks.length));
        expect(cut.items.some(({ kind }) => kind === 'failure')).toBe(false);
      }),
      { numRuns: RUNS },
    );
  });
});
