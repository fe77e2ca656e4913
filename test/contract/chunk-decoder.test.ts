import { createChunkDecoder, type StreamItem } from '../../src/contract/chunk-decoder';
import { encodeChunk, encodeMarker } from '../../src/contract/chunk-encoder';
import { type StreamContract, streamContract } from '../../src/contract/stream-contract';

const ndjson = streamContract({ format: 'ndjson' });
const sse = streamContract({ format: 'sse' });
const bytes = (text: string) => new TextEncoder().encode(text);

function decode(contract: StreamContract, stream: string | Uint8Array, size = Number.POSITIVE_INFINITY) {
  const data = typeof stream === 'string' ? bytes(stream) : stream;
  const decoder = createChunkDecoder(contract);
  const items: StreamItem[] = [];
  for (let at = 0; at < data.length; at += size) {
    items.push(...decoder.push(data.subarray(at, Math.min(at + size, data.length))));
  }
  items.push(...decoder.flush());
  return { items, complete: decoder.complete, chunks: decoder.chunks };
}

const values = (items: StreamItem[]) => items.flatMap((item) => (item.kind === 'chunk' ? [item.value] : []));
const last = (items: StreamItem[]) => items[items.length - 1];

describe.each([
  ['ndjson', ndjson],
  ['sse', streamContract({ format: 'sse', chunk: accepting() })],
] as const)('a marked %s stream', (_, contract) => {
  const chunk = (value: unknown) => Buffer.from(encodeChunk(contract, value));
  const end = (final: unknown, chunks: number) => Buffer.from(encodeMarker(contract, 'end', { final, chunks }));

  test.each([1, 7, 64, 1e6])('gives its chunks and its end, in pieces of %i bytes', (size) => {
    const stream = Buffer.concat([chunk({ a: 'h\u00e9\ud83d\ude42' }), chunk(2), chunk(null), end({ n: 3 }, 3)]);
    const { items, complete } = decode(contract, stream, size);
    expect(values(items)).toEqual([{ a: 'h\u00e9\ud83d\ude42' }, 2, null]);
    expect(last(items)).toEqual({ kind: 'end', final: { n: 3 }, chunks: 3 });
    expect(complete).toBe(true);
  });

  test('is not complete without its end marker, and half a line is then no finding of its own', () => {
    const whole = Buffer.concat([chunk(1), chunk(23), end(undefined, 2)]);
    const firstChunk = chunk(1).length;
    const marker = end(undefined, 2).length;
    for (let cut = firstChunk; cut < whole.length - marker; cut++) {
      const { items, complete } = decode(contract, whole.subarray(0, cut));
      expect(complete).toBe(false);
      expect(items).toEqual([{ kind: 'chunk', value: 1, index: 0 }]);
    }
  });

  test('gives the error the handler sent and nothing after it', () => {
    const failure = { type: 'Quota', message: 'spent', data: { left: 0 }, retryable: true };
    const marker = Buffer.from(encodeMarker(contract, 'error', failure));
    const { items, complete } = decode(contract, Buffer.concat([chunk(1), marker, chunk(2)]), 5);
    expect(items).toEqual([
      { kind: 'chunk', value: 1, index: 0 },
      { kind: 'error', failure },
    ]);
    expect(complete).toBe(false);
  });

  test('fails where the end marker counts other chunks', () => {
    expect(last(decode(contract, Buffer.concat([chunk(1), end(undefined, 2)])).items)).toMatchObject({
      kind: 'failure',
      error: { code: 'chunk-count-wrong', message: 'the end marker counts 2 chunks, but 1 arrived' },
    });
  });

  test('fails where the stream goes on after its end', () => {
    expect(last(decode(contract, Buffer.concat([end(undefined, 0), chunk(1)])).items)).toMatchObject({
      kind: 'failure',
      error: { code: 'data-after-end' },
    });
  });

  test('fails at once for another version, and not for the same one', () => {
    const two = { ...contract, version: '2' };
    const stream = Buffer.concat([
      Buffer.from(encodeMarker(two, 'start', { version: '2' })),
      chunk(1),
      end(undefined, 1),
    ]);
    expect(decode({ ...contract, version: '1' }, stream).items).toMatchObject([
      { kind: 'failure', error: { code: 'version-mismatch' } },
    ]);
    expect(decode(two, stream).items).toHaveLength(2);
    expect(decode(contract, stream).items).toHaveLength(2);
  });
});

test('an NDJSON stream accepts CRLF, blank lines and an end without its newline', () => {
  const { items, complete } = decode(ndjson, '{"a":1}\r\n\r\n \n2\n{"$stream":{"end":{}}}');
  expect(values(items)).toEqual([{ a: 1 }, 2]);
  expect(complete).toBe(true);
});

test('a marker of a later protocol is skipped', () => {
  expect(decode(ndjson, '{"$stream":{"beat":{}}}\n{"$stream":{"end":{}}}\n').items).toHaveLength(1);
  expect(decode(sse, 'event: $beat\ndata: {}\n\nevent: $end\ndata: {}\n\n').items).toHaveLength(1);
});

test.each([
  '{"$stream":{"end":{}},"more":1}\n',
  '{"$stream":1}\n',
  '{"$stream":{"end":{},"error":{}}}\n',
  '{"$stream":{"end":[]}}\n',
  '{"$stream":{"end":{"chunks":"1"}}}\n',
  '{"$stream":{"error":{"message":"no type"}}}\n',
])('a malformed marker is a failure: %s', (line) => {
  expect(decode(ndjson, line).items).toMatchObject([{ kind: 'failure', error: { code: 'control-invalid' } }]);
});

test.each(['words', 'event: late\n\n', 'id: 1\n'])(
  'after the end of events %j is an error, though it is no event',
  (late) => {
    const { items } = decode(sse, `event: $end\ndata: {}\n\n${late}`);
    expect(last(items)).toMatchObject({ kind: 'failure', error: { code: 'data-after-end' } });
    expect(last(decode(sse, 'event: $end\ndata: {}\n\n: bye\n \n').items)).toMatchObject({ kind: 'end' });
    // A stream that was cut is that, whatever its last line says.
    expect(decode(sse, `data: 1\n\n${late}`)).toMatchObject({ complete: false, items: [{ kind: 'chunk' }] });
  },
);

test('bad JSON fails after the chunks before it, with its place, and nothing follows', () => {
  for (const size of [1, 7, 1e6]) {
    const { items } = decode(ndjson, '1\n2\n{bad\n4\n', size);
    expect(values(items)).toEqual([1, 2]);
    const error = { code: 'json-invalid', line: 3, byteOffset: 4, excerpt: '{bad' };
    expect(items[2]).toMatchObject({ kind: 'failure', error });
    expect(items).toHaveLength(3);
  }
});

test('a contract may leave completion to the platform: nothing is reserved and the last line counts', () => {
  const foreign = streamContract({ format: 'ndjson', completion: 'platform' });
  const { items, complete } = decode(foreign, '{"$stream":1}\n12');
  expect(values(items)).toEqual([{ $stream: 1 }, 12]);
  expect(complete).toBe(true);
});

test('an SSE stream of a foreign function gives its events, and a cut one fails', () => {
  const foreign = streamContract({ format: 'sse', completion: 'platform' });
  expect(values(decode(foreign, ': hi\nid: 7\nevent: tick\ndata: a\ndata: b\n\ndata\n\n').items)).toEqual([
    { data: 'a\nb', event: 'tick', id: '7' },
    { data: '' },
  ]);
  expect(decode(foreign, 'data: a\n\ndata: b\n').items).toMatchObject([
    { kind: 'chunk' },
    { kind: 'failure', error: { code: 'event-truncated' } },
  ]);
});

test('text is decoded across cuts; bytes pass through', () => {
  const text = streamContract({ format: 'text' });
  for (const size of [1, 2, 3, 100])
    expect(values(decode(text, 'zw\u00f6lf \ud83d\ude42', size).items).join('')).toBe('zw\u00f6lf \ud83d\ude42');
  expect(decode(text, Uint8Array.of(0x61, 0xff)).items).toMatchObject([
    { kind: 'failure', error: { code: 'utf8-invalid' } },
  ]);
  expect(decode(text, bytes('\ud83d\ude42').subarray(0, 2)).items).toMatchObject([
    { kind: 'failure', error: { code: 'utf8-invalid' } },
  ]);
  const replacing = createChunkDecoder(text, { invalidUtf8: 'replace' });
  expect(values(replacing.push(Uint8Array.of(0x61, 0xff)))).toEqual(['a\uFFFD']);
  expect(values(decode(streamContract({ format: 'bytes' }), Uint8Array.of(0, 255, 10)).items)).toEqual([
    Uint8Array.of(0, 255, 10),
  ]);
});

test.each(['bytes', 'text'] as const)(
  'a body of %s numbers its chunks, makes none of nothing, and may end anywhere',
  (format) => {
    const decoder = createChunkDecoder(streamContract({ format }));
    expect(decoder).toMatchObject({ chunks: 0, complete: true });
    expect(decoder.push(new Uint8Array(0))).toEqual([]);
    const items = ['a', 'b'].flatMap((text) => decoder.push(bytes(text)));
    expect(items).toMatchObject([
      { kind: 'chunk', index: 0 },
      { kind: 'chunk', index: 1 },
    ]);
    expect(decoder.flush()).toEqual([]);
    expect(decoder).toMatchObject({ chunks: 2, complete: true });
  },
);

test('nothing follows bytes that are not UTF-8', () => {
  const decoder = createChunkDecoder(streamContract({ format: 'text' }));
  expect(decoder.push(Uint8Array.of(0xff))).toMatchObject([{ kind: 'failure' }]);
  expect(decoder.push(bytes('a'))).toEqual([]);
  expect(decoder.flush()).toEqual([]);
});

describe('a terminator', () => {
  const contract = streamContract({ format: 'sse', terminator: '[DONE]' });

  test('is no chunk, and the end marker may follow it', () => {
    const { items, complete } = decode(contract, 'data: a\n\ndata: [DONE]\n\nevent: $end\ndata: {}\n\n');
    expect(items).toMatchObject([
      { kind: 'chunk', value: { data: 'a' } },
      { kind: 'end', chunks: 1 },
    ]);
    expect(complete).toBe(true);
  });

  test('does not make a marked stream complete', () => {
    expect(decode(contract, 'data: [DONE]\n\n')).toEqual({ items: [], complete: false, chunks: 0 });
  });

  test('has no event type: an event of some type with its data is a chunk', () => {
    const { items } = decode(contract, 'event: tick\ndata: [DONE]\n\n');
    expect(values(items)).toEqual([{ event: 'tick', data: '[DONE]' }]);
  });

  test('is followed by no chunk', () => {
    expect(decode(contract, 'data: [DONE]\n\ndata: a\n\n').items).toMatchObject([
      {
        kind: 'failure',
        error: {
          code: 'data-after-end',
          message: "the stream goes on after the terminator '[DONE]', at line 4",
        },
      },
    ]);
  });
});

function accepting() {
  return { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } } as const;
}
