/** The app of the acceptance table as a listener of Node.js, to be wrapped by the adapter under test. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Reply, replyTo } from './behaviours';

/** `export const handler = yourAdapter(conformanceListener)`; also a middleware of Express. */
export async function conformanceListener(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  const { method = '', url = '', headers, socket } = request;
  const at = url.indexOf('?');
  const reply = await replyTo({
    method,
    path: at < 0 ? url : url.slice(0, at),
    query: at < 0 ? '' : url.slice(at),
    host: headers.host ?? '',
    protocol: 'encrypted' in socket && socket.encrypted ? 'https:' : 'http:',
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    body: Buffer.concat(pieces),
  });
  await send(reply, response);
}

async function send({ status = 200, headers = [], body = null }: Reply, response: ServerResponse): Promise<void> {
  response.statusCode = status;
  for (const [name, value] of headers) response.appendHeader(name, value);
  if (body === null || typeof body === 'string' || body instanceof Uint8Array) {
    response.end(body ?? undefined);
    return;
  }
  response.flushHeaders();
  try {
    for await (const piece of body) {
      if (!response.write(piece))
        await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
      if (response.destroyed) return;
    }
    response.end();
  } catch (error) {
    response.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}
