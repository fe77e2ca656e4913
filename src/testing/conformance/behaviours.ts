/**
 * What the app of the acceptance table does, by path, said once for fetch functions and Node.js listeners. Every other
 * path answers with the request as the app sees it.
 */

/** A request, as far as both kinds of app can see it. */
export interface SeenRequest {
  readonly method: string;
  /** As in the URL, encoded. */
  readonly path: string;
  /** With its question mark; empty where there is none. */
  readonly query: string;
  readonly host: string;
  readonly protocol: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export type Piece = string | Uint8Array;

export interface Reply {
  /** @default 200 */
  readonly status?: number;
  /** A name may come twice. */
  readonly headers?: readonly (readonly [string, string])[];
  /** @default null */
  readonly body?: null | Piece | AsyncIterable<Piece>;
}

/** What the echo of every other path holds. */
export interface Echo extends Omit<SeenRequest, 'body'> {
  /** Base64. */
  readonly body: string;
}

const EVENTS: readonly (readonly [string, string])[] = [['content-type', 'text/event-stream']];
const TEXT: readonly (readonly [string, string])[] = [['content-type', 'text/plain; charset=utf-8']];

/** All bytes, none of which a conversion to text and back survives. */
export const BINARY = Uint8Array.from({ length: 256 }, (_, at) => at);
export const LONG_TEXT = 'é'.repeat(40_000);
export const BIG_PIECES = 512;
export const BIG_PIECE_BYTES = 65_536;

async function* piecesOf(...pieces: Piece[]): AsyncGenerator<Piece> {
  yield* pieces;
}

/** The first piece at once, the others when the file that the query names exists. */
async function* gated(query: string, ...[first = '', ...rest]: Piece[]): AsyncGenerator<Piece> {
  yield first;
  await gateOf(query);
  yield* rest;
}

async function* afterGate(query: string, ...pieces: Piece[]): AsyncGenerator<Piece> {
  await gateOf(query);
  yield* pieces;
}

async function gateOf(query: string): Promise<void> {
  const { existsSync } = await import('node:fs');
  const gate = new URLSearchParams(query).get('gate') ?? '';
  while (!existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Writes down how far it came, so that somebody who does not read can see it. */
async function* counted(query: string): AsyncGenerator<Piece> {
  const { writeFileSync } = await import('node:fs');
  const file = new URLSearchParams(query).get('count');
  for (let at = 0; at < BIG_PIECES; at++) {
    if (file !== null) writeFileSync(file, String(at));
    yield new Uint8Array(BIG_PIECE_BYTES).fill(at % 256);
  }
}

async function* failing(...pieces: Piece[]): AsyncGenerator<Piece> {
  yield* pieces;
  // What was written is to be on its way first, as it is where a model or a database fails later.
  await new Promise((resolve) => setTimeout(resolve, 20));
  throw new Error('secret');
}

async function* late(...pieces: Piece[]): AsyncGenerator<Piece> {
  for (const piece of pieces) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    yield piece;
  }
}

async function* mixed(): AsyncGenerator<Piece> {
  for (let at = 0; at < 8; at++) {
    yield '<p>shell</p>';
    yield new Uint8Array(BIG_PIECE_BYTES).fill(46);
  }
}

async function* never(): AsyncGenerator<Piece> {
  yield 'data: 1\n\n';
  await new Promise(() => undefined);
}

/** By path. A behaviour that throws is an app that throws before it answers. */
const BEHAVIOURS: Readonly<Record<string, (request: SeenRequest) => Reply | Promise<Reply>>> = {
  '/is/redirect': () => ({ status: 302, headers: [['location', '/next']] }),
  '/is/redirect-empty-text': () => ({ status: 301, headers: [['location', '/next']], body: '' }),
  '/is/empty-text': () => ({ headers: [['x-app', 'yes']], body: '' }),
  '/is/empty-stream': () => ({ headers: [['x-app', 'yes']], body: piecesOf() }),
  '/is/null': () => ({ headers: [['x-app', 'yes']] }),
  '/is/unmodified': () => ({ status: 304, headers: [['etag', '"1"']] }),
  '/is/cookies': () => ({
    headers: [
      ['set-cookie', 'a=1; Path=/'],
      ['set-cookie', 'b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT'],
    ],
    body: 'x',
  }),
  '/is/cookies-in-a-stream': () => ({
    headers: [...EVENTS, ['set-cookie', 'a=1'], ['set-cookie', 'b=2']],
    body: piecesOf('data: 1\n\n'),
  }),
  '/is/typed': () => ({ headers: [['content-type', 'text/csv; charset=utf-8']], body: 'a,b\n' }),
  '/is/encoded': () => ({
    headers: [
      ['content-type', 'text/html'],
      ['content-encoding', 'gzip'],
    ],
    body: BINARY,
  }),
  '/is/binary': () => ({ headers: [['content-type', 'application/octet-stream']], body: BINARY }),
  '/is/framed': () => ({ headers: [...TEXT, ['transfer-encoding', 'chunked']], body: piecesOf('one', 'two') }),
  '/is/line-breaks': () => ({ headers: TEXT, body: late('\n', '\n', '\r\n', '0\r\n\r\n') }),
  '/is/gated': ({ query }) => ({ headers: TEXT, body: gated(query, 'first', 'second') }),
  '/is/gated-head': ({ query }) => ({ headers: EVENTS, body: afterGate(query, 'data: 1\n\n') }),
  '/is/big': ({ query }) => ({ body: counted(query) }),
  '/is/mixed': () => ({ headers: [['content-type', 'text/html']], body: mixed() }),
  '/is/failing': () => ({ headers: TEXT, body: failing('half') }),
  '/is/failing-events': () => ({ headers: EVENTS, body: failing('data: 1\n\n', 'data: {"half":') }),
  '/is/throwing': () => {
    throw new Error('secret');
  },
  '/is/late': () => ({ headers: TEXT, body: late('one', 'two', 'three') }),
  '/is/long-text': () => ({ headers: TEXT, body: LONG_TEXT }),
  '/is/endless': () => ({ headers: EVENTS, body: never() }),
  '/is/refused': () => ({ status: 405, headers: [['allow', 'POST']], body: 'Method Not Allowed' }),
  '/is/rpc': ({ body }) => {
    const { id } = JSON.parse(new TextDecoder().decode(body));
    return {
      headers: EVENTS,
      body: late(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', id, result: {} })}\n\n`),
    };
  },
  '/is/long-head': () => ({ headers: [['x-long', 'x'.repeat(17_000)]], body: 'x' }),
  '/is/keeping-open': async () => {
    const { createServer } = await import('node:net');
    await new Promise<void>((resolve) => createServer().listen(0, '127.0.0.1', resolve));
    return { headers: TEXT, body: 'open' };
  },
};

/** The reply to `request`. */
export async function replyTo(request: SeenRequest): Promise<Reply> {
  const behaviour = BEHAVIOURS[request.path];
  if (behaviour) return behaviour(request);
  const echo: Echo = { ...request, body: Buffer.from(request.body).toString('base64') };
  return { headers: [['content-type', 'application/json']], body: JSON.stringify(echo) };
}
