/** How an invocation ends: what measures and what cleans up never changes it, and the caller is always told. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import {
  ApplicationError,
  type HandlerMeasurement,
  streamHandler,
  streamWriterHandler,
} from 'cdk-lambda-streaming/handler';
import { itemsOf, record } from './record';

const contract = streamContract({ format: 'ndjson' });
const anything = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } } as const;

async function* one() {
  yield 1;
}

const circular: Record<string, unknown> = {};
circular.itself = circular;

/** Whatever was told on console.error while `run` ran. */
async function toldWhile<Result>(run: () => Promise<Result>): Promise<[Result, unknown[][]]> {
  const error = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  try {
    const result = await run();
    await new Promise(setImmediate);
    return [result, error.mock.calls];
  } finally {
    error.mockRestore();
  }
}

describe('a metrics function', () => {
  const broken = new Error('no metrics');
  const failing: [string, () => unknown][] = [
    [
      'throws',
      () => {
        throw broken;
      },
    ],
    ['rejects', async () => Promise.reject(broken)],
    [
      'gives a thenable that fails',
      // biome-ignore lint/suspicious/noThenProperty: some clients give thenables
      () => ({ then: (_: unknown, reject: (error: Error) => void) => reject(broken) }),
    ],
  ];

  test.each(failing)('that %s changes nothing of a stream that succeeds, and is told of', async (_, metrics) => {
    const [recorded, told] = await toldWhile(() => record(streamHandler(contract, one, { metrics })));
    expect(recorded).toMatchObject({ ended: true, failed: [] });
    expect(itemsOf(contract, recorded)).toMatchObject([{ kind: 'chunk' }, { kind: 'end', chunks: 1 }]);
    expect(told).toEqual([['metrics:', broken]]);
  });

  test.each(failing)('that %s does not replace the error of a stream that fails', async (_, metrics) => {
    const crash = new TypeError('crash');
    const handler = streamHandler(
      contract,
      () => {
        throw crash;
      },
      { metrics },
    );
    const [recorded, told] = await toldWhile(() => record(handler));
    expect(recorded.failed).toEqual([crash]);
    expect(itemsOf(contract, recorded)).toMatchObject([{ kind: 'error', failure: { type: 'TypeError' } }]);
    expect(told).toEqual([['metrics:', broken]]);
  });

  test('that never settles holds nothing up', async () => {
    const recorded = await record(streamHandler(contract, one, { metrics: () => new Promise(() => undefined) }));
    expect(recorded).toMatchObject({ ended: true, failed: [] });
  });

  test('is given a type of outcome also for what has none', async () => {
    const outcomes: string[] = [];
    const metrics = ({ outcome }: HandlerMeasurement) => void outcomes.push(outcome);
    for (const thrown of [undefined, { name: 5 }, Object.create(null)]) {
      const handler = streamHandler(
        contract,
        () => {
          throw thrown;
        },
        { metrics },
      );
      await record(handler);
    }
    expect(outcomes).toEqual(['Error', 'Error', 'Error']);
  });
});

describe.each(['ndjson', 'sse'] as const)('what %s cannot hold ends the stream with an error marker', (format) => {
  const values: [string, unknown][] = [
    ['a BigInt', 5n],
    ['a BigInt within', { n: 5n }],
    ['a circle', circular],
    [
      'a toJSON that throws',
      {
        toJSON: () => {
          throw new Error('no');
        },
      },
    ],
  ];

  test.each(values)('as final value: %s', async (_, final) => {
    const ends = streamContract({ format, final: anything, chunk: anything });
    const handler = streamHandler(ends, async function* () {
      yield 1;
      return final;
    });
    const recorded = await record(handler);
    expect(itemsOf(ends, recorded)).toMatchObject([{ kind: 'chunk', value: 1 }, { kind: 'error' }]);
    expect(recorded.failed).toEqual([expect.any(Error)]);
  });

  test.each([...values, ['undefined', undefined], ['a function', () => 1], ['a symbol', Symbol('s')]])(
    'as chunk: %s',
    async (_, chunk) => {
      const chunks = streamContract({ format, chunk: anything });
      const handler = streamHandler(chunks, async function* () {
        yield 1;
        yield chunk;
      });
      const recorded = await record(handler);
      expect(itemsOf(chunks, recorded)).toMatchObject([{ kind: 'chunk', value: 1 }, { kind: 'error' }]);
      expect(recorded.failed).toEqual([expect.any(Error)]);
    },
  );
});

describe('a prelude that is too long for a front end', () => {
  const http = { statusCode: 201, headers: { 'x-long': 'x'.repeat(20_000) } };

  test.each<[string, ReturnType<typeof streamHandler>]>([
    [
      'of ctx.http(), before a chunk',
      streamHandler(contract, async function* (_, ctx) {
        ctx.http(http);
        yield 1;
      }),
    ],
    [
      'of ctx.http(), without a chunk',
      streamHandler(contract, async function* (_, ctx) {
        ctx.http(http);
        yield* [];
      }),
    ],
    ['of the contract', streamHandler({ ...contract, http }, one)],
    [
      'of a writer',
      streamWriterHandler({ ...contract, http }, async (_, writer) => {
        await writer.write(1).catch(() => undefined);
        await writer.write(2).catch(() => undefined);
      }),
    ],
  ])('becomes a 500 with an error marker, and the invocation fails: %s', async (_, handler) => {
    const recorded = await record(handler);
    expect(recorded.prelude).toEqual({ statusCode: 500, headers: { 'content-type': 'application/x-ndjson' } });
    expect(itemsOf(contract, recorded)).toMatchObject([{ kind: 'error' }]);
    expect(recorded.failed).toMatchObject([
      { name: 'RangeError', message: expect.stringContaining('the HTTP prelude has') },
    ]);
  });

  test.each([new Error('crash'), new ApplicationError('E', 'answer')])(
    'does not hide why the handler threw, and fails the invocation with that: %s',
    async (thrown) => {
      const handler = streamHandler({ ...contract, http }, () => {
        throw thrown;
      });
      const recorded = await record(handler);
      expect(recorded.prelude).toEqual({ statusCode: 500, headers: { 'content-type': 'application/x-ndjson' } });
      expect(itemsOf(contract, recorded)).toMatchObject([
        { kind: 'error', failure: { message: `${thrown.message} (its data or head cannot be sent)` } },
      ]);
      expect(recorded.failed).toEqual([thrown]);
    },
  );

  test('leaves a format without markers its status', async () => {
    const handler = streamHandler({ ...streamContract({ format: 'bytes' }), http }, async function* () {
      yield Uint8Array.of(1);
    });
    const recorded = await record(handler);
    expect(recorded.prelude).toMatchObject({ statusCode: 500 });
    expect(recorded).toMatchObject({ body: Buffer.alloc(0), failed: [{ name: 'RangeError' }] });
  });
});

describe('the message of an error that was not thrown on purpose', () => {
  const url = { version: '2.0', requestContext: { http: { method: 'POST' } }, body: '{}' };
  const denied = Object.assign(new Error('User: arn:aws:sts::111111111111:assumed-role/Chat is not authorized'), {
    name: 'AccessDeniedException',
  });
  const fixed = 'the function failed; its log says why';
  async function* failing() {
    yield 1;
    throw denied;
  }

  test.each<[string, unknown, boolean | undefined, string]>([
    ['is told when invoked directly', {}, undefined, denied.message],
    ['is not told when invoked directly, if so asked', {}, false, fixed],
    ['is not told behind HTTP', url, undefined, fixed],
    ['is told behind HTTP, if so asked', url, true, denied.message],
  ])('%s', async (_name, event, tellErrors, message) => {
    const recorded = await record(streamHandler(contract, failing, { tellErrors }), { event });
    const failure = { type: 'AccessDeniedException', message };
    expect(itemsOf(contract, recorded).at(-1)).toMatchObject({ kind: 'error', failure });
    // Lambda logs it whole, and counts it.
    expect(recorded.failed).toEqual([denied]);
  });

  test('is told where it is an answer', async () => {
    const handler = streamHandler(contract, (_input, ctx) => {
      throw ctx.error('Busy', 'the model is busy', { statusCode: 429 });
    });
    const recorded = await record(handler, { event: url });
    expect(recorded.prelude).toMatchObject({ statusCode: 429 });
    expect(itemsOf(contract, recorded)).toMatchObject([{ failure: { type: 'Busy', message: 'the model is busy' } }]);
  });
});
