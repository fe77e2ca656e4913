import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { chat, END, events, line, NDJSON, prose } from './support/contracts';
import { type Answer, type Exchange, failureOf, useDoors } from './support/door-server';

const startDoor = useDoors();
const A = line({ token: 'a' });
const B = line({ token: 'b' });
const TEXT = { 'content-type': 'text/plain' };

async function read(answer: Answer | ((exchange: Exchange) => unknown), contract: typeof chat | typeof prose = chat) {
  const door = await startDoor(answer);
  const chunks: unknown[] = [];
  const fetcher = streamFetcher(contract, { url: door.url, sign: 'none' });
  const error = await failureOf(
    (async () => {
      for await (const chunk of await fetcher.invoke({ prompt: '' })) chunks.push(chunk);
    })(),
  ).catch(() => undefined);
  return { chunks, error, door };
}

describe('the end of a stream with an end marker', () => {
  test.each([
    ['a crash after a chunk, which looks like success', [A], 'marker', 1],
    ['no body at all', [], 'marker', 0],
    ['an end marker that counts more chunks than arrived', [A, END], 'count', 1],
  ])('%s is TRUNCATED', async (_, pieces, where, chunks) => {
    const result = await read({ headers: NDJSON, pieces });
    expect(result.error).toMatchObject({ code: 'TRUNCATED', where, invoked: 'yes', chunks, requestId: 'request-1' });
    expect(result.chunks).toHaveLength(chunks);
  });

  test.each(['fin', 'reset'] as const)(
    'a connection that breaks (%s) in the middle is TRANSPORT, without a second request',
    async (end) => {
      const { error, chunks, door } = await read({ headers: NDJSON, pieces: [A, B.slice(0, 5)], end });
      expect(error).toMatchObject({
        code: 'TRANSPORT',
        invoked: 'yes',
        retryable: true,
        chunks: 1,
        requestId: 'request-1',
      });
      expect(chunks).toEqual([{ token: 'a' }]);
      expect(door.requests).toHaveLength(1);
    },
  );

  test.each([
    [204, NDJSON],
    [204, {}],
    [205, NDJSON],
  ])('status %i has no body, and so no end marker: with headers %p it is whole', async (status, headers) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const door = await startDoor(({ socket }: Exchange) =>
      socket.write(`HTTP/1.1 ${status} x\r\n${lines.join('')}content-length: 0\r\n\r\n`),
    );
    const fetcher = streamFetcher(streamContract({ format: 'ndjson' }), { url: door.url, sign: 'none' });
    const stream = await fetcher.invoke({});
    expect((await stream.collect()).chunks).toEqual([]);
    expect(await stream.http).toMatchObject({ statusCode: status });
    // What the contract promises is promised still.
    const promised = streamFetcher(chat, { url: door.url, sign: 'none' });
    const error = await failureOf((async () => (await promised.invoke({ prompt: '' })).collect())());
    expect(error).toMatchObject({ code: 'CHUNK_INVALID', part: 'final' });
  });

  test('a connection that breaks right after the headers is TRANSPORT, and the function was invoked', async () => {
    const { error, door } = await read({ headers: NDJSON, end: 'reset' });
    expect(error).toMatchObject({ code: 'TRANSPORT', invoked: 'yes', phase: 'before-first-byte' });
    expect(door.requests).toHaveLength(1);
  });

  test('a connection that breaks after the end marker has lost nothing', async () => {
    const { error, chunks } = await read({ headers: NDJSON, pieces: [A, B, END], end: 'reset' });
    expect(error).toBeUndefined();
    expect(chunks).toHaveLength(2);
  });

  test('a body that is kept open after the end marker is not waited for', async () => {
    let closed: Promise<void> = Promise.resolve();
    const { error, chunks } = await read((exchange) => {
      closed = exchange.closed;
      return exchange.answer({ headers: NDJSON, pieces: [A, B, END], end: 'never' });
    });
    expect(error).toBeUndefined();
    expect(chunks).toHaveLength(2);
    await closed;
  });

  test('the function’s own error arrives with its typed data', async () => {
    const failure = { type: 'QuotaExceeded', message: 'slow down', data: { quota: 3 }, retryable: true };
    const { error } = await read({ headers: NDJSON, pieces: [A, line({ $stream: { error: failure } })] });
    expect(error).toMatchObject({
      code: 'REMOTE',
      errorType: 'QuotaExceeded',
      data: { quota: 3 },
      retryable: true,
      chunks: 1,
    });
  });
});

describe('the end of a stream without a marker', () => {
  test('a clean end of the body completes it', async () => {
    expect(await read({ headers: TEXT, pieces: ['all'] }, prose)).toMatchObject({ chunks: ['all'], error: undefined });
    expect(await read({ headers: TEXT }, prose)).toMatchObject({ chunks: [], error: undefined });
  });

  test.each(['fin', 'reset'] as const)('a connection that breaks (%s) is TRANSPORT', async (end) => {
    const { error, chunks } = await read({ headers: TEXT, pieces: ['so far'], end }, prose);
    expect(error).toMatchObject({ code: 'TRANSPORT', invoked: 'yes', payloadBytes: 6 });
    expect(chunks).toEqual(['so far']);
  });
});

describe('what does not keep the contract', () => {
  test('a broken line is told with its place, after the chunks before it', async () => {
    const { error, chunks } = await read({ headers: NDJSON, pieces: [A, B, '{"token":\n', END] });
    expect(error).toMatchObject({
      code: 'DECODE',
      kind: 'json-invalid',
      line: 3,
      byteOffset: 28,
      excerpt: '{"token":',
    });
    expect(chunks).toHaveLength(2);
  });

  test('a chunk that breaks the schema', async () => {
    const { error } = await read({ headers: NDJSON, pieces: [A, line({ token: 1 })] });
    expect(error).toMatchObject({ code: 'CHUNK_INVALID', part: 'chunk', index: 1, issues: [{ path: ['token'] }] });
  });

  test('a line longer than the contract allows fails before the rest of it arrives', async () => {
    const short = streamContract({ format: 'ndjson', maxLineBytes: 20 });
    const door = await startDoor({ headers: NDJSON, pieces: [A, 'x'.repeat(21)], end: 'never' });
    const stream = await streamFetcher(short, { url: door.url, sign: 'none' }).invoke({});
    expect(await failureOf(stream.collect())).toMatchObject({
      code: 'DECODE',
      kind: 'line-too-long',
      line: 2,
      chunks: 1,
    });
  });

  test('an error event of sse', async () => {
    const error = 'event: $error\ndata: {"type":"Late","message":"too late","data":{"by":3}}\n\n';
    const door = await startDoor({ headers: { 'content-type': 'text/event-stream' }, pieces: ['data: a\n\n', error] });
    const stream = await streamFetcher(events, { url: door.url, sign: 'none' }).invoke({});
    expect(await failureOf(stream.collect())).toMatchObject({
      code: 'REMOTE',
      errorType: 'Late',
      data: { by: 3 },
      chunks: 1,
    });
  });

  test('a stream that is read twice', async () => {
    const door = await startDoor({ headers: NDJSON, pieces: [A, B, END] });
    const stream = await streamFetcher(chat, { url: door.url, sign: 'none' }).invoke({ prompt: '' });
    await stream.collect();
    expect(() => stream[Symbol.asyncIterator]()).toThrow('already iterated');
  });

  test('text that is not UTF-8', async () => {
    const pieces = ['ok', Uint8Array.of(0xff)];
    expect((await read({ headers: TEXT, pieces }, prose)).error).toMatchObject({
      code: 'DECODE',
      kind: 'utf8-invalid',
    });
    const door = await startDoor({ headers: TEXT, pieces });
    const lenient = streamFetcher(prose, { url: door.url, sign: 'none', invalidUtf8: 'replace' });
    expect((await (await lenient.invoke({})).collect()).chunks.join('')).toBe('ok\uFFFD');
  });

  test('validate: false hands out what was parsed', async () => {
    const door = await startDoor({
      headers: NDJSON,
      pieces: [line({ token: 1 }), line({ $stream: { end: { chunks: 1 } } })],
    });
    const fetcher = streamFetcher(chat, { url: door.url, sign: 'none', validate: false });
    expect((await (await fetcher.invoke({ prompt: '' })).collect()).chunks).toEqual([{ token: 1 }]);
  });

  test('more than maxResponseBytes', async () => {
    const door = await startDoor({ headers: TEXT, pieces: ['x'.repeat(100)] });
    const stream = await streamFetcher(prose, { url: door.url, sign: 'none', maxResponseBytes: 99 }).invoke({});
    expect(await failureOf(stream.collect())).toMatchObject({ code: 'RESPONSE_TOO_LARGE', limitBytes: 99 });
  });
});

describe('a request that gets no response', () => {
  test('a connection reset before the headers: the function may have run, so it is not called again', async () => {
    const { error, door } = await read(({ socket }: Exchange) => socket.resetAndDestroy());
    expect(error).toMatchObject({ code: 'TRANSPORT', invoked: 'maybe', phase: 'request', systemCode: 'ECONNRESET' });
    expect(door.requests).toHaveLength(1);
  });

  test('it is called again where the caller says that it may run twice', async () => {
    const door = await startDoor((exchange) => {
      if (door.requests.length < 3) exchange.socket.resetAndDestroy();
      else return exchange.answer({ headers: NDJSON, pieces: [A, B, END] });
      return undefined;
    });
    const retry = { allowDuplicateInvocation: true, baseDelayMs: 1 };
    const stream = await streamFetcher(chat, { url: door.url, sign: 'none', retry }).invoke({ prompt: '' });
    expect((await stream.collect()).metrics.attempts).toBe(3);
    expect(door.requests).toHaveLength(3);
  });

  test('nobody listens: the function was surely not invoked, and each attempt is made', async () => {
    const port = await unusedPort();
    let attempts = 0;
    const fetch = (url: string, request: object) => {
      attempts++;
      return globalThis.fetch(url, request);
    };
    const retry = { maxAttempts: 2, baseDelayMs: 1 };
    const fetcher = streamFetcher(chat, { url: `http://127.0.0.1:${port}/`, sign: 'none', fetch, retry });
    const error = await failureOf(fetcher.invoke({ prompt: '' }));
    expect(error).toMatchObject({ code: 'TRANSPORT', invoked: 'no', systemCode: 'ECONNREFUSED', retryable: true });
    expect(error).toHaveProperty('message', expect.stringContaining(`127.0.0.1:${port}`));
    expect(attempts).toBe(2);
  });
});

test('a failing stream whose result nobody asks for is no unhandled rejection', async () => {
  expect((await read({ headers: NDJSON, pieces: [A], end: 'reset' })).error).toMatchObject({ code: 'TRANSPORT' });
  // jest fails the test in which a rejection is unhandled.
  await new Promise((resolve) => setTimeout(resolve, 20));
});

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
