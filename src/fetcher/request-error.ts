/**
 * Tells why a request brought no stream: what fetch raised, or what the front end (function URL, API Gateway, CloudFront) or
 * the function answered.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
import { type RefusalAnswer, readRefusal, refusalError as refusalOf, type Said } from '../stream/errors/refusal';
import { StreamError } from '../stream/errors/stream-error';
import {
  connectionFailure,
  describe,
  FETCH_HEADERS_TIMEOUT,
  FETCH_SILENCE_MS,
  FETCH_TIMEOUT_REMEDY,
  innermost,
} from '../stream/errors/system-error';

/** A response that is not the stream. */
export interface Refusal extends Pick<RefusalAnswer, 'status' | 'header'> {
  /** Beginning of the body. */
  readonly body: string;
  /** Whether the request was not signed, and can be: CloudFront takes no signature. */
  readonly unsigned: boolean;
  /** The service that the request was signed for. */
  readonly signedFor: string | undefined;
  /** Takes over the service's time where the signature's was wrong; true when the next signature will differ. */
  correctClock(): boolean;
}

/** @param headers of the request, which a page of another origin must be allowed to send */
export function sendFailure(
  cause: unknown,
  url: URL,
  method: string,
  headers: Readonly<Record<string, string>>,
): StreamError {
  const { systemCode, isUnwritable, facts } = connectionFailure(cause);
  const words = describe(innermost(cause));
  if (isUnwritable) return StreamError.of('CONFIG_INVALID', `the request cannot be made: ${words}`, {}, { cause });
  if (systemCode === FETCH_HEADERS_TIMEOUT) {
    const silent = `fetch gave up after its own ${FETCH_SILENCE_MS / 1_000} s without response headers`;
    const message = `${silent}; ${FETCH_TIMEOUT_REMEDY}`;
    const details = { kind: 'headers', limitMs: FETCH_SILENCE_MS } as const;
    return StreamError.of('TIMEOUT', message, details, { phase: 'request', invoked: 'maybe', retryable: true, cause });
  }
  const message = `the request to ${url.origin} failed before the response headers: ${words}${corsHint(url, method, headers)}`;
  return StreamError.of('TRANSPORT', message, { systemCode }, { phase: 'request', ...facts, cause });
}

/** Browsers hide from a page why a request to another origin failed, also where the answer was a plain 403. */
function corsHint(url: URL, method: string, headers: Readonly<Record<string, string>>): string {
  const { location } = globalThis as { location?: { readonly origin?: string } };
  const origin = location?.origin;
  if (origin === undefined || origin === url.origin) return '';
  const names = Object.keys(headers).filter((name) => name !== 'accept');
  const allow = `origin ${origin}, method ${method} and headers ${names.join(', ')}`;
  return `; to a page of another origin a missing CORS permission and a refusal look the same: check that the CORS configuration allows ${allow}, and that the caller has access`;
}

export function requestIdOf(header: (name: string) => string | undefined): string | undefined {
  return header('x-amzn-requestid') ?? header('x-amz-apigw-id') ?? header('x-amz-cf-id');
}

/** The refusal as an error. */
export function refusalError(refusal: Refusal): StreamError {
  const { status, header } = refusal;
  const said = readRefusal(header, refusal.body);
  const answer = { ...said, status, header };
  return refusalOf(answer, {
    message: `${words(status, said)}${hint(status, said)}${signatureHint(refusal, answer)}`,
    facts: { phase: 'request', requestId: requestIdOf(header) },
    isOfService: isOfAws(answer),
    clockCorrected: () => refusal.correctClock(),
  });
}

/** @param location where the answer points to, where it can be seen */
export function redirectError(status: number, location: string | undefined): StreamError {
  const where = location === undefined ? 'elsewhere' : `to ${location}`;
  const message = `the URL redirects ${where} (HTTP ${status || '3xx'}), which is not followed: the input would be lost or the signature be wrong; use that address as url`;
  const details = { errorName: 'Redirect', statusCode: status || undefined };
  return StreamError.of('SERVICE', message, details, { phase: 'request', invoked: 'maybe' });
}

function words(status: number, { name, message }: Said): string {
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

/** A door with IAM authorization says neither that a signature is what it misses, nor which permission the signer lacks. */
function signatureHint({ unsigned, signedFor }: Refusal, answer: RefusalAnswer): string {
  if (answer.status !== 403 || !isOfAws(answer)) return '';
  if (signedFor === 'lambda' && /^Forbidden/.test(answer.message ?? '')) {
    return '; the signer may not call the function URL: fn.streamGrants.invokeUrl(role) in the app that defines the function grants it';
  }
  if (!unsigned) return '';
  return "; the request was not signed (sign: 'none'): an address with IAM authorization wants a signature, pass sign: 'iam' or sign: { credentials }";
}

/** AWS refuses a request before the function is started; what has no mark of AWS may be the function's own answer. */
function isOfAws({ header, reason, message = '' }: RefusalAnswer): boolean {
  return header('x-amzn-errortype') !== undefined || reason !== undefined || /^(User: arn:|Forbidden)/.test(message);
}
