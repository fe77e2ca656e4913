/**
 * Plays the Lambda Web Adapter inside the process of a function: starts the function's web server, waits until it is ready,
 * and answers each event with what the server answers. Loaded as a handler by AWS's runtime interface client.
 * https://awslabs.github.io/aws-lambda-web-adapter/configuration/
 */
import { spawn } from 'node:child_process';
import { type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { httpRequestOf } from '../../web/http-request';
import { HTTP_INTEGRATION_CONTENT_TYPE } from '../../wire/content-types';
import { type HttpEvent, httpEventOf } from '../../wire/http-event';
import { encodePrelude } from '../../wire/http-prelude';
import type { AwsLambdaGlobal, LambdaContext, ResponseWriter } from '../../wire/lambda-runtime';

const {
  LOCAL_WEB_ADAPTER_ROOT: root = '',
  LOCAL_WEB_ADAPTER_HANDLER: handlerName = '',
  LOCAL_WEB_ADAPTER_COMMAND: commandLine = '[]',
  LOCAL_WEB_ADAPTER_READY_MS: readyMs = '',
  AWS_LWA_READINESS_CHECK_PATH: readinessPath = process.env['READINESS_CHECK_PATH'] ?? '/',
  AWS_LWA_READINESS_CHECK_PROTOCOL: readinessProtocol = process.env['READINESS_CHECK_PROTOCOL'] ?? 'http',
  AWS_LWA_READINESS_CHECK_HEALTHY_STATUS: healthyStatuses = '100-499',
  AWS_LWA_REMOVE_BASE_PATH: basePath = process.env['REMOVE_BASE_PATH'] ?? '',
  AWS_LWA_PASS_THROUGH_PATH: eventsPath = '/events',
  AWS_LWA_AUTHORIZATION_SOURCE: authorizationSource = '',
  AWS_LWA_ERROR_STATUS_CODES: errorStatuses = '',
  AWS_LWA_INVOKE_MODE: invokeMode = 'buffered',
  AWS_LWA_ASYNC_INIT: asyncInit = process.env['ASYNC_INIT'] ?? 'false',
} = process.env;

const [program = '', ...programArguments]: readonly string[] = JSON.parse(commandLine);
/** For messages. */
const script =
  handlerName === '' ? `program '${[program, ...programArguments].join(' ')}'` : `start script '${handlerName}'`;

const HOST = '127.0.0.1';
const CHECK_EVERY_MS = 10;
/** That of hyper, by which the adapter reads; Node.js itself stops at 16 KiB. https://docs.rs/hyper/latest/hyper/client/conn/http1/struct.Builder.html */
const HEAD_MAX_BYTES = 8_192 + 4_096 * 100;
/** What is said about one connection, and not about the response. */
const OF_THE_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding'];

const isStreaming = invokeMode.toLowerCase() === 'response_stream';

interface WebServer {
  readonly port: number;
  /** How it ended; undefined while it runs. */
  ended?: string;
}

/** The build has the module wait for it, so that the runtime takes the start of the server for the function's initialization. */
export const started = start();

interface Request {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array | undefined;
}

/** Several environments run on one machine, so each server gets a port of its own. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, HOST, resolve));
  const { port: free } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return free;
}

async function start(): Promise<WebServer> {
  const port = await freePort();
  const server: WebServer = { port };
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('LOCAL_WEB_ADAPTER_'));
  const env = {
    ...Object.fromEntries(own),
    _HANDLER: handlerName,
    LAMBDA_TASK_ROOT: root,
    PORT: String(port),
    AWS_LWA_PORT: String(port),
  };
  const child = spawn(program, programArguments, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
  child.once('error', (error) => {
    server.ended = `cannot be started: ${error.message}`;
  });
  child.once('exit', (code, signal) => {
    server.ended = `has ended with ${signal === null ? `status ${code}` : `signal ${signal}`}`;
  });
  await ready(server);
  return server;
}

async function ready(server: WebServer): Promise<void> {
  const { port } = server;
  // Starting this process is a part of the initialization, whose end would leave nothing said.
  const until = Date.now() + Math.round(Number(readyMs) - process.uptime() * 1_000);
  let last = 'nothing listens there';
  while (Date.now() < until) {
    if (server.ended !== undefined) throw new Error(`the web server: the ${script} ${server.ended}`);
    const seen = readinessProtocol === 'tcp' ? await connects(port) : await statusOf(port, readinessPath, until);
    if (seen === 'connected' || (typeof seen === 'number' && isIn(healthyStatuses, seen))) return;
    if (seen !== undefined)
      last = `GET ${readinessPath} ${typeof seen === 'number' ? `answers ${seen}` : `fails: ${seen}`}`;
    await new Promise((resolve) => setTimeout(resolve, CHECK_EVERY_MS));
  }
  if (asyncInit === 'true') return;
  throw new Error(
    `the web server is not ready after ${readyMs} ms: ${last}. It has to listen on the port that the environment variable PORT names, here ${port}`,
  );
}

function connects(port: number): Promise<'connected' | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST, () => {
      socket.destroy();
      resolve('connected');
    });
    socket.once('error', () => resolve(undefined));
  });
}

/** Undefined, or what went wrong, where there is no answer yet. */
async function statusOf(port: number, path: string, until: number): Promise<number | string | undefined> {
  const signal = AbortSignal.timeout(Math.max(0, until - Date.now()));
  try {
    const request = { method: 'GET', target: path, headers: [['host', HOST]], body: undefined } as const;
    const response = await send(port, request, signal);
    response.resume();
    return response.statusCode;
  } catch (error) {
    if (signal.aborted) return 'it connects, and gets no answer';
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? undefined : messageOf(error);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Whether a list such as `500,502-504` has the status. */
function isIn(list: string, status: number): boolean {
  return list.split(',').some((part) => {
    const [from = Number.NaN, to = from] = part.split('-').map(Number);
    return status >= from && status <= to;
  });
}

function send(port: number, asked: Request, signal?: AbortSignal): Promise<IncomingMessage> {
  const { method, target: path, headers, body } = asked;
  const connection = { host: HOST, port, agent: false, maxHeaderSize: HEAD_MAX_BYTES, signal };
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...connection, method, path, headers: headers.flat() });
    outgoing.once('response', resolve).on('error', reject);
    outgoing.end(body);
  });
}

function requestOf(event: unknown, context: LambdaContext): Request {
  const http = httpEventOf(event);
  const about: [string, string][] = [
    ['x-amzn-request-context', JSON.stringify(http?.requestContext ?? null)],
    ['x-amzn-lambda-context', JSON.stringify(contextOf(context))],
  ];
  if (http === undefined) {
    const body = Buffer.from(JSON.stringify(event));
    const headers: Request['headers'] = [['content-type', 'application/json'], ...about];
    return { method: 'POST', target: eventsPath, headers: complete(headers, body), body };
  }
  const { method, target, headers, body } = httpRequestOf(http, { basePath });
  const names = about.map(([name]) => name);
  const others = withAuthorization(headers).filter(
    ([name]) => !names.includes(name) && !OF_THE_CONNECTION.includes(name),
  );
  return { method, target, headers: complete([...others, ...about], body), body };
}

function complete(headers: Request['headers'], body: Uint8Array | undefined): Request['headers'] {
  const others = headers.filter(([name]) => name !== 'content-length');
  // HTTP/1.1 wants a host, which an event made by hand may lack.
  const host: Request['headers'] = others.some(([name]) => name === 'host') ? [] : [['host', HOST]];
  return [...host, ...others, ...(body === undefined ? [] : [['content-length', String(body.length)] as const])];
}

function withAuthorization(headers: Request['headers']): Request['headers'] {
  const source = authorizationSource.toLowerCase();
  const [, value] = headers.find(([name]) => name === source) ?? [];
  if (source === '' || value === undefined) return headers;
  return [...headers.filter(([name]) => name !== source && name !== 'authorization'), ['authorization', value]];
}

function contextOf(context: LambdaContext): object {
  return {
    request_id: context.awsRequestId,
    deadline: Date.now() + context.getRemainingTimeInMillis(),
    invoked_function_arn: context.invokedFunctionArn,
    xray_trace_id: process.env['_X_AMZN_TRACE_ID'],
    client_context: context.clientContext,
    identity: context.identity,
    env_config: {
      function_name: context.functionName,
      memory: Number(context.memoryLimitInMB),
      version: context.functionVersion,
      log_group: context.logGroupName,
      log_stream: context.logStreamName,
    },
  };
}

async function answerTo(event: unknown, context: LambdaContext): Promise<IncomingMessage> {
  const server = await started;
  // Nobody starts it again; the next invocation gets an environment of its own.
  if (server.ended !== undefined) {
    console.error(`the web server: the ${script} ${server.ended}`);
    process.exit(1);
  }
  const asked = requestOf(event, context);
  const response = await send(server.port, asked).catch((error: unknown) => {
    // Node.js adds what it has read, thousands of numbers in a log.
    throw new Error(`the web server did not answer ${asked.method} ${asked.target}: ${messageOf(error)}`);
  });
  const { statusCode = 0 } = response;
  if (errorStatuses !== '' && isIn(errorStatuses, statusCode)) {
    const body = (await whole(response)).toString('utf8');
    throw new Error(JSON.stringify({ statusCode, body }));
  }
  return response;
}

async function whole(response: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  try {
    for await (const part of response) parts.push(part);
  } catch (error) {
    throw new Error(brokenOff(error));
  }
  return Buffer.concat(parts);
}

const brokenOff = (error: unknown): string => `the web server broke off its response: ${messageOf(error)}`;

/** The headers in the order they came, cookies apart. */
function headOf(response: IncomingMessage): {
  readonly headers: readonly (readonly [string, string])[];
  readonly cookies: readonly string[];
} {
  const { rawHeaders } = response;
  const all = rawHeaders.flatMap((name, at): [string, string][] =>
    at % 2 === 0 ? [[name.toLowerCase(), rawHeaders[at + 1] ?? '']] : [],
  );
  const headers = all.filter(([name]) => name !== 'set-cookie' && !OF_THE_CONNECTION.includes(name));
  return { headers, cookies: all.filter(([name]) => name === 'set-cookie').map(([, value]) => value) };
}

/** Repeated ones joined. */
function joined(headers: readonly (readonly [string, string])[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of headers) values[name] = values[name] === undefined ? value : `${values[name]}, ${value}`;
  return values;
}

async function stream(event: unknown, output: ResponseWriter, context: LambdaContext): Promise<void> {
  const response = await answerTo(event, context);
  const { headers, cookies } = headOf(response);
  output.setContentType?.(HTTP_INTEGRATION_CONTENT_TYPE);
  await write(output, encodePrelude({ statusCode: response.statusCode, headers: joined(headers), cookies }));
  try {
    for await (const piece of response) await write(output, piece);
  } catch (error) {
    // As the adapter: the body ends, and nobody is told.
    console.error(brokenOff(error));
  }
  output.end();
}

function write(output: ResponseWriter, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(piece, (error) => (error ? reject(error) : resolve()));
  });
}

const IS_TEXT = /^(text\/|application\/(javascript|json|xml|x-www-form-urlencoded)|[^;]*\+(json|xml))/;

async function buffer(event: unknown, context: LambdaContext): Promise<object> {
  const response = await answerTo(event, context);
  const body = await whole(response);
  const { headers, cookies } = headOf(response);
  const { 'content-type': type = '', 'content-encoding': encoding } = joined(headers);
  const isBase64Encoded = encoding !== undefined || !IS_TEXT.test(type);
  const text = { body: body.toString(isBase64Encoded ? 'base64' : 'utf8'), isBase64Encoded };
  const { statusCode } = response;
  const { requestContext } = Object(event) as Partial<HttpEvent>;
  if (requestContext?.http !== undefined) return { statusCode, headers: joined(headers), cookies, ...text };
  const multiValueHeaders: Record<string, string[]> = {};
  for (const [name, value] of [...headers, ...cookies.map((cookie) => ['set-cookie', cookie] as const)]) {
    multiValueHeaders[name] = [...(multiValueHeaders[name] ?? []), value];
  }
  return { statusCode, headers: joined(headers), multiValueHeaders, ...text };
}

const { awslambda } = globalThis as AwsLambdaGlobal;

/** The runtime takes it for a streaming one by the mark that `streamifyResponse` gives. */
export const handler = isStreaming ? (awslambda?.streamifyResponse?.(stream) ?? stream) : buffer;
