/** Connections that fail before the response headers: whether the request can have left, and what the error keeps. */
import { createServer } from 'node:net';
import { FetchHttpHandler } from '@smithy/fetch-http-handler';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { type StreamInvokerOptions, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { invokeComplete, payloadChunk, readToEnd, rejection } from './read-stream';
import { serviceError, stream, useWireServer } from './wire-server';

const text = streamContract({ format: 'text' });

const wire = useWireServer();

const failing = (cause: unknown) => ({ handle: () => Promise.reject(cause) }) as never;
const call = (config: object, options: object = {}) => {
  const all = { functionName: 'f', client: wire.client(config), retry: { baseDelayMs: 1 }, ...options };
  return rejection(streamInvoker(text, all as StreamInvokerOptions).invoke({}));
};
const coded = (code: string, message = 'x') => Object.assign(new Error(message), { code });
const wrapped = (code: string, message?: string) => new TypeError('fetch failed', { cause: coded(code, message) });

test.each<[unknown, object]>([
  [coded('DEPTH_ZERO_SELF_SIGNED_CERT'), { invoked: 'no', retryable: false }],
  [coded('SELF_SIGNED_CERT_IN_CHAIN'), { invoked: 'no', retryable: false }],
  [coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), { invoked: 'no', retryable: false }],
  [coded('CERT_HAS_EXPIRED'), { invoked: 'no', retryable: false }],
  [coded('ERR_TLS_CERT_ALTNAME_INVALID'), { invoked: 'no', retryable: false }],
  [
    coded('EPROTO', 'write EPROTO 80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:'),
    { invoked: 'no', retryable: false },
  ],
  [
    coded('EPROTO', 'read EPROTO 80:error:0A000119:SSL routines:decryption failed or bad record mac:'),
    { invoked: 'maybe' },
  ],
  [coded('ECONNRESET'), { invoked: 'maybe', retryable: true }],
  [coded('ECONNREFUSED'), { invoked: 'no', retryable: true }],
  [wrapped('ECONNREFUSED'), { invoked: 'no', retryable: true, systemCode: 'ECONNREFUSED' }],
  [wrapped('UND_ERR_CONNECT_TIMEOUT'), { invoked: 'no', retryable: true }],
  [
    wrapped('UND_ERR_SOCKET', 'other side closed'),
    { invoked: 'maybe', message: expect.stringContaining('other side closed') },
  ],
  ['a text', { invoked: 'maybe' }],
])('%s tells by its code whether the request left, to invoker and fetcher', async (cause, expected) => {
  const facts = { code: 'TRANSPORT', phase: 'request', ...expected };
  const error = await call({ requestHandler: failing(cause) }, { retry: false });
  expect(error).toMatchObject(facts);
  const fetch = () => Promise.reject(cause);
  const fetcher = streamFetcher(text, { url: 'https://example.com/', sign: 'none', fetch, retry: false });
  expect(await rejection(fetcher.invoke({}))).toMatchObject(facts);
});

test.each(['ERR_INVALID_CHAR', 'ERR_HTTP_INVALID_HEADER_VALUE', 'ERR_UNESCAPED_CHARACTERS'])(
  '%s is a request that cannot be made, and is not tried again',
  async (code) => {
    const expected = { code: 'CONFIG_INVALID', invoked: 'no', retryable: false };
    expect(await call({ requestHandler: failing(coded(code)) })).toMatchObject(expected);
    const fetch = () => Promise.reject(wrapped(code));
    const fetcher = streamFetcher(text, { url: 'https://example.com/', sign: 'none', fetch });
    expect(await rejection(fetcher.invoke({}))).toMatchObject(expected);
  },
);

test('a server that speaks no TLS was surely not asked anything, and is asked once', async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const endpoint = `https://127.0.0.1:${port}`;
  const expected = { code: 'TRANSPORT', invoked: 'no', retryable: false };
  expect(await call({ endpoint })).toMatchObject({ ...expected, message: expect.stringContaining('wrong version') });
  expect(connections).toBe(1);
  const url = `${endpoint}/`;
  expect(await rejection(streamFetcher(text, { url, sign: 'none' }).invoke({}))).toMatchObject(expected);
  expect(connections).toBe(2);
  server.close();
});

test.each<[string, () => Promise<unknown>]>([
  [
    'of credentials',
    () =>
      call({ credentials: () => Promise.reject(Object.assign(new Error('x'), { name: 'CredentialsProviderError' })) }),
  ],
  ['of a connection', () => call({ requestHandler: failing(coded('EPIPE')) })],
  ['of a request that cannot be made', () => call({ region: () => Promise.reject(new Error('Region is missing')) })],
])('an error keeps its cause: %s', async (_, run) => {
  const { cause } = (await run()) as Error;
  expect((cause as Error).message).toEqual(expect.any(String));
  expect((cause as Error).stack).toContain('Error');
});

describe('through the fetch handler of the SDK', () => {
  const requestHandler = () => new FetchHttpHandler({}) as never;
  const invoker = (config: object = {}) =>
    streamInvoker(text, {
      functionName: 'f',
      client: wire.client({ requestHandler: requestHandler(), ...config }),
      retry: false,
    });

  test.each([1, 7, undefined])('a stream is read whole, %s bytes per write', async (size) => {
    wire.answer(stream([payloadChunk('a'), payloadChunk('é🙂'), invokeComplete()], { size }));
    const { chunks, result } = await readToEnd(await invoker().invoke({}));
    expect(chunks.join('')).toBe('aé🙂');
    expect(result).toMatchObject({ executedVersion: '7' });
  });

  test('a stream that breaks is an error, and one that is left closes its connection', async () => {
    wire.answer(stream([payloadChunk('a')], { ending: 'reset' }));
    expect(await readToEnd(await invoker().invoke({}))).toMatchObject({ error: { code: 'TRANSPORT', invoked: 'yes' } });
    wire.answer(stream([payloadChunk('a')], { ending: 'hang' }));
    for await (const chunk of await invoker().invoke({})) {
      expect(chunk).toBe('a');
      break;
    }
    while (wire.dropped === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  test('a refusal is told, also one whose body stalls', async () => {
    wire.answer(serviceError(404, 'ResourceNotFoundException', { Message: 'nope' }));
    expect(await rejection(invoker().invoke({}))).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('nope'),
    });
    wire.answer(
      (response) => void response.writeHead(403, { 'x-amzn-errortype': 'AccessDeniedException' }).write('{"Mess'),
    );
    expect(await rejection(invoker().invoke({}))).toMatchObject({ code: 'ACCESS_DENIED' });
    while (wire.open.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  test('a call that is aborted before its headers closes its connection', async () => {
    const control = new AbortController();
    wire.answer(() => control.abort('enough'));
    expect(await rejection(invoker().invoke({}, { signal: control.signal }))).toMatchObject({
      code: 'ABORTED',
      cause: 'enough',
    });
    while (wire.open.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });
});
