/** Bodies that end cleanly before they are whole, as those of a crashed function do, read through `wholeFetch()`. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isStreamError, type WholeFetchOptions, wholeFetch } from 'cdk-lambda-streaming/fetcher';
import { rejection } from '../invoker/read-stream';

const SSE = { 'content-type': 'text/event-stream' };
const EVENTS = 'data: {"token":"a"}\n\ndata: {"token":"ü"}\n\ndata: [DONE]\n\n';
const MARK = ': $stream end\n\n';
const CONTRACT = 'data: 1\n\nevent: $end\ndata: {"chunks":1}\n\n';

let answer: RequestListener;
let seen: { headers: IncomingHttpHeaders; body: string }[] = [];
let server: Server;
let url: string;
beforeAll(async () => {
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      seen.push({ headers: request.headers, body: Buffer.concat(pieces).toString() });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat`;
});
beforeEach(() => {
  seen = [];
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const sends = (headers: Record<string, string>, bytes: string | Uint8Array, status = 200): RequestListener => {
  return (_, response) => void response.writeHead(status, headers).end(bytes);
};
const read = async (options?: WholeFetchOptions) => (await wholeFetch(undefined, options)(url)).text();

test.each([
  ['of webHandler', EVENTS + MARK],
  ['of a contract', CONTRACT],
])('events with the end mark %s are whole, and cut cleanly at each byte they are not', async (_, whole) => {
  answer = sends(SSE, whole);
  expect(await read()).toBe(whole);
  const bytes = Buffer.from(whole);
  for (let cut = 0; cut < bytes.length; cut++) {
    answer = sends(SSE, bytes.subarray(0, cut));
    const error = await rejection(read());
    expect([cut, isStreamError(error, 'TRUNCATED') && error.where]).toEqual([cut, 'marker']);
  }
});

const byCharacter = (text: string): RequestListener => {
  return async (_, response) => {
    response.writeHead(200, SSE);
    for (const character of text) {
      response.write(character);
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  };
};

test('a mark that is cut into bytes is a mark, and one in the middle is not the end', async () => {
  answer = byCharacter(EVENTS + MARK);
  expect(await read()).toBe(EVENTS + MARK);
  answer = sends(SSE, `${MARK}data: more\n\n`);
  expect(await rejection(read())).toMatchObject({ code: 'TRUNCATED', phase: 'end', invoked: 'yes' });
});

test('an end marker in the text of an event is none, however it is cut', async () => {
  answer = byCharacter('data: event: $end\ndata: is how it ends\n\n');
  expect(await rejection(read())).toMatchObject({ code: 'TRUNCATED', where: 'marker' });
});

test('what came before the cut is read first', async () => {
  answer = sends(SSE, EVENTS);
  const reader = (await wholeFetch()(url)).body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(EVENTS);
  expect(await rejection(reader?.read() as Promise<unknown>)).toMatchObject({ code: 'TRUNCATED' });
});

test('a body of another type is measured by the length that the function promised', async () => {
  const headers = { 'content-type': 'text/html', 'x-amzn-remapped-content-length': '5' };
  answer = sends(headers, 'hello');
  expect(await read()).toBe('hello');
  answer = sends(headers, 'hell');
  const error = await rejection(read());
  expect(error).toMatchObject({ code: 'TRUNCATED', message: expect.stringContaining('4 of 5 bytes have come') });
});

test('a response without a promise, one of an error, and one without a body are passed on', async () => {
  answer = sends({ 'content-type': 'application/json' }, '{}');
  expect(await read()).toBe('{}');
  answer = sends(SSE, 'data: no\n\n', 500);
  expect(await read()).toBe('data: no\n\n');
  answer = sends({}, '', 204);
  expect((await wholeFetch()(url)).status).toBe(204);
});

test('the response keeps its address, status and headers, and leaving it closes the connection', async () => {
  let closed: Promise<void> = Promise.resolve();
  answer = (_, response) => {
    closed = new Promise((resolve) => response.on('close', resolve));
    response.writeHead(201, { ...SSE, 'x-a': '1' }).write('data: 1\n\n');
  };
  const response = await wholeFetch()(url);
  expect([response.url, response.status, response.ok, response.headers.get('x-a')]).toEqual([url, 201, true, '1']);
  await response.body?.cancel();
  await closed;
});

test('the hash of a body is sent, where CloudFront may ask for it; the body is what was hashed', async () => {
  answer = sends(SSE, MARK);
  const body = JSON.stringify({ prompt: 'grüß' });
  const post = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
  await (await wholeFetch()(url, post)).text();
  await (await wholeFetch()(new Request(url, post))).text();
  await (await wholeFetch(undefined, { contentSha256: false })(url, post)).text();
  const hash = createHash('sha256').update(body).digest('hex');
  expect(seen.map(({ headers }) => headers['x-amz-content-sha256'])).toEqual([hash, hash, undefined]);
  expect(seen.map((request) => request.body)).toEqual([body, body, body]);
  expect(seen[0]?.headers['content-length']).toBe(String(Buffer.byteLength(body)));
});

test('requests are signed if asked, with the hash of the body', async () => {
  answer = sends(SSE, MARK);
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
  const sign = { credentials, region: 'eu-central-1', service: 'lambda' } as const;
  await (await wholeFetch(undefined, { sign })(url, { method: 'POST', body: '{}' })).text();
  expect(seen[0]?.headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/lambda\/aws4_request, SignedHeaders=.*x-amz-content-sha256/,
  );
});

test('the fetch of the caller is used, with its arguments as they are where nothing is to be added', async () => {
  const calls: unknown[][] = [];
  const own = async (...call: [string | URL | Request, RequestInit?]) => {
    calls.push(call);
    return new Response(MARK, { headers: SSE });
  };
  const init = { method: 'POST', body: '{}' };
  const response = await wholeFetch(own, { contentSha256: false })(url, init);
  expect(await response.text()).toBe(MARK);
  expect(calls).toEqual([[url, init]]);
});

test.each<[string, () => unknown, string]>([
  ['a fetch that is none', () => wholeFetch('fetch' as never), "fetch must be a function, got 'fetch'"],
  ['an unknown option', () => wholeFetch(undefined, { signed: 'iam' } as never), "there is no option 'signed'"],
])('%s is refused', (_, make, words) => {
  expect(make).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(words) }));
});
