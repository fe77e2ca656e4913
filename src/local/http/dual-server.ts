/**
 * A loopback server that speaks HTTP/1.1 and HTTP/2 without TLS on one port: some SDK clients, such as Bedrock's, speak
 * HTTP/2 only. Told apart by the connection preface (https://www.rfc-editor.org/rfc/rfc9113#section-3.4).
 */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { constants, createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { dispatch, type HttpRoute, type HttpServer, REQUEST_TIMEOUT_MS, requestLimits } from './server';

const PREFACE = Buffer.from('PRI * HTTP/2.0');

/**
 * Serves `routes` on any free port of 127.0.0.1; the first that matches answers.
 * @param requestTimeoutMs how long a request may take to arrive; over HTTP/2, its body
 */
export async function startDualServer(
  routes: readonly HttpRoute[],
  requestTimeoutMs = REQUEST_TIMEOUT_MS,
): Promise<HttpServer> {
  // It listens itself, as Node.js watches the requests of no other server.
  const server = createHttpServer(requestLimits(requestTimeoutMs), (request, response) =>
    dispatch(routes, request, response),
  );
  server.keepAliveTimeout = 0;
  const serveHttp1 = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  // The compatibility API of node:http2 has the members that routes use.
  const http2 = createHttp2Server((request, response) => {
    limitArrival(request.stream, requestTimeoutMs);
    dispatch(routes, request as unknown as IncomingMessage, response as unknown as ServerResponse);
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    socket.unref();
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A client that breaks off before it has said anything.
    socket.on('error', () => socket.destroy());
    const endSilence = () => socket.destroy();
    socket.setTimeout(requestTimeoutMs, endSilence);
    // It would stay half open: neither server knows of it yet.
    socket.once('end', endSilence);
    let bytes = Buffer.alloc(0);
    socket.on('data', function tellApart(next: Buffer) {
      bytes = Buffer.concat([bytes, next]);
      const mayBeHttp2 = bytes.subarray(0, PREFACE.length).equals(PREFACE.subarray(0, bytes.length));
      // The first byte of a POST is that of the preface as well.
      if (mayBeHttp2 && bytes.length < PREFACE.length) return;
      socket.off('data', tellApart);
      socket.off('end', endSilence);
      socket.setTimeout(0, endSilence);
      socket.pause();
      socket.unshift(bytes);
      if (mayBeHttp2) {
        // A session of HTTP/2 reads what is buffered by itself.
        http2.emit('connection', socket);
        return;
      }
      for (const serve of serveHttp1) serve.call(server, socket);
      socket.resume();
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

/** Breaks off a request whose client has not sent it whole in time; one that its handler does not read may wait. */
function limitArrival(stream: ServerHttp2Stream, ms: number): void {
  const timer = setTimeout(() => {
    const hasArrived = stream.state.state === constants.NGHTTP2_STREAM_STATE_HALF_CLOSED_REMOTE;
    if (!hasArrived && stream.readableLength === 0) stream.close(constants.NGHTTP2_CANCEL);
  }, ms);
  timer.unref();
  stream.once('close', () => clearTimeout(timer));
}
