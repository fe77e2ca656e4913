/**
 * The acceptance table: what adapters of web apps to Lambda got wrong, and what is right. Each row names a report it
 * comes from; `measured` is what today's versions were seen to do.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { BIG_PIECE_BYTES, BIG_PIECES, BINARY, LONG_TEXT } from './behaviours';
import { type JsonEvent, loadBalancer, payload1, payload2 } from './events';
import { differenceOf, type Expected } from './expected';
import type { Subject } from './subject';

/** What the rows run against. */
export interface Bench {
  readonly handler: Subject;
  /** The handler with a timeout of two seconds. */
  readonly hasty: Subject;
  /** The handler behind a wrapper that hands on all arguments, but not the mark of a streaming handler. */
  readonly closure: Subject;
  /** The same with `bind`. */
  readonly bound: Subject;
  /** The same with event and context only. */
  readonly twoArguments: Subject;
  /** A path where there is no file yet. */
  newFile(): string;
}

export interface Row {
  readonly id: number;
  readonly name: string;
  readonly seen: string;
  /** The kind of app it is for. @default - both */
  readonly only?: 'fetch' | 'node';
  /** What is wrong; undefined where all is right. */
  run(bench: Bench): Promise<string | undefined>;
}

type Details = Pick<Row, 'only'> & { readonly on?: Exclude<keyof Bench, 'newFile'> };

/** A row of one event and what has to come of it. */
function row(id: number, name: string, seen: string, event: JsonEvent, expected: Expected, details: Details = {}): Row {
  const { on = 'handler', only } = details;
  return { id, name, seen, only, run: async (bench) => differenceOf(await bench[on].invoke(event), expected) };
}

const REDIRECT: Expected = { status: 302, headers: { location: '/next' }, body: '' };
const JSON_TYPE = { 'content-type': 'application/json' };

const post = (path: string, body: string | Uint8Array, changes: JsonEvent = {}): JsonEvent =>
  payload2(
    path,
    {
      body: typeof body === 'string' ? body : Buffer.from(body).toString('base64'),
      isBase64Encoded: typeof body !== 'string',
      ...changes,
    },
    'POST',
  );

const RESPONSES: readonly Row[] = [
  row(1, 'a redirect without a body ends at once', 'nitro#3345, #4417', payload2('/is/redirect'), REDIRECT),
  row(2, 'a redirect of a REST API', 'srvx#204', payload1('/is/redirect'), REDIRECT),
  row(3, 'a redirect of a load balancer keeps its status', 'hono#2413', loadBalancer('/is/redirect'), {
    ...REDIRECT,
    form: 'proxy',
  }),
  row(4, 'a redirect to HEAD', 'aws-lambda-web-adapter#499', payload2('/is/redirect', {}, 'HEAD'), REDIRECT),
  row(5, 'a redirect with an empty text', 'middy#1189', payload2('/is/redirect-empty-text'), {
    status: 301,
    headers: { location: '/next' },
    body: '',
  }),
  row(6, 'an empty text keeps status and headers', 'ric#97', payload2('/is/empty-text'), {
    status: 200,
    headers: { 'x-app': 'yes' },
    body: '',
  }),
  row(7, 'a stream that closes without a chunk', 'ric#95', payload2('/is/empty-stream'), {
    status: 200,
    headers: { 'x-app': 'yes' },
    body: '',
  }),
  row(8, 'a null body ends', 'powertools#4650', payload2('/is/null'), { status: 200, headers: { 'x-app': 'yes' } }),
  row(9, 'an empty body gets no byte', 'opennextjs-aws#443', payload2('/is/null'), { status: 200, body: '' }),
  row(10, '304 stays, without a body', 'opennextjs-aws#632', payload2('/is/unmodified'), {
    status: 304,
    headers: { etag: '"1"' },
    body: '',
  }),
  row(11, 'two cookies are two', 'hono#2921, trpc#4546, sveltekit-adapter-aws#604', payload2('/is/cookies'), {
    cookies: ['a=1; Path=/', 'b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT'],
    body: 'x',
  }),
  row(12, 'cookies of a stream', 'nitro#3228, TanStack/router#3796', payload2('/is/cookies-in-a-stream'), {
    cookies: ['a=1', 'b=2'],
    body: /^data: 1\n\n/,
  }),
  row(13, 'cookies are not in the headers too', 'srvx#239', payload2('/is/cookies'), {
    headers: { 'set-cookie': null },
  }),
  row(14, 'a content type is as it was set', 'hono#1672', payload2('/is/typed'), {
    headers: { 'content-type': 'text/csv; charset=utf-8' },
    body: 'a,b\n',
  }),
  row(15, 'an encoded text is not decoded', 'srvx#239, hono#1294, aws-lambda-fastify#117', payload2('/is/encoded'), {
    headers: { 'content-encoding': 'gzip' },
    body: BINARY,
  }),
  row(16, 'bytes stay bytes', 'hono#1160, sveltejs/kit#4174', payload2('/is/binary'), { body: BINARY }),
];

const REQUESTS: readonly Row[] = [
  row(17, 'a base64 body keeps its bytes', 'sst#6275, hono#1235', post('/echo', BINARY), {
    echo: { method: 'POST', body: Buffer.from(BINARY).toString('base64') },
  }),
  row(
    18,
    'cookies of payload 2.0 are one header',
    'aws-lambda-fastify#50, nuxt/framework#3136, hattip#159',
    payload2('/echo', { cookies: ['a=1', 'b=2'] }),
    { echo: { header: { cookie: 'a=1; b=2' } } },
  ),
  row(
    19,
    'a repeated header of a REST API',
    'srvx#239',
    payload1('/echo', { headers: { 'X-Tag': 'b' }, multiValueHeaders: { 'X-Tag': ['a', 'b'] } }),
    { echo: { header: { 'x-tag': 'a, b' } } },
  ),
  row(
    20,
    'a header in both maps is there once',
    'trpc#7039',
    payload1('/echo', { headers: { 'Trpc-Accept': 'x' }, multiValueHeaders: { 'Trpc-Accept': ['x'] } }),
    { echo: { header: { 'trpc-accept': 'x' } } },
  ),
  row(
    21,
    'a repeated header of a load balancer',
    'serverless-express#554',
    loadBalancer('/echo', { headers: undefined, multiValueHeaders: { host: ['h'], 'x-tag': ['a', 'b'] } }),
    { echo: { header: { 'x-tag': 'a, b' } } },
  ),
  row(
    22,
    'a load balancer with multi-value headers',
    'measured',
    loadBalancer('/echo', {
      headers: undefined,
      queryStringParameters: undefined,
      multiValueHeaders: { host: ['h'] },
      multiValueQueryStringParameters: { a: ['1', '2'] },
    }),
    { status: 200, form: 'proxy', echo: { host: 'h', query: '?a=1&a=2' } },
  ),
  row(
    23,
    'a REST API without headers, query and body',
    'measured',
    payload1('/echo', { headers: null, multiValueHeaders: null }),
    { status: 200, echo: { path: '/echo', query: '' } },
  ),
  row(
    24,
    'a query of a load balancer is encoded once',
    'serverless-express#219, serverless-http#74',
    loadBalancer('/echo', { queryStringParameters: { q: 'a%20b' } }),
    { echo: { query: '?q=a%20b' } },
  ),
  row(
    25,
    'a query of a REST API is encoded again',
    'hono#4358',
    payload1('/echo', { multiValueQueryStringParameters: { '{bookId}': ['a b'] } }),
    { echo: { query: '?%7BbookId%7D=a%20b' } },
  ),
  row(
    26,
    'a query name without a value',
    'srvx#299',
    payload1('/echo', { queryStringParameters: { foo: '' }, multiValueQueryStringParameters: { foo: [''] } }),
    { echo: { query: '?foo' } },
  ),
  row(27, 'a query is as it was sent', 'aws-lambda-web-adapter#491', payload2('/echo?q=a+b&d=%zz'), {
    echo: { query: '?q=a+b&d=%zz' },
  }),
  row(
    28,
    'a path that was decoded is encoded again',
    'hono#2156, standard-server#93',
    payload2('/echo', { rawPath: '/a#b?c d/é/100%/%2F' }),
    { echo: { path: '/a%23b%3Fc%20d/%C3%A9/100%25/%2F', query: '' } },
  ),
  row(29, 'a stage in the path is not guessed', 'serverless-express#86, serverless-http#35', payload2('/prod/echo'), {
    echo: { path: '/prod/echo' },
  }),
  row(30, 'a body of GET is dropped', 'measured', payload2('/echo', { body: 'x' }), { echo: { body: '' } }),
  row(
    31,
    'a header beyond Latin-1 is served',
    'measured',
    payload2('/echo', { headers: { host: 'h', 'x-name': 'Ł' } }),
    { status: 200, echo: { header: { 'x-name': /%C5%81/ } } },
  ),
  row(
    32,
    'a request without a host',
    'measured',
    payload1('/echo', { headers: null, multiValueHeaders: null, requestContext: { httpMethod: 'GET' } }),
    {
      status: 200,
      echo: { host: /^(?!undefined)/ },
    },
  ),
  row(33, 'a load balancer over http', 'measured', loadBalancer('/echo'), { echo: { protocol: 'http:' } }),
];

const STREAMS: readonly Row[] = [
  row(
    34,
    'the framing is no header and not in the body',
    'serverless-http#142, serverless-express#10',
    payload2('/is/framed'),
    {
      headers: { 'transfer-encoding': null, connection: null },
      body: 'onetwo',
    },
  ),
  row(35, 'line breaks alone arrive', 'serverless-adapter#260', payload2('/is/line-breaks'), {
    body: '\n\n\r\n0\r\n\r\n',
  }),
  {
    id: 36,
    name: 'a small piece is sent while the next one takes its time',
    seen: 'serverless-adapter#166, ric#94',
    run: async ({ handler, newFile }) => {
      const gate = newFile();
      const event = payload2(`/is/gated?gate=${gate}`);
      // The second piece comes only after the first was seen.
      const seen = await handler.invoke(event, { onBody: (body) => `${body}` === 'first' && writeFileSync(gate, '') });
      return differenceOf(seen, { body: 'firstsecond' });
    },
  },
  {
    id: 37,
    name: 'a slow client holds the app back',
    seen: 'hono#5333',
    run: async ({ handler, newFile }) => {
      const count = newFile();
      let held = BIG_PIECES;
      const seen = await handler.invoke(payload2(`/is/big?count=${count}`), {
        beforeReading: async () => {
          held = await settledCount(count);
        },
      });
      if (held >= BIG_PIECES / 2) return `the app should wait for its reader, but went on to piece ${held}`;
      return seen.body.length === BIG_PIECES * BIG_PIECE_BYTES ? undefined : `${seen.body.length} bytes arrived`;
    },
  },
  {
    id: 38,
    name: 'a connection that closes ends the wait for it',
    seen: 'srvx#300',
    run: async ({ handler, newFile }) => {
      const count = newFile();
      const seen = await handler.invoke(payload2(`/is/big?count=${count}`), {
        beforeReading: async (cut) => {
          await settledCount(count);
          cut();
        },
      });
      const { failure } = seen;
      return failure && failure.origin !== 'timeout'
        ? undefined
        : `the invocation should fail at once, got ${failure?.errorType}`;
    },
  },
  row(39, 'all of a big body arrives', 'hono#5333', payload2('/is/big'), {
    body: Buffer.concat(Array.from({ length: BIG_PIECES }, (_, at) => Buffer.alloc(BIG_PIECE_BYTES, at % 256))),
  }),
  row(40, 'small and big pieces, as a server renders them', 'opennextjs-aws#395', payload2('/is/mixed'), {
    body: `<p>shell</p>${'.'.repeat(BIG_PIECE_BYTES)}`.repeat(8),
  }),
  row(41, 'an error in the middle is no end', 'measured', payload2('/is/failing'), {
    status: 200,
    body: 'half',
    fails: true,
  }),
  row(42, 'an error in the middle of events is told, and ends at once', 'measured', payload2('/is/failing-events'), {
    status: 200,
    body: /^data: 1\n\ndata: \{"half":\n\nevent: error\ndata: \{(?!.*secret).*\}\n\n$/,
    fails: true,
  }),
  {
    id: 43,
    name: 'an error in the middle counts as a failed invocation',
    seen: 'hono (its handler catches and does not throw again)',
    run: async ({ handler }) => {
      const { failure } = await handler.invoke(payload2('/is/failing'));
      return failure?.message === 'secret' ? undefined : `the failure should be the app's, got ${failure?.message}`;
    },
  },
  {
    id: 44,
    name: 'an error before the head is status 500, once',
    seen: 'aws-lambda-web-adapter#575',
    run: async ({ handler }) => {
      const failed = await handler.invoke(payload2('/is/throwing'));
      const next = await handler.invoke(payload2('/echo'));
      return (
        differenceOf(failed, { status: 500, fails: true }) ??
        differenceOf(next, { status: 200 }) ??
        // An environment that was ended by the error would have to load the function again.
        (/INIT_START|Init Duration/.test(next.log) ? 'the execution environment was lost' : undefined)
      );
    },
  },
  row(45, 'an error tells the client nothing of itself', 'measured', payload2('/is/throwing'), {
    status: 500,
    body: /^(?!.*secret)/s,
    fails: true,
  }),
  row(46, 'what is written after the app returned', 'serverless-adapter#220', payload2('/is/late'), {
    body: 'onetwothree',
  }),
  row(47, 'an open socket does not hold the end', 'opennextjs-aws#487, upstash#91', payload2('/is/keeping-open'), {
    body: 'open',
  }),
  row(
    48,
    'a stream of Node.js as a body',
    'nitro#3358, powertools#4626, middy#1053',
    payload2('/is/node-stream'),
    { body: 'onetwo' },
    { only: 'fetch' },
  ),
  row(
    49,
    'nothing is compressed that the app did not compress',
    'ric#96, opennextjs-aws#1127',
    payload2('/is/long-text', { headers: { host: 'h', 'accept-encoding': 'gzip, br' } }),
    { headers: { 'content-encoding': null }, body: LONG_TEXT },
  ),
  row(50, 'a long text', 'middy#1137', payload2('/is/long-text'), { body: LONG_TEXT }),
];

const DROPPED: Expected = {
  status: 200,
  form: 'proxy',
  headers: JSON_TYPE,
  echo: { path: '/echo' },
  log: /keepStreaming|wrapper/,
};

const SURROUNDINGS: readonly Row[] = [
  row(51, 'a wrapper without the mark is named', 'sentry-javascript#12815, #15774', payload2('/echo'), DROPPED, {
    on: 'closure',
  }),
  row(52, 'a bound handler', 'opentelemetry-js-contrib#2827', payload2('/echo'), DROPPED, { on: 'bound' }),
  row(53, 'a wrapper of event and context', 'lumigo-node#511, node-newrelic#1653', payload2('/echo'), DROPPED, {
    on: 'twoArguments',
  }),
  {
    id: 54,
    name: 'an adapter inside the adapter is named',
    seen: 'ion#559',
    only: 'fetch',
    run: async ({ handler }) => {
      const seen = await handler.invoke(payload2('/is/proxy-answer'));
      const problem = differenceOf(seen, { status: 500, fails: true });
      const { message = '' } = seen.failure ?? {};
      return (
        problem ?? (/adapter/.test(message) ? undefined : `the error should name the other adapter, got ${message}`)
      );
    },
  },
  row(55, 'a refusal of the app passes', 'colophon-group/jobseek#8656', payload2('/is/refused'), {
    status: 405,
    headers: { allow: 'POST' },
  }),
  row(
    56,
    'JSON-RPC answered by events',
    'modelcontextprotocol/typescript-sdk#2409',
    post('/is/rpc', '{"jsonrpc":"2.0","id":7,"method":"ping"}'),
    {
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      body: /^event: message\ndata: \{"jsonrpc":"2.0","id":7,"result":\{\}\}\n\n/,
    },
  ),
  {
    id: 57,
    name: 'the deadline, and nothing else, ends an endless response',
    seen: 'ric#145',
    run: async ({ hasty }) => {
      const seen = await hasty.invoke(payload2('/is/endless'));
      const problem = differenceOf(seen, { status: 200, body: /^data: 1\n\n(?=.*\nevent: error\n)/s, fails: true });
      return problem ?? (seen.failure?.origin === 'timeout' ? 'the function timed out' : undefined);
    },
  },
  {
    id: 58,
    name: 'the head comes first, and before the body',
    seen: 'sveltekit-adapter-aws#540',
    run: async ({ handler, newFile }) => {
      const gate = newFile();
      const event = payload2(`/is/gated-head?gate=${gate}`);
      // The body begins only after the head was seen.
      const opened = { onBody: (body: Buffer) => body.length === 0 && writeFileSync(gate, '') };
      return differenceOf(await handler.invoke(event, opened), { form: 'stream', status: 200, body: /^data: 1\n\n/ });
    },
  },
  {
    id: 59,
    name: 'a function URL and a REST API get the same',
    seen: 'opennextjs-aws#1181',
    run: async ({ handler }) => {
      const [url, rest] = [await handler.invoke(payload2('/is/framed')), await handler.invoke(payload1('/is/framed'))];
      const { head, form } = url;
      return differenceOf(rest, { status: head?.statusCode, headers: head?.headers, form, body: url.body });
    },
  },
  row(60, 'a head that is too long is refused with a reason', 'measured', payload2('/is/long-head'), {
    status: 500,
    fails: true,
    log: /prelude has \d+ bytes|16,?384|too long/,
  }),
];

export const ROWS: readonly Row[] = [...RESPONSES, ...REQUESTS, ...STREAMS, ...SURROUNDINGS];

/** The number in the file once it grows no more. */
async function settledCount(file: string): Promise<number> {
  let last = -1;
  for (let same = 0; same < 10; ) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const now = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    same = now === last && now > 0 ? same + 1 : 0;
    last = now;
  }
  return last;
}
