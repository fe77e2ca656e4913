/** Calls a function for the console: a request like that of any client, signed by the principal that was chosen. */
import { createHash } from 'node:crypto';
import { request as httpRequest, type IncomingMessage, validateHeaderName, validateHeaderValue } from 'node:http';
import { isObject } from '../../base/is-object';
import { isString, oneOf, optionProblem, type Rules, STRING } from '../../base/option-problem';
import { FrameDecoder } from '../../wire/frame-decoder';
import { signRequest } from '../http/sign-request';
import type { Journal } from '../journal/journal';
import { LocalConfigError } from '../local-error';
import type { LocalClientConfig } from '../local-target';

export interface InvokingParts {
  readonly journal: Pick<Journal, 'tagNext'>;
  readonly endpoint: () => string;
  readonly clientConfig: (options: { readonly as: string; readonly region?: string }) => LocalClientConfig;
}

/** What the page sends. */
export interface ConsoleCall {
  /** `stream` and `buffered` are the Lambda API; else the address of a front end. */
  readonly through: string;
  readonly functionArn: string;
  readonly qualifier?: string;
  /** ARN of who calls; without one the request is not signed, which only front ends take. */
  readonly as?: string;
  /** Of a front end. @default 'POST' */
  readonly method?: string;
  /** To a front end; an `authorization` takes the place of the signature. @default - what the request needs */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body; a front end gets none with GET and HEAD. */
  readonly payload: string;
  /** Comes back in the journal. */
  readonly tag: string;
}

/** What the caller saw. */
export interface ConsoleAnswer {
  readonly status: number;
  /** Whether the end of the stream arrived: `InvokeComplete`, or the end of an HTTP body, whatever its status. */
  readonly isWhole: boolean;
  /** What a refusal said. */
  readonly message?: string;
  /** Members of `InvokeComplete`. */
  readonly complete?: Readonly<Record<string, unknown>>;
}

const RULES: Rules = {
  through: STRING,
  functionArn: STRING,
  qualifier: { allowed: 'a string', fits: isString },
  as: { allowed: 'a string', fits: isString },
  method: oneOf('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'),
  headers: {
    allowed: 'an object of strings',
    fits: (value) => isObject(value) && Object.values(value).every(isString),
  },
  payload: { allowed: 'a string', fits: isString },
  tag: STRING,
};

const PATHS: ReadonlyMap<string, readonly [version: string, operation: string]> = new Map([
  ['stream', ['2021-11-15', 'response-streaming-invocations']],
  ['buffered', ['2015-03-31', 'invocations']],
]);
const REFUSAL_BYTES = 4_096;

/** @throws LocalConfigError for what is no call, and PrincipalError for a caller that nobody can be */
export async function invokeFromConsole(
  parts: InvokingParts,
  given: unknown,
  signal: AbortSignal,
): Promise<ConsoleAnswer> {
  const call = checked(given);
  const { tag, payload } = call;
  const { host } = new URL(parts.endpoint());
  const { method, path, service } = requestOf(parts.endpoint(), call);
  const body = Buffer.from(method === 'GET' || method === 'HEAD' ? '' : payload);
  const isOfCloudFront = path.startsWith('/cloudfront/');
  const unsigned: Record<string, string> = {
    'content-type': 'application/json',
    // CloudFront may sign for its origin, and does not read the body for it.
    ...(isOfCloudFront && body.length > 0 && { 'x-amz-content-sha256': sha256(body) }),
    ...ownHeaders(call),
    host,
  };
  // CloudFront knows no viewers by signature.
  const isSigned = (call.as ?? '') !== '' && !isOfCloudFront && unsigned['authorization'] === undefined;
  const headers = isSigned ? sign(parts, call, { method, path, service, body, unsigned }) : unsigned;
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ ...addressOf(parts), method, path, headers, agent: false, signal }, (response) => {
      readAnswer(response).then(resolve, reject);
    });
    sent.once('socket', (socket) => {
      socket.once('connect', () => sent.once('close', parts.journal.tagNext(socket.localPort ?? 0, tag)));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function checked(given: unknown): ConsoleCall {
  const problem = isObject(given) ? optionProblem(given, RULES) : 'a call must be an object';
  const missing = ['through', 'functionArn', 'payload', 'tag'].find(
    (name) => isObject(given) && given[name] === undefined,
  );
  if (problem !== undefined || missing !== undefined) {
    throw new LocalConfigError(`invoke: ${problem ?? `'${missing}' is missing`}`);
  }
  return given as ConsoleCall;
}

/** By lower-case name. @throws LocalConfigError for what HTTP does not allow */
function ownHeaders({ headers = {} }: ConsoleCall): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      try {
        validateHeaderName(name);
        validateHeaderValue(name, value);
      } catch (error) {
        throw new LocalConfigError(`invoke: '${name}: ${value}' is not a header: ${(error as Error).message}`);
      }
      return [name.toLowerCase(), value];
    }),
  );
}

function sha256(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

interface Addressed {
  readonly method: string;
  readonly path: string;
  readonly service: 'lambda' | 'execute-api';
}

function requestOf(
  endpoint: string,
  { through, functionArn, qualifier = '', method = 'POST' }: ConsoleCall,
): Addressed {
  const [version, operation] = PATHS.get(through) ?? [];
  if (version !== undefined) {
    const query = qualifier === '' ? '' : `?Qualifier=${encodeURIComponent(qualifier)}`;
    const path = `/${version}/functions/${encodeURIComponent(functionArn)}/${operation}${query}`;
    return { method: 'POST', path, service: 'lambda' };
  }
  // Nobody is to be reached through here but the front ends of this target.
  const address = URL.canParse(through) ? new URL(through) : undefined;
  if (address?.origin !== endpoint || !/^\/(lambda-url|execute-api|cloudfront)\//.test(address.pathname)) {
    throw new LocalConfigError(
      `invoke: through must be 'stream', 'buffered' or the address of a front end below ${endpoint}, got '${through}'`,
    );
  }
  const path = `${address.pathname}${address.search}`;
  return { method, path, service: path.startsWith('/execute-api/') ? 'execute-api' : 'lambda' };
}

function sign(
  { clientConfig }: InvokingParts,
  { as = '', functionArn }: ConsoleCall,
  {
    method,
    path: url,
    service,
    body,
    unsigned: headers,
  }: Addressed & { readonly body: Buffer; readonly unsigned: Readonly<Record<string, string>> },
): Record<string, string> {
  const region = functionArn.split(':')[3] ?? '';
  const { credentials } = clientConfig({ as, region });
  return signRequest({ method, url, headers, body }, credentials, { region, service, payloadHash: undefined });
}

function addressOf({ endpoint }: InvokingParts): { readonly host: string; readonly port: string } {
  const { hostname: host, port } = new URL(endpoint());
  return { host, port };
}

/** Reads to the end, as a client would, and keeps what a refusal says and how a stream ended. */
async function readAnswer(response: IncomingMessage): Promise<ConsoleAnswer> {
  const { statusCode: status = 0, headers } = response;
  const isFrames = headers['content-type'] === 'application/vnd.amazon.eventstream';
  const decoder = new FrameDecoder();
  let complete: Readonly<Record<string, unknown>> | undefined;
  let text = '';
  try {
    for await (const bytes of response as AsyncIterable<Buffer>) {
      if (status >= 400 && text.length < REFUSAL_BYTES) text += bytes.toString('utf8');
      if (!isFrames) continue;
      decoder.push(bytes);
      for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
        if (frame.headers.eventType === 'InvokeComplete') complete = membersOf(frame.payload);
      }
    }
  } catch (error) {
    return { status, isWhole: false, message: `the connection broke: ${(error as Error).message}` };
  }
  const message = status < 400 ? undefined : (headers['x-local-refusal']?.toString() ?? wordsOf(text));
  const isWhole = !isFrames || complete !== undefined;
  return { status, isWhole, ...(message !== undefined && { message }), ...(complete && { complete }) };
}

function membersOf(payload: Uint8Array): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(Buffer.from(payload).toString('utf8'));
  return isObject(value) ? value : {};
}

function wordsOf(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const said = isObject(value) ? (value['message'] ?? value['Message']) : undefined;
    return isString(said) ? said : text;
  } catch {
    return text === '' ? undefined : text; // not JSON
  }
}
