/** What hooks are told of each call, that they can tell calls apart, and that nothing they do disturbs a call. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import { type StreamHooks, type StreamInvokerOptions, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { z } from 'zod';
import { invokeComplete, payloadChunk, rejection } from './read-stream';
import { type Answer, REQUEST_ID, serviceError, stream, useWireServer } from './wire-server';

const text = streamContract({ format: 'text' });
const strict = streamContract({ format: 'text', input: z.object({ n: z.number() }) });
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const wire = useWireServer();

const ok = stream([payloadChunk('ok'), invokeComplete()]);
const throttled = serviceError(429, 'TooManyRequestsException', { Message: 'wait' });

interface Told {
  readonly name: string;
  readonly callId: string;
  readonly error?: unknown;
  readonly [more: string]: unknown;
}

/** Hooks that write down what they are told, in order. */
function recorder(): { told: Told[]; hooks: StreamHooks } {
  const told: Told[] = [];
  const write = (name: string) => (what: object) => void told.push({ name, ...(what as { callId: string }) });
  const hooks: StreamHooks = {
    onStart: write('start'),
    onRequest: write('request'),
    onRetry: write('retry'),
    onHeaders: write('headers'),
    onEnd: write('end'),
    onWarning: (message, { callId }) => void told.push({ name: 'warning', callId, message }),
  };
  return { told, hooks };
}

const make = (options: Partial<StreamInvokerOptions>, contract: typeof text = text) =>
  streamInvoker(contract, {
    functionName: 'f',
    client: wire.client(),
    retry: { baseDelayMs: 1 },
    ...options,
  } as StreamInvokerOptions);

test('a call is told from its start to its end, under one id', async () => {
  wire.answer(throttled, ok);
  const { told, hooks } = recorder();
  await (await make({ hooks }).invoke({})).collect();
  const [{ callId } = { callId: '' }] = told;
  expect(callId).toMatch(UUID);
  expect(told).toEqual([
    { name: 'start', callId, operation: 'invoke' },
    { name: 'request', callId, functionName: 'f', attempt: 1 },
    {
      name: 'retry',
      callId,
      attempt: 1,
      delayMs: expect.any(Number),
      error: expect.objectContaining({ code: 'THROTTLED' }),
    },
    { name: 'request', callId, functionName: 'f', attempt: 2 },
    { name: 'headers', callId, requestId: REQUEST_ID, executedVersion: '7', headersMs: expect.any(Number) },
    {
      name: 'end',
      callId,
      requestId: REQUEST_ID,
      error: undefined,
      metrics: expect.objectContaining({ attempts: 2, chunks: 1 }),
    },
  ]);
});

test('calls at the same time have ids of their own', async () => {
  wire.answer(ok);
  const { told, hooks } = recorder();
  const invoker = make({ hooks });
  await Promise.all(Array.from({ length: 5 }, async () => (await invoker.invoke({})).collect()));
  const ids = new Set(told.map(({ callId }) => callId));
  expect(ids.size).toBe(5);
  for (const id of ids) {
    const names = told.filter(({ callId }) => callId === id).map(({ name }) => name);
    expect(names).toEqual(['start', 'request', 'headers', 'end']);
  }
});

describe('a call that fails before its headers ends with its error', () => {
  const hang: Answer = () => undefined;
  test.each<[string, Answer, (hooks: StreamHooks) => Promise<unknown>, object, string[]]>([
    [
      'refused by Lambda',
      serviceError(404, 'ResourceNotFoundException'),
      (hooks) => make({ hooks }).invoke({}),
      { code: 'NOT_FOUND' },
      ['start', 'request', 'end'],
    ],
    [
      'with an input that cannot be',
      ok,
      (hooks) => make({ hooks }, strict as never).invoke({ n: 'x' }),
      { code: 'INPUT_INVALID' },
      ['start', 'end'],
    ],
    [
      'with an option that cannot be',
      ok,
      (hooks) => make({ hooks }).invoke({}, { signal: 1 } as never),
      { code: 'CONFIG_INVALID' },
      ['start', 'end'],
    ],
    [
      'aborted before',
      ok,
      (hooks) => make({ hooks }).invoke({}, { signal: AbortSignal.abort() }),
      { code: 'ABORTED' },
      ['start', 'end'],
    ],
    [
      'without headers in time',
      hang,
      (hooks) => make({ hooks, timeouts: { headersMs: 30 } }).invoke({}),
      { code: 'TIMEOUT' },
      ['start', 'request', 'end'],
    ],
    [
      'answered by something else',
      (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end(),
      (hooks) => make({ hooks }).invoke({}),
      { code: 'CORRUPT' },
      ['start', 'request', 'end'],
    ],
    [
      'asking whether it may, in vain',
      serviceError(404, 'ResourceNotFoundException'),
      (hooks) => make({ hooks }).dryRun(),
      { code: 'NOT_FOUND' },
      ['start', 'request', 'end'],
    ],
  ])('%s', async (_, answer, run, expected, names) => {
    wire.answer(answer);
    const { told, hooks } = recorder();
    const error = await rejection(run(hooks));
    expect(error).toMatchObject(expected);
    expect(told.map(({ name }) => name)).toEqual(names);
    expect(told.at(-1)?.error).toBe(error);
    expect(told.at(-1)?.['requestId']).toBe((error as { requestId?: string }).requestId);
  });
});

test('a dry run ends without an error, whatever the answer is', async () => {
  const { told, hooks } = recorder();
  wire.answer((response) => void response.writeHead(204).end());
  await make({ hooks }).dryRun();
  wire.answer(serviceError(403, 'AccessDeniedException', { Message: 'no' }));
  await make({ hooks }).dryRun();
  expect(told.map(({ name, error }) => [name, error])).toEqual([
    ['start', undefined],
    ['request', undefined],
    ['end', undefined],
    ['start', undefined],
    ['request', undefined],
    ['end', undefined],
  ]);
  expect(told[0]?.['operation']).toBe('dryRun');
});

describe('a hook that fails disturbs nothing and is a warning', () => {
  // A rejection that nobody handles fails the test by itself.
  const warnings = jest.spyOn(process, 'emitWarning');
  beforeEach(() => {
    warnings.mockReset();
  });
  afterAll(() => warnings.mockRestore());
  const settled = () => new Promise((resolve) => setTimeout(resolve, 10));

  const names = ['onStart', 'onRequest', 'onRetry', 'onHeaders', 'onEnd'] as const;
  const odd = Object.create(null);
  test.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new Error('mine');
      },
      'threw: mine',
    ],
    [
      'rejects',
      async () => {
        throw new Error('mine');
      },
      'rejected: mine',
    ],
    ['rejects with nothing', () => Promise.reject(), 'rejected: undefined'],
    [
      'throws what has no text',
      () => {
        throw odd;
      },
      'threw: an error that cannot be read',
    ],
  ])('that %s', async (_, hook, words) => {
    wire.answer(throttled, ok);
    const told: string[] = [];
    const hooks: Record<string, unknown> = { onWarning: (message: string) => void told.push(message) };
    for (const name of names) hooks[name] = hook;
    expect((await (await make({ hooks }).invoke({})).collect()).chunks).toEqual(['ok']);
    await settled();
    const expected = ['onStart', 'onRequest', 'onRetry', 'onRequest', 'onHeaders', 'onEnd'];
    expect([...told].sort()).toEqual(expected.map((name) => `hook ${name} ${words}`).sort());
  });

  test.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new Error('mine');
      },
      'hook onWarning threw: mine',
    ],
    [
      'rejects',
      async () => {
        throw new Error('mine');
      },
      'hook onWarning rejected: mine',
    ],
  ])('also the one for warnings: it %s', async (_, onWarningHook, message) => {
    wire.answer(ok);
    const traceparent = () => {
      throw new Error('no span');
    };
    const hooks = { onWarning: onWarningHook as () => void };
    expect((await (await make({ hooks, traceparent }).invoke({})).collect()).chunks).toEqual(['ok']);
    await settled();
    expect(warnings.mock.calls).toEqual([[message, 'StreamWarning']]);
  });

  test('without a hook for warnings it is one of the process', async () => {
    wire.answer(ok);
    const hooks = { onEnd: async () => Promise.reject(new Error('mine')) };
    await (await make({ hooks }).invoke({})).collect();
    await settled();
    expect(warnings.mock.calls).toEqual([['hook onEnd rejected: mine', 'StreamWarning']]);
  });
});
