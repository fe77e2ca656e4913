/** A stream handed on as a Node.js stream, as a web stream, and as a web `Response`. */
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type HttpPrelude, streamContract } from 'cdk-lambda-streaming/contract';
import { type ResponseOptions, type StreamInvokerOptions, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { z } from 'zod';
import { encodePrelude } from '../../src/wire/http-prelude';
import { invokeComplete, payloadChunk, rejection } from './read-stream';
import { endless, stream, until, useWireServer } from './wire-server';

const PRELUDE_HEADERS = {
  'x-amzn-remapped-content-type': 'application/vnd.awslambda.http-integration-response',
};
const bytes = streamContract({ format: 'bytes' });
const text = streamContract({ format: 'text' });
const ndjson = streamContract({ format: 'ndjson' });
const sse = streamContract({ format: 'sse' });
const end = (chunks: number) => `${JSON.stringify({ $stream: { end: { chunks } } })}\n`;

const wire = useWireServer();

const options = (more: Partial<StreamInvokerOptions> = {}) =>
  ({ functionName: 'f', client: wire.client(), ...more }) as StreamInvokerOptions;
const openText = () => streamInvoker(text, options()).invoke({});
const openNdjson = () => streamInvoker(ndjson, options()).invoke({});
const openBytes = (more = {}) => streamInvoker(bytes, options(more)).invoke({});
/** For streams without end. */
const frame = payloadChunk('x'.repeat(10_000));

describe('as a Node.js stream', () => {
  test('a slow writable holds the server back, and destroying it closes the connection', async () => {
    const answer = endless(frame);
    wire.answer(answer);
    const readable = (await openBytes()).toNodeReadable();
    let seen = 0;
    const slow = new Writable({
      write(piece, _encoding, done) {
        seen += piece.length;
        if (seen < 1_000_000) setImmediate(done);
      },
    });
    readable.on('error', () => undefined).pipe(slow);
    await until(() => seen >= 1_000_000);
    let written = -1;
    for (let look = 0; written !== answer.written && look < 50; look++) {
      written = answer.written;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(answer.written).toBe(written);
    expect(written).toBeLessThan(12 * 1024 * 1024);
    readable.destroy();
    await until(() => wire.dropped === 1);
  });

  test('objects come out of ndjson, and the end is the end', async () => {
    wire.answer(stream([payloadChunk('1\n'), payloadChunk(''), payloadChunk(`2\n${end(2)}`), invokeComplete()]));
    const seen: unknown[] = [];
    for await (const value of (await openNdjson()).toNodeReadable()) seen.push(value);
    expect(seen).toEqual([1, 2]);
  });

  test.each(['null', '{}'])('a chunk that is null, or becomes it, is an error and not the end: %s', async (line) => {
    wire.answer(stream([payloadChunk(`"a"\n${line}\n"b"\n${end(3)}`), invokeComplete()]));
    const chunk = z.json().transform((value) => (typeof value === 'object' ? null : value));
    const response = await streamInvoker(streamContract({ format: 'ndjson', chunk }), options()).invoke({});
    const seen: unknown[] = [];
    const sink = new Writable({ objectMode: true, write: (value, _encoding, done) => done(void seen.push(value)) });
    const error = await rejection(pipeline(response.toNodeReadable(), sink));
    expect(error).toMatchObject({ code: 'DECODE', kind: 'chunk-is-null' });
    expect(String(error)).toContain('chunk 1 is null');
    expect(seen).toEqual(['a']);
  });

  test('values that are false, empty or 0 are no end', async () => {
    wire.answer(stream([payloadChunk(`false\n""\n0\n${end(3)}`), invokeComplete()]));
    const seen: unknown[] = [];
    for await (const value of (await openNdjson()).toNodeReadable()) seen.push(value);
    expect(seen).toEqual([false, '', 0]);
  });

  test('a writable that takes no objects fails the pipeline and closes the connection', async () => {
    wire.answer(endless(payloadChunk('{"a":1}\n')));
    const sink = new Writable({ write: (_piece, _encoding, done) => done() });
    const error = await rejection(pipeline((await openNdjson()).toNodeReadable(), sink));
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    await until(() => wire.dropped === 1);
  });

  test('a stream that is not whole destroys the pipeline with its error', async () => {
    wire.answer(stream([payloadChunk('a')]));
    const sink = new Writable({ write: (_piece, _encoding, done) => done() });
    expect(await rejection(pipeline((await openText()).toNodeReadable(), sink))).toMatchObject({ code: 'TRUNCATED' });
  });
});

describe('as a web stream', () => {
  test('chunks come out, and cancel() closes the connection', async () => {
    wire.answer(endless(frame));
    const reader = (await openText()).toReadableStream().getReader();
    expect((await reader.read()).value?.length).toBeGreaterThan(0);
    await reader.cancel('enough');
    await until(() => wire.dropped === 1);
  });

  test('a stream that is not whole errors it', async () => {
    wire.answer(stream([payloadChunk('a')]));
    const reader = (await openText()).toReadableStream().getReader();
    expect(await reader.read()).toMatchObject({ value: 'a' });
    expect(await rejection(reader.read())).toMatchObject({ code: 'TRUNCATED' });
  });

  test('a frame without payload is no chunk of a stream of bytes', async () => {
    wire.answer(stream([payloadChunk(''), payloadChunk('a')]));
    const bytes = streamContract({ format: 'bytes' });
    const read = (await streamInvoker(bytes, options()).invoke({})).payload();
    const error = await rejection(
      (async () => {
        for await (const piece of read) expect(piece.length).toBeLessThan(2);
      })(),
    );
    expect(error).toMatchObject({ code: 'TRUNCATED', chunks: 1, payloadBytes: 1 });
  });

  test('toResponse() passes the payload on with its markers, content type, status, headers and cookies', async () => {
    const payload = 'data: {"n":1}\n\nevent: $end\ndata: {"chunks":1}\n\n';
    wire.answer(stream([payloadChunk(payload), invokeComplete()]));
    const plain = await (await streamInvoker(sse, options()).invoke({})).toResponse();
    expect(plain.status).toBe(200);
    expect(plain.headers.get('content-type')).toBe('text/event-stream');
    expect(await plain.text()).toBe(payload);

    const prelude = {
      statusCode: 202,
      headers: { 'Content-Type': 'text/event-stream; v=2', 'x-a': '1' },
      cookies: ['a=1', 'b=2'],
    };
    wire.answer(
      stream([payloadChunk(encodePrelude(prelude)), payloadChunk(payload), invokeComplete()], {
        headers: PRELUDE_HEADERS,
      }),
    );
    const told = await (await streamInvoker(sse, options()).invoke({})).toResponse({ headers: { 'x-a': '2' } });
    expect([told.status, told.headers.get('content-type'), told.headers.get('x-a')]).toEqual([
      202,
      'text/event-stream; v=2',
      '2',
    ]);
    expect(told.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await told.text()).toBe(payload);
  });

  test('toResponse() of a stream that breaks breaks its body', async () => {
    wire.answer(stream([payloadChunk('data: {"n":1}\n\n'), invokeComplete()]));
    const response = await (await streamInvoker(sse, options()).invoke({})).toResponse();
    expect(await rejection(response.text())).toMatchObject({ code: 'TRUNCATED' });
  });

  test.each([204, 205, 304])(
    'toResponse() with status %s has no body, and reads the stream to its end',
    async (status) => {
      wire.answer(
        stream([payloadChunk(encodePrelude({ statusCode: status })), invokeComplete()], { headers: PRELUDE_HEADERS }),
      );
      const stream204 = await openBytes();
      const response = await stream204.toResponse();
      expect([response.status, response.body]).toEqual([status, null]);
      expect(await stream204.result).toMatchObject({ metrics: { chunks: 0 } });
    },
  );

  test.each<[string, HttpPrelude, ResponseOptions]>([
    ['a status that is none', { statusCode: 600 }, {}],
    ['an informational status', { statusCode: 101 }, {}],
    ['a header with a line break', { headers: { 'x-a': 'a\nb' } }, {}],
    ['a header with characters HTTP cannot send', { headers: { 'x-a': '\u20ac' } }, {}],
    ['a header name that is none', { headers: { 'x a': '1' } }, {}],
    ['a status of the caller that is none', {}, { status: 99 }],
  ])('toResponse() refuses %s, and closes the connection', async (_, prelude, init) => {
    wire.answer(
      stream([payloadChunk(encodePrelude(prelude)), payloadChunk('a')], { headers: PRELUDE_HEADERS, ending: 'hang' }),
    );
    const client = wire.pooledClient(1);
    for (let round = 0; round < 2; round++) {
      const response = await openBytes({ client });
      const error = await rejection(response.toResponse(init));
      expect(error).toMatchObject({ code: 'DECODE', kind: 'prelude-invalid', invoked: 'yes' });
      expect(await rejection(response.result)).toBe(error);
    }
    await until(() => wire.dropped === 2);
  });

  test('leaving the body of toResponse() closes the connection', async () => {
    wire.answer(endless(frame));
    const { body } = await (await openBytes()).toResponse();
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    await reader.cancel();
    await until(() => wire.dropped === 1);
  });
});
