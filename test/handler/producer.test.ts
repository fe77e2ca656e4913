/** What producers and writers do that no type forbids, and where a handler runs at all. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamHandler, streamWriterHandler } from 'cdk-lambda-streaming/handler';
import { itemsOf, record } from './record';

const contract = streamContract({ format: 'ndjson' });
const anything = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } } as const;
const withFinal = streamContract({ format: 'ndjson', final: anything });

async function* one() {
  yield 1;
}

describe('a producer', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['an array', [1]],
    ['a promise of nothing', Promise.resolve()],
  ])('that gives no async iterable is told so: %s', async (_, source) => {
    const recorded = await record(streamHandler(contract, () => source as never));
    expect(itemsOf(contract, recorded)).toMatchObject([
      {
        kind: 'error',
        failure: {
          type: 'TypeError',
          message: expect.stringMatching(
            /^streamHandler: the function returned nothing to iterate over, got \w+; write it as 'async function\*'/,
          ),
        },
      },
    ]);
    expect(recorded.failed).toHaveLength(1);
  });

  test('that is any async iterable will do, with nothing but next()', async () => {
    let n = 0;
    const source = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: n === 2, value: ++n }) }) };
    const recorded = await record(streamHandler(contract, () => source as never));
    expect(itemsOf(contract, recorded)).toMatchObject([{ value: 1 }, { value: 2 }, { kind: 'end', chunks: 2 }]);
    n = 0;
    const broken = await record(
      streamHandler(contract, () => source as never),
      { breaksAt: 0 },
    );
    expect(broken.failed).toHaveLength(1);
  });

  test('cleans up before the handler settles where the stream breaks', async () => {
    const order: string[] = [];
    const handler = streamHandler(contract, async function* () {
      try {
        for (;;) {
          yield 1;
          await new Promise(setImmediate);
        }
      } finally {
        await new Promise(setImmediate);
        order.push('cleaned up');
      }
    });
    const { failed } = await record(handler, { breaksAt: 2 });
    order.push('settled');
    expect(failed).toMatchObject([{ message: 'the connection is gone' }]);
    expect(order).toEqual(['cleaned up', 'settled']);
  });

  test('whose clean-up fails does not hide why its chunk was refused', async () => {
    const handler = streamHandler(contract, async function* () {
      try {
        yield () => 1;
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: what a clean-up that fails looks like
        throw new Error('clean-up');
      }
    });
    const recorded = await record(handler);
    expect(recorded.failed).toMatchObject([{ code: 'value-unencodable' }]);
    expect(itemsOf(contract, recorded)).toMatchObject([{ kind: 'error', failure: { type: 'WireError' } }]);
  });

  test.each<[string, unknown]>([
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['something whose toJSON gives nothing', { toJSON: () => undefined }],
  ])('that returns %s fails: JSON would leave it out, and the stream would look whole', async (_, final) => {
    const handler = streamHandler(withFinal, async function* () {
      yield 1;
      return final;
    });
    const recorded = await record(handler);
    expect(recorded.failed).toMatchObject([{ message: expect.stringContaining('the final value cannot be of type') }]);
    expect(itemsOf(withFinal, recorded)).toMatchObject([{ value: 1 }, { kind: 'error' }]);
  });

  test('that returns an error instead of throwing it has failed all the same', async () => {
    const handler = streamHandler(contract, async function* (_input, ctx) {
      yield 1;
      return ctx.error('QuotaExceeded', 'no more');
    });
    const recorded = await record(handler);
    expect(recorded.failed).toEqual([]);
    expect(itemsOf(contract, recorded)).toMatchObject([
      { value: 1 },
      { kind: 'error', failure: { type: 'QuotaExceeded', message: 'no more' } },
    ]);
  });

  test('that returns what its contract does not have sends nothing of it', async () => {
    const handler = streamHandler(contract, async function* () {
      yield 1;
      return 5n;
    });
    const recorded = await record(handler);
    expect(recorded.failed).toEqual([]);
    expect(recorded.body.toString()).toBe('1\n{"$stream":{"end":{"chunks":1}}}\n');
  });

  test('that fails in its own finally fails with that', async () => {
    const handler = streamHandler(withFinal, async function* () {
      try {
        yield 1;
        return 'final';
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: what a clean-up that fails looks like
        throw new RangeError('clean-up');
      }
    });
    const recorded = await record(handler);
    expect(recorded.failed).toMatchObject([{ message: 'clean-up' }]);
    expect(itemsOf(withFinal, recorded)).toMatchObject([{ kind: 'chunk' }, { kind: 'error' }]);
  });

  test('that takes no notice of the signal is left behind at the deadline', async () => {
    let release: () => void = () => undefined;
    const handler = streamHandler(
      contract,
      async function* () {
        yield 1;
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        yield 2;
      },
      { deadlineMarginMs: 59_950 },
    );
    const recorded = await record(handler);
    release();
    await new Promise(setImmediate);
    expect(itemsOf(contract, recorded)).toMatchObject([
      { kind: 'chunk', value: 1 },
      { kind: 'error', failure: { type: 'DeadlineExceeded' } },
    ]);
    expect(recorded.failed).toMatchObject([{ name: 'DeadlineExceeded' }]);
  });

  test('sends a chunk of many megabytes whole', async () => {
    const chunk = 'ä'.repeat(8_000_000);
    const text = streamContract({ format: 'text' });
    const { body } = await record(
      streamHandler(text, async function* () {
        yield chunk;
      }),
    );
    expect(body.equals(Buffer.from(chunk))).toBe(true);
  });
});

describe('a writer', () => {
  test('that goes on after a write that failed fails all the same', async () => {
    const handler = streamWriterHandler(withFinal, async (_, writer) => {
      await writer.write(() => 1).catch(() => undefined);
      await writer.write(2).catch(() => undefined);
      return 'final';
    });
    const recorded = await record(handler);
    expect(recorded.failed).toMatchObject([{ code: 'value-unencodable' }]);
    expect(itemsOf(withFinal, recorded)).toMatchObject([{ kind: 'error', failure: { type: 'WireError' } }]);
  });

  test('has its writes refused after an error as after the end, and none goes out', async () => {
    let write: (chunk: unknown) => Promise<void> = async () => undefined;
    const handler = streamWriterHandler(contract, async (_, writer) => {
      write = (chunk) => writer.write(chunk);
      throw new Error('crash');
    });
    const recorded = await record(handler);
    await expect(write(1)).rejects.toThrow('the stream has ended');
    await new Promise(setImmediate);
    expect(itemsOf(contract, recorded)).toMatchObject([{ kind: 'error', failure: { message: 'crash' } }]);
  });
});

test.each<[string, unknown]>([
  ['no runtime', undefined],
  ['a runtime of another kind', {}],
])('a handler works with %s', async (_, awslambda) => {
  const runtime = globalThis as { awslambda?: unknown };
  runtime.awslambda = awslambda;
  try {
    const handler = streamHandler(contract, one);
    await expect(handler({})).resolves.toMatchObject({ body: '1\n{"$stream":{"end":{"chunks":1}}}\n' });
  } finally {
    delete runtime.awslambda;
  }
});

test.each([Number.NaN, -5, 'soon'])('a margin that is no time is refused when the handler is made: %p', (margin) => {
  const make = () => streamHandler(contract, one, { deadlineMarginMs: margin as number });
  expect(make).toThrow(`deadlineMarginMs must be a number from 0, got ${margin}`);
});
