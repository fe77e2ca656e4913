/** Wrappers of every kind around streaming handlers, on AWS's own runtime client. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startWebFunctions, type WebFunctions } from './support/web-function';

/** As wrappers do it: with two parameters, with three, by `bind`, as middleware with steps before and after. */
const WRAPPERS = {
  closure: '(inner) => async (...given) => inner(...given)',
  'event and context': '(inner) => async (event, context) => inner(event, context)',
  'three parameters': '(inner) => async (event, context, callback) => inner(event, context, callback)',
  bind: '(inner) => inner.bind(undefined)',
  middleware: `(inner) => async (event, context) => {
    console.log('before');
    try { return (await inner(event, { ...context, extended: true })) ?? 'nothing'; } finally { console.log('after'); }
  }`,
};

const APP = `webHandler((request) => {
  const gate = new URL(request.url).searchParams.get('gate');
  let step = 0;
  return new Response(new ReadableStream({
    async pull(controller) {
      if (step === 1) while (!existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 5));
      if (step === 2) return controller.close();
      controller.enqueue(new TextEncoder().encode('data: ' + ++step + '\\\\n\\\\n'));
    },
  }), { headers: { 'content-type': 'text/event-stream' } });
})`.replaceAll('\\\\', '\\');

let lambda: WebFunctions;
beforeAll(async () => {
  lambda = await startWebFunctions();
});
afterAll(() => lambda.stop());

const serve = (wrapper: string, inner: string) =>
  lambda.serve(`import { existsSync } from 'node:fs'; export const handler = keepStreaming(${wrapper})(${inner});`);

test.each(Object.entries(WRAPPERS))('%s: streams, piece by piece', async (name, wrapper) => {
  const gate = join(lambda.folder, `gate-${name.replaceAll(' ', '-')}`);
  const response = await fetch(`${serve(wrapper, APP)}?gate=${gate}`);
  let text = '';
  for await (const piece of response.body ?? []) {
    text += Buffer.from(piece).toString();
    if (text === 'data: 1\n\n') writeFileSync(gate, '');
  }
  expect(text).toBe('data: 1\n\ndata: 2\n\n: $stream end\n\n');
});

test('a contract’s handler streams too', async () => {
  const inner = `streamHandler(streamContract({ format: 'ndjson' }), async function* () { yield { n: 1 }; })`;
  const response = await fetch(serve(WRAPPERS['event and context'], inner));
  expect(await response.text()).toBe('{"n":1}\n{"$stream":{"end":{"chunks":1}}}\n');
});

test('an error that the wrapper swallows still fails the invocation', async () => {
  const swallowing = `(inner) => async (event, context) => {
    try { return await inner(event, context); } catch { return { statusCode: 200, body: 'all is well' }; }
  }`;
  const response = await fetch(serve(swallowing, `webHandler(() => { throw new Error('broken'); })`));
  expect(response.status).toBe(500);
  expect(lambda.logs.map(({ message }) => message).join('\n')).toContain('broken');
});

test('a wrapper that answers by itself is heard', async () => {
  const guard = `(inner) => async (event, context) =>
    event.headers['x-token'] ? inner(event, context) : { statusCode: 401, headers: { 'x-guard': 'yes' }, body: 'who are you?' }`;
  const url = serve(guard, `webHandler(() => new Response('welcome'))`);
  const refused = await fetch(url);
  expect([refused.status, refused.headers.get('x-guard'), await refused.text()]).toEqual([401, 'yes', 'who are you?']);
  const welcome = await fetch(url, { headers: { 'x-token': '1' } });
  expect([welcome.status, await welcome.text()]).toEqual([200, 'welcome']);
});

test('a wrapper that gives no function is refused when the module loads', async () => {
  const url = serve('() => ({})', `webHandler(() => new Response('x'))`);
  expect((await fetch(url)).status).toBe(502);
  expect(lambda.logs.map(({ message }) => message).join('\n')).toContain(
    'keepStreaming needs a wrapper that gives a handler, got object',
  );
});
