/** Connections that fail, stall, are left or aborted: never a hang, a second invocation, a leaked socket or listener. */
import dns from 'node:dns';
import { getEventListeners, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { type StreamInvokerOptions, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { call, invokeComplete, payloadChunk, readToEnd, rejection } from './read-stream';
import { type Answer, EVENT_STREAM_HEADERS, endless, stream, until, useWireServer } from './wire-server';

const text = streamContract({ format: 'text' });
const bytes = streamContract({ format: 'bytes' });

const wire = useWireServer();

function invokerFor(options: Partial<StreamInvokerOptions> = {}) {
  return streamInvoker(text, { functionName: 'f', client: wire.client(), ...options } as StreamInvokerOptions);
}

const noHeaders: Answer = () => undefined;
const resetBeforeHeaders: Answer = (response) => void response.socket?.resetAndDestroy();

describe('a connection that breaks before the response headers', () => {
  test('is a TRANSPORT error that may have invoked the function, after one request', async () => {
    wire.answer(resetBeforeHeaders);
    const error = await rejection(invokerFor().invoke({}));
    expect(error).toMatchObject({
      code: 'TRANSPORT',
      systemCode: 'ECONNRESET',
      invoked: 'maybe',
      phase: 'request',
      retryable: true,
    });
    expect(wire.requests).toHaveLength(1);
  });

  test('is repeated where duplicates are allowed, also with a client that would not', async () => {
    wire.answer(resetBeforeHeaders, resetBeforeHeaders, stream([payloadChunk('third'), invokeComplete()]));
    const retry = { allowDuplicateInvocation: true, baseDelayMs: 1 };
    const { chunks, result } = await call(wire, text, { retry });
    expect(chunks).toEqual(['third']);
    expect(result?.metrics.attempts).toBe(3);
  });

  test('is repeated no more often than allowed', async () => {
    wire.answer(resetBeforeHeaders);
    const retry = { allowDuplicateInvocation: true, baseDelayMs: 1, maxAttempts: 4 };
    expect(await rejection(invokerFor({ retry }).invoke({}))).toMatchObject({ code: 'TRANSPORT' });
    expect(wire.requests).toHaveLength(4);
  });

  test('that nobody accepts surely did not invoke the function, and is tried again', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    const attempts: number[] = [];
    const invoker = streamInvoker(text, {
      functionName: 'f',
      clientConfig: { ...wire.clientConfig, endpoint: `http://127.0.0.1:${port}` },
      retry: { baseDelayMs: 1 },
      hooks: { onRequest: ({ attempt }) => attempts.push(attempt) },
    });
    const error = await rejection(invoker.invoke({}));
    expect(error).toMatchObject({ code: 'TRANSPORT', systemCode: 'ECONNREFUSED', invoked: 'no', retryable: true });
    expect(attempts).toEqual([1, 2, 3]);
  });
});

describe('an answer that is not an event stream', () => {
  test('is CORRUPT and says what came', async () => {
    wire.answer((response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'));
    const error = await rejection(invokerFor().invoke({}));
    expect(error).toMatchObject({
      code: 'CORRUPT',
      kind: 'content-type',
      message: expect.stringContaining('text/html'),
    });
  });
});

describe('a stream that is left early', () => {
  const ways: [string, (response: AsyncIterable<string> & AsyncDisposable) => Promise<void>][] = [
    [
      'by break',
      async (response) => {
        for await (const chunk of response) if (chunk !== '') break;
      },
    ],
    [
      'by an exception in the loop',
      async (response) => {
        const loop = async () => {
          for await (const chunk of response) throw new Error(`caller's own ${chunk.length}`);
        };
        await expect(loop()).rejects.toThrow("caller's own");
      },
    ],
    [
      'by await using',
      async (response) => {
        await using left = response;
        await left[Symbol.asyncIterator]().next();
      },
    ],
    [
      'by return()',
      async (response) => {
        const iterator = response[Symbol.asyncIterator]();
        await iterator.next();
        expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
        await expect(iterator.next()).rejects.toMatchObject({ code: 'ABORTED' });
      },
    ],
  ];

  test.each(ways)('%s closes its connection: six calls work with a pool of three', async (_, leave) => {
    wire.answer(endless(payloadChunk('x'.repeat(1_000))));
    const invoker = invokerFor({ client: wire.pooledClient(3) });
    for (let round = 0; round < 6; round++) {
      const response = await invoker.invoke({});
      await leave(response);
      expect(await rejection(response.result)).toMatchObject({ code: 'ABORTED', name: 'AbortError', invoked: 'yes' });
    }
    await until(() => wire.dropped === 6);
    expect(wire.requests).toHaveLength(6);
  });

  test('by await using after its end changes nothing', async () => {
    wire.answer(stream([payloadChunk('x'), invokeComplete()]));
    await using response = await invokerFor().invoke({});
    expect(await response.collect()).toMatchObject({ chunks: ['x'] });
  });
});

describe('after InvokeComplete', () => {
  test.each([
    ['with it', 0],
    ['shortly after it', 10],
  ])('the connection serves the next call where the body ends %s', async (_, delayMs) => {
    const ports = new Set<number | undefined>();
    wire.answer((response) => {
      ports.add(response.socket?.remotePort);
      response.writeHead(200, EVENT_STREAM_HEADERS).write(Buffer.concat([payloadChunk('a'), invokeComplete()]));
      if (delayMs === 0) response.end();
      else setTimeout(() => response.end(), delayMs);
    });
    const invoker = invokerFor();
    const rounds = 8;
    for (let round = 0; round < rounds; round++) {
      expect(await readToEnd(await invoker.invoke({}))).toMatchObject({ chunks: ['a'] });
      await until(() => wire.open.size === 0);
      // The client hears of the end a moment after the server has sent it.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    // One, but for the times that a busy machine was late with the end; one a call where it is never kept.
    expect(ports.size).toBeLessThan(rounds);
  });

  test('a body that never ends is closed, and the next call works', async () => {
    wire.answer(stream([payloadChunk('a'), invokeComplete()], { ending: 'hang' }));
    const invoker = invokerFor({ client: wire.pooledClient(1) });
    for (let round = 0; round < 3; round++)
      expect(await readToEnd(await invoker.invoke({}))).toMatchObject({ chunks: ['a'] });
    await until(() => wire.dropped === 3);
  });
});

test('a corrupt frame closes a connection that is left open', async () => {
  const damaged = payloadChunk('b').map((byte, i, all) => (i === all.length - 1 ? byte ^ 1 : byte));
  wire.answer(stream([payloadChunk('a'), damaged, payloadChunk('c')], { ending: 'hang' }));
  expect(await readToEnd(await invokerFor().invoke({}))).toMatchObject({ chunks: ['a'], error: { code: 'CORRUPT' } });
  await until(() => wire.dropped === 1);
});

describe('backpressure', () => {
  test('reaches the server while the reader pauses, and the idle clock does not run meanwhile', async () => {
    const answer = endless(payloadChunk(new Uint8Array(64 * 1024)));
    wire.answer(answer);
    const invoker = streamInvoker(bytes, {
      functionName: 'f',
      client: wire.client(),
      timeouts: { idleMs: 500, headersMs: 60_000 },
    });
    const response = await invoker.invoke({});
    const iterator = response[Symbol.asyncIterator]();
    await iterator.next();
    // Still for longer than the idle clock would allow, and for good.
    let written = -1;
    while (written !== answer.written) {
      written = answer.written;
      await new Promise((resolve) => setTimeout(resolve, 600));
    }
    expect(written).toBeLessThan(8 * 1024 * 1024);
    // What had come waits here, so that no clock has to.
    for (let read = 0; read < 4 * 64 * 1024; ) read += (await iterator.next()).value?.length ?? 0;
    while (answer.written <= written) await iterator.next();
    await iterator.return?.();
  });
});

describe('clocks', () => {
  const stalled = stream([payloadChunk('a')], { ending: 'hang' });
  const rows: [string, Answer, StreamInvokerOptions['timeouts'], object, string][] = [
    [
      'headersMs ends the wait for headers',
      noHeaders,
      { headersMs: 800 },
      { kind: 'headers', limitMs: 800, invoked: 'maybe', phase: 'request' },
      '',
    ],
    [
      'firstByteMs ends silence after the headers',
      stream([], { ending: 'hang' }),
      { firstByteMs: 1_000 },
      { kind: 'firstByte', limitMs: 1_000, invoked: 'yes', phase: 'before-first-byte' },
      '',
    ],
    [
      'idleMs ends silence after the headers where firstByteMs is not set',
      stream([], { ending: 'hang' }),
      { idleMs: 80, headersMs: 60_000 },
      { kind: 'idle', invoked: 'yes' },
      '',
    ],
    [
      'firstByteMs ends the wait for headers too: a handler sends them with its first chunk',
      noHeaders,
      { firstByteMs: 800 },
      { kind: 'firstByte', limitMs: 800, invoked: 'maybe', phase: 'request' },
      '',
    ],
    [
      'idleMs ends the wait for headers where neither headersMs nor firstByteMs is set',
      noHeaders,
      { idleMs: 800 },
      { kind: 'idle', limitMs: 800, invoked: 'maybe', phase: 'request' },
      '',
    ],
    [
      'firstByteMs does not count after the first chunk',
      stalled,
      { firstByteMs: 1_000, idleMs: 1_500 },
      { kind: 'idle', limitMs: 1_500, phase: 'streaming', chunks: 1 },
      'a',
    ],
    [
      'idleMs counts after a longer firstByteMs',
      stalled,
      { firstByteMs: 60_000, idleMs: 80 },
      { kind: 'idle', limitMs: 80 },
      'a',
    ],
    [
      'totalMs ends a stream that goes on',
      stalled,
      { totalMs: 2_000 },
      { kind: 'total', limitMs: 2_000, chunks: 1 },
      'a',
    ],
    [
      'totalMs ends the wait for headers',
      noHeaders,
      { totalMs: 800 },
      { kind: 'total', invoked: 'maybe', phase: 'request' },
      '',
    ],
  ];

  test.each(rows)('%s, with one request and a closed connection', async (...[, answer, timeouts, expected, got]) => {
    wire.answer(answer);
    let seen = '';
    const error = await rejection(
      (async () => {
        for await (const chunk of await invokerFor({ timeouts }).invoke({})) seen += chunk;
      })(),
    );
    expect(error).toMatchObject({ code: 'TIMEOUT', ...expected });
    expect(seen).toBe(got);
    expect(wire.requests).toHaveLength(1);
    await until(() => wire.open.size === 0);
  });

  test('totalMs closes a stream that nobody reads, and its result says so', async () => {
    wire.answer(stalled);
    const response = await invokerFor({ timeouts: { totalMs: 2_000 } }).invoke({});
    await until(() => wire.dropped === 1);
    expect(await rejection(response.result)).toMatchObject({ code: 'TIMEOUT', kind: 'total' });
  });

  test('a call can have clocks of its own', async () => {
    wire.answer(stalled);
    const invoker = invokerFor({ timeouts: { idleMs: 60_000 } });
    const response = await invoker.invoke({}, { timeouts: { idleMs: 50, headersMs: 60_000 } });
    expect(await readToEnd(response)).toMatchObject({ chunks: ['a'], error: { kind: 'idle', limitMs: 50 } });
  });

  test('connectMs ends the wait for a connection that is never made, and that surely did not invoke the function', async () => {
    const lookup = jest.spyOn(dns, 'lookup').mockImplementation((() => undefined) as unknown as typeof dns.lookup);
    const clientConfig = { ...wire.clientConfig, endpoint: 'http://never.invalid' };
    const invoker = streamInvoker(text, { functionName: 'f', clientConfig, timeouts: { connectMs: 60 }, retry: false });
    const error = await rejection(invoker.invoke({}));
    lookup.mockRestore();
    expect(error).toMatchObject({ code: 'TIMEOUT', kind: 'connect', limitMs: 60, invoked: 'no', retryable: true });
  });
});

describe('abort', () => {
  test('in the middle of a stream is an AbortError with the reason as its cause', async () => {
    wire.answer(stream([payloadChunk('a')], { ending: 'hang' }));
    const control = new AbortController();
    const reason = new Error('user pressed stop');
    const response = await invokerFor().invoke({}, { signal: control.signal });
    const iterator = response[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 'a' });
    const waiting = rejection(iterator.next());
    control.abort(reason);
    expect(await waiting).toMatchObject({
      code: 'ABORTED',
      name: 'AbortError',
      invoked: 'yes',
      chunks: 1,
      cause: reason,
    });
    expect(await rejection(iterator.next())).toMatchObject({ code: 'ABORTED' });
    await until(() => wire.dropped === 1);
    expect(getEventListeners(control.signal, 'abort')).toHaveLength(0);
  });

  test('by AbortSignal.timeout is the same', async () => {
    wire.answer(stream([payloadChunk('a')], { ending: 'hang' }));
    const response = await invokerFor().invoke({}, { signal: AbortSignal.timeout(500) });
    const { chunks, error } = await readToEnd(response);
    expect(chunks).toEqual(['a']);
    expect(error).toMatchObject({ code: 'ABORTED', cause: { name: 'TimeoutError' } });
  });

  test('before the response headers may have invoked the function', async () => {
    wire.answer(noHeaders);
    const control = new AbortController();
    const waiting = rejection(invokerFor().invoke({}, { signal: control.signal }));
    await until(() => wire.requests.length === 1);
    control.abort('enough');
    expect(await waiting).toMatchObject({ code: 'ABORTED', invoked: 'maybe', phase: 'request', cause: 'enough' });
    await until(() => wire.open.size === 0);
    expect(getEventListeners(control.signal, 'abort')).toHaveLength(0);
  });

  test('before the call sends nothing', async () => {
    wire.answer(stream([invokeComplete()]));
    const error = await rejection(invokerFor().invoke({}, { signal: AbortSignal.abort('no') }));
    expect(error).toMatchObject({ code: 'ABORTED', invoked: 'no', phase: 'input', cause: 'no' });
    expect(wire.requests).toHaveLength(0);
  });

  test('during the wait for a retry ends the wait', async () => {
    wire.answer(resetBeforeHeaders);
    const control = new AbortController();
    const hooks = { onRetry: () => control.abort() };
    const retry = { allowDuplicateInvocation: true, baseDelayMs: 60_000, maxDelayMs: 60_000 };
    const error = await rejection(invokerFor({ hooks, retry }).invoke({}, { signal: control.signal }));
    expect(error).toMatchObject({ code: 'ABORTED' });
    expect(wire.requests).toHaveLength(1);
  });

  test('by the stream itself, and a finished stream keeps no listener on the signal', async () => {
    wire.answer(stream([payloadChunk('a')], { ending: 'hang' }), stream([payloadChunk('a'), invokeComplete()]));
    const control = new AbortController();
    const first = await invokerFor().invoke({}, { signal: control.signal });
    first.abort('changed my mind');
    expect(await readToEnd(first)).toMatchObject({ chunks: [], error: { code: 'ABORTED', cause: 'changed my mind' } });
    const second = await invokerFor().invoke({}, { signal: control.signal });
    expect(await readToEnd(second)).toMatchObject({ chunks: ['a'] });
    expect(getEventListeners(control.signal, 'abort')).toHaveLength(0);
  });
});

test('two hundred streams of one invoker are open at once', async () => {
  const parked: Parameters<Answer>[0][] = [];
  wire.answer((response) => {
    response.writeHead(200, EVENT_STREAM_HEADERS).write(payloadChunk('a'));
    parked.push(response);
  });
  const invoker = streamInvoker(text, { functionName: 'f', clientConfig: wire.clientConfig });
  const streams = await Promise.all(Array.from({ length: 200 }, () => invoker.invoke({})));
  expect(wire.open.size).toBe(200);
  for (const response of parked) response.end(invokeComplete());
  const readings = await Promise.all(streams.map(readToEnd));
  expect(readings.every(({ chunks, error }) => chunks.join('') === 'a' && error === undefined)).toBe(true);
  invoker.close();
});

describe('a stream that fails and whose result nobody awaits is no unhandled rejection', () => {
  const damaged = payloadChunk('b').map((byte, i, all) => (i === all.length - 1 ? byte ^ 1 : byte));
  test.each<[string, Answer, boolean, object]>([
    ['that nobody reads', stream([payloadChunk('a')], { ending: 'reset' }), false, { code: 'TIMEOUT', kind: 'total' }],
    ['broken', stream([payloadChunk('a')], { ending: 'reset' }), true, { code: 'TRANSPORT' }],
    ['cut off', stream([payloadChunk('a')]), true, { code: 'TRUNCATED' }],
    ['corrupt', stream([damaged]), true, { code: 'CORRUPT' }],
    ['of a failed function', stream([invokeComplete({ ErrorCode: 'Unhandled' })]), true, { code: 'FUNCTION_ERROR' }],
  ])('%s', async (_, answer, isRead, expected) => {
    wire.answer(answer);
    const ends: unknown[] = [];
    const timeouts = isRead ? {} : { totalMs: 2_000 };
    const invoker = invokerFor({ timeouts, hooks: { onEnd: ({ error }) => ends.push(error) } });
    const response = await invoker.invoke({});
    if (isRead) await rejection(drain(response));
    await until(() => ends.length === 1);
    // jest fails the test in which a rejection is unhandled.
    await new Promise((resolve) => setImmediate(resolve));
    expect(ends).toMatchObject([expected]);
  });
});

/** Reads without asking for the result. */
async function drain(response: AsyncIterable<unknown>): Promise<void> {
  for await (const chunk of response) void chunk;
}
