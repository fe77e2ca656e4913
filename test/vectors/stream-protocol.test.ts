import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createChunkDecoder, type StreamItem } from '../../src/contract/chunk-decoder';
import type { StreamContract } from '../../src/contract/stream-contract';
import type { StreamFormat } from '../../src/wire/stream-format';
import { intoSingleBytes } from '../wire/split-anywhere';

interface Vector {
  readonly name: string;
  readonly format: StreamFormat;
  readonly completion?: 'marker' | 'platform';
  readonly version?: string;
  readonly dataIsJson?: boolean;
  readonly maxLineBytes?: number;
  readonly terminator?: string;
  readonly utf8?: string;
  readonly base64?: string;
  readonly chunks: unknown[];
  readonly outcome: unknown;
}

const { cases } = JSON.parse(readFileSync(join(__dirname, 'stream-protocol.json'), 'utf8')) as { cases: Vector[] };

const BROKEN: Record<string, string> = {
  'json-invalid': 'json',
  'utf8-invalid': 'utf8',
  'control-invalid': 'marker',
  'chunk-count-wrong': 'count',
  'data-after-end': 'after-end',
  'version-mismatch': 'version',
  'event-truncated': 'event',
  'line-too-long': 'too-long',
};

const anything = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } } as const;

function contractOf({ format, completion, version, dataIsJson, maxLineBytes, terminator }: Vector): StreamContract {
  const marked = format === 'ndjson' || format === 'sse';
  const chunk = dataIsJson === true ? anything : undefined;
  return {
    format,
    completion: completion ?? (marked ? 'marker' : 'platform'),
    version,
    chunk,
    maxLineBytes,
    terminator,
  };
}

function read(vector: Vector, pieces: Uint8Array[]): { chunks: unknown[]; outcome: unknown } {
  const decoder = createChunkDecoder(contractOf(vector));
  const items = [...pieces.flatMap((piece) => decoder.push(piece)), ...decoder.flush()];
  return { chunks: chunksOf(vector.format, items), outcome: outcomeOf(items, decoder.complete) };
}

function chunksOf(format: StreamFormat, items: StreamItem[]): unknown[] {
  const values = items.flatMap((item) => (item.kind === 'chunk' ? [item.value] : []));
  if (values.length === 0 || format === 'ndjson' || format === 'sse') return values;
  return [format === 'text' ? values.join('') : Buffer.concat(values as Uint8Array[]).toString('base64')];
}

function outcomeOf(items: StreamItem[], complete: boolean): unknown {
  const last = items[items.length - 1];
  if (last?.kind === 'failure') return { broken: BROKEN[last.error.code] };
  if (last?.kind === 'error') return { error: JSON.parse(JSON.stringify(last.failure)) };
  const end = items.find(({ kind }) => kind === 'end');
  const final = end?.kind === 'end' && end.final !== undefined ? { final: end.final } : {};
  return complete ? { complete: true, ...final } : { truncated: true };
}

describe.each(cases)('$format: $name', (vector) => {
  const bytes = Buffer.from(vector.utf8 ?? vector.base64 ?? '', vector.utf8 === undefined ? 'base64' : 'utf8');
  const expected = { chunks: vector.chunks, outcome: vector.outcome };

  test('whole, byte by byte, and cut anywhere in two', () => {
    expect(read(vector, [bytes])).toEqual(expected);
    // Pieces of text that are valid come out before the broken one: only structured formats have chunks of their own.
    if (vector.format === 'text' && vector.chunks.length === 0) return;
    expect(read(vector, intoSingleBytes(bytes))).toEqual(expected);
    for (let at = 1; at < bytes.length; at++) {
      expect(read(vector, [bytes.subarray(0, at), bytes.subarray(at)])).toEqual(expected);
    }
  });
});

test('names are unique, and each kind of outcome is covered', () => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  const outcomes = new Set(cases.map(({ outcome }) => JSON.stringify(outcome)));
  for (const kind of Object.values(BROKEN)) {
    expect(outcomes).toContain(JSON.stringify({ broken: kind }));
  }
});
