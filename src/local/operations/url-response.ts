/** Turns what a function answers into the HTTP response of its URL, streamed or buffered. */
import type { ServerResponse } from 'node:http';
import { merged } from '../../base/merged';
import { DEFAULT_CONTENT_TYPE, HTTP_INTEGRATION_CONTENT_TYPE } from '../../wire/content-types';
import { type HttpPrelude, PreludeSplitter } from '../../wire/http-prelude';
import { BUFFERED_RESPONSE_MAX_BYTES } from '../../wire/limits';
import { isWireError } from '../../wire/wire-error';
import type { RunningInvocation } from '../runtime/active-invocation';
import { describeFailure, type FunctionFailure, responseTooLarge } from '../runtime/function-failure';
import type { RuntimeResponse } from '../runtime/runtime-api';
import { collectBody } from './buffered-body';
import type { Fault } from './invocation-options';
import { type PumpOptions, pumpPayload } from './payload-pump';
import { type CorsConfiguration, ownCorsProblem } from './url-cors';

/**
 * AWS's runtime client writes the prelude before the first `write()`, which never came. Users saw AWS answer 200 then:
 * https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/issues/97
 */
const NO_PRELUDE: HttpPrelude = { statusCode: 200 };
const NO_PRELUDE_WARNING =
  'WARN status and headers of this response are lost: the handler ended a stream of HttpResponseStream.from() without ' +
  "a write(), and they are sent with the first one; call write('') before end()";

const NOT_HTTP =
  'the function answered what is not an HTTP response: a prelude, status, header name or header value is wrong';

export interface UrlReply {
  readonly response: ServerResponse;
  /** Cross-origin headers and the request id. */
  readonly headers: Readonly<Record<string, string>>;
  readonly fault: Fault;
  readonly options: PumpOptions['invocations'];
  /** Of the URL. */
  readonly cors: CorsConfiguration | undefined;
  /** Adds a line to the log of the function. */
  readonly log: (message: string) => void;
  /** Told of the payload that is sent. */
  readonly onPiece?: ((piece: Uint8Array) => void) | undefined;
  /** Told why the response is an error that is not the function's own. */
  readonly onFailure?: ((why: string) => void) | undefined;
}

/**
 * 502: the function failed, or what it answered is not an HTTP response. AWS says no more; here a header tells why.
 * @param reason a failure of the function, or words
 */
export function badGateway({ response, headers, onFailure }: UrlReply, reason: FunctionFailure | string): void {
  const words = typeof reason === 'string' ? reason : describeFailure(reason);
  onFailure?.(words);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const why = headerText(words);
  response
    .writeHead(502, { ...headers, 'content-type': 'application/json', 'x-local-failure': why })
    .end('Internal Server Error');
}

const REASON_LENGTH = 1_000;

/** What a header may hold of a text. */
export function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, REASON_LENGTH);
}

/** Sends the body while it is written. A failure after the first byte can only cut the connection. */
export async function streamReply(reply: UrlReply, answer: RuntimeResponse, running: RunningInvocation): Promise<void> {
  const { response, fault, options } = reply;
  const head = new StreamHead(reply, answer.contentType);
  const end = await pumpPayload(answer.body, response, {
    fault,
    invocations: options,
    encode: (piece) => head.pass(piece),
    onPiece: reply.onPiece,
    raise: () => response.destroy(),
  });
  if (end === 'given-up') return;
  const failure = answer.body.complete ? answer.failure() : (await running.completed).failure;
  if (failure !== undefined) badGateway(reply, failure);
  else if (!head.finish()) badGateway(reply, head.problem ?? NOT_HTTP);
  else response.end();
}

/** Writes status and headers before the first byte of the body, from the prelude when there is one. */
class StreamHead {
  private readonly splitter: PreludeSplitter | undefined;
  private broken = false;
  private empty = true;
  /** Why what the function sent is not an HTTP response. */
  public problem: string | undefined;

  public constructor(
    private readonly reply: UrlReply,
    private readonly contentType: string,
  ) {
    if (contentType === HTTP_INTEGRATION_CONTENT_TYPE) this.splitter = new PreludeSplitter();
  }

  /** The part of `piece` that belongs to the body. */
  public pass(piece: Uint8Array): Uint8Array {
    if (piece.length > 0) this.empty = false;
    const body = this.split(piece);
    this.write();
    return this.broken ? new Uint8Array(0) : body;
  }

  /** Whether the response is one. */
  public finish(): boolean {
    this.write();
    if (this.empty && this.splitter !== undefined) return writeHeadWithoutPrelude(this.reply);
    return this.reply.response.headersSent;
  }

  private split(piece: Uint8Array): Uint8Array {
    try {
      return this.splitter?.push(piece) ?? piece;
    } catch (error) {
      if (!isWireError(error)) throw error;
      this.broken = true;
      this.problem = error.message;
      return new Uint8Array(0);
    }
  }

  private write(): void {
    const { response } = this.reply;
    if (response.headersSent || this.broken) return;
    const prelude = this.splitter === undefined ? {} : this.splitter.prelude;
    if (prelude === undefined) return;
    const contentType = this.splitter === undefined ? this.contentType : 'application/json';
    this.broken = !writeHead(this.reply, { ...prelude, headers: remapLength(prelude.headers) }, contentType);
    // Status and headers are news of their own: the body may take its time.
    if (!this.broken) response.flushHeaders();
  }
}

/** A stream has no length in HTTP: the one that the function promised goes on under another name, as public reports of AWS say. */
function remapLength(headers: HttpPrelude['headers'] = {}): Record<string, string> {
  const renamed = (name: string) => (/^content-length$/i.test(name) ? 'x-amzn-remapped-content-length' : name);
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [renamed(name), value]));
}

/** Whether what the function said can be said in HTTP. */
export function writeHead(
  { response, headers, cors, log }: UrlReply,
  prelude: HttpPrelude,
  contentType: string,
): boolean {
  const own: Record<string, string | string[]> = { 'content-type': contentType };
  for (const [name, value] of Object.entries(prelude.headers ?? {})) own[name.toLowerCase()] = String(value);
  if (prelude.cookies !== undefined && prelude.cookies.length > 0) own['set-cookie'] = [...prelude.cookies];
  // The connection is ours, and so is its framing.
  for (const name of ['connection', 'content-length', 'transfer-encoding']) delete own[name];
  const status = prelude.statusCode ?? 200;
  if (!Number.isInteger(status) || status < 200 || status > 599) return false;
  try {
    response.writeHead(status, merged<string | string[]>(own, headers));
    const problem = cors && ownCorsProblem(cors, Object.keys(own));
    if (problem !== undefined) log(problem);
    return true;
  } catch (error) {
    // Names and values that HTTP does not allow.
    if (/^ERR_(HTTP_INVALID|INVALID)_/.test((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

function writeHeadWithoutPrelude(reply: UrlReply): boolean {
  reply.log(NO_PRELUDE_WARNING);
  return writeHead(reply, NO_PRELUDE, DEFAULT_CONTENT_TYPE);
}

/** Sends the response when it is complete. */
export async function bufferedReply(
  reply: UrlReply,
  answer: RuntimeResponse,
  running: RunningInvocation,
): Promise<void> {
  const payload = await collectBody(answer.body);
  const failure = answer.body.complete ? answer.failure() : (await running.completed).failure;
  const isEmpty = payload.length === 0 && answer.contentType === HTTP_INTEGRATION_CONTENT_TYPE;
  const parsed = payload === 'too-large' || failure !== undefined ? undefined : readResult(payload, answer.contentType);
  if (failure !== undefined) badGateway(reply, failure);
  else if (payload === 'too-large') badGateway(reply, responseTooLarge(BUFFERED_RESPONSE_MAX_BYTES));
  else if (isEmpty && writeHeadWithoutPrelude(reply)) reply.response.end();
  else if (parsed === undefined || !writeHead(reply, parsed, parsed.contentType)) badGateway(reply, NOT_HTTP);
  else {
    reply.onPiece?.(parsed.body);
    reply.response.end(parsed.body);
  }
}

interface BufferedReply extends HttpPrelude {
  readonly body: Uint8Array;
  readonly contentType: string;
}

/** `undefined` where a prelude was announced and none came. */
export function readResult(payload: Buffer, contentType: string): BufferedReply | undefined {
  if (contentType === HTTP_INTEGRATION_CONTENT_TYPE) {
    const splitter = new PreludeSplitter();
    try {
      const body = splitter.push(payload);
      return splitter.prelude && { ...splitter.prelude, body, contentType: 'application/json' };
    } catch (error) {
      if (!isWireError(error)) throw error;
      return undefined;
    }
  }
  if (!contentType.startsWith('application/json')) return { body: payload, contentType };
  const value: unknown = JSON.parse(payload.toString('utf8'));
  if (!isHttpResult(value)) {
    // Anything that is not shaped like a response is the body of one.
    const body = typeof value === 'string' ? Buffer.from(value) : payload;
    return { body, contentType: 'application/json' };
  }
  const { statusCode, headers, cookies, isBase64Encoded } = value;
  const text = typeof value.body === 'string' ? value.body : JSON.stringify(value.body ?? '');
  const body = Buffer.from(value.body === undefined ? '' : text, isBase64Encoded === true ? 'base64' : 'utf8');
  return { statusCode: Number(statusCode), headers, cookies, body, contentType: 'application/json' };
}

interface HttpResult extends HttpPrelude {
  readonly body?: unknown;
  readonly isBase64Encoded?: boolean;
}

function isHttpResult(value: unknown): value is HttpResult {
  return typeof value === 'object' && value !== null && 'statusCode' in value;
}
