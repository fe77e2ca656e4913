/** Turns what a function answers into the response of a Lambda proxy integration, buffered or streamed. */
import { isObject } from '../../../base/is-object';
import { type HttpPrelude, PreludeSplitter } from '../../../wire/http-prelude';
import { HTTP_PRELUDE_MAX_BYTES } from '../../../wire/limits';
import { isWireError } from '../../../wire/wire-error';
import { collectBody } from '../../operations/buffered-body';
import { pieceListener } from '../../operations/lambda-call';
import { pumpPayload } from '../../operations/payload-pump';
import { describeFailure, type FunctionFailure } from '../../runtime/function-failure';
import type { GatewayOutcome } from '../invoke-as-gateway';
import { GatewayRefusal } from './gateway-response';
import { isBinary } from './proxy-event';
import { headerOf, type RestCall } from './rest-call';

type Invoked = Extract<GatewayOutcome, { readonly kind: 'invoked' }>;

/** The gateway says these itself; what a function says of them goes by another name. */
const REMAPPED = ['connection', 'content-length', 'date', 'server'];

const failed = (reason: FunctionFailure | string) =>
  new GatewayRefusal('INTEGRATION_FAILURE', typeof reason === 'string' ? reason : describeFailure(reason));

/** Sends the response when it is complete. */
export async function bufferedResponse(call: RestCall, { begun, running }: Invoked): Promise<void> {
  if (begun.kind === 'failure') throw failed(begun.failure);
  const payload = await collectBody(begun.response.body);
  const failure = begun.response.body.complete ? begun.response.failure() : (await running.completed).failure;
  if (failure !== undefined) throw failed(failure);
  if (payload === 'too-large') throw failed('the function answered more than the 6 MB of a buffered response');
  const result = readResult(payload);
  if (typeof result === 'string') throw failed(result);
  // The gateway may have answered in the function's place.
  if (call.response.writableEnded) return;
  writeHead(call, result);
  const accept = headerOf(call.request, 'accept')?.split(',')[0];
  const { binaryMediaTypes } = call.api;
  // The types of the API decide by what the client asks for first, not by what the function says.
  const decodes = result.isBase64Encoded && (isBinary(accept, binaryMediaTypes) || binaryMediaTypes.includes('*/*'));
  const body = Buffer.from(result.body, decodes ? 'base64' : 'utf8');
  call.lambda.journal?.piece(call.requestId, body);
  call.response.end(body);
}

interface ProxyResult {
  readonly statusCode: number;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

const MEMBERS = ['body', 'headers', 'isBase64Encoded', 'multiValueHeaders', 'statusCode'];

/** What a buffered function returned, or what is wrong with it. */
function readResult(payload: Buffer): ProxyResult | string {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString('utf8'));
  } catch {
    return `the function answered what is not JSON: ${payload.subarray(0, 80).toString('utf8')}`;
  }
  if (!isObject(value)) return 'the function must answer an object with statusCode, headers and body';
  const unknown = Object.keys(value).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) return `the answer of the function has the member '${unknown}', which none of them is`;
  const { body, headers, isBase64Encoded, multiValueHeaders } = value;
  const statusCode = Number(value['statusCode'] ?? 200);
  if (!Number.isInteger(statusCode)) return `statusCode must be a number, got '${String(value['statusCode'])}'`;
  if (body !== undefined && body !== null && typeof body !== 'string') {
    return `body must be a string, got ${typeof body}; use JSON.stringify()`;
  }
  const merged = mergeHeaders(headers, multiValueHeaders);
  if (typeof merged === 'string') return merged;
  return { statusCode, headers: merged, body: body ?? '', isBase64Encoded: isBase64Encoded === true };
}

/** One list for each name; the same value stands in it once. */
function mergeHeaders(single: unknown, multi: unknown): ReadonlyMap<string, readonly string[]> | string {
  const merged = new Map<string, string[]>();
  for (const [member, headers] of Object.entries({ multiValueHeaders: multi ?? {}, headers: single ?? {} })) {
    if (!isObject(headers)) return `${member} must be an object`;
    for (const [name, value] of Object.entries(headers)) {
      const written = [...merged.keys()].find((other) => other.toLowerCase() === name.toLowerCase()) ?? name;
      const values = [value].flat().map(String);
      merged.set(written, [...new Set([...(merged.get(written) ?? []), ...values])]);
    }
  }
  return merged;
}

/** Writes status and headers. @throws GatewayRefusal where HTTP does not allow them */
function writeHead(call: RestCall, { headers, statusCode }: Pick<ProxyResult, 'headers' | 'statusCode'>): void {
  const own: Record<string, string | readonly string[]> = { 'content-type': 'application/json' };
  for (const [name, values] of headers) {
    const lower = name.toLowerCase();
    if (lower === 'transfer-encoding') continue;
    const key = REMAPPED.includes(lower) ? `x-amzn-remapped-${lower}` : lower;
    own[key] = lower === 'set-cookie' ? values : values.join(', ');
  }
  if (statusCode < 200 || statusCode > 599) throw failed(`statusCode must be 200 to 599, got ${statusCode}`);
  try {
    call.response.writeHead(statusCode, { ...own, ...gatewayHeaders(call) } as Record<string, string | string[]>);
  } catch (error) {
    if (/^ERR_(HTTP_INVALID|INVALID)_/.test((error as NodeJS.ErrnoException).code ?? '')) {
      throw failed(`the function answered a header that HTTP does not allow: ${(error as Error).message}`);
    }
    throw error;
  }
}

function gatewayHeaders({ extendedRequestId, requestId, traceId }: RestCall): Record<string, string> {
  return { 'x-amzn-requestid': requestId, 'x-amz-apigw-id': extendedRequestId, 'x-amzn-trace-id': traceId };
}

/**
 * Sends the body while it is written. Status and headers come from the prelude, which must be there within 16 KB
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html).
 * @param onData told of each piece, for the clock of silence
 */
export async function streamedResponse(call: RestCall, invoked: Invoked, onData: () => void): Promise<void> {
  const { begun, fault, running } = invoked;
  const { response, lambda } = call;
  if (begun.kind === 'failure') throw failed(begun.failure);
  const { body } = begun.response;
  if (!begun.response.streaming) {
    body.resume();
    throw failed('the function did not stream: behind a STREAM integration it must answer with a prelude and a body');
  }
  const head = new StreamHead(call);
  const end = await pumpPayload(body, response, {
    fault,
    invocations: lambda.options,
    encode: (piece) => {
      onData();
      return head.pass(piece);
    },
    onPiece: pieceListener(lambda, call.requestId),
    raise: () => response.destroy(),
  });
  if (end === 'given-up') return;
  const failure = body.complete ? begun.response.failure() : (await running.completed).failure;
  // What has begun can only be cut: the client sees a body without its end.
  if (failure !== undefined) throw failed(failure);
  if (!response.headersSent) throw failed(head.problem ?? NO_PRELUDE);
  response.end();
}

const NO_PRELUDE =
  'the function ended without a prelude; use awslambda.HttpResponseStream.from() and write() before end()';

/** Writes status and headers once the prelude is whole. */
class StreamHead {
  private readonly splitter = new PreludeSplitter(HTTP_PRELUDE_MAX_BYTES);
  /** Why the prelude is none. */
  public problem: string | undefined;

  public constructor(private readonly call: RestCall) {}

  /** The part of `piece` that belongs to the body. */
  public pass(piece: Uint8Array): Uint8Array {
    // Also once the gateway has answered in the function's place.
    if (this.problem !== undefined || this.call.response.writableEnded) return new Uint8Array(0);
    try {
      const before = this.splitter.prelude;
      const body = this.splitter.push(piece);
      if (before === undefined && this.splitter.prelude !== undefined) this.write(this.splitter.prelude);
      return body;
    } catch (error) {
      if (!isWireError(error) && !(error instanceof GatewayRefusal)) throw error;
      this.problem = error.message;
      return new Uint8Array(0);
    }
  }

  private write(prelude: HttpPrelude): void {
    const { multiValueHeaders } = prelude as { readonly multiValueHeaders?: unknown };
    const headers = mergeHeaders(prelude.headers, multiValueHeaders);
    if (typeof headers === 'string') throw failed(headers);
    const cookies = (prelude.cookies ?? []).map(String);
    const all = new Map(headers);
    // The connection is the gateway's, and so is its framing.
    for (const name of headers.keys()) if (name.toLowerCase() === 'content-length') all.delete(name);
    if (cookies.length > 0) all.set('set-cookie', cookies);
    writeHead(this.call, { statusCode: prelude.statusCode ?? 200, headers: all });
    // Status and headers are news of their own: the body may take its time.
    this.call.response.flushHeaders();
  }
}
