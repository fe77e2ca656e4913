import { streamContract } from 'cdk-lambda-streaming/contract';
import { z } from 'zod';

const schema = z.string();

test('completion defaults by format', () => {
  const completion = (['ndjson', 'sse', 'bytes', 'text'] as const).map(
    (format) => streamContract({ format }).completion,
  );
  expect(completion).toEqual(['marker', 'marker', 'platform', 'platform']);
  expect(streamContract({ format: 'ndjson', completion: 'platform' }).completion).toBe('platform');
});

test('keeps what it was given', () => {
  const options = { format: 'sse', input: schema, chunk: schema, final: schema, error: schema, version: '2' } as const;
  const http = { headers: { 'cache-control': 'no-store' } };
  expect(streamContract({ ...options, maxLineBytes: 1, http })).toEqual({
    ...options,
    maxLineBytes: 1,
    http,
    completion: 'marker',
  });
});

test.each([
  [{ format: 'json' }, "format must be one of bytes, text, ndjson, sse, got 'json'"],
  [{}, "got 'undefined'"],
  [undefined, "format must be one of bytes, text, ndjson, sse, got 'undefined'"],
  [{ format: 'ndjson', chnk: schema }, "there is no option 'chnk', only format, completion, http, input, chunk, final"],
  [{ format: 'ndjson', version: '' }, "version must be a non-empty string, got ''"],
  [{ format: 'bytes', completion: 'marker' }, "completion 'marker' is not possible for format 'bytes'"],
  [{ format: 'ndjson', completion: 'never' }, "completion 'never' is not possible"],
  [{ format: 'bytes', chunk: schema }, "chunk is not possible for format 'bytes'"],
  [{ format: 'text', final: schema }, "final is not possible for format 'text' with completion 'platform'"],
  [{ format: 'text', version: '1' }, 'version is not possible'],
  [{ format: 'sse', completion: 'platform', error: schema }, 'error is not possible'],
  [{ format: 'ndjson', completion: 'platform', final: schema }, 'final is not possible'],
  [{ format: 'ndjson', input: { type: 'object' } }, 'input must be a Standard Schema (zod 3.24 or later, '],
  [
    { format: 'ndjson', chunk: 'string' },
    "chunk must be a Standard Schema (zod 3.24 or later, valibot 1.0 or later, arktype 2.0 or later), got 'string'",
  ],
  [{ format: 'ndjson', input: Object.create(null) }, 'got an object'],
  [{ format: 'ndjson', chunk: null }, 'got null'],
  [{ format: 'ndjson', version: 2 }, 'version must be a non-empty string, got 2'],
  [{ format: 'ndjson', terminator: '[DONE]' }, "terminator is not possible for format 'ndjson'"],
  [{ format: 'sse', terminator: '' }, "terminator must be a non-empty string, got ''"],
  [{ format: 'ndjson', maxLineBytes: 0 }, 'maxLineBytes must be a whole number above 0'],
  [{ format: 'ndjson', maxLineBytes: 1.5 }, 'got 1.5'],
  [{ format: 'text', maxLineBytes: 10 }, "maxLineBytes is not possible for format 'text'"],
])('refuses %j', (options, why) => {
  expect(() => streamContract(options as never)).toThrow(why);
  expect(() => streamContract(options as never)).toThrow(expect.objectContaining({ code: 'contract-invalid' }));
});
