/** What callers from JavaScript, or past the types, pass: refused in their words, before anything is sent. */
import * as ClientLambda from '@aws-sdk/client-lambda';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { type StreamInvokerOptions, StreamTarget, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { createLambdaClient } from '../../src/invoker/request/own-client';
import { invokeComplete, payloadChunk, rejection } from './read-stream';
import { serviceError, stream, useWireServer } from './wire-server';

const text = streamContract({ format: 'text' });
const target = StreamTarget.fromArn('arn:aws:lambda:us-east-1:111122223333:function:chat:live');

const wire = useWireServer();
beforeEach(() => {
  wire.answer(stream([payloadChunk('ok'), invokeComplete()]));
});

function refusal(make: () => unknown): unknown {
  try {
    make();
  } catch (error) {
    return error;
  }
  throw new Error('expected a refusal');
}

const make = (options: unknown, contract: unknown = text) =>
  refusal(() => streamInvoker(contract as typeof text, options as StreamInvokerOptions));

test.each<[unknown, string]>([
  [undefined, 'the options must be an object, got undefined'],
  [null, 'the options must be an object, got null'],
  [{}, 'give the function as target or functionName'],
  [{ functionName: null }, 'functionName must be a string, the name or ARN of a function, got null'],
  [{ functionName: 5 }, 'functionName must be a string, the name or ARN of a function, got 5'],
  [{ functionName: 'f', qualifier: 7 }, 'qualifier must be a string, a version or alias, got 7'],
  [{ target: 'arn:aws:lambda:x' }, "target must be a StreamTarget, got 'arn:aws:lambda:x'"],
  [{ target: null }, 'target must be a StreamTarget, got null'],
  [{ target, functionName: 'f' }, 'target and functionName exclude each other; give one'],
  [{ target, qualifier: 'beta' }, "qualifier goes with functionName; a target's ARN has its own version or alias"],
  [{ functionName: 'f', client: {} }, 'client must be a LambdaClient, got {}'],
  [{ functionName: 'f', client: null }, 'client must be a LambdaClient, got null'],
  [{ functionName: 'f', clientConfig: 'eu-west-1' }, "clientConfig must be an object, got 'eu-west-1'"],
  [{ functionName: 'f', timeout: 5 }, "there is no option 'timeout'; did you mean 'timeouts'?"],
  [{ functionName: 'f', FunctionName: 'f' }, "there is no option 'FunctionName'; did you mean 'functionName'?"],
  [{ functionName: 'f', colour: 'red' }, "there is no option 'colour'; there are clientContext, traceparent,"],
  [{ functionName: 'f', toString: 1 }, "there is no option 'toString'; there are"],
  [{ functionName: 'f', timeouts: 5 }, 'timeouts must be an object, got 5'],
  [{ functionName: 'f', timeouts: { idle: 1 } }, "there is no option 'timeouts.idle'; did you mean 'idleMs'?"],
  [{ functionName: 'f', timeouts: { idleMs: Number.NaN } }, 'timeouts.idleMs must be milliseconds, 0 or more, got NaN'],
  [{ functionName: 'f', timeouts: { totalMs: -1 } }, 'timeouts.totalMs must be milliseconds, 0 or more, got -1'],
  [
    { functionName: 'f', timeouts: { headersMs: '5s' } },
    "timeouts.headersMs must be milliseconds, 0 or more, got '5s'",
  ],
  [
    { functionName: 'f', timeouts: { connectMs: null } },
    'timeouts.connectMs must be milliseconds, 0 or more, got null',
  ],
  [{ functionName: 'f', timeouts: { firstByteMs: 5n } }, 'timeouts.firstByteMs must be milliseconds, 0 or more, got 5'],
  [{ functionName: 'f', logs: 'Tail' }, "logs must be 'none' or 'tail', got 'Tail'"],
  [{ functionName: 'f', logs: true }, "logs must be 'none' or 'tail', got true"],
  [{ functionName: 'f', retry: 3 }, 'retry must be false or an object, such as { maxAttempts: 3 }, got 3'],
  [{ functionName: 'f', retry: true }, 'retry must be false or an object, such as { maxAttempts: 3 }, got true'],
  [
    { functionName: 'f', retry: { maxAttempts: Number.NaN } },
    'retry.maxAttempts must be a whole number, 1 or more, got NaN',
  ],
  [{ functionName: 'f', retry: { maxAttempts: 0 } }, 'retry.maxAttempts must be a whole number, 1 or more, got 0'],
  [{ functionName: 'f', retry: { baseDelayMs: -1 } }, 'retry.baseDelayMs must be milliseconds, 0 or more, got -1'],
  [{ functionName: 'f', retry: { maxRetries: 2 } }, "there is no option 'retry.maxRetries'; there are maxAttempts"],
  [{ functionName: 'f', highWaterMark: 0 }, 'highWaterMark must be a whole number, 1 or more, got 0'],
  [{ functionName: 'f', highWaterMark: -5 }, 'highWaterMark must be a whole number, 1 or more, got -5'],
  [{ functionName: 'f', highWaterMark: 'x' }, "highWaterMark must be a whole number, 1 or more, got 'x'"],
  [
    { functionName: 'f', maxResponseBytes: Number.NaN },
    'maxResponseBytes must be a number of bytes, 0 or more, got NaN',
  ],
  [{ functionName: 'f', validate: 'no' }, "validate must be true or false, got 'no'"],
  [{ functionName: 'f', invalidUtf8: 'ignore' }, "invalidUtf8 must be 'fatal' or 'replace', got 'ignore'"],
  [{ functionName: 'f', hooks: null }, 'hooks must be an object, got null'],
  [{ functionName: 'f', hooks: { onEnd: 'x' } }, "hooks.onEnd must be a function, got 'x'"],
  [
    { functionName: 'f', hooks: { onRetries: () => 1 } },
    "there is no option 'hooks.onRetries'; did you mean 'onRetry'?",
  ],
  [{ functionName: 'f', tenantId: '' }, "tenantId must be one or more printable ASCII characters, got ''"],
  [{ functionName: 'f', tenantId: 'a\nb' }, 'tenantId must be one or more printable ASCII characters'],
  [{ functionName: 'f', tenantId: 'é' }, 'tenantId must be one or more printable ASCII characters'],
  [{ functionName: 'f', clientContext: 'x' }, "clientContext must be an object, and custom in it too, got 'x'"],
  [{ functionName: 'f', clientContext: { custom: 'abc' } }, 'clientContext must be an object, and custom in it too'],
  [{ functionName: 'f', traceparent: 5 }, 'traceparent must be a string or a function, got 5'],
])('an invoker with %j is refused: %s', (options, words) => {
  expect(make(options)).toMatchObject({
    code: 'CONFIG_INVALID',
    phase: 'input',
    invoked: 'no',
    message: expect.stringContaining(`streamInvoker: ${words}`),
  });
});

test('an invoker with both a client and a configuration for one is refused', () => {
  expect(make({ functionName: 'f', client: wire.client(), clientConfig: {} })).toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('client and clientConfig exclude each other'),
  });
});

test.each([undefined, null, 'x', {}, { format: 'csv' }])('an invoker with %j for a contract is refused', (contract) => {
  expect(refusal(() => streamInvoker(contract as never, { functionName: 'f' }))).toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('the contract must be one that streamContract() made'),
  });
});

test('undefined is as if an option was not given', async () => {
  const options = {
    functionName: 'f',
    client: wire.client(),
    target: undefined,
    retry: undefined,
    timeouts: undefined,
  };
  expect((await (await streamInvoker(text, options).invoke({})).collect()).chunks).toEqual(['ok']);
});

describe('a single call', () => {
  const invoker = (options: Partial<StreamInvokerOptions> = {}) =>
    streamInvoker(text, { functionName: 'f', client: wire.client(), ...options } as StreamInvokerOptions);

  test.each<[unknown, string]>([
    [null, 'the options must be an object, got null'],
    [{ signal: {} }, 'signal must be an AbortSignal, got {}'],
    [{ signal: new AbortController() }, 'signal must be an AbortSignal, got an object'],
    [{ timeouts: { idleMs: Number.NaN } }, 'timeouts.idleMs must be milliseconds, 0 or more, got NaN'],
    [{ timeouts: { connectMs: 5 } }, "there is no option 'timeouts.connectMs'; there are headersMs, "],
    [{ tenantId: 'a\nb' }, 'tenantId must be one or more printable ASCII characters'],
    [{ retry: false }, "there is no option 'retry'; there are clientContext, traceparent, tenantId, signal, timeouts"],
    [{ abortSignal: AbortSignal.abort() }, "there is no option 'abortSignal'"],
  ])('with %j is refused: %s', async (call, words) => {
    const expected = { code: 'CONFIG_INVALID', phase: 'input', invoked: 'no' };
    const message = (where: string) => ({ ...expected, message: expect.stringContaining(`${where}: ${words}`) });
    expect(await rejection(invoker().invoke({}, call as never))).toMatchObject(message('invoke()'));
    expect(await rejection(invoker().dryRun(call as never))).toMatchObject(message('dryRun()'));
    expect(wire.requests).toHaveLength(0);
  });

  test("with a member that is undefined has the invoker's", async () => {
    wire.answer(() => undefined);
    const error = rejection(
      invoker({ timeouts: { headersMs: 800 }, tenantId: 'blue', retry: false }).invoke(
        {},
        { timeouts: { headersMs: undefined }, tenantId: undefined },
      ),
    );
    expect(await error).toMatchObject({ code: 'TIMEOUT', kind: 'headers', limitMs: 800 });
    expect(wire.requests[0]?.headers['x-amz-tenant-id']).toBe('blue');
  });

  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;

  test.each([
    ['a cycle', { custom: cyclic }],
    ['a BigInt', { custom: { a: 5n } }],
  ])('with %s in the client context is refused, with a trace context and without', async (_, clientContext) => {
    const expected = { code: 'CONFIG_INVALID', message: expect.stringContaining('the client context must be JSON: ') };
    expect(await rejection(invoker().invoke({}, { clientContext }))).toMatchObject(expected);
    expect(await rejection(invoker().invoke({}, { clientContext, traceparent: '00-a-b-01' }))).toMatchObject(expected);
  });

  test.each<[string, () => string, string]>([
    [
      'throws',
      () => {
        throw new Error('no span');
      },
      'traceparent was left out: the function threw: no span',
    ],
    [
      'gives a promise',
      (async () => '00-a-b-01') as unknown as () => string,
      'traceparent was left out: it must be a string, got an object',
    ],
  ])('whose traceparent %s goes on without, with a warning', async (_, traceparent, warning) => {
    const warnings: string[] = [];
    const hooks = { onWarning: (message: string) => void warnings.push(message) };
    await (await invoker({ hooks, traceparent }).invoke({})).collect();
    expect(warnings).toEqual([warning]);
    expect(wire.requests[0]?.headers['x-amz-client-context']).toBeUndefined();
  });

  test('is made at most as often as told', async () => {
    wire.answer(serviceError(429, 'TooManyRequestsException'));
    const retry = { maxAttempts: 2, baseDelayMs: 0 };
    expect(await rejection(invoker({ retry }).invoke({}))).toMatchObject({ code: 'THROTTLED' });
    expect(wire.requests).toHaveLength(2);
  });
});

test('a clock of Infinity is none', async () => {
  const never = Number.POSITIVE_INFINITY;
  const timeouts = { connectMs: never, headersMs: never, firstByteMs: never, idleMs: never, totalMs: never };
  const invoker = streamInvoker(text, { functionName: 'f', clientConfig: wire.clientConfig, timeouts });
  expect((await (await invoker.invoke({})).collect()).chunks).toEqual(['ok']);
  invoker.close();
});

test.each([
  [Number.POSITIVE_INFINITY, 0],
  [2 ** 31, 0],
  [5_000, 5_000],
])('a connection timeout of %d is %d to the SDK, whose timers count no further', async (connectMs, expected) => {
  const client = createLambdaClient(ClientLambda, wire.clientConfig, connectMs);
  // The handler makes up its mind when it is first used.
  await (await streamInvoker(text, { functionName: 'f', client }).invoke({})).collect();
  const handler = client.config.requestHandler as unknown as { httpHandlerConfigs(): object };
  expect(handler.httpHandlerConfigs()).toMatchObject({ connectionTimeout: expected });
  client.destroy();
});
