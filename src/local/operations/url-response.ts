/** Turns what a function answers into the HTTP response of its URL, streamed or buffered. */
import type { ServerResponse } from 'node:http';
import { HTTP_INTEGRATION_CONTENT_TYPE } from '../../wire/content-types';
import { type HttpPrelude, PreludeSplitter } from '../../wire/http-prelude';
import { isWireError } from '../../wire/wire-error';
import type { RunningInvocation } from '../runtime/active-invocation';
import type { RuntimeResponse } from '../runtime/runtime-api';
import { collectBody } from './buffered-body';
import type { Fault, InvocationOptions } from './invocation-options';
import { pumpPayload } from './payload-pump';

export interface UrlReply {
  readonly response: ServerResponse;
  /** Cross-origin headers and the request id. */
  readonly headers: Readonly<Record<string, string>>;
  readonly fault: Fault;
  readonly options: Pick<InvocationOptions, 'rechunk' | 'capBandwidth'>;
}

/** 502: the function failed, or answered something that is no HTTP response; the reason is in its log. */
export function badGateway({ response, headers }: UrlReply): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(502, { ...headers, 'content-type': 'application/json' }).end('Internal Server Error');
}

/** Sends the body while it is written. A failure after the first byte can only cut the connection. */
export async function streamReply(reply: UrlReply, answer: RuntimeResponse, running: RunningInvocation): Promise<void> {
  const { response, fault, options } = reply;
  const head = new StreamHead(reply, answer.contentType);
  const end = await pumpPayload(answer.body, response, {
    fault,
    rechunk: options.rechunk,
    capBandwidth: options.capBandwidth,
    encode: (piece) => head.pass(piece),
    raise: () => response.destroy(),
  });
  if (end === 'given-up') return;
  const failure = answer.body.complete ? answer.failure() : (await running.completed).failure;
  if (failure !== undefined || !head.finish()) badGateway(reply);
  else response.end();
}

/** Writes status and headers before the first byte of the body, from the prelude when there is one. */
class StreamHead {
  private readonly splitter: PreludeSplitter | undefined;
  private broken = false;

  public constructor(
    private readonly reply: UrlReply,
    private readonly contentType: string,
  ) {
    if (contentType === HTTP_INTEGRATION_CONTENT_TYPE) this.splitter = new PreludeSplitter();
  }

  /** The part of `piece` that belongs to the body. */
  public pass(piece: Uint8Array): Uint8Array {
    const body = this.split(piece);
    this.write();
    return this.broken ? new Uint8Array(0) : body;
  }

  /** Whether the response is one. */
  public finish(): boolean {
    this.write();
    return this.reply.response.headersSent;
  }

  private split(piece: Uint8Array): Uint8Array {
    try {
      return this.splitter?.push(piece) ?? piece;
    } catch (error) {
      if (!isWireError(error)) throw error;
      this.broken = true;
      return new Uint8Array(0);
    }
  }

  private write(): void {
    const { response } = this.reply;
    if (response.headersSent || this.broken) return;
    const prelude = this.splitter === undefined ? {} : this.splitter.prelude;
    if (prelude === undefined) return;
    const contentType = this.splitter === undefined ? this.contentType : 'application/json';
    this.broken = !writeHead(this.reply, prelude, contentType);
    // Status and headers are news of their own: the body may take its time.
    if (!this.broken) response.flushHeaders();
  }
}

/** Whether what the function said can be said in HTTP. */
function writeHead({ response, headers }: UrlReply, prelude: HttpPrelude, contentType: string): boolean {
  const own: Record<string, string | string[]> = { 'content-type': contentType };
  for (const [name, value] of Object.entries(prelude.headers ?? {})) own[name.toLowerCase()] = String(value);
  if (prelude.cookies !== undefined && prelude.cookies.length > 0) own['set-cookie'] = [...prelude.cookies];
  // The connection is ours, and so is its framing.
  for (const name of ['connection', 'content-length', 'transfer-encoding']) delete own[name];
  const status = prelude.statusCode ?? 200;
  if (!Number.isInteger(status) || status < 200 || status > 599) return false;
  try {
    response.writeHead(status, { ...own, ...headers });
    return true;
  } catch (error) {
    // Names and values that HTTP does not allow.
    if (/^ERR_(HTTP_INVALID|INVALID)_/.test((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Sends the response when it is complete. */
export async function bufferedReply(
  reply: UrlReply,
  answer: RuntimeResponse,
  running: RunningInvocation,
): Promise<void> {
  const payload = await collectBody(answer.body);
  const failure = answer.body.complete ? answer.failure() : (await running.completed).failure;
  const parsed = payload === 'too-large' || failure !== undefined ? undefined : readResult(payload, answer.contentType);
  if (parsed === undefined || !writeHead(reply, parsed, parsed.contentType)) badGateway(reply);
  else reply.response.end(parsed.body);
}

interface BufferedReply extends HttpPrelude {
  readonly body: Uint8Array;
  readonly contentType: string;
}

/** `undefined` where a prelude was announced and none came. */
function readResult(payload: Buffer, contentType: string): BufferedReply | undefined {
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
