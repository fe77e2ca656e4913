/** The app of the acceptance table as a fetch function, to be wrapped by the adapter under test. */
import { type Piece, type Reply, replyTo, type SeenRequest } from './behaviours';

/** Paths of its own, for what only a fetch function can do. */
const OWN: Readonly<Record<string, () => Response | Promise<Response>>> = {
  // The answer of another Lambda adapter, where two are wrapped around each other.
  '/is/proxy-answer': () => ({ statusCode: 200, headers: {}, body: 'x' }) as unknown as Response,
  '/is/node-stream': async () => {
    const { Readable } = await import('node:stream');
    return new Response(Readable.from([Buffer.from('one'), Buffer.from('two')]) as unknown as ReadableStream);
  },
};

/** `export const handler = yourAdapter(conformanceApp)`, then run the acceptance table against that file. */
export async function conformanceApp(request: Request): Promise<Response> {
  const { pathname, search, host, protocol } = new URL(request.url);
  const own = OWN[pathname];
  if (own) return own();
  const seen: SeenRequest = {
    method: request.method,
    path: pathname,
    query: search || (request.url.endsWith('?') ? '?' : ''),
    host,
    protocol,
    headers: Object.fromEntries(request.headers),
    body: new Uint8Array(await request.arrayBuffer()),
  };
  return responseOf(await replyTo(seen));
}

function responseOf({ status = 200, headers = [], body = null }: Reply): Response {
  const given = new Headers();
  for (const [name, value] of headers) given.append(name, value);
  const isStream = typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
  return new Response(isStream ? streamOf(body) : body, { status, headers: given });
}

function streamOf(pieces: AsyncIterable<Piece>): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(typeof value === 'string' ? new TextEncoder().encode(value) : value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}
