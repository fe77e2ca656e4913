/**
 * The Runtime API of one execution environment, on a loopback port of its own
 * (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html). It knows the protocol, not processes or time.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { merged } from '../../base/merged';
import type { FunctionFailure } from './function-failure';
import { withoutRuntimeFrames } from './runtime-frames';

/** The event as `next` delivers it. */
export interface RuntimeEvent {
  readonly requestId: string;
  readonly payload: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** A response of the function, from its headers on. */
export interface RuntimeResponse {
  readonly streaming: boolean;
  readonly contentType: string;
  /** Ends properly only when the runtime finished it; destroyed otherwise. */
  readonly body: IncomingMessage;
  /** After the end of the body: the middle-stream error the trailers told. */
  failure(): FunctionFailure | undefined;
}

export interface RuntimeListener {
  /** Whether a connection from this port to the API's port comes from the process the API is for. */
  isOwn(peerPort: number, port: number): boolean;
  /** The runtime waits for an event. */
  onNext(): void;
  onResponse(requestId: string, response: RuntimeResponse): void;
  onError(requestId: string, failure: FunctionFailure): void;
  onInitError(failure: FunctionFailure): void;
}

const PREFIX = '/2018-06-01/runtime/';
/** Errors travel in trailers, stack trace included, and Node counts trailers as headers. */
const MAX_TRAILER_BYTES = 1_048_576;
/** A dead process closes its connections; this bounds the wait where something else holds one open. */
const SETTLE_MS = 1_000;
const INVOCATION_PATH = /^invocation\/([^/]+)\/(response|error)$/;

export class RuntimeApi {
  private readonly server: Server;
  private readonly connections = new Set<Socket>();
  private readonly strangers = new WeakSet<Socket>();
  private waiting: ServerResponse | undefined;
  private event: RuntimeEvent | undefined;

  private constructor(private readonly listener: RuntimeListener) {
    this.server = createServer({ maxHeaderSize: MAX_TRAILER_BYTES }, (request, response) =>
      this.route(request, response),
    );
    // A response may stream for 15 minutes; Node's default ends a request after five.
    this.server.requestTimeout = 0;
    this.server.headersTimeout = 0;
    this.server.keepAliveTimeout = 0;
    this.server.on('connection', (socket) => {
      // Asked once per connection: whoever is not the runtime would take its events, or answer in its name.
      if (!listener.isOwn(socket.remotePort ?? 0, socket.localPort ?? 0)) this.strangers.add(socket);
      socket.unref();
      this.connections.add(socket);
      socket.on('close', () => this.connections.delete(socket));
    });
  }

  public static async start(listener: RuntimeListener): Promise<RuntimeApi> {
    const api = new RuntimeApi(listener);
    await new Promise<void>((resolve, reject) => {
      api.server.once('error', reject);
      api.server.listen(0, '127.0.0.1', resolve);
    });
    api.server.unref();
    return api;
  }

  /** `host:port`, for `AWS_LAMBDA_RUNTIME_API`. */
  public get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Hands an event to the runtime, now or as soon as it asks. */
  public deliver(event: RuntimeEvent): void {
    this.event = event;
    this.answerNext();
  }

  /**
   * To be called when the runtime is dead: resolves as soon as everything it sent before can no longer add a response.
   * @param responded whether the one response that matters has begun; its reader may take its time with the rest
   */
  public async settle(responded: () => boolean): Promise<void> {
    // Connections the runtime made in its last moment are accepted in the next turn and read in the one after it.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    const latest = performance.now() + SETTLE_MS;
    while (this.connections.size > 0 && !responded() && performance.now() < latest) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Frees the port; `stop` would cut a response that its reader has not finished. */
  public async finish(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeIdleConnections();
    });
  }

  /** Frees the port and cuts every connection. */
  public stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private route(request: IncomingMessage, response: ServerResponse): void {
    if (this.strangers.has(request.socket) || request.headers.host !== this.address) {
      request.resume();
      answer(response, 403, { errorType: 'Forbidden', errorMessage: 'this Runtime API belongs to another process' });
      return;
    }
    const path = (request.url ?? '').startsWith(PREFIX) ? (request.url ?? '').slice(PREFIX.length) : '';
    const [, requestId, kind] = INVOCATION_PATH.exec(path) ?? [];
    if (request.method === 'GET' && path === 'invocation/next') this.next(response);
    else if (request.method !== 'POST') notFound(request, response);
    else if (path === 'init/error') this.initError(request, response);
    else if (requestId === undefined) notFound(request, response);
    else if (kind === 'error') this.invocationError(requestId, request, response);
    else this.invocationResponse(requestId, request, response);
  }

  private next(response: ServerResponse): void {
    this.waiting = response;
    response.on('close', () => {
      if (this.waiting === response) this.waiting = undefined;
    });
    this.listener.onNext();
    this.answerNext();
  }

  private answerNext(): void {
    if (this.waiting === undefined || this.event === undefined) return;
    const { headers, payload } = this.event;
    const framing = { 'Content-Type': 'application/json', 'Content-Length': String(payload.length) };
    this.waiting.writeHead(200, merged(headers, framing));
    this.waiting.end(payload);
    this.waiting = undefined;
    this.event = undefined;
  }

  private invocationResponse(requestId: string, request: IncomingMessage, response: ServerResponse): void {
    const streaming = request.headers['lambda-runtime-function-response-mode'] === 'streaming';
    // Only after the trailers: the runtime asks for the next event when it has this answer.
    request.on('end', () => accepted(response));
    this.listener.onResponse(requestId, {
      streaming,
      contentType: request.headers['content-type'] ?? 'application/octet-stream',
      body: request,
      failure: () => trailerFailure(request),
    });
  }

  private invocationError(requestId: string, request: IncomingMessage, response: ServerResponse): void {
    readJson(request, (body) => {
      this.listener.onError(requestId, reportedFailure('handler', body));
      accepted(response);
    });
  }

  private initError(request: IncomingMessage, response: ServerResponse): void {
    readJson(request, (body) => {
      this.listener.onInitError(reportedFailure('init', body));
      accepted(response);
    });
  }
}

function trailerFailure(request: IncomingMessage): FunctionFailure | undefined {
  const errorType = request.trailers['lambda-runtime-function-error-type'];
  const encoded = request.trailers['lambda-runtime-function-error-body'];
  if (errorType === undefined && encoded === undefined) return undefined;
  const text = encoded === undefined ? JSON.stringify({ errorType }) : Buffer.from(encoded, 'base64').toString('utf8');
  return { origin: 'handler', errorType: errorType ?? 'Unhandled', body: withoutRuntimeFrames(text) ?? text };
}

function reportedFailure(origin: 'handler' | 'init', text: string): FunctionFailure {
  const body = withoutRuntimeFrames(text) ?? text;
  try {
    const { errorType } = JSON.parse(body) as { errorType?: string };
    return { origin, errorType: errorType ?? 'Unhandled', body };
  } catch (cause) {
    const errorMessage = `The runtime reported an error that is not JSON: ${(cause as Error).message}`;
    return { origin, errorType: 'Unhandled', body: JSON.stringify({ errorType: 'Unhandled', errorMessage }) };
  }
}

function readJson(request: IncomingMessage, done: (body: string) => void): void {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => done(Buffer.concat(parts).toString('utf8')));
}

function notFound(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  answer(response, 404, { errorType: 'NotFound', errorMessage: `${request.method} ${request.url}` });
}

function accepted(response: ServerResponse): void {
  answer(response, 202, { status: 'OK' });
}

function answer(response: ServerResponse, status: number, body: Record<string, string>): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}
