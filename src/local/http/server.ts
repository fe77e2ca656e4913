/** The one HTTP server of the local target: loopback only, a router, and an end that leaves no connection behind. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerOptions, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { foreignHost, unknownOperation } from '../errors';
import { LocalConfigError } from '../local-error';
import { writeErrorResponse } from './error-response';

/** A part of the local HTTP server. */
export interface HttpRoute {
  /** Whether this route answers the request; decided from method, path and `Host` only. */
  matches(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/** Milliseconds a request may take to arrive; the largest one has 6 MB. Lambda's own limit is not known. */
export const REQUEST_TIMEOUT_MS = 60_000;

export interface HttpServer {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Lets the process end although the server still listens. */
  unref(): void;
  /** Closes the port and every open connection. */
  stop(): Promise<void>;
}

/**
 * Serves `routes` on 127.0.0.1; the first that matches answers.
 * @param port 0 for any free one
 * @param requestTimeoutMs how long a request may take to arrive
 */
export async function startHttpServer(
  routes: readonly HttpRoute[],
  port = 0,
  requestTimeoutMs = REQUEST_TIMEOUT_MS,
): Promise<HttpServer> {
  const server = createServer(requestLimits(requestTimeoutMs), (request, response) =>
    dispatch(routes, request, response),
  );
  // A client that keeps a connection must not meet a closed one.
  server.keepAliveTimeout = 0;
  // Only the server itself may keep the process alive: a client of this process keeps its connections, too.
  server.on('connection', (socket) => socket.unref());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? portTaken(port, error) : error),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    port: bound,
    url: `http://127.0.0.1:${bound}`,
    unref: () => server.unref(),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const portTaken = (port: number, cause: Error): LocalConfigError =>
  new LocalConfigError(`port ${port} of 127.0.0.1 is in use; give another one, or 0 for any free one`, { cause });

/** Bytes of request line and headers: more than API Gateway and CloudFront take, so that their own refusals are seen. */
const HEAD_MAX_BYTES = 32_768;

/** For the request, body included; a response may take its 15 minutes. Node.js looks at intervals. */
export function requestLimits(
  ms: number,
): Pick<ServerOptions, 'connectionsCheckingInterval' | 'maxHeaderSize' | 'requestTimeout'> {
  return { requestTimeout: ms, connectionsCheckingInterval: Math.ceil(ms / 12), maxHeaderSize: HEAD_MAX_BYTES };
}

/** A page of another site could reach loopback by a name of its own (DNS rebinding); AWS's hosts are never loopback. */
const LOOPBACK = /^(127\.0\.0\.1|\[::1\]|([a-z0-9_-]+\.)*localhost)(:\d+)?$/i;

/** Hands a request to the first route that matches, if it came by a name of loopback. */
export function dispatch(routes: readonly HttpRoute[], request: IncomingMessage, response: ServerResponse): void {
  const host = hostsOf(request).join(', ');
  if (!LOOPBACK.test(host)) {
    request.resume();
    writeErrorResponse(response, foreignHost(host), randomUUID());
    return;
  }
  const route = routes.find((candidate) => candidate.matches(request));
  if (route === undefined) refuse(request, response);
  else route.handle(request, response);
}

/** Whoever sends two hopes that one is checked and the other believed. */
function hostsOf({ headers, rawHeaders }: IncomingMessage): readonly string[] {
  const authority = headers[':authority'];
  if (authority !== undefined) return [...new Set([authority, headers.host ?? authority].flat())];
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'host');
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  const [path = '/'] = (request.url ?? '/').split('?');
  writeErrorResponse(response, unknownOperation(request.method ?? '', path), randomUUID());
}
