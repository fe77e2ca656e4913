/** Plays recorded streams again, from a port of its own: to the AWS SDKs, to `streamInvoker`, and to whatever speaks HTTP. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { optionProblem, type Rule } from '../base/option-problem';
import type { RecordedStream } from '../wire/cassette';
import {
  EVENT_STREAM_CONTENT_TYPE,
  HTTP_INTEGRATION_CONTENT_TYPE,
  REMAPPED_CONTENT_TYPE_HEADER,
} from '../wire/content-types';
import { encodeInvokeComplete, encodePayloadChunk } from '../wire/frame-encoder';
import { encodePrelude } from '../wire/http-prelude';
import { readCassette } from './cassette';
import { startLoopbackServer, writePiece } from './loopback-server';
import type { TestClientConfig } from './stream-test-deployment';

export interface ReplayOptions {
  /**
   * How many times faster than recorded. `Infinity` leaves out the pauses.
   * @default 1
   */
  readonly speed?: number;
}

export interface StreamReplay {
  /** `http://127.0.0.1:<port>`: for `streamFetcher`, for clients of models, and for `services` of the local target. */
  readonly url: string;
  /** For `streamInvoker`, and for `LambdaClient` of the AWS SDK. */
  readonly clientConfig: TestClientConfig;
  /** The bodies of the requests so far: what JSON says, or the text. */
  readonly requests: readonly unknown[];
  stop(): Promise<void>;
}

const OPTIONS: Readonly<Record<keyof ReplayOptions, Rule>> = {
  speed: { allowed: 'a number above 0', fits: (value) => typeof value === 'number' && value > 0 },
};

const INVOKE = /^\/2021-11-15\/functions\/[^/]+\/response-streaming-invocations$/;
const BUFFERED_INVOKE = /^\/2015-03-31\/functions\/[^/]+\/invocations$/;

/**
 * Starts a server that answers with the streams of a file of `StreamRecorder`: the first request with the first one, and so on.
 * A request for `InvokeWithResponseStream` gets event-stream frames, whatever its function; every other one an HTTP response.
 * @throws Error where the file cannot be read, with its line, or an option is unknown or has a wrong value
 */
export async function replayStreams(path: string, options: ReplayOptions = {}): Promise<StreamReplay> {
  const problem = optionProblem(options, OPTIONS);
  if (problem !== undefined) throw new TypeError(`replayStreams(): ${problem}`);
  const { speed = 1 } = options;
  const streams = readCassette(path);
  const requests: unknown[] = [];
  const server = await startLoopbackServer(async (request, body, response) => {
    if (request.headers['x-amz-invocation-type'] === 'DryRun' && BUFFERED_INVOKE.test(pathOf(request))) {
      response.writeHead(204).end();
      return;
    }
    const stream = streams[requests.length];
    requests.push(jsonOrText(body));
    if (stream === undefined)
      refuse(response, `${path} holds ${streams.length} streams, and this was one request more`);
    else if (INVOKE.test(pathOf(request))) await playFrames(stream, response, speed);
    else await playHttp(stream, response, speed);
  });
  const expiration = new Date(Date.now() + 24 * 3_600_000);
  const credentials = { accessKeyId: 'replay', secretAccessKey: 'replay', sessionToken: 'replay', expiration };
  return { ...server, requests, clientConfig: { endpoint: server.url, region: 'us-east-1', credentials } };
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?')[0] ?? '';

function jsonOrText(body: Buffer): unknown {
  const text = body.toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** In the words of the Lambda API, which its clients do not ask again. */
function refuse(response: ServerResponse, Message: string): void {
  response.writeHead(404, { 'content-type': 'application/json', 'x-amzn-errortype': 'ResourceNotFoundException' });
  response.end(JSON.stringify({ Type: 'User', Message }));
}

async function playFrames(stream: RecordedStream, response: ServerResponse, speed: number): Promise<void> {
  const { status, headers, hasPrelude, end } = stream;
  const contentType = headers.find(([name]) => name === 'content-type')?.[1] ?? 'application/octet-stream';
  const isHttp = hasPrelude || status !== 200;
  response.writeHead(200, {
    'content-type': EVENT_STREAM_CONTENT_TYPE,
    'x-amzn-requestid': randomUUID(),
    'x-amz-executed-version': '$LATEST',
    [REMAPPED_CONTENT_TYPE_HEADER]: isHttp ? HTTP_INTEGRATION_CONTENT_TYPE : contentType,
  });
  response.flushHeaders();
  if (isHttp) await writePiece(response, encodePayloadChunk(preludeOf(stream)));
  if (!(await playPieces(stream, response, speed, encodePayloadChunk))) return;
  const { errorCode: ErrorCode, errorDetails: ErrorDetails, logTail } = end;
  const LogResult = logTail === undefined ? undefined : Buffer.from(logTail).toString('base64');
  response.end(encodeInvokeComplete({ ErrorCode, ErrorDetails, LogResult }));
}

function preludeOf({ status: statusCode, headers }: RecordedStream): Uint8Array {
  const cookies = headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value);
  const others = new Headers(headers.filter(([name]) => name !== 'set-cookie').map(([name, value]) => [name, value]));
  return encodePrelude({ statusCode, headers: Object.fromEntries(others), cookies });
}

/** A recorded connection is not this one, and a length is passed on as a function URL does: only its reader may hold it to that. */
const OF_THE_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding'];
const REMAPPED: Readonly<Record<string, string>> = { 'content-length': 'x-amzn-remapped-content-length' };

function httpHeaders({ headers }: RecordedStream): string[] {
  return headers
    .filter(([name]) => !OF_THE_CONNECTION.includes(name.toLowerCase()))
    .flatMap(([name, value]) => [REMAPPED[name.toLowerCase()] ?? name, value]);
}

async function playHttp(stream: RecordedStream, response: ServerResponse, speed: number): Promise<void> {
  response.writeHead(stream.status, httpHeaders(stream));
  response.flushHeaders();
  const isWhole = await playPieces(stream, response, speed, (piece) => piece);
  if (!isWhole) return;
  // Behind HTTP a function that fails is a connection that breaks.
  if (stream.end.end === 'function-error') response.destroy();
  else response.end();
}

/** Gives false where the recorded connection broke, as this one then has. */
async function playPieces(
  { pieces, end }: RecordedStream,
  response: ServerResponse,
  speed: number,
  encode: (piece: Uint8Array) => Uint8Array,
): Promise<boolean> {
  const start = performance.now();
  // A pause would go on, and keep the process, where the reader has left.
  const left = new AbortController();
  response.once('close', () => left.abort());
  const until = async (ms: number) => {
    const wait = start + ms / speed - performance.now();
    if (wait > 0 && !left.signal.aborted) await sleep(wait, undefined, { signal: left.signal }).catch(() => undefined);
  };
  for (const { ms, bytes } of pieces) {
    await until(ms);
    await writePiece(response, encode(bytes));
  }
  await until(end.ms);
  if (end.end === 'broken') response.destroy();
  return end.end !== 'broken';
}
