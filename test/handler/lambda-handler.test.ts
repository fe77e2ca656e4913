/** What a handler says when it is defined, and when a wrapper made an ordinary handler of it. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import { type StreamingLambdaHandler, streamHandler, streamWriterHandler } from 'cdk-lambda-streaming/handler';
import { runtimeInterfaceClient } from './official-runtime';

const contract = streamContract({ format: 'ndjson' });
const text = streamContract({ format: 'text' });

async function* one() {
  yield 1;
}

describe('arguments are checked when the handler is defined', () => {
  const FIRST = 'the first argument must be a contract made by streamContract(), got';
  const SECOND = 'the second argument must be an async function*, got';
  const HINT = 'write streamHandler(contract, an async function*, options)';

  test.each<[string, unknown[], string]>([
    ['swapped', [one, contract], `streamHandler: ${FIRST} function; ${HINT}`],
    ['no generator', [contract], `streamHandler: ${SECOND} undefined; ${HINT}`],
    ['options in its place', [contract, { metrics: one }], `streamHandler: ${SECOND} object`],
    ['null in its place', [contract, null], `streamHandler: ${SECOND} null`],
    ['nothing', [], `streamHandler: ${FIRST} undefined`],
    ['null', [null, one], `streamHandler: ${FIRST} null`],
    ['a schema', [{ '~standard': {} }, one], `streamHandler: ${FIRST} object`],
    ['a generator that was called', [contract, one()], `streamHandler: ${SECOND} object`],
  ])('%s', (_, args, message) => {
    expect(() => Reflect.apply(streamHandler, undefined, args)).toThrow(message);
  });

  test('of a writer too, by its own name', () => {
    const define = () => Reflect.apply(streamWriterHandler, undefined, [contract]);
    expect(define).toThrow('streamWriterHandler: the second argument must be an async function, got undefined');
  });

  test.each<[object, string]>([
    [
      { keepAlive: 5 },
      "there is no option 'keepAlive', only deadlineMarginMs, keepAliveMs, tellErrors, metrics, highWaterMark",
    ],
    [{ deadlineMarginMs: -1 }, 'deadlineMarginMs must be a number from 0, got -1'],
    [{ keepAliveMs: 0 }, 'keepAliveMs must be a number above 0 or false, got 0'],
    [{ keepAliveMs: true }, 'keepAliveMs must be a number above 0 or false, got true'],
    [{ metrics: 'Chat' }, 'metrics must be a function, got Chat'],
    [{ highWaterMark: '1' }, 'highWaterMark must be a number from 0, got 1'],
  ])('option %j', (options, message) => {
    expect(() => streamHandler(contract, one, options as never)).toThrow(`streamHandler: ${message}`);
  });

  test('a format without room for fillers takes no time for them, but may switch them off', () => {
    const produce = async function* () {
      yield 'x';
    };
    expect(() => streamHandler(text, produce, { keepAliveMs: 5 })).toThrow('keepAliveMs must be false, got 5');
    expect(streamHandler(text, produce, { keepAliveMs: false, metrics: undefined })).toBeInstanceOf(Function);
  });
});

describe('a wrapper that drops the streaming mark', () => {
  const runtime = globalThis as { awslambda?: unknown };
  const env = process.env as { AWS_LAMBDA_RUNTIME_API?: string };
  const http = { requestContext: { http: {}, domainName: 'id.lambda-url.eu-west-1.on.aws' } };
  let handler: StreamingLambdaHandler;
  let warned: jest.SpyInstance;

  beforeEach(() => {
    runtime.awslambda = runtimeInterfaceClient().awslambda;
    env.AWS_LAMBDA_RUNTIME_API = '127.0.0.1:9001';
    handler = streamHandler(contract, one);
    warned = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  });
  afterEach(() => {
    delete runtime.awslambda;
    delete env.AWS_LAMBDA_RUNTIME_API;
    warned.mockRestore();
  });

  test('fails a direct invoke, and says how to mend it', async () => {
    const wrapped = async (event: unknown) => handler(event);
    await expect(wrapped({})).rejects.toThrow(
      'streamHandler: called without a response stream: a wrapper dropped the mark of a streaming handler. Use keepStreaming(wrapper)',
    );
  });

  test('answers a front end in one piece, and says so once', async () => {
    const wrapped = async (event: unknown) => handler(event);
    await expect(wrapped(http)).resolves.toMatchObject({ statusCode: 200, body: expect.stringMatching(/^1\n/) });
    await wrapped(http);
    expect(warned.mock.calls).toEqual([[expect.stringContaining('dropped the mark')]]);
  });

  test('keeps it where the mark is copied', () => {
    const wrapped = Object.assign(async (event: unknown) => handler(event), handler);
    expect(Reflect.get(wrapped, Symbol.for('aws.lambda.runtime.handler.streaming'))).toBe('response');
  });

  test('is not looked for outside of Lambda: a test has no response stream', async () => {
    delete env.AWS_LAMBDA_RUNTIME_API;
    await expect(handler({})).resolves.toMatchObject({ body: expect.stringMatching(/^1\n/) });
    expect(warned).not.toHaveBeenCalled();
  });
});
