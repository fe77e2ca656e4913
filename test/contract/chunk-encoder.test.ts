import fc from 'fast-check';
import { createChunkDecoder } from '../../src/contract/chunk-decoder';
import { encodeChunk, encodeMarker } from '../../src/contract/chunk-encoder';
import { type StreamContract, streamContract } from '../../src/contract/stream-contract';
import { cutBytes, utf8 } from '../wire/split-anywhere';

const anything = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } } as const;
const json = fc.jsonValue({ maxDepth: 2 });
const event = fc.record(
  {
    data: fc.string({ unit: 'grapheme' }).map((text) => text.replace(/\r/g, '')),
    id: fc.stringMatching(/^[a-z0-9]*$/),
  },
  { requiredKeys: ['data'] },
);

describe.each<[string, StreamContract, fc.Arbitrary<unknown>]>([
  ['ndjson', streamContract({ format: 'ndjson' }), json],
  ['sse with a chunk schema', streamContract({ format: 'sse', chunk: anything }), json],
  ['sse without one', streamContract({ format: 'sse' }), event],
])('%s', (_, contract, values) => {
  test('carries any chunks and the final value, however the bytes are cut', () => {
    const stream = fc.tuple(fc.array(values, { maxLength: 6 }), json).chain(([chunks, final]) => {
      const text = chunks.map((chunk) => encodeChunk(contract, chunk)).join('');
      const bytes = utf8(text + encodeMarker(contract, 'end', { final, chunks: chunks.length }));
      return cutBytes(fc.constant(bytes)).map((pieces) => ({ chunks, final, pieces }));
    });
    fc.assert(
      fc.property(stream, ({ chunks, final, pieces }) => {
        const decoder = createChunkDecoder(contract);
        const items = [...pieces.flatMap((piece) => decoder.push(piece)), ...decoder.flush()];
        const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
        expect(items).toEqual([
          ...chunks.map((value, index) => ({ kind: 'chunk', value: plain(value), index })),
          { kind: 'end', final: plain(final), chunks: chunks.length },
        ]);
      }),
      { numRuns: 100 },
    );
  });

  test('never gives other values for a stream with a changed byte: those before it, or an error', () => {
    const stream = fc.tuple(
      fc.array(values, { minLength: 1, maxLength: 4 }),
      fc.nat(),
      fc.integer({ min: 0, max: 255 }),
    );
    fc.assert(
      fc.property(stream, ([chunks, at, byte]) => {
        const text = chunks.map((chunk) => encodeChunk(contract, chunk)).join('');
        const bytes = utf8(text + encodeMarker(contract, 'end', { chunks: chunks.length }));
        bytes[at % bytes.length] = byte;
        const decoder = createChunkDecoder(contract);
        const items = [...decoder.push(bytes), ...decoder.flush()];
        // Whatever was hit, the decoder answers with items and never throws; nothing follows a failure.
        const failures = items.filter(({ kind }) => kind === 'failure' || kind === 'error');
        expect(failures.length).toBeLessThanOrEqual(1);
        if (failures.length === 1) expect(items[items.length - 1]).toBe(failures[0]);
      }),
      { numRuns: 100 },
    );
  });
});

test('bytes and text go out as they are', () => {
  const bytes = streamContract({ format: 'bytes' });
  expect(encodeChunk(bytes, Uint8Array.of(1, 2))).toEqual(Uint8Array.of(1, 2));
  expect(encodeChunk(bytes, Buffer.from('a'))).toEqual(Buffer.from('a'));
  expect(encodeChunk(streamContract({ format: 'text' }), 'zwölf')).toBe('zwölf');
  expect(encodeMarker(bytes, 'end', {})).toBe('');
});

test.each([
  ['bytes', 'text'],
  ['bytes', [1, 2]],
  ['bytes', new Uint16Array(2)],
  ['text', 7n],
  ['text', 7],
  ['text', Uint8Array.of(1)],
  ['ndjson', undefined],
  ['ndjson', () => 1],
  ['sse', 'text'],
  ['sse', null],
  ['sse', { data: 7 }],
] as const)('refuses a chunk the format cannot hold: %s, %p', (format, value) => {
  expect(() => encodeChunk(streamContract({ format }), value)).toThrow(
    expect.objectContaining({ code: 'value-unencodable' }),
  );
});

test('refuses a chunk that would read as a marker, unless the contract has none', () => {
  expect(() => encodeChunk(streamContract({ format: 'ndjson' }), { $stream: 1 })).toThrow('rename it');
  expect(() => encodeChunk(streamContract({ format: 'sse' }), { data: '', event: '$end' })).toThrow('rename it');
  const foreign = { completion: 'platform' } as const;
  expect(encodeChunk(streamContract({ format: 'ndjson', ...foreign }), { $stream: 1 })).toBe('{"$stream":1}\n');
  expect(encodeChunk(streamContract({ format: 'sse', ...foreign }), { data: '', event: '$end' })).toContain('$end');
});

describe('a terminator', () => {
  const terminator = '[DONE]';
  const marked = streamContract({ format: 'sse', terminator });

  test('stands before the end marker, or for it, and before no other marker', () => {
    expect(encodeMarker(marked, 'end', {})).toBe('data: [DONE]\n\nevent: $end\ndata: {}\n\n');
    expect(encodeMarker({ ...marked, completion: 'platform' }, 'end', {})).toBe('data: [DONE]\n\n');
    expect(encodeMarker(marked, 'start', {})).toBe('event: $start\ndata: {}\n\n');
    expect(encodeMarker(streamContract({ format: 'sse' }), 'end', {})).toBe('event: $end\ndata: {}\n\n');
  });

  test('cannot be written as a chunk; its data in an event of some type can', () => {
    expect(() => encodeChunk(marked, { data: terminator })).toThrow("a chunk must not have the data '[DONE]'");
    expect(encodeChunk(marked, { data: terminator, event: 'tick' })).toBe('event: tick\ndata: [DONE]\n\n');
    expect(encodeChunk(streamContract({ format: 'sse' }), { data: terminator })).toBe('data: [DONE]\n\n');
  });
});
