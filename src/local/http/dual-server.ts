/**
 * A loopback server that speaks HTTP/1.1 and HTTP/2 without TLS on one port: some SDK clients, such as Bedrock's, speak
 * HTTP/2 only. Told apart by the connection preface (https://www.rfc-editor.org/rfc/rfc9113#section-3.4).
 */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { dispatch, type HttpRoute, type HttpServer } from './server';

const PREFACE = Buffer.from('PRI * HTTP/2.0');

/** Serves `routes` on any free port of 127.0.0.1; the first that matches answers. */
export async function startDualServer(routes: readonly HttpRoute[]): Promise<HttpServer> {
  const http1 = createHttpServer((request, response) => dispatch(routes, request, response));
  http1.keepAliveTimeout = 0;
  // The compatibility API of node:http2 has the members that routes use.
  const http2 = createHttp2Server((request, response) =>
    dispatch(routes, request as unknown as IncomingMessage, response as unknown as ServerResponse),
  );
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A client that breaks off before it has said anything.
    socket.on('error', () => socket.destroy());
    socket.once('data', (first) => {
      socket.pause();
      socket.unshift(first);
      const bytes = Buffer.from(first as Uint8Array);
      const isHttp2 = bytes.subarray(0, PREFACE.length).equals(PREFACE.subarray(0, bytes.length));
      (isHttp2 ? http2 : http1).emit('connection', socket);
      // A session of HTTP/2 reads what is buffered by itself.
      if (!isHttp2) socket.resume();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    unref: () => server.unref(),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
