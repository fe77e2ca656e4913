import { spawnSync } from 'node:child_process';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import type { FunctionFailure } from '../../../src/local/runtime/function-failure';
import { RuntimeApi, type RuntimeResponse } from '../../../src/local/runtime/runtime-api';

let api: RuntimeApi;
let nexts: number;
let own: boolean;
const responses: [string, RuntimeResponse][] = [];
const errors: [string, FunctionFailure][] = [];
let notice: () => void = () => undefined;

beforeEach(async () => {
  nexts = 0;
  own = true;
  responses.length = 0;
  errors.length = 0;
  api = await RuntimeApi.start({
    isOwn: () => own,
    onNext: () => {
      nexts += 1;
      notice();
    },
    onResponse: (id, response) => {
      responses.push([id, response]);
      notice();
    },
    onError: (id, failure) => errors.push([id, failure]),
    onInitError: (failure) => errors.push(['init', failure]),
  });
});
afterEach(() => api.stop());

const noticed = () =>
  new Promise<void>((resolve) => {
    notice = resolve;
  });

function open(method: string, path: string, options: RequestOptions = {}) {
  const [host, port] = api.address.split(':');
  const outgoing = request({ host, port, method, path: `/2018-06-01/runtime/${path}`, ...options });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve);
    outgoing.on('error', reject);
  });
  return { outgoing, answer };
}

async function textOf(response: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

const EVENT = {
  requestId: 'r-1',
  payload: Buffer.from('{"a":"ü"}'),
  headers: { 'Lambda-Runtime-Aws-Request-Id': 'r-1' },
};

test('has a loopback address without a path, as the runtime demands', () => {
  expect(api.address).toMatch(/^127\.0\.0\.1:\d+$/);
});

test.each(['before', 'after'])('delivers an event that comes %s the runtime asks for it', async (order) => {
  if (order === 'before') api.deliver(EVENT);
  const waiting = noticed();
  const { outgoing, answer } = open('GET', 'invocation/next');
  outgoing.end();
  await waiting;
  if (order === 'after') api.deliver(EVENT);
  const response = await answer;
  expect(response.statusCode).toBe(200);
  expect(response.headers['lambda-runtime-aws-request-id']).toBe('r-1');
  expect(await textOf(response)).toBe('{"a":"ü"}');
  expect(nexts).toBe(1);
});

test('answers a streamed response with 202 only after its trailers, and reads them', async () => {
  const begun = noticed();
  const headers = {
    'Lambda-Runtime-Function-Response-Mode': 'streaming',
    'Content-Type': 'text/plain',
    'Transfer-Encoding': 'chunked',
    Trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
  };
  const { outgoing, answer } = open('POST', 'invocation/r-1/response', { headers });
  outgoing.write('prefix');
  await begun;
  const [id, response] = responses[0] ?? [];
  expect([id, response?.streaming, response?.contentType]).toEqual(['r-1', true, 'text/plain']);
  let answered = false;
  void answer.then(() => {
    answered = true;
  });
  const body = response ? textOf(response.body) : undefined;
  await new Promise((resolve) => setImmediate(resolve));
  expect(answered).toBe(false);
  outgoing.addTrailers({
    'Lambda-Runtime-Function-Error-Type': 'TypeError',
    'Lambda-Runtime-Function-Error-Body': Buffer.from('{"errorType":"TypeError"}').toString('base64'),
  });
  outgoing.end();
  expect(await body).toBe('prefix');
  expect((await answer).statusCode).toBe(202);
  expect(response?.failure()).toEqual({ origin: 'handler', errorType: 'TypeError', body: '{"errorType":"TypeError"}' });
});

test('the runtime may ask for the next event while a response is still open', async () => {
  let seen = noticed();
  const response = open('POST', 'invocation/r-1/response', { headers: { 'Transfer-Encoding': 'chunked' } });
  response.outgoing.write('x');
  await seen;
  seen = noticed();
  const next = open('GET', 'invocation/next');
  next.outgoing.end();
  await seen;
  expect(nexts).toBe(1);
  const body = textOf((responses[0] as [string, RuntimeResponse])[1].body);
  response.outgoing.end('y');
  expect(await body).toBe('xy');
  expect((await response.answer).statusCode).toBe(202);
  api.deliver(EVENT);
  expect((await next.answer).statusCode).toBe(200);
});

test('what a process sent in its last moment arrives, even when its end is noticed first', async () => {
  const [host, port] = api.address.split(':');
  const head = `POST /2018-06-01/runtime/invocation/r-1/response HTTP/1.1\\r\\nHost: ${api.address}\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n`;
  const script = `const s = require('net').connect(${port}, '${host}', () => s.write('${head}6\\r\\nprefix\\r\\n', () => process.exit()));`;
  // Synchronous: nothing was accepted yet when the process is gone.
  expect(spawnSync(process.execPath, ['-e', script]).status).toBe(0);
  expect(responses).toHaveLength(0);
  await api.settle(() => responses.length > 0);
  const body = responses[0]?.[1].body;
  const parts: string[] = [];
  body?.on('data', (part: Buffer) => parts.push(String(part)));
  body?.on('error', () => undefined);
  await new Promise((resolve) => body?.on('close', resolve));
  expect(parts).toEqual(['prefix']);
  expect(body?.complete).toBe(false);
});

test('reports errors of an invocation and of the initialization, also ones that are not JSON', async () => {
  for (const [path, body] of [
    ['invocation/r-1/error', '{"errorType":"E","errorMessage":"m"}'],
    ['init/error', '{"errorType":"I"}'],
    ['init/error', 'not JSON'],
  ] as const) {
    const { outgoing, answer } = open('POST', path);
    outgoing.end(body);
    expect((await answer).statusCode).toBe(202);
  }
  expect(errors).toMatchObject([
    ['r-1', { origin: 'handler', errorType: 'E', body: '{"errorType":"E","errorMessage":"m"}' }],
    ['init', { origin: 'init', errorType: 'I' }],
    ['init', { origin: 'init', errorType: 'Unhandled', body: expect.stringContaining('not JSON') }],
  ]);
});

test('an unknown path is not found', async () => {
  const { outgoing, answer } = open('POST', 'invocation/r-1/elsewhere');
  outgoing.end('x');
  expect((await answer).statusCode).toBe(404);
});

test.each<[string, boolean, RequestOptions]>([
  ['another process', false, {}],
  ['a page of another site', true, { headers: { host: 'evil.example' } }],
])('%s gets no event and may not answer', async (_, isOwn, options) => {
  own = isOwn;
  api.deliver({ requestId: 'r', payload: Buffer.from('"secret"'), headers: {} });
  for (const [method, path] of [
    ['GET', 'invocation/next'],
    ['POST', 'invocation/r/response'],
    ['POST', 'init/error'],
  ]) {
    const { outgoing, answer } = open(method ?? '', path ?? '', options);
    outgoing.end();
    expect((await answer).statusCode).toBe(403);
  }
  expect([nexts, responses, errors]).toEqual([0, [], []]);
});
