/** A function read as by a stock client, through `invokeFetch()`, cut at each place. */
import { invokeFetch, isStreamError, type StreamInvokerOptions } from 'cdk-lambda-streaming/invoker';
import { encodePrelude, type HttpPrelude } from '../../src/wire/http-prelude';
import { base64, invokeComplete, payloadChunk, rejection } from './read-stream';
import { serviceError, stream, until, useWireServer } from './wire-server';

const wire = useWireServer();
const HEADERS = { 'x-amzn-remapped-content-type': 'application/vnd.awslambda.http-integration-response' };
const SSE: HttpPrelude = { statusCode: 200, headers: { 'content-type': 'text/event-stream' } };
const EVENTS = ['data: {"token":"a"}\n\n', 'data: {"token":"b"}\n\n', 'data: [DONE]\n\n'];
const MARK = ': $stream end\n\n';

const fetchOf = (more: Partial<StreamInvokerOptions> = {}) =>
  invokeFetch({ functionName: 'f', client: wire.client(), ...more } as StreamInvokerOptions);
const answer = (prelude: HttpPrelude, pieces: string[], end: Uint8Array[] = [invokeComplete()]) =>
  wire.answer(
    stream([payloadChunk(encodePrelude(prelude)), ...pieces.map(payloadChunk), ...end], { headers: HEADERS }),
  );
const URL_ = 'https://function.example/v1/chat?stream=true&q=a%20b';

test('the function gets the event of a function URL, and the client the response', async () => {
  answer({ statusCode: 201, headers: { 'content-type': 'text/event-stream', 'x-a': '1' }, cookies: ['a=1', 'b=2'] }, [
    ...EVENTS,
    MARK,
  ]);
  const init = {
    method: 'POST',
    body: '{"prompt":"grüß"}',
    headers: { authorization: 'Bearer x', Cookie: 'c=1; d=2' },
  };
  const response = await fetchOf()(URL_, init);
  expect([response.status, response.headers.get('x-a'), response.headers.getSetCookie()]).toEqual([
    201,
    '1',
    ['a=1', 'b=2'],
  ]);
  expect(await response.text()).toBe(EVENTS.join('') + MARK);
  const event = JSON.parse(wire.requests[0]?.body ?? '');
  expect(event).toMatchObject({
    version: '2.0',
    rawPath: '/v1/chat',
    rawQueryString: 'stream=true&q=a%20b',
    cookies: ['c=1', 'd=2'],
    headers: { host: 'function.example', authorization: 'Bearer x', 'content-length': '19' },
    requestContext: { http: { method: 'POST', path: '/v1/chat' } },
    body: '{"prompt":"grüß"}',
    isBase64Encoded: false,
  });
  expect(event.headers).not.toHaveProperty('cookie');
  expect(event.requestContext).not.toHaveProperty('domainName');
});

test('a body of bytes travels as base64, and a GET has none', async () => {
  answer(SSE, [MARK]);
  await (await fetchOf()(URL_, { method: 'PUT', body: new Uint8Array([0xff, 0]) })).text();
  await (await fetchOf()(URL_)).text();
  const [put, get] = wire.requests.map(({ body }) => JSON.parse(body));
  expect(put).toMatchObject({ body: '/wA=', isBase64Encoded: true });
  expect(get).not.toHaveProperty('body');
});

test('events that are cut after each chunk fail, though the platform reports success', async () => {
  for (let count = 0; count <= EVENTS.length; count++) {
    answer(SSE, EVENTS.slice(0, count));
    const error = await rejection((await fetchOf()(URL_)).text());
    expect([count, isStreamError(error, 'TRUNCATED')]).toEqual([count, true]);
  }
});

test('a body of another type is judged by its length and by the log', async () => {
  const page = { statusCode: 200, headers: { 'content-type': 'text/html', 'content-length': '5' } };
  answer(page, ['hell']);
  expect(await rejection((await fetchOf()(URL_)).text())).toMatchObject({ code: 'TRUNCATED' });
  const log = 't\tr\tERROR\tInvoke Error \t{"errorType":"Error","errorMessage":"boom","stack":[]}\n';
  const crashed = invokeComplete({ LogResult: base64(log) });
  answer({ statusCode: 200, headers: { 'content-type': 'text/html' } }, ['hell'], [crashed]);
  const error = await rejection((await fetchOf()(URL_)).text());
  expect(error).toMatchObject({ code: 'FUNCTION_ERROR', errorMessage: 'boom', source: 'log-tail' });
});

test('statuses of errors and without a body are responses', async () => {
  answer({ statusCode: 429, headers: { 'content-type': 'application/json' } }, ['{"error":1}']);
  const refused = await fetchOf()(URL_);
  expect([refused.status, await refused.json()]).toEqual([429, { error: 1 }]);
  answer({ statusCode: 204 }, []);
  const empty = await fetchOf()(URL_);
  expect([empty.status, empty.body]).toEqual([204, null]);
});

test('the 500 of a function that failed has a text to read; below 500 the failure fails the reading', async () => {
  const failed = [
    invokeComplete({ ErrorCode: 'Unhandled', ErrorDetails: '{"errorType":"Error","errorMessage":"boom"}' }),
  ];
  const headers = { 'content-type': 'text/plain' };
  answer({ statusCode: 500, headers }, ['Internal ', 'Server Error'], failed);
  const response = await fetchOf()(URL_);
  expect([response.status, await response.text()]).toEqual([500, 'Internal Server Error']);
  answer({ statusCode: 404, headers }, ['Not fou'], failed);
  expect(await rejection((await fetchOf()(URL_)).text())).toMatchObject({
    code: 'FUNCTION_ERROR',
    errorMessage: 'boom',
  });
  // What is cut off is not the text that the function meant, whatever its status.
  answer({ statusCode: 500, headers }, ['Internal '], []);
  expect(await rejection((await fetchOf()(URL_)).text())).toMatchObject({ code: 'TRUNCATED' });
});

test('a refusal of Lambda rejects with the error of the invoker', async () => {
  wire.answer(serviceError(404, 'ResourceNotFoundException', { message: 'Function not found' }));
  expect(await rejection(fetchOf()(URL_))).toMatchObject({ code: 'NOT_FOUND', invoked: 'no' });
});

test('the signal of the request closes the connection, and so does leaving the body', async () => {
  const hanging = stream([payloadChunk(encodePrelude(SSE)), payloadChunk('data: 1\n\n')], {
    headers: HEADERS,
    ending: 'hang',
  });
  wire.answer(hanging);
  const control = new AbortController();
  const response = await fetchOf()(URL_, { signal: control.signal });
  control.abort(new Error('enough'));
  expect(await rejection(response.text())).toMatchObject({ code: 'ABORTED' });
  await until(() => wire.dropped === 1);
  await (await fetchOf()(URL_)).body?.cancel();
  await until(() => wire.dropped === 2);
});

test.each([
  ['{"statusCode":200,"headers":{},"body":"x"}', 'keepStreaming()'],
  ['{"hello":1}', 'needs a function that answers a function URL by a stream'],
])('an answer that is not of HTTP is named: %s', async (json, advice) => {
  wire.answer(stream([payloadChunk(json), invokeComplete()]));
  const error = await rejection(fetchOf()(URL_));
  expect(error).toMatchObject({ code: 'DECODE', kind: 'prelude-missing', excerpt: json });
  expect(String(error)).toContain(advice);
});

test('a wrong option is refused when it is written', () => {
  expect(() => invokeFetch({} as never)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});
