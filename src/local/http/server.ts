/** The one HTTP server of the local target: loopback only, a router, and an end that leaves no connection behind. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { unknownOperation } from '../errors';
import { writeErrorResponse } from './error-response';

/** A part of the local HTTP server. */
export interface HttpRoute {
  /** Whether this route answers the request; decided from method, path and `Host` only. */
  matches(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

export interface HttpServer {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Closes the port and every open connection. */
  stop(): Promise<void>;
}

/**
 * Serves `routes` on 127.0.0.1; the first that matches answers.
 * @param port 0 for any free one
 */
export async function startHttpServer(routes: readonly HttpRoute[], port = 0): Promise<HttpServer> {
  const server = createServer((request, response) => dispatch(routes, request, response));
  // Streams last up to 15 minutes, and a client that keeps a connection must not meet a closed one.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    port: bound,
    url: `http://127.0.0.1:${bound}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function dispatch(routes: readonly HttpRoute[], request: IncomingMessage, response: ServerResponse): void {
  const route = routes.find((candidate) => candidate.matches(request));
  if (route === undefined) refuse(request, response);
  else route.handle(request, response);
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  const [path = '/'] = (request.url ?? '/').split('?');
  writeErrorResponse(response, unknownOperation(request.method ?? '', path), randomUUID());
}
