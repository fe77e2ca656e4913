import { streamContract } from 'cdk-lambda-streaming/contract';
import { ApplicationError, streamHandler, streamWriterHandler } from 'cdk-lambda-streaming/handler';
import { z } from 'zod';
import { chat, echo } from './echo';
import { lambdaContext, runOnOfficialRuntime, runtimeInterfaceClient } from './official-runtime';

async function* empty(): AsyncGenerator<never, void> {
  yield* [];
}

const text = (body: Buffer) => body.toString('utf8');

describe('a stream on the official runtime', () => {
  test('has its content type, chunks and end marker; the input went through its schema', async () => {
    const received = await runOnOfficialRuntime(echo, { event: { prompt: 'a b c' } });
    expect(received.contentType).toBe('application/x-ndjson');
    expect(text(received.body)).toBe(
      '{"token":"a"}\n{"token":"b"}\n{"$stream":{"end":{"final":{"tokens":2},"chunks":2}}}\n',
    );
    expect(received.errorType).toBeUndefined();
  });

  test('ends with the application error thrown, and the invocation counts as handled', async () => {
    const handler = streamHandler(chat, async function* (_, ctx) {
      yield { token: 'a' };
      throw ctx.error('QuotaExceeded', 'no tokens left', { data: { quota: 10 }, retryable: true });
    });
    const received = await runOnOfficialRuntime(handler, { event: { prompt: '' } });
    expect(text(received.body)).toBe(
      '{"token":"a"}\n{"$stream":{"error":{"type":"QuotaExceeded","message":"no tokens left","data":{"quota":10},"retryable":true}}}\n',
    );
    expect(received.errorType).toBeUndefined();
  });

  test('ends with type and message of a crash, never its stack, and the invocation fails', async () => {
    const handler = streamHandler(chat, async function* () {
      yield { token: 'a' };
      throw new TypeError('cannot read');
    });
    const received = await runOnOfficialRuntime(handler, { event: { prompt: '' } });
    expect(text(received.body)).toBe(
      '{"token":"a"}\n{"$stream":{"error":{"type":"TypeError","message":"cannot read"}}}\n',
    );
    expect(received.errorType).toBe('TypeError');
  });

  test.each([undefined, null, 'text', 42, { odd: true }, Symbol('s')])(
    'survives a producer that throws %p',
    async (thrown) => {
      const handler = streamHandler(streamContract({ format: 'sse' }), () => {
        throw thrown;
      });
      await expect(runOnOfficialRuntime(handler).then(({ body }) => text(body))).resolves.toContain('event: $error\n');
    },
  );

  test('says which part of the input is wrong, and does not call the producer', async () => {
    const called = jest.fn();
    const handler = streamHandler(chat, async function* () {
      called();
      yield* [];
      return { tokens: 0 };
    });
    const received = await runOnOfficialRuntime(handler, { event: { prompt: 7 } });
    const { error } = JSON.parse(text(received.body)).$stream;
    expect(error).toMatchObject({ type: 'InvalidInput', issues: [{ path: ['prompt'] }] });
    expect(received.errorType).toBeUndefined();
    expect(called).not.toHaveBeenCalled();
  });

  test('has no second marker where the stream cannot be closed', async () => {
    const write = jest.fn((_: Uint8Array) => true);
    const end = () => {
      throw new Error('broken');
    };
    const handler = streamHandler(streamContract({ format: 'ndjson' }), empty);
    await expect(handler({}, { write, end }, lambdaContext())).rejects.toThrow('broken');
    expect(write.mock.calls.map(([bytes]) => String(bytes))).toEqual(['{"$stream":{"end":{"chunks":0}}}\n']);
  });

  test('refuses a chunk that would read as a marker', async () => {
    const handler = streamHandler(streamContract({ format: 'ndjson' }), async function* () {
      yield { $stream: { end: {} } };
    });
    const received = await runOnOfficialRuntime(handler);
    expect(received.errorType).toBe('WireError');
    expect(text(received.body)).toContain('rename it');
  });

  test('of bytes or text has no marker, and an application error then fails the invocation', async () => {
    const plain = streamContract({ format: 'text' });
    const fine = streamHandler(plain, async function* () {
      yield 'zwölf ';
      yield '\ud83d';
      await new Promise((resolve) => setTimeout(resolve, 5));
      yield '\ude42';
    });
    const received = await runOnOfficialRuntime(fine);
    expect(received).toMatchObject({ contentType: 'text/plain; charset=utf-8', errorType: undefined });
    expect(text(received.body)).toBe('zwölf 🙂');
    const failing = streamHandler(plain, async function* () {
      yield 'a';
      throw new ApplicationError('Spent', 'no more');
    });
    await expect(runOnOfficialRuntime(failing)).resolves.toMatchObject({ errorType: 'Spent', body: Buffer.from('a') });
  });

  test('sends the version of its contract first', async () => {
    const handler = streamHandler(streamContract({ format: 'sse', version: '2' }), async function* () {
      yield { data: 'a\nb', event: 'tick', id: '1' };
    });
    const { body, contentType } = await runOnOfficialRuntime(handler);
    expect(contentType).toBe('text/event-stream');
    expect(text(body)).toBe(
      'event: $start\ndata: {"version":"2"}\n\nevent: tick\nid: 1\ndata: a\ndata: b\n\nevent: $end\ndata: {"chunks":1}\n\n',
    );
  });
});

describe('the HTTP prelude', () => {
  const delimiter = '\0'.repeat(8);
  const bytes = streamContract({ format: 'bytes', http: { headers: { 'X-Kind': 'a' } } });

  test('is what the official HttpResponseStream would send', async () => {
    const prelude = {
      statusCode: 201,
      headers: { 'content-type': 'application/octet-stream', 'x-kind': 'b' },
      cookies: ['a=1'],
    };
    const official = await runOnOfficialRuntime(async (_: unknown, stream: never) => {
      const wrapped = runtimeInterfaceClient().awslambda.HttpResponseStream.from(stream, prelude);
      wrapped.write(Buffer.from('body'), () => undefined);
      wrapped.end();
    });
    const ours = await runOnOfficialRuntime(
      streamHandler(bytes, async function* (_, ctx) {
        ctx.http({ statusCode: 201, headers: { 'x-kind': 'b' }, cookies: ['a=1'] });
        yield Buffer.from('body');
      }),
    );
    expect(ours.contentType).toBe(official.contentType);
    expect(preludeOf(ours.body)).toEqual(preludeOf(official.body));
    expect(text(ours.body).split(delimiter)[1]).toBe('body');
  });

  test('goes out for an empty body too', async () => {
    const { body } = await runOnOfficialRuntime(streamHandler(bytes, empty));
    expect(preludeOf(body)).toEqual({
      statusCode: 200,
      headers: { 'content-type': 'application/octet-stream', 'x-kind': 'a' },
    });
  });

  test('cannot change after the first chunk', async () => {
    const handler = streamHandler(chat, async function* (_, ctx) {
      yield { token: 'a' };
      ctx.http({ statusCode: 404 });
      return { tokens: 1 };
    });
    const { body } = await runOnOfficialRuntime(handler, { event: { prompt: '' } });
    expect(text(body)).toContain('must be called before the first chunk');
  });

  test.each([
    ['a function URL', { requestContext: { http: { method: 'POST' } }, body: '{"prompt":"a"}' }],
    ['a base64 body', { requestContext: { http: {} }, body: btoa('{"prompt":"a"}'), isBase64Encoded: true }],
    ['a REST API', { requestContext: { httpMethod: 'POST' }, body: '{"prompt":"a"}' }],
    ['a query', { requestContext: { http: {} }, queryStringParameters: { prompt: 'a', limit: '1' } }],
    ['a REST query', { requestContext: { httpMethod: 'GET' }, body: null, queryStringParameters: { prompt: 'a' } }],
  ])('is always there behind an HTTP front end, and the input is found: %s', async (_, event) => {
    const { body } = await runOnOfficialRuntime(echo, { event });
    expect(preludeOf(body)).toEqual({ statusCode: 200, headers: { 'content-type': 'application/x-ndjson' } });
    expect(text(body).split(delimiter)[1]).toMatch(/^\{"token":"a"\}\n/);
  });

  test.each([
    ['400 for a wrong input', { body: '{}' }, 400],
    ['400 for a body that is not JSON', { body: '{' }, 400],
    ['400 for neither body nor query', { body: null, queryStringParameters: null }, 400],
    ['409 for an error that says so', { body: '{"prompt":"conflict"}' }, 409],
    ['500 for a crash', { body: '{"prompt":"crash"}' }, 500],
  ])('says %s where nothing was sent yet', async (_, event, statusCode) => {
    const handler = streamHandler(chat, async function* ({ prompt }, ctx) {
      if (prompt === 'conflict') throw ctx.error('Conflict', 'twice', { statusCode: 409 });
      if (prompt === 'crash') throw new Error('crash');
      yield { token: '' };
      return { tokens: 1 };
    });
    const { body } = await runOnOfficialRuntime(handler, { event: { requestContext: { http: {} }, ...event } });
    expect(preludeOf(body)).toMatchObject({ statusCode });
    expect(JSON.parse(text(body).split(delimiter)[1] ?? '')).toHaveProperty('$stream.error.type');
  });

  test('tells of an application error by its status where the format has no marker', async () => {
    const handler = streamHandler(streamContract({ format: 'text' }), () => {
      throw new ApplicationError('Gone', 'no such file', { statusCode: 410 });
    });
    const { body, errorType } = await runOnOfficialRuntime(handler, { event: { requestContext: { http: {} } } });
    expect(preludeOf(body)).toMatchObject({ statusCode: 410 });
    expect(errorType).toBeUndefined();
  });

  test('says what is wrong with a body that is not JSON, as with any invalid input', async () => {
    const { body } = await runOnOfficialRuntime(echo, { event: { requestContext: { http: {} }, body: '{' } });
    const message = 'the body is not JSON';
    expect(JSON.parse(text(body).split(delimiter)[1] ?? '')).toEqual({
      $stream: { error: { type: 'InvalidInput', message, issues: [{ message, path: [] }], statusCode: 400 } },
    });
  });

  test('that is too long for a front end becomes a 500 without a body, and the invocation fails', async () => {
    const handler = streamHandler(bytes, async function* (_, ctx) {
      ctx.http({ headers: { 'x-long': 'x'.repeat(20_000) } });
      yield Buffer.from('body');
    });
    const { body, errorType } = await runOnOfficialRuntime(handler);
    expect(errorType).toBe('RangeError');
    expect(preludeOf(body)).toEqual({ statusCode: 500, headers: { 'content-type': 'application/octet-stream' } });
    expect(text(body).split(delimiter)[1]).toBe('');
  });

  function preludeOf(body: Buffer): unknown {
    return JSON.parse(text(body).split(delimiter)[0] ?? '');
  }
});

describe('the context', () => {
  test('has trace context, client context, Lambda context, event and remaining time', async () => {
    const seen: unknown[] = [];
    const handler = streamHandler(streamContract({ format: 'text' }), async function* (_, ctx) {
      yield '';
      const { traceContext, clientContext, lambda, event } = ctx;
      seen.push({ traceContext, clientContext, id: lambda?.awsRequestId, event, left: ctx.remainingMs() > 50_000 });
    });
    const clientContext = { custom: { traceparent: '00-a-b-01', tracestate: 'x=1' } };
    await runOnOfficialRuntime(handler, { clientContext, event: { a: 1 } });
    expect(seen).toEqual([
      {
        traceContext: clientContext.custom,
        clientContext,
        id: lambdaContext().awsRequestId,
        event: { a: 1 },
        left: true,
      },
    ]);
  });

  test('takes the trace context of an HTTP request from its headers', async () => {
    let traceparent: string | undefined;
    const handler = streamHandler(streamContract({ format: 'text' }), async function* (_, ctx) {
      yield '';
      ({ traceparent } = ctx.traceContext);
    });
    await runOnOfficialRuntime(handler, { event: { requestContext: { http: {} }, headers: { traceparent: '00-c' } } });
    expect(traceparent).toBe('00-c');
  });
});

describe('a handler that writes', () => {
  const numbers = streamContract({ format: 'ndjson', final: z.number() });

  test('keeps the order of writes nobody awaited, all before the end', async () => {
    const handler = streamWriterHandler(numbers, async (_, writer) => {
      for (let i = 0; i < 5; i++) void writer.write(i);
      return writer.chunks;
    });
    const { body } = await runOnOfficialRuntime(handler);
    expect(text(body)).toBe('0\n1\n2\n3\n4\n{"$stream":{"end":{"final":5,"chunks":5}}}\n');
  });

  test('fails with a write that failed, awaited or not', async () => {
    const handler = streamWriterHandler(numbers, async (_, writer) => {
      void writer.write(() => undefined);
      return 0;
    });
    const received = await runOnOfficialRuntime(handler);
    expect(received.errorType).toBe('WireError');
    expect(text(received.body)).toContain('"error"');
  });

  test('refuses a write after its end', async () => {
    let write: ((chunk: unknown) => Promise<void>) | undefined;
    const handler = streamWriterHandler(numbers, async (_, writer) => {
      write = (chunk) => writer.write(chunk);
      return 0;
    });
    await runOnOfficialRuntime(handler);
    await expect(write?.(1)).rejects.toThrow('the stream has ended');
  });
});

test('registers as streaming when the runtime is there, with its high-water mark', () => {
  const runtime = globalThis as { awslambda?: unknown };
  runtime.awslambda = runtimeInterfaceClient().awslambda;
  try {
    const handler = streamHandler(streamContract({ format: 'text' }), empty, { highWaterMark: 1024 });
    expect(Reflect.get(handler, Symbol.for('aws.lambda.runtime.handler.streaming'))).toBe('response');
    expect(Reflect.get(handler, 'options')).toMatchObject({ highWaterMark: 1024 });
    expect(handler.length).toBeLessThan(3);
  } finally {
    delete runtime.awslambda;
  }
});
