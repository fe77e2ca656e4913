/** What a fetcher lets its caller watch and bound: hooks, the trace context, and how far it reads ahead. */
import { type StreamFetcherOptions, type StreamHooks, streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { chat, END, line, NDJSON, prose } from './support/contracts';
import { failureOf, useDoors } from './support/door-server';

const startDoor = useDoors();

const whole = { headers: NDJSON, pieces: [line({ token: 'a' }), line({ token: 'b' }), END] };
const JSON_TYPE = { 'content-type': 'application/json', 'x-amzn-errortype': 'TooManyRequestsException' };
const throttled = {
  status: 429,
  headers: JSON_TYPE,
  pieces: ['{"message":"wait","Reason":"CallerRateLimitExceeded"}'],
};
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Hooks that write down what they are told, in order. */
function recorder(): { told: { name: string; callId: string }[]; hooks: StreamHooks } {
  const told: { name: string; callId: string }[] = [];
  const write = (name: string) => (what: object) => void told.push({ name, ...(what as { callId: string }) });
  const hooks = {
    onStart: write('start'),
    onRequest: write('request'),
    onRetry: write('retry'),
    onHeaders: write('headers'),
    onEnd: write('end'),
    onWarning: (message: string, { callId }: { callId: string }) =>
      void told.push({ name: `warning: ${message}`, callId }),
  };
  return { told, hooks };
}

/** A front end that answers each request with the next of `answers`. */
function answering(...answers: (typeof whole | typeof throttled)[]) {
  let count = 0;
  return startDoor((exchange) => exchange.answer(answers[count++] ?? whole));
}

const make = (url: string, more: Partial<StreamFetcherOptions> = {}) =>
  streamFetcher(chat, { url, sign: 'none', retry: { baseDelayMs: 1 }, ...more });

describe('hooks', () => {
  test('are told of a call from its start to its end, under one id and by the address without its query', async () => {
    const door = await answering(throttled, whole);
    const { told, hooks } = recorder();
    await (await make(`${door.url}?token=secret`, { hooks }).invoke({ prompt: '' })).collect();
    const [{ callId } = { callId: '' }] = told;
    expect(callId).toMatch(UUID);
    const refusal = expect.objectContaining({ code: 'THROTTLED', reason: 'CallerRateLimitExceeded' });
    const metrics = expect.objectContaining({ attempts: 2, chunks: 2 });
    expect(told).toEqual([
      { name: 'start', callId, operation: 'invoke' },
      { name: 'request', callId, url: door.url, attempt: 1 },
      { name: 'retry', callId, attempt: 1, delayMs: expect.any(Number), error: refusal },
      { name: 'request', callId, url: door.url, attempt: 2 },
      { name: 'headers', callId, requestId: 'request-1', executedVersion: undefined, headersMs: expect.any(Number) },
      { name: 'end', callId, requestId: 'request-1', error: undefined, metrics },
    ]);
  });

  test.each<[string, object, Partial<StreamFetcherOptions>, string[]]>([
    ['input that breaks the contract', { prompt: 1 }, {}, ['start', 'end']],
    ['headers that cannot be had', {}, { headers: () => Promise.reject(new Error('no')) }, ['start', 'request', 'end']],
    [
      'a fetch that fails',
      {},
      { fetch: () => Promise.reject(new Error('no')), retry: false },
      ['start', 'request', 'end'],
    ],
  ])('are told of the end of a call that fails by %s', async (_, input, options, names) => {
    const { told, hooks } = recorder();
    const fetcher = make('http://127.0.0.1:1/', { ...options, hooks });
    const error = await failureOf(fetcher.invoke({ prompt: '', ...input } as never));
    expect(told.map(({ name }) => name)).toEqual(names);
    expect(told.at(-1)).toMatchObject({ error });
  });

  test('are told of the end of a stream that is cut, and one that throws is a warning', async () => {
    const door = await startDoor({ headers: NDJSON, pieces: [line({ token: 'a' })] });
    const { told, hooks } = recorder();
    const onHeaders = () => {
      throw new Error('of mine');
    };
    const stream = await make(door.url, { hooks: { ...hooks, onHeaders } }).invoke({ prompt: '' });
    const error = await failureOf(stream.collect());
    expect(error).toMatchObject({ code: 'TRUNCATED' });
    expect(told.map(({ name }) => name)).toEqual(['start', 'request', 'warning: hook onHeaders threw: of mine', 'end']);
    expect(told.at(-1)).toMatchObject({ error, metrics: { chunks: 1 } });
  });
});

describe('the trace context', () => {
  const parent = (digit: string) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`;

  test('travels as a header with each attempt, and that of a call wins', async () => {
    const door = await answering(throttled, whole);
    const { told, hooks } = recorder();
    const asked: string[] = [];
    const traceparent = ({ callId }: { readonly callId: string }) => {
      asked.push(callId);
      return parent('a');
    };
    const fetcher = make(door.url, { hooks, traceparent });
    await (await fetcher.invoke({ prompt: '' })).result;
    await (await fetcher.invoke({ prompt: '' }, { traceparent: parent('b') })).result;
    expect(door.requests.map(({ headers }) => headers['traceparent'])).toEqual([parent('a'), parent('a'), parent('b')]);
    expect(asked).toEqual([told[0]?.callId]);
  });

  test.each<[string, StreamFetcherOptions['traceparent'], string]>([
    [
      'a function that throws',
      () => {
        throw new Error('no span');
      },
      'the function threw: no span',
    ],
    ['a function that gives no string', () => 7 as never, 'it must be a string, got 7'],
    ['what no header can carry', () => '00-ü', "it must be printable ASCII, got '00-ü'"],
  ])('is left out with a warning, and the call goes on: %s', async (_, traceparent, words) => {
    const door = await startDoor(whole);
    const { told, hooks } = recorder();
    await (await make(door.url, { hooks, traceparent }).invoke({ prompt: '' })).result;
    expect(door.requests[0]?.headers).not.toHaveProperty('traceparent');
    expect(told.map(({ name }) => name)).toContain(`warning: traceparent was left out: ${words}`);
  });
});

test.each([
  [2_000, 2],
  [10_000, 10],
  [undefined, 262],
])('with highWaterMark %s no more than %s pieces are read ahead of the reader', async (highWaterMark, pieces) => {
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        pulled++;
        controller.enqueue(new Uint8Array(1_000).fill(0x61));
      },
    },
    { highWaterMark: 0 },
  );
  const fetch = async () => new Response(body, { headers: { 'content-type': 'text/plain' } });
  const fetcher = streamFetcher(prose, { url: 'http://127.0.0.1:1/', sign: 'none', fetch, highWaterMark });
  const stream = await fetcher.invoke({});
  const iterator = stream[Symbol.asyncIterator]();
  for (let taken = 1; taken <= 3; taken++) {
    await iterator.next();
    // The body is there at once, so what will be read ahead is read in this turn.
    await new Promise((resolve) => setImmediate(resolve));
    expect(pulled).toBeGreaterThanOrEqual(pieces);
    expect(pulled).toBeLessThanOrEqual(taken * (pieces + 1) + 1);
  }
  await iterator.return?.();
});
