/** What goes out beside chunks, and what is refused before it does. */
import { streamContract, unchecked } from 'cdk-lambda-streaming/contract';
import { streamHandler, streamWriterHandler } from 'cdk-lambda-streaming/handler';
import * as z from 'zod';
import { lambdaContext } from './official-runtime';
import { itemsOf, record } from './record';

const numbers = streamContract({ format: 'ndjson' });

/** Calls `handler` with a stream that tells of each piece when it is written. */
function watch(handler: ReturnType<typeof streamHandler>, event: unknown = {}) {
  const pieces: string[] = [];
  let onPiece: () => void = () => undefined;
  const done = handler(
    event,
    {
      write: (bytes, flushed) => {
        pieces.push(Buffer.from(bytes).toString());
        setImmediate(flushed);
        onPiece();
        return true;
      },
      end: () => undefined,
    },
    lambdaContext(),
  );
  const until = (isThere: () => boolean) =>
    new Promise<void>((resolve) => {
      onPiece = () => isThere() && resolve();
      onPiece();
    });
  return { pieces, done, until };
}

describe('in silence', () => {
  const quiet = (release: Promise<void>) =>
    async function* () {
      yield 1;
      await release;
      yield 2;
    };

  test.each([
    ['ndjson', '\n'],
    ['sse', ': keep-alive\n\n'],
  ] as const)('%s sends fillers between chunks, which its reader skips', async (format, filler) => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const contract = streamContract({ format, chunk: unchecked<number>() });
    const { pieces, done, until } = watch(streamHandler(contract, quiet(released), { keepAliveMs: 5 }));
    await until(() => pieces.length >= 4);
    release();
    await done;
    expect(pieces.slice(1, 4)).toEqual([filler, filler, filler]);
    const recorded = { body: Buffer.from(pieces.join('')) };
    expect(itemsOf(contract, recorded as never)).toMatchObject([
      { kind: 'chunk', value: 1 },
      { kind: 'chunk', value: 2 },
      { kind: 'end', chunks: 2 },
    ]);
  });

  test('a handler that has sent nothing opens its stream with a filler, head and version first', async () => {
    let release: () => void = () => undefined;
    const contract = streamContract({ format: 'ndjson', version: '2' });
    const handler = streamHandler(
      contract,
      async function* (_, ctx) {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        ctx.http({ statusCode: 201 });
        yield* [];
      },
      { keepAliveMs: 5 },
    );
    const { pieces, done, until } = watch(handler, { requestContext: { http: {} } });
    await until(() => pieces.length >= 2);
    release();
    await expect(done).rejects.toThrow('http() must be called before the first chunk or filler');
    expect(pieces.join('')).toMatch(
      /^\{"statusCode":200,"headers":\{"content-type":"application\/x-ndjson"\}\}\0{8}\{"\$stream":\{"start":\{"version":"2"\}\}\}\n\n/,
    );
  });

  test('a head that cannot be sent is told of by what begins the response, and not lost', async () => {
    let release: () => void = () => undefined;
    const http = { headers: { 'x-long': 'x'.repeat(20_000) } };
    const handler = streamHandler(
      { ...numbers, http },
      async function* () {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        yield 1;
      },
      { keepAliveMs: 5 },
    );
    const { pieces, done } = watch(handler);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(pieces).toEqual([]);
    release();
    await expect(done).rejects.toThrow('the HTTP prelude has');
    expect(pieces.join('')).toMatch(/^\{"statusCode":500/);
  });

  test.each([
    ['where it is switched off', numbers, { keepAliveMs: false }],
    ['in text', streamContract({ format: 'text' }), {}],
  ] as const)('nothing is sent %s, and no timer waits', async (_, contract, options) => {
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    const before = timers();
    const waiting: number[] = [];
    const handler = streamHandler(
      contract as typeof numbers,
      async function* () {
        waiting.push(timers());
        yield* [];
      },
      options,
    );
    await handler({}, { write: () => true, end: () => undefined }, undefined as never);
    expect(waiting).toEqual([before]);
  });

  test('no timer is left after the end, after an error, and after a stream that broke', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    const before = timers();
    await record(
      streamHandler(numbers, async function* () {
        yield 1;
      }),
    );
    await record(
      streamHandler(numbers, () => {
        throw new Error('crash');
      }),
    );
    await record(
      streamHandler(numbers, async function* () {
        yield 1;
        await new Promise(setImmediate);
        yield 2;
      }),
      { breaksAt: 0 },
    );
    expect(timers()).toBe(before);
  });
});

describe('a chunk that cannot be sent is named by its number', () => {
  test.each<[string, unknown, string]>([
    ['a BigInt', { n: 5n }, 'chunk 1 cannot be sent: Do not know how to serialize a BigInt'],
    ['a marker', { $stream: 1 }, "chunk 1 cannot be sent: a chunk must not use the name '$stream'"],
    ['a function', () => 1, "chunk 1 cannot be sent: a chunk of format 'ndjson' cannot be of type function"],
  ])('%s', async (_, chunk, message) => {
    const handler = streamHandler(numbers, async function* () {
      yield 0;
      yield chunk;
    });
    const recorded = await record(handler);
    expect(recorded.failed).toMatchObject([{ name: 'WireError', message: expect.stringContaining(message) }]);
    expect(itemsOf(numbers, recorded)).toMatchObject([
      { kind: 'chunk', value: 0 },
      { kind: 'error', failure: { message: expect.stringContaining(message) } },
    ]);
  });
});

describe('what the reader would refuse is refused where it is written', () => {
  const tokens = streamContract({ format: 'sse', chunk: z.object({ token: z.string() }) });
  const dates = streamContract({ format: 'ndjson', chunk: z.object({ at: z.date() }) });
  const ends = streamContract({ format: 'ndjson', final: z.object({ why: z.enum(['stop', 'length']) }) });

  test('an event where the contract says what its data is', async () => {
    const handler = streamHandler(tokens, async function* () {
      yield { data: '{"token":"a"}' } as never;
    });
    const recorded = await record(handler);
    expect(recorded.failed).toMatchObject([
      {
        code: 'chunk-invalid',
        index: 0,
        message: expect.stringMatching(/^chunk 0 does not keep the contract: token: /),
      },
    ]);
    expect(itemsOf(tokens, recorded)).toMatchObject([{ kind: 'error', failure: { type: 'ContractError' } }]);
  });

  test('a Date, which JSON makes a string of, with what to do', async () => {
    const handler = streamHandler(dates, async function* () {
      yield { at: new Date(0) };
    });
    const { failed } = await record(handler);
    expect(failed).toMatchObject([
      {
        message: expect.stringMatching(
          /^chunk 0 does .* at: .*expected date, received string; JSON carries a Date as a string, so let the schema take one, as z.coerce.date\(\) does$/,
        ),
      },
    ]);
  });

  test('the first chunk of an environment only: the reader checks each', async () => {
    let asked = 0;
    const chunk = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: async (value: unknown) => ({ value, issues: void asked++ }),
      },
    } as const;
    const handler = streamHandler(streamContract({ format: 'ndjson', chunk }), async function* () {
      yield 1;
      yield 2;
    });
    for (let invocation = 0; invocation < 3; invocation++) {
      expect((await record(handler)).body.toString()).toBe('1\n2\n{"$stream":{"end":{"chunks":2}}}\n');
    }
    expect(asked).toBe(1);
  });

  test('every chunk where a test calls the handler without a response stream', async () => {
    const handler = streamHandler(tokens, async function* () {
      yield { token: 'a' };
      yield { token: 1 } as never;
    });
    await expect(handler({})).rejects.toMatchObject({ code: 'chunk-invalid', index: 1 });
  });

  test.each<[string, unknown, string]>([
    ['no final value', undefined, 'the handler returned no final value, but the contract has one: '],
    ['a wrong final value', { why: 'tired' }, 'the final does not keep the contract: why: '],
  ])('%s', async (_, final, message) => {
    for (const handler of [
      streamHandler(ends, async function* () {
        yield 1;
        return final as never;
      }),
      streamWriterHandler(ends, async (_input, writer) => {
        await writer.write(1);
        return final as never;
      }),
    ]) {
      const recorded = await record(handler);
      expect(recorded.failed).toMatchObject([{ code: 'final-invalid', message: expect.stringContaining(message) }]);
      expect(itemsOf(ends, recorded)).toMatchObject([{ value: 1 }, { kind: 'error' }]);
    }
  });

  test('a chunk that is checked late takes no place after the end', async () => {
    let release: () => void = () => undefined;
    const chunk = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value: unknown) =>
          new Promise<{ value: unknown }>((resolve) => {
            release = () => resolve({ value });
          }),
      },
    } as const;
    const contract = streamContract({ format: 'ndjson', chunk });
    const handler = streamHandler(
      contract,
      async function* () {
        yield 1;
      },
      { deadlineMarginMs: 59_950 },
    );
    const recorded = await record(handler);
    release();
    await new Promise(setImmediate);
    expect(itemsOf(contract, recorded)).toMatchObject([{ kind: 'error', failure: { type: 'DeadlineExceeded' } }]);
  });
});

describe('a terminator', () => {
  const openAi = streamContract({ format: 'sse', chunk: z.object({ token: z.string() }), terminator: '[DONE]' });

  test('ends a whole stream as its clients expect, before our own mark', async () => {
    const handler = streamHandler(openAi, async function* () {
      yield { token: 'a' };
    });
    const recorded = await record(handler);
    expect(recorded.body.toString()).toBe('data: {"token":"a"}\n\ndata: [DONE]\n\nevent: $end\ndata: {"chunks":1}\n\n');
    expect(itemsOf(openAi, recorded)).toMatchObject([{ kind: 'chunk', value: { token: 'a' } }, { kind: 'end' }]);
  });

  test('does not end a stream that failed', async () => {
    const handler = streamHandler(openAi, async function* () {
      yield { token: 'a' };
      throw new Error('crash');
    });
    const { body } = await record(handler);
    expect(body.toString()).not.toContain('[DONE]');
  });

  test('is no chunk of the user', async () => {
    const events = streamContract({ format: 'sse', terminator: '[DONE]' });
    const handler = streamHandler(events, async function* () {
      yield { data: '[DONE]', event: 'other' };
      yield { data: '[DONE]' };
    });
    const recorded = await record(handler);
    expect(recorded.failed).toMatchObject([{ code: 'reserved-key' }]);
    expect(itemsOf(events, recorded)).toMatchObject([{ value: { event: 'other' } }, { kind: 'error' }]);
  });

  test('is all that ends a stream whose completion is left to the platform', async () => {
    const platform = streamContract({ format: 'sse', terminator: '[DONE]', completion: 'platform' });
    const handler = streamHandler(platform, async function* () {
      yield { data: 'a' };
    });
    const recorded = await record(handler);
    expect(recorded.body.toString()).toBe('data: a\n\ndata: [DONE]\n\n');
    expect(itemsOf(platform, recorded)).toMatchObject([{ kind: 'chunk', value: { data: 'a' } }]);
    expect(itemsOf(platform, recorded)).toHaveLength(1);
  });
});

test('http() keeps what its caller left undefined', async () => {
  const contract = { ...numbers, http: { statusCode: 201, headers: { a: 'b' } } };
  const handler = streamHandler(contract, async function* (_, ctx) {
    ctx.http({ statusCode: undefined, headers: undefined, cookies: ['c=1'] });
    yield 1;
  });
  expect((await record(handler)).prelude).toEqual({
    statusCode: 201,
    headers: { 'content-type': 'application/x-ndjson', a: 'b' },
    cookies: ['c=1'],
  });
});
