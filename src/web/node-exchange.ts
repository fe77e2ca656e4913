/**
 * A request and a response of Node.js without a connection. They are Node.js's own classes, so that frameworks find all
 * they know; the socket between them holds the request and takes the body of the response.
 */
import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { HttpOutput } from './http-output';
import type { HttpRequest } from './http-request';

export interface NodeExchange {
  readonly request: IncomingMessage;
  /** Settles when the response is finished; rejects when it was destroyed, or `listener` throws. */
  run(listener: (request: IncomingMessage, response: ServerResponse) => unknown, output: ExchangeOutput): Promise<void>;
}

/** What an exchange needs of the output; its end is the invocation's. */
type ExchangeOutput = Pick<HttpOutput, 'cancelSource' | 'begin' | 'write'>;

type NodeExchangeClass = new (request: HttpRequest) => NodeExchange;

let loaded: Promise<NodeExchangeClass> | undefined;

/** The class, once Node.js's modules are there: who uses only `webHandler` does not load them. */
export function loadNodeExchange(): Promise<NodeExchangeClass> {
  loaded ??= load();
  return loaded;
}

/** By `require()`, since jest's CommonJS has no `import()`; the ESM half says `import()`, by `build-tools/esm-entry.cjs`. */
async function load(): Promise<NodeExchangeClass> {
  const http: typeof import('node:http') = await require('node:http');
  const { Duplex }: typeof import('node:stream') = await require('node:stream');
  const Exchange = define(http, Duplex);
  // Node.js compiles what is used when it is first used: better here than in the first invocation.
  const request = { method: 'GET', origin: '', target: '/', headers: [], body: undefined, remoteAddress: undefined };
  const output: ExchangeOutput = { cancelSource: nothing, begin: () => true, write: nothing };
  await new Exchange(request).run((_, response) => response.writeHead(200, { a: 'b' }).end('x'), output);
  return Exchange;
}

const nothing = async (): Promise<void> => undefined;

/** What Node.js's classes have beside what its types say. */
interface Internals {
  _addHeaderLines(headers: readonly string[], count: number): void;
  _headerSent: boolean;
  _closed: boolean;
}

/** Node.js keeps its own up to date only for the connections of a server. One getter for all: `withSignal` says why. */
const NEED_DRAIN = {
  get(this: ServerResponse): boolean {
    return !this.destroyed && !this.writableEnded && !!this.socket?.writableNeedDrain;
  },
};

function define(http: typeof import('node:http'), Duplex: typeof import('node:stream').Duplex): NodeExchangeClass {
  /** Stands for a connection: what frameworks ask of one is there. */
  class LambdaSocket extends Duplex {
    public readonly encrypted: boolean;
    public readonly remoteAddress: string | undefined;
    public readonly remotePort = 0;
    public output: ExchangeOutput | undefined;

    public constructor({ origin, remoteAddress }: HttpRequest) {
      super();
      this.encrypted = origin.startsWith('https:');
      this.remoteAddress = remoteAddress;
    }

    public override _read(): void {
      // The body is in the request already.
    }

    public override _write(chunk: Uint8Array, _: string, done: (error?: Error | null) => void): void {
      this.output?.write(chunk).then(() => done(), done);
    }

    public address(): object {
      return {};
    }

    public setTimeout(): this {
      return this;
    }

    public setNoDelay(): this {
      return this;
    }

    public setKeepAlive(): this {
      return this;
    }

    public ref(): this {
      return this;
    }

    public unref(): this {
      return this;
    }
  }

  /**
   * A response that gives its head to the output instead of writing it, and its body without framing. By properties of its
   * own, because Express puts another prototype under it.
   */
  function newResponse(request: IncomingMessage, socket: LambdaSocket, output: ExchangeOutput): ServerResponse {
    const response = new http.ServerResponse(request);
    const { writeHead } = http.ServerResponse.prototype;
    response.useChunkedEncodingByDefault = false;
    const own = {
      writeHead: (status: number, ...more: unknown[]): ServerResponse => {
        const [reason, headers] = typeof more[0] === 'string' ? [more[0], more[1]] : [undefined, more[0] ?? more[1]];
        if (!response.headersSent)
          setHeaders(response, headers as OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined);
        if (reason !== undefined) response.statusMessage = reason;
        writeHead.call(response, status);
        response.chunkedEncoding = false;
        (response as unknown as Internals)._headerSent = true;
        try {
          beginOf(response, output);
        } catch (error) {
          // An app that catches it could not answer any more, and its client would wait.
          socket.destroy(Object(error));
          throw error;
        }
        return response;
      },
      // The front end's business: only one status can be sent.
      writeContinue: () => undefined,
      writeProcessing: () => undefined,
      writeEarlyHints: (_: unknown, done?: () => void) => done?.(),
    };
    return Object.defineProperty(Object.assign(response, own), 'writableNeedDrain', NEED_DRAIN);
  }

  return class implements NodeExchange {
    public readonly request: IncomingMessage;
    private readonly socket: LambdaSocket;

    public constructor(given: HttpRequest) {
      const { method, target, headers, body } = given;
      this.socket = new LambdaSocket(given);
      const request = new http.IncomingMessage(
        this.socket as unknown as ConstructorParameters<typeof http.IncomingMessage>[0],
      );
      const raw = headers.flat();
      (request as unknown as Internals)._addHeaderLines(raw, raw.length);
      Object.assign(request, {
        method,
        url: target,
        httpVersion: '1.1',
        httpVersionMajor: 1,
        httpVersionMinor: 1,
        complete: true,
      });
      if (body) request.push(body);
      request.push(null);
      this.request = request;
    }

    public run(
      listener: (request: IncomingMessage, response: ServerResponse) => unknown,
      output: ExchangeOutput,
    ): Promise<void> {
      const { request, socket } = this;
      const response = newResponse(request, socket, output);
      socket.output = output;
      output.cancelSource = async (reason) => void response.destroy(Object(reason));
      return new Promise((resolve, reject) => {
        let failure: unknown = new Error('the response was destroyed before its end');
        socket.on('error', (error) => {
          failure = error;
        });
        socket.on('close', () => reject(failure));
        socket.on('drain', () => response.emit('drain'));
        response.on('finish', () => {
          resolve();
          // As after a response on a connection that stays open.
          response.detachSocket(socket as never);
          process.nextTick(() => close(response));
        });
        response.assignSocket(socket as never);
        // A listener that throws would end a server's process; here it fails its own request.
        (async () => listener(request, response))().catch((error) => {
          if (response.writableEnded) console.error('listener:', error);
          reject(error);
        });
      });
    }
  };
}

function close(response: ServerResponse): void {
  if (response.closed) return;
  response.destroyed = true;
  (response as unknown as Internals)._closed = true;
  response.emit('close');
}

/** Headers as `writeHead` takes them: an object, a list of names and values in turn, or a list of pairs. */
function setHeaders(response: ServerResponse, headers: OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined): void {
  const seen = new Set<string>();
  for (const [name, value] of pairsOf(headers ?? {})) {
    if (seen.has(name.toLowerCase())) response.appendHeader(name, value as string);
    else response.setHeader(name, value as string);
    seen.add(name.toLowerCase());
  }
}

function pairsOf(headers: OutgoingHttpHeaders | OutgoingHttpHeader[]): [string, OutgoingHttpHeader | undefined][] {
  if (!Array.isArray(headers)) return Object.entries(headers);
  if (Array.isArray(headers[0])) return headers as never;
  return headers.flatMap((name, at) => (at % 2 ? [] : [[String(name), headers[at + 1]]]));
}

function beginOf(response: ServerResponse, output: ExchangeOutput): void {
  const headers = Object.entries(response.getHeaders()).map(
    ([name, value]) => [name, [value].flat().join(', ')] as const,
  );
  output.begin(response.statusCode, headers, [response.getHeader('set-cookie') ?? []].flat().map(String));
}
