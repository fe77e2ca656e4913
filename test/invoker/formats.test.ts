/** What each format gives, however its bytes are cut into frames and reads. */
import { type StreamContract, streamContract } from 'cdk-lambda-streaming/contract';
import { isStreamError, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { z } from 'zod';
import { encodePrelude } from '../../src/wire/http-prelude';
import { call, invokeComplete, payloadChunk, rejection, utf8 } from './read-stream';
import { stream, useWireServer } from './wire-server';

const ndjson = streamContract({ format: 'ndjson', completion: 'platform' });
const sse = streamContract({ format: 'sse', completion: 'platform' });
const text = streamContract({ format: 'text' });

const wire = useWireServer();

/** One call whose payload is cut into frames of `size` bytes. */
function framed(contract: StreamContract, payload: Uint8Array, size: number, options = {}, headers = {}) {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < payload.length; at += size) frames.push(payloadChunk(payload.subarray(at, at + size)));
  wire.answer(stream([...frames, invokeComplete()], { headers }));
  return call(wire, contract, options);
}

const end = (chunks: number, final?: unknown) => `${JSON.stringify({ $stream: { end: { final, chunks } } })}\n`;

describe.each([1, 7, 64, 100_000])('in frames of %i bytes', (size) => {
  test('NDJSON gives one value per line: emoji cut anywhere, CRLF, blank lines, no last newline', async () => {
    const payload = utf8('{"a":"h\u00e9\ud83d\ude42"}\r\n\n{"a":2}\n\r\n["\ud83d\ude42"]');
    const { chunks, error } = await framed(ndjson, payload, size);
    expect(error).toBeUndefined();
    expect(chunks).toEqual([{ a: 'h\u00e9\ud83d\ude42' }, { a: 2 }, ['\ud83d\ude42']]);
  });

  test('NDJSON that is not JSON is a DECODE error with line, offset and excerpt, after the lines before it', async () => {
    const { chunks, error } = await framed(ndjson, utf8('{"n":1}\n{"n":2}\n{"n":\n{"n":4}\n'), size);
    expect(chunks).toEqual([{ n: 1 }, { n: 2 }]);
    expect(error).toMatchObject({
      code: 'DECODE',
      kind: 'json-invalid',
      line: 3,
      byteOffset: 16,
      excerpt: '{"n":',
      chunks: 2,
    });
  });

  test('a line over maxLineBytes is a DECODE error', async () => {
    const contract = streamContract({ format: 'ndjson', completion: 'platform', maxLineBytes: 10 });
    const { chunks, error } = await framed(contract, utf8(`1\n"${'x'.repeat(200)}"\n2\n`), size);
    expect(chunks).toEqual([1]);
    expect(error).toMatchObject({ code: 'DECODE', kind: 'line-too-long', line: 2 });
  });

  test('text is never cut inside a character', async () => {
    const whole = 'h\u00e9llo \ud83d\ude42 w\u00f6rld';
    const { chunks } = await framed(text, utf8(whole), size);
    expect(chunks.join('')).toBe(whole);
    expect(chunks.every((chunk) => !String(chunk).includes('\ufffd'))).toBe(true);
  });

  test('text that is not UTF-8 is a DECODE error, or U+FFFD where that is wanted', async () => {
    const payload = Uint8Array.of(97, 255, 98);
    const { error } = await framed(text, payload, size);
    expect(error).toMatchObject({ code: 'DECODE', kind: 'utf8-invalid' });
    const { chunks } = await framed(text, payload, size, { invalidUtf8: 'replace' });
    expect(chunks.join('')).toBe('a\ufffdb');
  });

  test('server-sent events are what a standard parser makes of the whole text', async () => {
    const source =
      ': comment\r\nevent: greet\r\nid: 1\r\ndata: hello\r\ndata: w\u00f6rld \ud83d\ude42\r\n\r\ndata:x\n\nretry: 10\ndata\n\nid: 7\rdata: lone cr\r\r: the end\n';
    const expected: EventSourceMessage[] = [];
    createParser({ onEvent: (message) => expected.push(message) }).feed(source);
    const { chunks, error } = await framed(sse, utf8(source), size);
    expect(error).toBeUndefined();
    expect(chunks).toEqual(expected);
    expect(expected.map(({ id }) => id)).toEqual(['1', undefined, undefined, '7']);
  });

  test("the handler's own error is REMOTE with its typed data, after the chunks before it", async () => {
    const contract = streamContract({
      format: 'sse',
      chunk: z.object({ n: z.number() }),
      error: z.object({ left: z.coerce.number() }),
    });
    const failure = { type: 'QuotaExceeded', message: 'no tokens left', data: { left: '3' }, retryable: true };
    const payload = utf8(`data: {"n":1}\n\nevent: $error\ndata: ${JSON.stringify(failure)}\n\n`);
    const { chunks, error } = await framed(contract, payload, size);
    expect(chunks).toEqual([{ n: 1 }]);
    expect(error).toMatchObject({
      code: 'REMOTE',
      errorType: 'QuotaExceeded',
      errorMessage: 'no tokens left',
      data: { left: 3 },
    });
    expect(error).toMatchObject({ retryable: true, invoked: 'yes', chunks: 1 });
    if (!isStreamError(error, 'REMOTE', contract)) throw new Error('not recognised');
    const left: number | undefined = error.data?.left;
    expect(left).toBe(3);
  });

  test('an HTTP prelude is split off and told, and the body follows without its NUL bytes', async () => {
    const prelude = { statusCode: 201, headers: { 'x-a': '1' }, cookies: ['a=b'] };
    const body = Buffer.concat([encodePrelude(prelude), utf8('body\u0000\u0000')]);
    const headers = { 'x-amzn-remapped-content-type': 'application/vnd.awslambda.http-integration-response' };
    const { chunks } = await framed(text, body, size, {}, headers);
    expect(chunks.join('')).toBe('body\0\0');
    wire.answer(stream([payloadChunk(body), invokeComplete()], { headers, size }));
    const response = await streamInvoker(text, { functionName: 'f', client: wire.client() }).invoke({});
    expect(await response.http).toEqual(prelude);
    expect(await response.http).toEqual(prelude);
    expect(await response.text()).toBe('body\0\0');
  });

  test('the same bytes without that content type are left as they are', async () => {
    const body = Buffer.concat([encodePrelude({ statusCode: 201 }), utf8('body')]);
    const { chunks } = await framed(text, body, size);
    expect(chunks.join('')).toBe(`{"statusCode":201}${'\0'.repeat(8)}body`);
  });

  test('a response that ends inside its prelude is TRUNCATED, also for who asks for the prelude only', async () => {
    const body = encodePrelude({ statusCode: 201 }).subarray(0, 15);
    const headers = { 'x-amzn-remapped-content-type': 'application/vnd.awslambda.http-integration-response' };
    const { error } = await framed(text, body, size, {}, headers);
    expect(error).toMatchObject({ code: 'TRUNCATED', where: 'prelude' });
    wire.answer(stream([payloadChunk(body), invokeComplete()], { headers, size }));
    const response = await streamInvoker(text, { functionName: 'f', client: wire.client() }).invoke({});
    expect(await rejection(response.http)).toMatchObject({ code: 'TRUNCATED', where: 'prelude' });
  });
});

describe('schemas', () => {
  test('a chunk that breaks its schema is CHUNK_INVALID with its number and the findings', async () => {
    const contract = streamContract({ format: 'ndjson', chunk: z.object({ n: z.number() }) });
    const { chunks, error } = await framed(contract, utf8(`{"n":1}\n{"n":"2"}\n{"n":3}\n${end(3)}`), 9);
    expect(chunks).toEqual([{ n: 1 }]);
    expect(error).toMatchObject({
      code: 'CHUNK_INVALID',
      part: 'chunk',
      index: 1,
      chunks: 1,
      issues: [{ path: ['n'] }],
    });
  });

  test('asynchronous schemas are awaited in order, and transforms and defaults are applied', async () => {
    let running = 0;
    const slow = z.object({ n: z.number(), unit: z.string().default('ms') }).transform(async (value) => {
      running++;
      await new Promise((resolve) => setTimeout(resolve, value.n === 1 ? 20 : 1));
      return { ...value, running: running-- };
    });
    const contract = streamContract({
      format: 'ndjson',
      chunk: slow,
      final: z.string().transform(async (name) => name.length),
    });
    const { chunks, result } = await framed(contract, utf8(`{"n":1}\n{"n":2}\n${end(2, 'four')}`), 100);
    expect(chunks).toEqual([
      { n: 1, unit: 'ms', running: 1 },
      { n: 2, unit: 'ms', running: 1 },
    ]);
    expect(result?.final).toBe(4);
  });

  test('overlapping calls of next() with an asynchronous schema keep the order', async () => {
    const wait = z.number().transform(async (n) => {
      await new Promise((resolve) => setTimeout(resolve, 10 - n));
      return n;
    });
    const contract = streamContract({ format: 'ndjson', chunk: wait });
    wire.answer(stream([payloadChunk(`1\n2\n3\n${end(3)}`), invokeComplete()]));
    const response = await streamInvoker(contract, { functionName: 'f', client: wire.client() }).invoke({});
    const iterator = response[Symbol.asyncIterator]();
    const steps = await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next()]);
    expect(steps.map(({ value }) => value)).toEqual([1, 2, 3, undefined]);
  });

  test('a final value that breaks its schema is CHUNK_INVALID of the final part', async () => {
    const contract = streamContract({ format: 'ndjson', final: z.object({ total: z.number() }) });
    const { chunks, error } = await framed(contract, utf8(`1\n${end(1, { total: 'x' })}`), 100);
    expect(chunks).toEqual([1]);
    expect(error).toMatchObject({ code: 'CHUNK_INVALID', part: 'final', issues: [{ path: ['total'] }] });
  });

  test('without validation values are parsed only', async () => {
    const contract = streamContract({ format: 'ndjson', chunk: z.object({ n: z.number() }), final: z.number() });
    const { chunks, result } = await framed(contract, utf8(`{"n":"x"}\n${end(1, 'y')}`), 100, { validate: false });
    expect(chunks).toEqual([{ n: 'x' }]);
    expect(result?.final).toBe('y');
  });

  test('a schema that throws is CHUNK_INVALID with its error as the cause', async () => {
    const throwing = z.number().transform(() => {
      throw new RangeError('schema bug');
    });
    const contract = streamContract({ format: 'ndjson', chunk: throwing });
    const { error } = await framed(contract, utf8(`1\n${end(1)}`), 100);
    expect(error).toMatchObject({ code: 'CHUNK_INVALID', cause: expect.objectContaining({ message: 'schema bug' }) });
  });

  test('error data that breaks the contract is left out, and the error still comes through', async () => {
    const contract = streamContract({ format: 'ndjson', error: z.object({ left: z.number() }) });
    const failure = { $stream: { error: { type: 'T', message: 'm', data: { left: 'x' } } } };
    const { error } = await framed(contract, utf8(`${JSON.stringify(failure)}\n`), 100);
    expect(error).toMatchObject({ code: 'REMOTE', errorType: 'T', data: undefined, cause: { code: 'error-invalid' } });
  });
});

test('a handler of another version of the contract is refused', async () => {
  const contract = streamContract({ format: 'ndjson', version: '2' });
  const { error } = await framed(contract, utf8(`{"$stream":{"start":{"version":"1"}}}\n1\n${end(1)}`), 100);
  expect(error).toMatchObject({ code: 'DECODE', kind: 'version-mismatch' });
});
