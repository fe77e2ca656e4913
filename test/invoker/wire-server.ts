/** A loopback server that answers as Lambda does, byte by byte as a test says, and remembers what it saw. */
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answer = (response: ServerResponse, request: SeenRequest) => void | Promise<void>;

export class WireServer {
  /** Requests in the order they arrived. */
  public readonly requests: SeenRequest[] = [];
  /** Responses that are open now. */
  public readonly open = new Set<ServerResponse>();
  /** How many responses were closed by the client before they ended. */
  public dropped = 0;
  private answers: Answer[] = [];
  private readonly server: Server;
  private readonly clients: LambdaClient[] = [];
  private readonly sockets = new Set<Socket>();

  public constructor() {
    this.server = createServer((request, response) => void this.handle(request, response));
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  public async start(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  /** Connections that are open now, idle ones included. */
  public get connections(): number {
    return this.sockets.size;
  }

  public get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public get clientConfig(): LambdaClientConfig {
    return {
      endpoint: this.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    };
  }

  /** A client as a user would make it; closed with the server. */
  public client(config: LambdaClientConfig = {}): LambdaClient {
    const client = new LambdaClient({ ...this.clientConfig, ...config });
    this.clients.push(client);
    return client;
  }

  /** The same with a pool of sockets of its own, made in a way that all versions of the SDK take. */
  public pooledClient(maxSockets: number): LambdaClient {
    const Handler = this.client().config.requestHandler.constructor as new (
      options: object,
    ) => LambdaClient['config']['requestHandler'];
    return this.client({ requestHandler: new Handler({ httpAgent: new Agent({ keepAlive: true, maxSockets }) }) });
  }

  /** Answers the next requests in turn; the last answer stays. */
  public answer(...answers: Answer[]): this {
    this.answers = answers;
    this.requests.length = 0;
    this.dropped = 0;
    return this;
  }

  public async stop(): Promise<void> {
    for (const client of this.clients) client.destroy();
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.open.add(response);
    response.on('close', () => {
      this.open.delete(response);
      if (!response.writableFinished) this.dropped++;
    });
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const { method = '', url = '', headers } = request;
    const seen = { method, url, headers, body: Buffer.concat(pieces).toString() };
    this.requests.push(seen);
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    await answer?.(response, seen);
  }
}

/** A server that runs as long as the tests of a file. */
export function useWireServer(): WireServer {
  const wire = new WireServer();
  beforeAll(() => wire.start());
  afterAll(() => wire.stop());
  return wire;
}

export const REQUEST_ID = '11111111-2222-3333-4444-555555555555';

export const EVENT_STREAM_HEADERS = {
  'content-type': 'application/vnd.amazon.eventstream',
  'x-amzn-requestid': REQUEST_ID,
  'x-amz-executed-version': '7',
  'x-amzn-remapped-content-type': 'application/octet-stream',
};

/** How a body ends after its last byte. */
export type Ending = 'end' | 'reset' | 'no-last-chunk' | 'hang';

export interface BodyOptions {
  /** Bytes per write, each in a turn of the event loop of its own; everything at once by default. */
  readonly size?: number;
  readonly ending?: Ending;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer of 200 with `body` as its event stream. */
export function stream(body: Uint8Array | readonly Uint8Array[], options: BodyOptions = {}): Answer {
  return async (response) => {
    const bytes = body instanceof Uint8Array ? body : Buffer.concat(body);
    const { size = bytes.length, ending = 'end', headers } = options;
    response.writeHead(200, { ...EVENT_STREAM_HEADERS, ...headers });
    response.flushHeaders();
    for (let at = 0; at < bytes.length; at += size) {
      response.write(bytes.subarray(at, at + size));
      if (size < bytes.length) await new Promise((resolve) => setImmediate(resolve));
    }
    finish(response, ending);
  };
}

function finish(response: ServerResponse, ending: Ending): void {
  if (ending === 'end') response.end();
  // Let the written bytes leave before the connection breaks.
  if (ending === 'reset') setTimeout(() => response.socket?.resetAndDestroy(), 20);
  if (ending === 'no-last-chunk') setTimeout(() => response.socket?.end(), 20);
}

/** Frames for ever, as fast as they are taken; `written` counts bytes. */
export function endless(frame: Uint8Array): Answer & { written: number } {
  const answer = Object.assign(
    (response: ServerResponse) => {
      response.writeHead(200, EVENT_STREAM_HEADERS);
      const write = () => {
        do answer.written += frame.length;
        while (!response.destroyed && response.write(frame));
      };
      response.on('drain', write);
      write();
    },
    { written: 0 },
  );
  return answer;
}

/** Waits until `condition` holds; fails after twenty seconds, far more than a busy machine takes. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    if (turn > 20_000) throw new Error('the condition did not come true within twenty seconds');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** An error of the service, in its JSON form. */
export function serviceError(
  status: number,
  type: string,
  body: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return (response) => {
    response.writeHead(status, {
      'content-type': 'application/json',
      'x-amzn-errortype': type,
      'x-amzn-requestid': REQUEST_ID,
      ...headers,
    });
    response.end(JSON.stringify(body));
  };
}
