/** A contract served from inside a fetch app, on AWS's own runtime client, read by the contract's own readers. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import { isStreamError, streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { startWebFunctions, type WebFunctions } from './support/web-function';

const CONTRACTS = {
  ndjson: streamContract({ format: 'ndjson', version: '1' }),
  sse: streamContract({ format: 'sse', version: '1' }),
};

/** One app with a route for each format, and one that is none of a contract. */
const APP = `
  const routes = Object.fromEntries(['ndjson', 'sse'].map((format) => {
    const contract = streamContract({ format, version: '1' });
    const chunk = (n) => format === 'sse' ? { data: String(n) } : { n };
    return ['/' + format, web.contractRoute(streamHandler(contract, async function* ({ to, how }, ctx) {
      if (how === 'teapot') ctx.http({ statusCode: 418, headers: { 'x-kind': 'tea' }, cookies: ['a=1', 'b=2'] });
      if (how === 'early') throw ctx.error('TooEarly', 'come back later', { statusCode: 425 });
      for (let n = 1; n <= to; n++) yield chunk(n);
      if (how === 'late') throw ctx.error('TooLate', 'gone', { data: { at: to } });
      if (how === 'broken') throw new TypeError('unplanned');
      if (how === 'endless') await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
    }))];
  }));
  export const handler = webHandler(async (request, env) => {
    const { pathname, searchParams } = new URL(request.url);
    const route = routes[pathname];
    // As a route of an app is reached: through functions that wait for each other, which read the body late.
    const later = async () => { const response = await route(request, env); await new Promise(setImmediate); return new Response(response.body, response); };
    if (route && searchParams.has('later')) return later();
    return route ? route(request, env) : new Response('not here', { status: 404 });
  });`;

let lambda: WebFunctions;
let url: string;
beforeAll(async () => {
  lambda = await startWebFunctions();
  url = lambda.serve(APP, { timeoutSeconds: 2 });
});
afterAll(() => lambda.stop());

const fetcherOf = (format: keyof typeof CONTRACTS) =>
  streamFetcher(CONTRACTS[format], { url: `${url}/${format}`, sign: 'none', retry: false });

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  const error: unknown = await work.then(() => undefined).catch((thrown) => thrown);
  return isStreamError(error) ? error : undefined;
}

describe.each(['ndjson', 'sse'] as const)('%s', (format) => {
  test('chunks arrive, and the end is one to trust', async () => {
    const stream = await fetcherOf(format).invoke({ to: 3 });
    const { chunks } = await stream.collect();
    expect(chunks).toHaveLength(3);
  });

  test('status, headers and cookies are the handler’s', async () => {
    const stream = await fetcherOf(format).invoke({ to: 1, how: 'teapot' });
    expect(await stream.http).toMatchObject({ statusCode: 418, headers: { 'x-kind': 'tea' }, cookies: ['a=1', 'b=2'] });
    expect((await stream.collect()).chunks).toHaveLength(1);
  });

  test('errors keep their type, before the first chunk and after it', async () => {
    const early = fetcherOf(format).invoke({ to: 0, how: 'early' });
    expect(await failureOf(early.then((stream) => stream.collect()))).toMatchObject({
      code: 'REMOTE',
      errorType: 'TooEarly',
    });
    const late = await fetcherOf(format).invoke({ to: 2, how: 'late' });
    expect(await failureOf(late.collect())).toMatchObject({
      code: 'REMOTE',
      errorType: 'TooLate',
      data: { at: 2 },
      chunks: 2,
    });
  });

  test('an unplanned error is the contract’s, and fails the invocation', async () => {
    const stream = await fetcherOf(format).invoke({ to: 2, how: 'broken' });
    expect(await failureOf(stream.collect())).toMatchObject({ code: 'REMOTE', errorType: 'TypeError', chunks: 2 });
    expect(lambda.logs.map(({ message }) => message).join('\n')).toContain('unplanned');
  });

  test('the deadline is told by the contract’s marker', async () => {
    const stream = await fetcherOf(format).invoke({ to: 1, how: 'endless' });
    expect(await failureOf(stream.collect())).toMatchObject({ code: 'REMOTE', errorType: 'DeadlineExceeded' });
  });
});

test.each([{ to: 0 }, { to: 1 }])(
  'an unplanned error after $to chunks keeps its type through an async route',
  async ({ to }) => {
    const later = streamFetcher(CONTRACTS.ndjson, { url: `${url}/ndjson?later=1`, sign: 'none', retry: false });
    const failure = failureOf(later.invoke({ to, how: 'broken' }).then((stream) => stream.collect()));
    expect(await failure).toMatchObject({ code: 'REMOTE', errorType: 'TypeError' });
  },
);

test('the query is the input of a request without a body', async () => {
  const response = await fetch(`${url}/ndjson?to=2`);
  expect(await response.text()).toBe(
    '{"$stream":{"start":{"version":"1"}}}\n{"n":1}\n{"n":2}\n{"$stream":{"end":{"chunks":2}}}\n',
  );
});

test('the other routes of the app are its own', async () => {
  const response = await fetch(`${url}/else`);
  expect([response.status, await response.text()]).toEqual([404, 'not here']);
});
