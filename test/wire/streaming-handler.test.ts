import type { ResponseWriter } from '../../src/wire/lambda-runtime';
import { streamingHandler } from '../../src/wire/streaming-handler';

const runtime = globalThis as { awslambda?: unknown };
const env = process.env as { AWS_LAMBDA_RUNTIME_API?: string };
const stream: ResponseWriter = { write: () => true, end: () => undefined };
const respond = async (...given: unknown[]) => given;

afterEach(() => {
  delete runtime.awslambda;
  delete env.AWS_LAMBDA_RUNTIME_API;
});

test('knows a call with a stream from one without', async () => {
  const context = { awsRequestId: 'id' } as never;
  const handler = streamingHandler('f', respond);
  expect(handler).toHaveLength(2);
  await expect(handler('e', stream, context)).resolves.toEqual(['e', stream, context]);
  await expect(handler('e', context)).resolves.toEqual(['e', undefined, context]);
  await expect(handler('e')).resolves.toEqual(['e', undefined, undefined]);
});

test('registers with the runtime, with its options', () => {
  const streamifyResponse = jest.fn((handler: unknown) => handler);
  runtime.awslambda = { streamifyResponse };
  const options = { highWaterMark: 1 };
  const handler = streamingHandler('f', respond, options);
  expect(streamifyResponse.mock.calls).toEqual([[handler, options]]);
});

test.each([
  ['a function URL', { requestContext: { domainName: 'x.lambda-url.eu-west-1.on.aws', http: {} } }, true],
  ['a load balancer', { requestContext: { elb: {} } }, true],
  ['an event of a direct invoke', { requestContext: { http: {} } }, false],
  ['no event', null, false],
])('without its mark inside Lambda, %s: answered %p', async (_, event, isAnswered) => {
  const warned = jest.spyOn(console, 'warn').mockImplementation();
  try {
    runtime.awslambda = {};
    env.AWS_LAMBDA_RUNTIME_API = '127.0.0.1:9001';
    const handler = streamingHandler('f', respond);
    if (isAnswered) {
      await handler(event);
      expect(warned).toHaveBeenCalledTimes(1);
      await expect(handler(event)).resolves.toEqual([event, undefined, undefined]);
    } else {
      await expect(handler(event)).rejects.toThrow('f: called without a response stream: a wrapper dropped the mark');
    }
    expect(warned).toHaveBeenCalledTimes(isAnswered ? 1 : 0);
  } finally {
    warned.mockRestore();
  }
});

test.each([
  ['outside of Lambda, in a test that plays its global', { awslambda: {} }, {}],
  ['in another runtime of Lambda', {}, { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001' }],
])('%s, a call without a stream is answered', async (_, globals, variables) => {
  Object.assign(runtime, globals);
  Object.assign(env, variables);
  await expect(streamingHandler('f', respond)({ prompt: 'hi' })).resolves.toEqual([
    { prompt: 'hi' },
    undefined,
    undefined,
  ]);
});
