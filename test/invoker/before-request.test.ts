/** What comes before the request may hang, too: the clocks and the signal of the call end it. */
import { getEventListeners } from 'node:events';
import { type ContractTypes, type StreamContract, streamContract } from 'cdk-lambda-streaming/contract';
import { type StreamInvokerOptions, StreamTarget, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { invokeComplete, payloadChunk, rejection } from './read-stream';
import { serviceError, stream, useWireServer } from './wire-server';

const ARN = 'arn:aws:lambda:us-east-1:111122223333:function:chat:live';
const never = () => new Promise<never>(() => undefined);
const hanging = () => StreamTarget.fromParameter('/chat', { read: never });

const text: StreamContract<ContractTypes> = streamContract({ format: 'text' });
/** Answers by a promise: at once, or never. */
const asynchronous = (answer: () => Promise<{ value: unknown }>): StreamContract<ContractTypes> =>
  streamContract({ format: 'text', input: { '~standard': { version: 1, vendor: 'test', validate: answer } } });

const wire = useWireServer();
beforeEach(() => {
  wire.answer(stream([payloadChunk('ok'), invokeComplete()]));
});

const make = (options: Partial<StreamInvokerOptions>, contract = text) =>
  streamInvoker(contract, { client: wire.client(), ...options } as StreamInvokerOptions);

const cases: [string, Partial<StreamInvokerOptions>, StreamContract<ContractTypes>, string][] = [
  ['a target that is never found', { target: hanging() }, text, "the target's address did not arrive"],
  [
    'an input schema that never answers',
    { functionName: 'f' },
    asynchronous(never),
    "the input schema's answer did not arrive",
  ],
];

describe.each(cases)('%s', (_, options, contract, words) => {
  test.each(['headers', 'total'])('ends by %sMs, and nothing was sent', async (kind) => {
    const invoker = make({ ...options, timeouts: { [`${kind}Ms`]: 30 } }, contract);
    expect(await rejection(invoker.invoke({}))).toMatchObject({
      code: 'TIMEOUT',
      kind,
      limitMs: 30,
      phase: 'input',
      invoked: 'no',
      retryable: true,
      message: expect.stringContaining(words),
    });
    expect(wire.requests).toHaveLength(0);
  });

  test("ends by the caller's signal, which keeps no listener", async () => {
    const control = new AbortController();
    setTimeout(() => control.abort('enough'), 20);
    const error = await rejection(make(options, contract).invoke({}, { signal: control.signal }));
    expect(error).toMatchObject({
      name: 'AbortError',
      code: 'ABORTED',
      cause: 'enough',
      phase: 'input',
      invoked: 'no',
    });
    expect(getEventListeners(control.signal, 'abort')).toHaveLength(0);
    expect(wire.requests).toHaveLength(0);
  });
});

test('a lookup that was given up does not hold the next call', async () => {
  let lookups = 0;
  const read = () => (++lookups === 1 ? never() : Promise.resolve(ARN));
  const invoker = make({ target: StreamTarget.fromParameter('/chat', { read }), timeouts: { headersMs: 30 } });
  expect(await rejection(invoker.invoke({}))).toMatchObject({ code: 'TIMEOUT' });
  await (await invoker.invoke({}, { timeouts: { headersMs: 5_000 } })).collect();
  await (await invoker.invoke({}, { timeouts: { headersMs: 5_000 } })).collect();
  expect(lookups).toBe(2);
});

test('a dry run is held no longer either, and does not begin where it is aborted', async () => {
  expect(await rejection(make({ target: hanging() }).dryRun({ timeouts: { totalMs: 30 } }))).toMatchObject({
    code: 'TIMEOUT',
    kind: 'total',
  });
  expect(await rejection(make({ functionName: 'f' }).dryRun({ signal: AbortSignal.abort('no') }))).toMatchObject({
    code: 'ABORTED',
    cause: 'no',
    invoked: 'no',
  });
  expect(wire.requests).toHaveLength(0);
});

test('a schema that answers by a promise is waited for', async () => {
  const contract = asynchronous(async () => ({ value: {} }));
  expect((await (await make({ functionName: 'f' }, contract).invoke({})).collect()).chunks).toEqual(['ok']);
  const refusing = asynchronous(() => Promise.reject(new Error('no database')));
  expect(await rejection(make({ functionName: 'f' }, refusing).invoke({}))).toMatchObject({
    code: 'INPUT_INVALID',
    message: expect.stringContaining('no database; nothing was sent'),
  });
});

test('calls share one listener of a signal, and an abort reaches them all', async () => {
  wire.answer(stream([payloadChunk('a')], { ending: 'hang' }));
  const control = new AbortController();
  const { signal } = control;
  const invoker = make({ functionName: 'f' });
  const streams = await Promise.all(Array.from({ length: 20 }, () => invoker.invoke({}, { signal })));
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  const ends = Promise.all(streams.map((one) => rejection(one.collect())));
  control.abort('all');
  for (const error of await ends) expect(error).toMatchObject({ code: 'ABORTED', cause: 'all' });
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('an abort while it waits for another attempt comes after a request', async () => {
  wire.answer(serviceError(429, 'TooManyRequestsException'));
  const control = new AbortController();
  const hooks = { onRetry: () => void setImmediate(() => control.abort(new Error('enough'))) };
  const retry = { maxAttempts: 10, baseDelayMs: 600_000, maxDelayMs: 600_000 };
  const invoker = streamInvoker(text, { functionName: 'f', client: wire.client(), hooks, retry });
  expect(await rejection(invoker.invoke({}, { signal: control.signal }))).toMatchObject({
    code: 'ABORTED',
    phase: 'request',
    invoked: 'no',
    message: expect.stringContaining('aborted while waiting for another attempt; the function was not invoked'),
    cause: expect.objectContaining({ message: 'enough' }),
  });
  expect(wire.requests).toHaveLength(1);
});
