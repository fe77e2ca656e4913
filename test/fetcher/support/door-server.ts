/** An HTTP front end on loopback that writes exactly the bytes it is told to, cut as it is told to. */

import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Answer {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Each is an HTTP chunk of its own. */
  readonly pieces?: readonly (string | Uint8Array)[];
  /** Bytes per TCP write. @default - all at once */
  readonly split?: number;
  /**
   * `clean`: the last HTTP chunk; `fin`: the connection closed without it; `reset`: the connection reset; `never`: left
   * open. @default 'clean'
   */
  readonly end?: 'clean' | 'fin' | 'reset' | 'never';
}

/** One connection to answer on by hand. */
export class Exchange {
  public constructor(
    public readonly request: ReceivedRequest,
    public readonly socket: Socket,
    /** Resolves when the client has closed the connection. */
    public readonly closed: Promise<void>,
  ) {}

  /** Writes the status line and headers of a chunked response. */
  public begin(answer: Pick<Answer, 'status' | 'headers'> = {}): void {
    this.socket.write(head(answer));
  }

  public piece(piece: string | Uint8Array): boolean {
    return this.socket.write(chunk(piece));
  }

  public async answer(answer: Answer): Promise<void> {
    const { pieces = [], split, end = 'clean' } = answer;
    const bytes = Buffer.concat([head(answer), ...pieces.map(chunk), ...(end === 'clean' ? [LAST_CHUNK] : [])]);
    for (let at = 0; at < bytes.length && !this.socket.destroyed; at += split ?? bytes.length) {
      this.socket.write(bytes.subarray(at, at + (split ?? bytes.length)));
      if (split !== undefined) await new Promise(setImmediate);
    }
    // The end may overtake data that is on its way or queued in the client, so that gets time to be taken: turns of the
    // event loop too, since a timer that is late comes before what the client has to read.
    if (end === 'fin' || end === 'reset') {
      await new Promise((resolve) => setTimeout(resolve, 30));
      for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    }
    if (end === 'fin') this.socket.end();
    if (end === 'reset') this.socket.resetAndDestroy();
  }

  public end(): void {
    this.socket.write(LAST_CHUNK);
  }
}

const LAST_CHUNK = Buffer.from('0\r\n\r\n');

function head({ status = 200, headers = {} }: Pick<Answer, 'status' | 'headers'>): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`HTTP/1.1 ${status} Status\r\ntransfer-encoding: chunked\r\n${lines.join('')}\r\n`);
}

function chunk(piece: string | Uint8Array): Buffer {
  const bytes = Buffer.from(piece as string);
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}

export interface DoorServer {
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  stop(): Promise<void>;
}

/** Answers every request with `answer`, or by hand. */
export async function startDoor(answer: Answer | ((exchange: Exchange) => unknown)): Promise<DoorServer> {
  const requests: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    let closed: () => void = () => undefined;
    const closing = new Promise<void>((resolve) => {
      closed = resolve;
    });
    socket.on('close', () => {
      sockets.delete(socket);
      closed();
    });
    socket.on('error', () => closed());
    let pending = Buffer.alloc(0);
    socket.on('data', (data) => {
      pending = Buffer.concat([pending, data]);
      for (let request = take(); request; request = take()) {
        requests.push(request);
        const exchange = new Exchange(request, socket, closing);
        void (typeof answer === 'function' ? answer(exchange) : exchange.answer(answer));
      }
    });
    const take = (): ReceivedRequest | undefined => {
      const parsed = parse(pending);
      if (parsed) pending = pending.subarray(parsed.length);
      return parsed?.request;
    };
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/chat`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function parse(bytes: Buffer): { request: ReceivedRequest; length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [line = '', ...rest] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers = Object.fromEntries(
    rest.map((text) => {
      const colon = text.indexOf(':');
      return [text.slice(0, colon).toLowerCase(), text.slice(colon + 1).trim()];
    }),
  );
  const length = end + 4 + Number(headers['content-length'] ?? 0);
  if (bytes.length < length) return undefined;
  const [method = '', path = ''] = line.split(' ');
  return { request: { method, path, headers, body: bytes.toString('utf8', end + 4, length) }, length };
}

/** Starts doors that are stopped after each test. */
export function useDoors(): (answer: Answer | ((exchange: Exchange) => unknown)) => Promise<DoorServer> {
  const started: DoorServer[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((door) => door.stop()));
  });
  return async (answer) => {
    const door = await startDoor(answer);
    started.push(door);
    return door;
  };
}

/** The error `work` rejects with. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('expected a failure, but all went well');
}
