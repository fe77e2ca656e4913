/** A function of `webHandler` read by `invokeFetch`: the AWS SDK, the local target and AWS's own runtime client between them. */
import { invokeFetch, type StreamInvokerOptions } from 'cdk-lambda-streaming/invoker';
import { rejection } from '../invoker/read-stream';
import { startWebFunctions, type WebFunctions } from './support/web-function';

const APP = `
  const EVENTS = { 'content-type': 'text/event-stream' };
  const HTML = { 'content-type': 'text/html' };
  /** Pieces in their order; 'exit' ends the process, 'fail' the body, 'hang' waits for ever. */
  const body = (...pieces) => new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      const piece = pieces.shift();
      if (piece === 'exit') process.exit(1);
      if (piece === 'hang') return new Promise(() => undefined);
      if (piece === 'fail') controller.error(new Error('secret'));
      else if (piece === undefined) controller.close();
      else controller.enqueue(new TextEncoder().encode(piece));
    },
  }, { highWaterMark: 0 });
  const ROUTES = {
    '/echo': async (request) => {
      const headers = new Headers({ 'content-type': 'application/json', 'x-app': 'yes' });
      for (const cookie of ['a=1; Path=/', 'b=2']) headers.append('set-cookie', cookie);
      const { method, url } = request;
      const sent = Array.from(new Uint8Array(await request.arrayBuffer()));
      return new Response(JSON.stringify({ method, url, cookie: request.headers.get('cookie'), sent }), { status: 201, headers });
    },
    '/events': () => new Response(body('data: 1\\n\\n', 'data: 2\\n\\n'), { headers: EVENTS }),
    '/empty': () => new Response(null, { status: 204, headers: { 'x-app': 'yes' } }),
    '/moved': () => Response.redirect('https://function.example/echo', 302),
    '/throws': () => { throw new Error('secret'); },
    '/fails-in-events': () => new Response(body('data: 1\\n\\n', 'fail'), { headers: EVENTS }),
    '/fails-in-html': () => new Response(body('<p>', 'fail'), { headers: HTML }),
    '/dies-in-events': () => new Response(body('data: 1\\n\\n', 'exit'), { headers: EVENTS }),
    '/dies-in-html': () => new Response(body('<p>', 'exit'), { headers: { ...HTML, 'content-length': '7' } }),
    '/short': () => new Response(body('<p>'), { headers: { ...HTML, 'content-length': '7' } }),
    '/hangs': () => new Response(body('data: 1\\n\\n', 'hang'), { headers: EVENTS }),
  };
  export const handler = webHandler((request) => ROUTES[new URL(request.url).pathname](request));`;

let lambda: WebFunctions;
let functionName: string;
beforeAll(async () => {
  lambda = await startWebFunctions();
  lambda.serve(APP, { functionName: 'web' });
  functionName = 'web';
});
afterAll(() => lambda.stop());

const get = (path: string, init?: RequestInit, options: Partial<StreamInvokerOptions> = {}) =>
  invokeFetch({ functionName, client: lambda.client, ...options } as StreamInvokerOptions)(
    `https://function.example${path}`,
    init,
  );
const text = async (response: Promise<Response>): Promise<string> => (await response).text();

test('the request reaches the app, and status, headers and cookies its caller', async () => {
  const sent = Uint8Array.of(0, 255, 65);
  const response = await get('/echo?q=a%20b', { method: 'POST', body: sent, headers: { cookie: 'c=3; d=4' } });
  expect([response.status, response.headers.get('x-app')]).toEqual([201, 'yes']);
  expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2']);
  expect(await response.json()).toEqual({
    method: 'POST',
    url: 'https://function.example/echo?q=a%20b',
    cookie: 'c=3; d=4',
    sent: [...sent],
  });
});

test('a stream arrives with its end mark, responses without a body at once', async () => {
  expect(await text(get('/events'))).toBe('data: 1\n\ndata: 2\n\n: $stream end\n\n');
  const empty = await get('/empty');
  expect([empty.status, empty.headers.get('x-app'), empty.body]).toEqual([204, 'yes', null]);
  const moved = await get('/moved');
  expect([moved.status, moved.headers.get('location')]).toEqual([302, 'https://function.example/echo']);
});

test('an error before the first byte is a response without its message', async () => {
  const response = await get('/throws');
  expect(response.status).toBe(500);
  await expect(response.text()).resolves.toBe('The function failed');
});

test('an error after it is an event that stock clients throw on, and the body fails', async () => {
  const { body } = await get('/fails-in-events');
  let seen = '';
  const reading = (async () => {
    for await (const piece of body ?? []) seen += Buffer.from(piece).toString();
  })();
  expect(await rejection(reading)).toMatchObject({ code: expect.stringMatching(/^(FUNCTION_ERROR|TRUNCATED)$/) });
  expect(seen).toMatch(/^data: 1\n\n\n\nevent: error\ndata: \{"type":"error",/);
  expect(seen).not.toContain('secret');
});

test.each([
  ['/fails-in-html', 'FUNCTION_ERROR', 'the log says why'],
  ['/dies-in-events', 'TRUNCATED|FUNCTION_ERROR', 'no mark'],
  ['/dies-in-html', 'TRUNCATED|FUNCTION_ERROR', 'a length that was promised'],
  ['/short', 'TRUNCATED', 'a length that was promised, and an invocation that succeeds'],
])('the body of %s fails with %s: %s', async (path, code) => {
  expect(await rejection(text(get(path)))).toMatchObject({ code: expect.stringMatching(`^(${code})$`) });
});

test('the log tail is read of a body that nothing else measures', async () => {
  expect(await rejection(text(get('/fails-in-html')))).toMatchObject({ source: 'log-tail', errorMessage: 'secret' });
});

test('a silence that is too long ends the body', async () => {
  const timeouts: Partial<StreamInvokerOptions> = { timeouts: { idleMs: 700 } };
  expect(await rejection(text(get('/hangs', undefined, timeouts)))).toMatchObject({ code: 'TIMEOUT' });
});

test('the functions own timeout is told as one, by the last event and the failure of the body', async () => {
  lambda.serve(APP, { functionName: 'hasty', timeoutSeconds: 1 });
  const reading = text(get('/hangs', undefined, { functionName: 'hasty' } as Partial<StreamInvokerOptions>));
  expect(await rejection(reading)).toMatchObject({ code: expect.stringMatching(/^(FUNCTION_ERROR|TRUNCATED)$/) });
});
