/**
 * An answer that is not a stream: what it says, in the dialects of AWS's services and on the error pages of others, and
 * the one table of what becomes of it.
 */
import { nextStep, readAccessDenial } from './access-denial';
import { type Invoked, StreamError, type StreamErrorFacts } from './stream-error';

/** What a refusal says, as far as it says it. */
export interface Said {
  /** For example `AccessDeniedException`. */
  readonly name?: string | undefined;
  readonly message?: string | undefined;
  readonly reason?: string | undefined;
}

/** A refusal taken apart. */
export interface RefusalAnswer extends Said {
  readonly status: number;
  /** Value of a header; undefined where it is missing or hidden. */
  header(name: string): string | undefined;
}

const CREDENTIAL_ERRORS =
  /^(CredentialsProviderError|TokenProviderError|(ExpiredToken|IncompleteSignature|InvalidAccessKeyId|InvalidClientTokenId|InvalidSignature|MissingAuthenticationToken|RequestExpired|RequestTimeTooSkewed|SignatureDoesNotMatch|Unauthorized|UnrecognizedClient)(Exception)?)$/;

/** The services' wordings for the same where a browser page cannot see the header with the name. */
const CREDENTIAL_WORDS =
  /security token included in the request|request signature we calculated|Signature (expired|not yet current)/;

/** Raised while an execution environment is prepared, so before any of the function's own code for this request. */
const BEFORE_INVOKE =
  /^(KMS|EC2|ENI|EFS|S3Files|SnapStart|SubnetIP|InvalidRuntime|InvalidSecurityGroup|InvalidSubnet|InvalidZipFile|ResourceNotReady|NoPublishedVersion)/;

/** Of the services' named errors, those that pass by themselves. */
const PASSES =
  /^(EC2Throttled|ENI|ResourceNotReady|ResourceConflict|SnapStartNotReady|EFSMountTimeout|SubnetIP|ServiceException|InternalServer|ServiceUnavailable)/;

/** The word of a proxy, or of a service in an hour of need: these pass by themselves. */
const PASSING_STATUS: readonly number[] = [500, 502, 503, 504];

/** Whether an error of this name is about the caller's credentials. */
export function isAboutCredentials(name: string | undefined): boolean {
  return CREDENTIAL_ERRORS.test(name ?? '');
}

/** What of a refusal only its reader knows. */
export interface RefusalContext {
  /** In the caller's words. */
  readonly message: string;
  readonly facts: Partial<StreamErrorFacts>;
  /** Whether the service itself answered, and not, perhaps, the function behind it. */
  readonly isOfService: boolean;
  /** Whether the next signature will be another one: the service's time is known now. */
  readonly clockCorrected: () => boolean;
}

/** What a refusal becomes, by its status and the name it gives. */
export function refusalError(answer: RefusalAnswer, context: RefusalContext): StreamError {
  const { status, name = '', message: said = '', reason } = answer;
  const { message } = context;
  const notInvoked = BEFORE_INVOKE.test(name) || (status < 500 && context.isOfService);
  const invoked: Invoked = notInvoked ? 'no' : 'maybe';
  const facts = { ...context.facts, invoked };
  if (status === 401 || isAboutCredentials(name) || (status === 403 && CREDENTIAL_WORDS.test(said))) {
    const retryable = context.clockCorrected();
    const words = `the credentials are not accepted: ${message}`;
    return StreamError.of('ACCESS_DENIED', words, { reason: 'credentials' }, { ...facts, retryable });
  }
  if (status === 403) {
    const denial = readAccessDenial(said);
    return StreamError.of('ACCESS_DENIED', `${message}${nextStep(denial)}`, denial, facts);
  }
  if (status === 404) return StreamError.of('NOT_FOUND', message, {}, facts);
  if (status === 413) return StreamError.of('REQUEST_TOO_LARGE', message, {}, facts);
  if (status === 429) {
    const details = { reason, retryAfterMs: retryAfterMs(answer) };
    return StreamError.of('THROTTLED', message, details, { ...facts, retryable: true });
  }
  const retryable = PASSES.test(name) || (!BEFORE_INVOKE.test(name) && PASSING_STATUS.includes(status));
  const details = { errorName: name || (status < 400 ? 'Redirect' : `HTTP ${status}`), statusCode: status };
  return StreamError.of('SERVICE', message, details, { ...facts, retryable });
}

/** Seconds, or a date: https://www.rfc-editor.org/rfc/rfc9110.html#name-retry-after */
function retryAfterMs({ header }: Pick<RefusalAnswer, 'header'>): number | undefined {
  const text = header('retry-after');
  if (text === undefined || text.trim() === '') return undefined;
  const ms = Number.isNaN(Number(text)) ? Date.parse(text) - Date.now() : Number(text) * 1_000;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** @param header value of a header; undefined where it is missing or hidden */
export function readRefusal(header: (name: string) => string | undefined, body: string): Said {
  // The header's value may go on with an address of the service: AccessDeniedException:http://…
  const [fromHeader] = header('x-amzn-errortype')?.split(':') ?? [];
  const said = readBody(mediaType(header('content-type')), body);
  return { ...said, name: fromHeader || said.name };
}

/** `text/plain; charset=utf-8` → `text/plain` */
export function mediaType(contentType: string | null | undefined): string | undefined {
  return contentType?.split(';')[0]?.trim().toLowerCase() || undefined;
}

/** One line of at most 200 characters. */
export function excerpt(body: string): string {
  const line = body.replace(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}

function readBody(type: string | undefined, body: string): Said {
  if (type?.endsWith('xml') || body.startsWith('<?xml')) return readXml(body);
  return type === 'text/html' ? readHtml(body) : readJson(body);
}

function readJson(body: string): Said {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { message: excerpt(body) }; // plain words, or the beginning of a longer body
  }
  if (typeof value !== 'object' || value === null) return { message: excerpt(body) };
  const { __type, Code, code, Message, message, Reason } = value as Readonly<Record<string, unknown>>;
  const name = text(__type)?.replace(/^.*#/, '') ?? text(Code) ?? text(code);
  return { name, message: text(Message) ?? text(message) ?? excerpt(body), reason: text(Reason) };
}

function readXml(body: string): Said {
  const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1];
  return { name: element('Code'), message: element('Message') ?? excerpt(body) };
}

/** An error page: its title says what happened. */
function readHtml(body: string): Said {
  const [, title] = /<title>([^<]*)<\/title>/i.exec(body) ?? [];
  return { message: title?.trim() || excerpt(body.replace(/<[^>]*>/g, ' ')) };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
