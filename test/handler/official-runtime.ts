/**
 * Runs a streaming handler as Lambda's Node.js runtime does: on the response stream of the official runtime interface
 * client, whose source is cut out of its package, posting to a loopback server that stands for the Runtime API.
 */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { LambdaContext, ResponseWriter } from '../../src/wire/lambda-runtime';

/** What the Runtime API received for one invocation. */
export interface Received {
  readonly contentType: string | undefined;
  readonly body: Buffer;
  /** Error type and decoded body of the trailers of a middle-stream error. */
  readonly errorType: string | undefined;
  readonly error: unknown;
}

interface RuntimeInterfaceClient {
  createResponseStream(options: object): {
    request: ResponseWriter & { writableFinished: boolean };
    responseDone: Promise<unknown>;
  };
  tryCallFail(stream: ResponseWriter, error: unknown): Promise<boolean>;
  awslambda: {
    streamifyResponse<H extends object>(handler: H, options?: object): H;
    HttpResponseStream: { from(stream: ResponseWriter, prelude: object): ResponseWriter };
  };
}

const nodeRequire = createRequire(__filename);
let cached: RuntimeInterfaceClient | undefined;

/** The parts of the official client that a streaming handler meets. */
export function runtimeInterfaceClient(): RuntimeInterfaceClient {
  if (cached !== undefined) return cached;
  const source = readFileSync(join(__dirname, '../../node_modules/aws-lambda-ric/index.mjs'), 'utf8');
  const from = source.indexOf('// dist/stream/constants.js');
  const to = source.indexOf('// dist/utils/globals.js');
  if (from === -1 || to < from) throw new Error('the official client has another layout than this harness expects');
  const build = new Function(
    'cjsRequire',
    'logger',
    'formatError',
    `class InvalidStreamingOperation extends Error {}
     ${source.slice(from, to)}
     return { createResponseStream, tryCallFail, HttpResponseStream };`,
  );
  const silent = () => ({ verbose: () => undefined, vverbose: () => undefined, vvverbose: () => undefined });
  const formatError = (error?: Partial<Error> | null) => ({
    errorType: error?.name ?? typeof error,
    errorMessage: error?.message ?? String(error),
    trace: [],
  });
  const parts = build(nodeRequire, silent, formatError);
  const streamifyResponse = <H extends object>(handler: H, options?: object): H =>
    Object.assign(handler, { [Symbol.for('aws.lambda.runtime.handler.streaming')]: 'response', options });
  cached = { ...parts, awslambda: { streamifyResponse, HttpResponseStream: parts.HttpResponseStream } };
  return runtimeInterfaceClient();
}

export interface RunOptions {
  readonly event?: unknown;
  readonly timeoutMs?: number;
  readonly clientContext?: object;
  /** Called with each piece of the body as the Runtime API receives it. */
  readonly onData?: (piece: Buffer, request: http.IncomingMessage) => void;
}

type Handler = (event: unknown, stream: ResponseWriter, context: LambdaContext) => Promise<void>;

/** One invocation, up to the end of the response. */
export async function runOnOfficialRuntime(handler: unknown, options: RunOptions = {}): Promise<Received> {
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const received = new Promise<Received>((resolve, reject) => {
    server.once('request', (request: http.IncomingMessage, response: http.ServerResponse) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => {
        pieces.push(piece);
        options.onData?.(piece, request);
      });
      request.on('error', reject);
      request.on('end', () => {
        response.writeHead(202).end();
        resolve(toReceived(request, Buffer.concat(pieces)));
      });
    });
  });
  try {
    await processInvoke(handler as Handler, server.address() as AddressInfo, options);
    return await received;
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** The steps of the client's StreamingInvokeProcessor. */
async function processInvoke(handler: Handler, { port }: AddressInfo, options: RunOptions): Promise<void> {
  const { createResponseStream, tryCallFail } = runtimeInterfaceClient();
  const { request, responseDone } = createResponseStream({
    httpOptions: {
      http,
      agent: new http.Agent({ keepAlive: false, maxSockets: 1 }),
      method: 'POST',
      hostname: '127.0.0.1',
      port,
      path: '/2018-06-01/runtime/invocation/1/response',
    },
  });
  try {
    await handler(options.event, request, lambdaContext(options));
    await responseDone;
    if (!request.writableFinished) throw new Error('Response stream is not finished.');
  } catch (error) {
    await new Promise((resolve) => setImmediate(resolve));
    await tryCallFail(request, error);
    await responseDone;
  }
}

export function lambdaContext({ timeoutMs = 60_000, clientContext }: RunOptions = {}): LambdaContext {
  const deadline = Date.now() + timeoutMs;
  return {
    awsRequestId: '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
    functionName: 'chat',
    functionVersion: '1',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111111111111:function:chat:live',
    memoryLimitInMB: '128',
    logGroupName: '/aws/lambda/chat',
    logStreamName: '2026/11/22/[1]0',
    clientContext,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

function toReceived(request: http.IncomingMessage, body: Buffer): Received {
  const trailers = request.trailers;
  const errorBody = trailers['lambda-runtime-function-error-body'];
  return {
    contentType: request.headers['content-type'],
    body,
    errorType: trailers['lambda-runtime-function-error-type'],
    error: errorBody === undefined ? undefined : JSON.parse(Buffer.from(errorBody, 'base64').toString()),
  };
}
