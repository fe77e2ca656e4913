/** A fetch function behind a function URL of the local target, on AWS's own runtime client. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startWebFunctions, type WebFunctions } from './support/web-function';

let lambda: WebFunctions;
beforeAll(async () => {
  lambda = await startWebFunctions();
});
afterAll(() => lambda.stop());

test('status, headers and the first piece arrive while the app still writes', async () => {
  const gate = join(lambda.folder, 'gate');
  const url = lambda.serve(`
    import { existsSync } from 'node:fs';
    export const handler = webHandler(async (request) => {
      const gate = new URL(request.url).searchParams.get('gate');
      const pieces = ['data: 1\\n\\n', 'data: 2\\n\\n'];
      return new Response(new ReadableStream({
        async pull(controller) {
          while (pieces.length === 1 && !existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 5));
          const piece = pieces.shift();
          if (piece) controller.enqueue(new TextEncoder().encode(piece));
          else controller.close();
        },
      }), { status: 201, headers: { 'content-type': 'text/event-stream', 'x-app': 'yes' } });
    });`);
  const response = await fetch(`${url}/chat?gate=${gate}`);
  expect(response.status).toBe(201);
  expect(response.headers.get('x-app')).toBe('yes');
  let text = '';
  for await (const piece of response.body ?? []) {
    text += Buffer.from(piece).toString();
    if (text === 'data: 1\n\n') writeFileSync(gate, '');
  }
  expect(text).toBe('data: 1\n\ndata: 2\n\n: $stream end\n\n');
});

test('a stream that fails tells its reader so, and is cut', async () => {
  const url = lambda.serve(`
    export const handler = webHandler({ fetch: () => new Response(new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('data: 1\\n\\n'));
        setTimeout(() => controller.error(new Error('secret')), 20);
      },
    }), { headers: { 'content-type': 'text/event-stream' } }) });`);
  const response = await fetch(url);
  let text = '';
  const reading = (async () => {
    for await (const piece of response.body ?? []) text += Buffer.from(piece).toString();
  })();
  await expect(reading).rejects.toThrow('terminated');
  expect(text).toMatch(/^data: 1\n\n\n\nevent: error\ndata: \{"type":"error","errorText":"[^\n]+\n\n$/);
  expect(text).not.toContain('secret');
});

test('a 500 is read whole, the app’s own and that of a crash before the first byte, which the log tells of', async () => {
  const url = lambda.serve(`
    const started = crypto.randomUUID();
    const ROUTES = {
      '/own': () => new Response('sorry', { status: 500 }),
      '/throws': () => { throw new Error('secret of the app'); },
      '/started': () => new Response(started),
      '/exits': () => process.exit(1),
    };
    export const handler = webHandler((request) => ROUTES[new URL(request.url).pathname]());`);
  const get = async (path: string) => {
    const response = await fetch(url + path);
    return [response.status, await response.text()];
  };
  const [, started] = await get('/started');
  expect(await get('/own')).toEqual([500, 'sorry']);
  expect(await get('/throws')).toEqual([500, 'The function failed']);
  // Neither ends the execution environment.
  expect(await get('/started')).toEqual([200, started]);
  const log = lambda.logs.map(({ message }) => message).join('\n');
  expect(log).toMatch(/Invoke Error.*secret of the app/s);
  // The platform's own words.
  expect(await get('/exits')).toEqual([502, 'Internal Server Error']);
});
