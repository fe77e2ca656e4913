/**
 * Reads why an HTTP front door did not answer with the stream: function URL, API Gateway, CloudFront, or the function.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
import { readAccessDenial } from '../stream/errors/access-denial';
import { readRefusal, type Said } from '../stream/errors/refusal-body';
import { type Invoked, StreamError, type StreamErrorFacts } from '../stream/errors/stream-error';

/** A response that is not the stream. */
export interface Refusal {
  readonly status: number;
  /** Value of a header; undefined where it is missing or CORS hides it. */
  header(name: string): string | undefined;
  /** Beginning of the body. */
  readonly body: string;
  /** Takes over the service's time where the signature's was wrong; true when the next signature will differ. */
  correctClock(): boolean;
}

const CREDENTIAL_ERRORS =
  /^(ExpiredToken|IncompleteSignature|InvalidAccessKeyId|InvalidClientTokenId|InvalidSignature|MissingAuthenticationToken|RequestExpired|RequestTimeTooSkewed|SignatureDoesNotMatch|Unauthorized|UnrecognizedClient)(Exception)?$/;

/** The services' wordings for the same where a browser page cannot see the header with the name. */
const CREDENTIAL_WORDS =
  /security token included in the request|request signature we calculated|Signature (expired|not yet current)/;

export function requestIdOf(header: (name: string) => string | undefined): string | undefined {
  return header('x-amzn-requestid') ?? header('x-amz-apigw-id') ?? header('x-amz-cf-id');
}

/** The refusal as an error. */
export function refusalError(refusal: Refusal): StreamError {
  const { status } = refusal;
  const said = readRefusal((name) => refusal.header(name), refusal.body);
  const message = `${describe(status, said)}${hint(status, said)}`;
  const facts = {
    phase: 'request',
    requestId: requestIdOf(refusal.header),
    invoked: invoked(status, said, refusal),
  } as const;
  if (isAboutCredentials(status, said)) {
    const retryable = refusal.correctClock();
    const words = `the credentials are not accepted: ${message}`;
    return StreamError.of('ACCESS_DENIED', words, { reason: 'credentials' }, { ...facts, retryable });
  }
  if (status === 403) return StreamError.of('ACCESS_DENIED', message, readAccessDenial(said.message ?? ''), facts);
  if (status === 404) return StreamError.of('NOT_FOUND', message, {}, facts);
  if (status === 413) return StreamError.of('REQUEST_TOO_LARGE', message, {}, facts);
  if (status === 429) return throttled(message, said, refusal, facts);
  return StreamError.of(
    'SERVICE',
    message,
    { errorName: said.name ?? `HTTP ${status}`, statusCode: status },
    {
      ...facts,
      retryable: status >= 500 && status <= 504 && status !== 501,
    },
  );
}

/** @param location where the answer points to, where it can be seen */
export function redirectError(status: number, location: string | undefined): StreamError {
  const where = location === undefined ? 'elsewhere' : `to ${location}`;
  const message = `the URL redirects ${where} (HTTP ${status || '3xx'}), which is not followed: the input would be lost or the signature be wrong; use that address as url`;
  const details = { errorName: 'Redirect', statusCode: status || undefined };
  return StreamError.of('SERVICE', message, details, { phase: 'request', invoked: 'maybe' });
}

function throttled(
  message: string,
  { reason }: Said,
  { header }: Refusal,
  facts: Partial<StreamErrorFacts>,
): StreamError {
  const seconds = Number(header('retry-after') ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1_000 : undefined;
  return StreamError.of('THROTTLED', message, { reason, retryAfterMs }, { ...facts, retryable: true });
}

function describe(status: number, { name, message }: Said): string {
  const what = [name, message].filter((part) => part !== undefined && part !== '').join(': ');
  return `HTTP ${status}${what === '' ? '' : `: ${what}`}`;
}

function hint(status: number, { name }: Said): string {
  if (name === 'MissingAuthenticationTokenException') {
    return '; API Gateway answers so for a path or method it does not have, too';
  }
  if (name === 'SignatureDoesNotMatch' || name === 'InvalidSignatureException') {
    return '; behind CloudFront a POST needs contentSha256: true';
  }
  return status === 502
    ? '; the function failed before its response began, or sent a broken HTTP prelude: look at its log'
    : '';
}

/** AWS refuses a request before the function is started; what has no mark of AWS may be the function's own answer. */
function invoked(status: number, said: Said, { header }: Refusal): Invoked {
  if (status >= 500) return 'maybe';
  const isAws =
    header('x-amzn-errortype') !== undefined ||
    said.reason !== undefined ||
    /^(User: arn:|Forbidden)/.test(said.message ?? '');
  return isAws ? 'no' : 'maybe';
}

function isAboutCredentials(status: number, { name = '', message = '' }: Said): boolean {
  return status === 401 || CREDENTIAL_ERRORS.test(name) || (status === 403 && CREDENTIAL_WORDS.test(message));
}
