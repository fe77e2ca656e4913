/** What listeners of Node.js do with their response, on AWS's own runtime client behind a function URL. */
import { startWebFunctions, type WebFunctions } from './support/web-function';

let lambda: WebFunctions;
beforeAll(async () => {
  lambda = await startWebFunctions();
});
afterAll(() => lambda.stop());

const serve = (listener: string, options = '{}') =>
  lambda.serve(`import { Readable } from 'node:stream'; export const handler = nodeHandler(${listener}, ${options});`);

test.each([
  ['an object', `{ 'X-A': 'a', 'Set-Cookie': ['a=1', 'b=2'] }`],
  ['names and values in turn', `['X-A', 'a', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']`],
  ['pairs', `[['X-A', 'a'], ['Set-Cookie', ['a=1', 'b=2']]]`],
])('writeHead takes %s', async (_, headers) => {
  const response = await fetch(
    serve(
      `(request, response) => { response.setHeader('x-b', 1); response.writeHead(201, 'Made', ${headers}).end('x'); }`,
    ),
  );
  expect([response.status, response.headers.get('x-a'), response.headers.get('x-b')]).toEqual([201, 'a', '1']);
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(await response.text()).toBe('x');
});

test('events of a response come in their order, and writes call back', async () => {
  const response = await fetch(
    serve(`(request, response) => {
      const order = [];
      for (const event of ['prefinish', 'finish', 'close']) response.on(event, () => order.push(event));
      response.on('close', () => console.log('order', order.join(), response.headersSent, response.writableEnded, response.writableFinished));
      response.write('one', () => { order.push('written'); response.end('two', () => order.push('ended')); });
    }`),
  );
  expect(await response.text()).toBe('onetwo');
  await expect(logOf(/order .*/)).resolves.toMatch(
    /^order written,prefinish,(finish,ended|ended,finish),close true true true$/,
  );
});

test('a stream is piped, with drain where it is too fast', async () => {
  const response = await fetch(
    serve(`(request, response) => {
      let drained = 0;
      response.on('drain', () => drained++);
      response.on('finish', () => console.log('drained', drained > 0));
      Readable.from((function* () { for (let n = 0; n < 64; n++) yield Buffer.alloc(65536, n); })()).pipe(response);
    }`),
  );
  expect((await response.arrayBuffer()).byteLength).toBe(64 * 65_536);
  await expect(logOf(/drained .*/)).resolves.toBe('drained true');
});

test('what a front end does is not the app’s business', async () => {
  const response = await fetch(
    serve(`(request, response) => {
      response.writeContinue(); response.writeProcessing(); response.writeEarlyHints({ link: '</x>' }, () => undefined);
      response.addTrailers({ 'x-late': '1' });
      request.socket.setTimeout(1000); request.socket.setNoDelay(true); request.socket.setKeepAlive(true);
      response.end(JSON.stringify([request.httpVersion, request.socket.encrypted, request.socket.remoteAddress, request.complete]));
    }`),
  );
  expect(await response.json()).toEqual(['1.1', true, '127.0.0.1', true]);
});

test('a response that is destroyed is cut, and a listener that throws is a 500', async () => {
  const destroyed = await fetch(
    serve(
      `(request, response) => { response.write('half'); setTimeout(() => response.destroy(new Error('of the app')), 20); }`,
    ),
  );
  await expect(destroyed.text()).rejects.toThrow('terminated');
  const threw = await fetch(serve(`() => { throw new Error('secret'); }`));
  expect([threw.status, await threw.text()]).toEqual([500, 'The function failed']);
});

test.each([
  [5_000, 500],
  [0, 200],
])(
  'a head waits for the first piece %i ms at most: one that breaks before it has status %i',
  async (headersWaitMs, status) => {
    const listener = `(request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.flushHeaders();
    setTimeout(() => response.destroy(new Error('of the app')), 20);
  }`;
    expect((await fetch(serve(listener, JSON.stringify({ headersWaitMs })))).status).toBe(status);
  },
);

test('at the deadline the response is destroyed', async () => {
  const url = lambda.serve(
    `export const handler = nodeHandler((request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\\n\\n');
      response.on('close', () => console.log('closed', response.writableFinished, request.lambda.signal.aborted));
    });`,
    { timeoutSeconds: 1 },
  );
  const response = await fetch(url);
  let text = '';
  const reading = (async () => {
    for await (const piece of response.body ?? []) text += Buffer.from(piece).toString();
  })();
  await expect(reading).rejects.toThrow('terminated');
  expect(text).toContain('"code":"DeadlineExceeded"');
  await expect(logOf(/closed .*/)).resolves.toBe('closed false true');
});

test('a promise of a server works; one of anything else is refused by name', async () => {
  const url = lambda.serve(
    `import { createServer } from 'node:http'; export const handler = nodeHandler(Promise.resolve(createServer((_, response) => response.end('served'))));`,
  );
  expect(await (await fetch(url)).text()).toBe('served');
  expect((await fetch(serve('Promise.resolve(1)'))).status).toBe(500);
  await expect(logOf(/the promise of nodeHandler must give a listener, got number/)).resolves.toBeDefined();
});

/** The log's line for the last invocation, which may be written after the response. */
async function logOf(pattern: RegExp): Promise<string> {
  for (;;) {
    const [found] = pattern.exec(lambda.logs.map(({ message }) => message).join('\n')) ?? [];
    if (found !== undefined) return found.trim();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
