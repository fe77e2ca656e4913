/** Functions with the Lambda Web Adapter: a script starts a server, and the target asks it what each event asks. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startScriptProblem } from '../../../src/local/runtime/web-adapter';
import { payload2 } from '../../../src/testing/conformance/events';
import { type LocalLambda, startLocalLambda, streamOf } from '../operations/local-lambda';

const SERVER = `
import { createServer } from 'node:http';
import net from 'node:net';
if (process.env.FAILS === 'at-start') process.exit(3);
const routes = {
  '/': (request, response) => response.end('ready'),
  '/echo': async (request, response) => {
    const parts = []; for await (const part of request) parts.push(part);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(parts).toString() }));
  },
  '/stream': (request, response) => {
    response.writeHead(201, { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'], 'x-a': 'b' });
    response.write('one');
    setTimeout(() => response.end('two'), 30);
  },
  '/image': (request, response) => response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.from([255, 0])),
  '/empty': (request, response) => response.writeHead(204).end(),
  '/teapot': (request, response) => response.writeHead(418).end('short and stout'),
  '/breaks': (request, response) => { response.writeHead(200); response.write('half'); setTimeout(() => response.destroy(), 30); },
  '/dies': () => process.exit(7),
  '/garbled': (request) => request.socket.end('HTTP/1.1 200 OK\\r\\nno header\\r\\n\\r\\n'),
  '/large': (request, response) => response.writeHead(200, { 'x-a': 'b'.repeat(200_000) }).end('ok'),
  '/who': (request, response) => response.end(JSON.stringify([process.env._HANDLER, process.env.LAMBDA_TASK_ROOT === process.cwd(), process.env.AWS_REGION])),
};
if (process.env.FAILS === 'silently') net.createServer(() => undefined).listen(process.env.PORT, '127.0.0.1');
else createServer((request, response) => (routes[request.url.split('?')[0]] ?? routes['/'])(request, response))
  .listen(process.env.FAILS === 'elsewhere' ? 0 : process.env.PORT, '127.0.0.1', () => console.log('listening'));`;

let lambda: LocalLambda;
beforeAll(async () => {
  lambda = await startLocalLambda({ initTimeoutMs: 4_000 });
});
afterAll(() => lambda.stop());

let count = 0;
/** A function whose start script runs the server above. */
function define(environment: Record<string, string> = {}, runtime = 'python3.13', mode = 0o755): string {
  const codeDirectory = join(lambda.folder, `app${++count}`);
  mkdirSync(codeDirectory);
  writeFileSync(join(codeDirectory, 'run.sh'), '#!/bin/sh\nexec node "$LAMBDA_TASK_ROOT/index.mjs"\n');
  chmodSync(join(codeDirectory, 'run.sh'), mode);
  const { functionName } = lambda.define(SERVER, {
    codeDirectory,
    handler: 'run.sh',
    runtime,
    environment: { AWS_LAMBDA_EXEC_WRAPPER: '/opt/bootstrap', ...environment },
  });
  return functionName;
}

const STREAMING = { AWS_LWA_INVOKE_MODE: 'response_stream' };
const ask = async (FunctionName: string, event: unknown) => {
  const outcome = await streamOf(lambda.client, { FunctionName, event });
  const [head = '', body = ''] = outcome.text.split('\0\0\0\0\0\0\0\0');
  return { ...outcome, head: head.startsWith('{') ? JSON.parse(head) : head, body };
};

describe.each(['nodejs24.x', 'python3.13', 'java21'])('of the runtime %s, in streaming mode', (runtime) => {
  test('what the server answers is streamed, with its status, headers and cookies', async () => {
    const { head, body, chunks } = await ask(define(STREAMING, runtime), payload2('/stream'));
    expect(head).toMatchObject({ statusCode: 201, headers: { 'x-a': 'b' }, cookies: ['a=1', 'b=2'] });
    expect(head.headers).not.toHaveProperty('transfer-encoding');
    expect([body, chunks.length > 2]).toEqual(['onetwo', true]);
  });
});

describe('a server in streaming mode', () => {
  let name: string;
  beforeAll(() => {
    name = define(STREAMING);
  });

  test('gets method, path, query, headers, cookies and body of the event, and what it is about', async () => {
    const changes = { headers: { 'x-b': 'c' }, cookies: ['k=v'], body: 'hello' };
    const event = payload2('/echo?a=1&a=%20', changes, 'POST');
    const seen = JSON.parse((await ask(name, event)).body);
    expect(seen).toMatchObject({ method: 'POST', url: '/echo?a=1&a=%20', body: 'hello' });
    expect(seen.headers).toMatchObject({ 'x-b': 'c', cookie: 'k=v', 'content-length': '5' });
    expect(JSON.parse(seen.headers['x-amzn-request-context'])).toEqual(event.requestContext);
    const about = JSON.parse(seen.headers['x-amzn-lambda-context']);
    expect(about).toMatchObject({ env_config: { function_name: name, memory: 256, version: '$LATEST' } });
    expect(about.deadline).toBeGreaterThan(Date.now());
  });

  test('cannot be told by a client what it is about', async () => {
    const event = payload2('/echo', {
      headers: { 'X-Amzn-Lambda-Context': 'forged', 'x-amzn-request-context': 'forged' },
    });
    expect((await ask(name, event)).body).not.toContain('forged');
  });

  test('an answer without a body arrives', async () => {
    expect(await ask(name, payload2('/empty'))).toMatchObject({ head: { statusCode: 204 }, body: '' });
  });

  test('an event that is not one of HTTP is posted to /events', async () => {
    const event = { Records: [1] };
    const { body } = await ask(define({ ...STREAMING, AWS_LWA_PASS_THROUGH_PATH: '/echo' }), event);
    expect(JSON.parse(body)).toMatchObject({ method: 'POST', url: '/echo', body: JSON.stringify(event) });
  });

  test('a response that breaks off ends, as behind the adapter, and the log says why', async () => {
    const { body, errorCode, logTail } = await ask(name, payload2('/breaks'));
    expect([body, errorCode]).toEqual(['half', undefined]);
    expect(logTail).toContain('the web server broke off its response');
  });

  test('an answer that is not HTTP fails the invocation in words', async () => {
    const { errorDetails, logTail } = await ask(name, payload2('/garbled'));
    expect(errorDetails ?? logTail).toContain('the web server did not answer GET /garbled: Parse Error');
    expect(logTail).not.toContain('rawPacket');
  });

  test('sees the environment that its start script would see', async () => {
    expect(JSON.parse((await ask(name, payload2('/who'))).body)).toEqual(['run.sh', true, 'eu-west-1']);
  });

  test('that dies fails the invocation, and the next one gets another', async () => {
    const { errorCode, logTail } = await ask(name, payload2('/dies'));
    expect(errorCode ?? logTail).toMatch(/Error|socket hang up/);
    expect((await ask(name, payload2('/'))).logTail).toContain("run.sh' has ended with status 7");
    expect((await ask(name, payload2('/'))).body).toBe('ready');
  });
});

test('in buffered mode, which is the default, the answer is a response object', async () => {
  const name = define();
  const answer = async (event: unknown) => JSON.parse((await ask(name, event)).text);
  expect(await answer(payload2('/stream'))).toMatchObject({
    statusCode: 201,
    headers: { 'x-a': 'b' },
    cookies: ['a=1', 'b=2'],
    body: 'onetwo',
    isBase64Encoded: false,
  });
  expect(await answer(payload2('/image'))).toMatchObject({ body: '/wA=', isBase64Encoded: true });
});

test('headers that are larger than Node.js reads by itself arrive, as by the adapter', async () => {
  const { text } = await streamOf(lambda.client, { FunctionName: define(), event: payload2('/large') });
  expect(JSON.parse(text)).toMatchObject({ statusCode: 200, headers: { 'x-a': 'b'.repeat(200_000) } });
});

test('the settings of the adapter', async () => {
  const name = define({
    ...STREAMING,
    AWS_LWA_REMOVE_BASE_PATH: '/app',
    AWS_LWA_AUTHORIZATION_SOURCE: 'X-Token',
    AWS_LWA_ERROR_STATUS_CODES: '500,417-419',
    AWS_LWA_READINESS_CHECK_PATH: '/teapot',
  });
  const event = payload2('/app/echo', { headers: { 'x-token': 'Bearer t' } });
  const seen = JSON.parse((await ask(name, event)).body);
  expect(seen).toMatchObject({ url: '/echo', headers: { authorization: 'Bearer t' } });
  expect(seen.headers).not.toHaveProperty('x-token');
  const { logTail } = await ask(name, payload2('/app/teapot'));
  expect(logTail).toContain('{\\"statusCode\\":418,\\"body\\":\\"short and stout\\"}');
});

describe('a server that is not there', () => {
  test('since its script ends is told', async () => {
    const { logTail } = await ask(define({ ...STREAMING, FAILS: 'at-start' }), payload2('/'));
    expect(logTail).toContain("the web server: the start script 'run.sh' has ended with status 3");
  });

  test('since it listens elsewhere, or answers nobody, is told, with the port that it should listen on', async () => {
    const failing = ['elsewhere', 'silently'].map((FAILS) => ask(define({ ...STREAMING, FAILS }), payload2('/')));
    const [elsewhere, silently] = await Promise.all(failing);
    expect(elsewhere?.logTail).toMatch(
      /not ready after 3600 ms: nothing listens there. It has to listen on the port that .* PORT names, here \d+/,
    );
    expect(silently?.logTail).toMatch(/not ready after 3600 ms: GET \/ fails: it connects, and gets no answer/);
  });

  test('since its script may not be executed is told', async () => {
    const { logTail } = await ask(define(STREAMING, 'nodejs24.x', 0o644), payload2('/'));
    expect(logTail).toMatch(/run.sh' cannot be started: .*EACCES/);
  });
});

test('a program that plays a container image answers as the server in the image', async () => {
  define(STREAMING);
  const codeDirectory = join(lambda.folder, `app${count}`);
  const { functionName } = lambda.define(SERVER, {
    codeDirectory,
    handler: '',
    runtime: '',
    imageUri: 'repository:tag',
    imageCommand: ['node', 'index.mjs'],
    environment: STREAMING,
  });
  expect((await ask(functionName, payload2('/stream'))).body).toBe('onetwo');
  const { logTail } = await ask(functionName, payload2('/dies'));
  expect(logTail).toMatch(/Error|socket hang up/);
  expect((await ask(functionName, payload2('/'))).logTail).toContain(
    "the program 'node index.mjs' has ended with status 7",
  );
});

test('a deployment knows a script that cannot be started', () => {
  define();
  const folder = join(lambda.folder, `app${count}`);
  expect(startScriptProblem(folder, 'run.sh')).toBeUndefined();
  expect(startScriptProblem(folder, 'start.sh')).toContain("has no start script 'start.sh'");
  chmodSync(join(folder, 'run.sh'), 0o644);
  expect(startScriptProblem(folder, 'run.sh')).toMatch(process.getuid?.() === 0 ? /chmod \+x run.sh/ : /chmod/);
});
