import { getEventListeners } from 'node:events';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { z } from 'zod';
import { chat, END, file, line, NDJSON } from './support/contracts';
import { type Exchange, failureOf, useDoors } from './support/door-server';

const startDoor = useDoors();
const A = line({ token: 'a' });
const B = line({ token: 'b' });

describe('leaving a stream', () => {
  /** Writes chunks until the client goes. */
  function endless(exchange: Exchange): void {
    exchange.begin({ headers: NDJSON });
    const write = (): void => {
      while (!exchange.socket.destroyed) {
        if (exchange.piece(A)) return void setImmediate(write);
        exchange.socket.once('drain', write);
        return;
      }
    };
    write();
  }

  test.each([
    [
      'break',
      async (stream: AsyncIterable<unknown>) => {
        for await (const _ of stream) break;
      },
    ],
    [
      'a throw in the loop',
      async (stream: AsyncIterable<unknown>) => {
        const error = new Error('mine');
        expect(
          await failureOf(
            (async () => {
              for await (const _ of stream) throw error;
            })(),
          ),
        ).toBe(error);
      },
    ],
    [
      'return() of the iterator',
      async (stream: AsyncIterable<unknown>) => {
        const iterator = stream[Symbol.asyncIterator]();
        await iterator.next();
        await iterator.return?.();
      },
    ],
    [
      'await using',
      async (stream: AsyncIterable<unknown>) => {
        await (stream as unknown as AsyncDisposable)[Symbol.asyncDispose]();
      },
    ],
  ])('by %s closes the connection, each of six times', async (_, leave) => {
    const closed: Promise<void>[] = [];
    const door = await startDoor((exchange) => {
      closed.push(exchange.closed);
      endless(exchange);
    });
    const fetcher = streamFetcher(chat, { url: door.url, sign: 'none' });
    for (let i = 0; i < 6; i++) {
      const stream = await fetcher.invoke({ prompt: '' });
      await leave(stream);
      expect(await failureOf(stream.result)).toMatchObject({ code: 'ABORTED', invoked: 'yes' });
    }
    expect(closed).toHaveLength(6);
    await Promise.all(closed);
  });

  test('cancelling the web stream closes the connection', async () => {
    let closed: Promise<void> = Promise.resolve();
    const door = await startDoor((exchange) => {
      closed = exchange.closed;
      endless(exchange);
    });
    const stream = await streamFetcher(chat, { url: door.url, sign: 'none' }).invoke({ prompt: '' });
    const reader = stream.toReadableStream().getReader();
    expect(await reader.read()).toEqual({ done: false, value: { token: 'a' } });
    await reader.cancel();
    await closed;
  });

  test('a reader that pauses holds the function back, and its idle clock does not run', async () => {
    let written = 0;
    const door = await startDoor((exchange) => {
      exchange.begin({ headers: { 'content-type': 'application/octet-stream' } });
      const piece = new Uint8Array(65_536);
      const write = (): void => {
        while (!exchange.socket.destroyed) {
          written += piece.length;
          if (!exchange.piece(piece)) return void exchange.socket.once('drain', write);
        }
      };
      write();
    });
    const stream = await streamFetcher(file, {
      url: door.url,
      sign: 'none',
      timeouts: { idleMs: 600, headersMs: 60_000 },
    }).invoke({});
    let pauses = 0;
    for await (const _ of stream) {
      if (pauses === 2) break;
      await new Promise((resolve) => setTimeout(resolve, 900));
      pauses++;
    }
    const before = written;
    expect(before).toBeLessThan(12 * 1024 * 1024);
  });
});

describe('abort', () => {
  test('before the call: nothing is sent', async () => {
    const door = await startDoor({ headers: NDJSON, pieces: [A, B, END] });
    const reason = new Error('changed my mind');
    const credentials = () => Promise.reject(new Error('nobody must ask'));
    const sign = { credentials, region: 'eu-west-1', service: 'lambda' } as const;
    const fetcher = streamFetcher(chat, { url: door.url, sign });
    // Not even the input is looked at.
    const error = await failureOf(fetcher.invoke({ prompt: 1 as never }, { signal: AbortSignal.abort(reason) }));
    expect(error).toMatchObject({ code: 'ABORTED', name: 'AbortError', invoked: 'no', cause: reason });
    expect(door.requests).toHaveLength(0);
  });

  test('before the headers: the function may run', async () => {
    const control = new AbortController();
    const reason = new Error('enough');
    let closed: Promise<void> = Promise.resolve();
    const door = await startDoor((exchange) => {
      closed = exchange.closed;
      control.abort(reason);
    });
    const error = await failureOf(
      streamFetcher(chat, { url: door.url, sign: 'none' }).invoke({ prompt: '' }, { signal: control.signal }),
    );
    expect(error).toMatchObject({ code: 'ABORTED', invoked: 'maybe', phase: 'request', cause: reason });
    await closed;
  });

  test('while a credentials provider is asked: nothing is sent', async () => {
    const control = new AbortController();
    const credentials = () => new Promise<never>(() => control.abort());
    const fetcher = streamFetcher(chat, { url: 'https://abc.lambda-url.eu-west-1.on.aws/', sign: { credentials } });
    expect(await failureOf(fetcher.invoke({ prompt: '' }, { signal: control.signal }))).toMatchObject({
      code: 'ABORTED',
      invoked: 'no',
    });
  });

  test('in the middle: the reader that waits gets it, and the connection closes', async () => {
    const control = new AbortController();
    const reason = new Error('enough');
    let closed: Promise<void> = Promise.resolve();
    const door = await startDoor((exchange) => {
      closed = exchange.closed;
      return exchange.answer({ headers: NDJSON, pieces: [A], end: 'never' });
    });
    const stream = await streamFetcher(chat, { url: door.url, sign: 'none' }).invoke(
      { prompt: '' },
      { signal: control.signal },
    );
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    const next = iterator.next();
    control.abort(reason);
    expect(await failureOf(next)).toMatchObject({
      code: 'ABORTED',
      name: 'AbortError',
      invoked: 'yes',
      chunks: 1,
      cause: reason,
    });
    await closed;
  });

  test('in whatever moment around the headers: it is the reason that the caller gets', async () => {
    for (let ticks = 0; ticks < 15; ticks++) {
      const control = new AbortController();
      const fetch = async () => {
        void afterTicks(ticks).then(() => control.abort('just now'));
        const body = new ReadableStream({ start: (stream) => stream.enqueue(Buffer.from(A)) });
        return new Response(body, { headers: NDJSON });
      };
      const fetcher = streamFetcher(chat, { url: 'http://127.0.0.1/', sign: 'none', fetch });
      const reading = fetcher.invoke({ prompt: '' }, { signal: control.signal }).then((stream) => stream.collect());
      expect(await failureOf(reading)).toMatchObject({ code: 'ABORTED', cause: 'just now' });
    }
  });

  test('while the input is checked: nothing is sent', async () => {
    const control = new AbortController();
    const input = z.string().refine(async () => {
      control.abort();
      return true;
    });
    const fetch = () => Promise.reject(new Error('nothing must be sent'));
    const slow = streamFetcher(streamContract({ format: 'text', input }), {
      url: 'http://127.0.0.1/',
      sign: 'none',
      fetch,
    });
    expect(await failureOf(slow.invoke('', { signal: control.signal }))).toMatchObject({
      code: 'ABORTED',
      invoked: 'no',
    });
  });

  test('reaches both halves of a stream that was split', async () => {
    const control = new AbortController();
    let closed: Promise<void> = Promise.resolve();
    const door = await startDoor((exchange) => {
      closed = exchange.closed;
      return exchange.answer({ headers: NDJSON, pieces: [A], end: 'never' });
    });
    const { signal } = control;
    const halves = (
      await streamFetcher(chat, { url: door.url, sign: 'none' }).invoke({ prompt: '' }, { signal })
    ).tee();
    const iterators = halves.map((half) => half[Symbol.asyncIterator]());
    await Promise.all(iterators.map((iterator) => iterator.next()));
    const failures = iterators.map((iterator) => failureOf(iterator.next()));
    control.abort();
    for (const error of await Promise.all(failures)) expect(error).toMatchObject({ code: 'ABORTED', chunks: 1 });
    await closed;
  });

  test('leaves no listener on the signal, however the call ends', async () => {
    const { signal } = new AbortController();
    const whole = await startDoor({ headers: NDJSON, pieces: [A, B, END] });
    const broken = await startDoor({ headers: NDJSON, pieces: [A], end: 'reset' });
    const refused = await startDoor({ status: 403 });
    await (await streamFetcher(chat, { url: whole.url, sign: 'none' }).invoke({ prompt: '' }, { signal })).result;
    await failureOf(
      (await streamFetcher(chat, { url: broken.url, sign: 'none' }).invoke({ prompt: '' }, { signal })).result,
    );
    await failureOf(streamFetcher(chat, { url: refused.url, sign: 'none' }).invoke({ prompt: '' }, { signal }));
    for await (const _ of await streamFetcher(chat, { url: whole.url, sign: 'none' }).invoke(
      { prompt: '' },
      { signal },
    ))
      break;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('clocks', () => {
  const silent = async (exchange: Exchange) => exchange.request;

  test('no headers within headersMs: the function may run', async () => {
    const door = await startDoor(silent);
    const fetcher = streamFetcher(chat, { url: door.url, sign: 'none', timeouts: { headersMs: 800 } });
    expect(await failureOf(fetcher.invoke({ prompt: '' }))).toMatchObject({
      code: 'TIMEOUT',
      kind: 'headers',
      limitMs: 800,
      invoked: 'maybe',
    });
    expect(door.requests).toHaveLength(1);
  });

  test('no attempt is begun for which totalMs leaves no time', async () => {
    const door = await startDoor({
      status: 429,
      headers: { 'retry-after': '5', 'x-amzn-errortype': 'TooManyRequestsException' },
    });
    const fetcher = streamFetcher(chat, { url: door.url, sign: 'none', timeouts: { totalMs: 2_000 } });
    expect(await failureOf(fetcher.invoke({ prompt: '' }))).toMatchObject({ code: 'THROTTLED', retryAfterMs: 5_000 });
    expect(door.requests).toHaveLength(1);
  });

  test('an answer that comes after the call was given up is closed, also from a fetch that knows no signal', async () => {
    let cancelled: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => {
      cancelled = resolve;
    });
    let answer: () => void = () => undefined;
    const givenUp = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const fetch = async () => {
      await givenUp;
      return new Response(new ReadableStream({ cancel: () => cancelled() }), { headers: NDJSON });
    };
    const fetcher = streamFetcher(chat, { url: 'http://127.0.0.1/', sign: 'none', fetch, timeouts: { headersMs: 20 } });
    expect(await failureOf(fetcher.invoke({ prompt: '' }))).toMatchObject({ code: 'TIMEOUT', kind: 'headers' });
    answer();
    await closed;
  });

  test('totalMs counts the time before the headers too', async () => {
    const door = await startDoor(silent);
    const fetcher = streamFetcher(chat, { url: door.url, sign: 'none', timeouts: { totalMs: 800 } });
    expect(await failureOf(fetcher.invoke({ prompt: '' }))).toMatchObject({
      code: 'TIMEOUT',
      kind: 'total',
      invoked: 'maybe',
    });
  });

  test.each([
    ['firstByte', { firstByteMs: 1_000 }, []],
    ['idle', { idleMs: 600, headersMs: 60_000 }, [A]],
    ['total', { totalMs: 1_000 }, [A]],
  ])('%s: an open stream that falls silent is given up, and the connection closes', async (kind, timeouts, pieces) => {
    let closed: Promise<void> = Promise.resolve();
    const door = await startDoor((exchange) => {
      closed = exchange.closed;
      return exchange.answer({ headers: NDJSON, pieces, end: 'never' });
    });
    const stream = await streamFetcher(chat, { url: door.url, sign: 'none' }).invoke({ prompt: '' }, { timeouts });
    expect(await failureOf(stream.collect())).toMatchObject({
      code: 'TIMEOUT',
      kind,
      invoked: 'yes',
      chunks: pieces.length,
    });
    await closed;
    expect(door.requests).toHaveLength(1);
  });
});

async function afterTicks(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await undefined;
}
