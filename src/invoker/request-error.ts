/** Turns what the SDK raised before the response headers into a {@link StreamError} that says whether the function ran. */
import { readAccessDenial } from './access-denial';
import { type Invoked, StreamError, type StreamErrorFacts } from './stream-error';
import { describe, systemCodeOf } from './system-error';

/** What the SDK's errors carry, and Node.js's; none of it is sure. */
interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: unknown;
  readonly Reason?: string;
  readonly retryAfterSeconds?: string;
  readonly $metadata?: {
    readonly httpStatusCode?: number;
    readonly requestId?: string;
    readonly clockSkewCorrected?: boolean;
  };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

const CREDENTIAL_ERRORS = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'RequestExpired',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
  'TokenProviderError',
  'UnrecognizedClientException',
]);

/** Raised while an execution environment is prepared, so before any of the function's own code for this request. */
const BEFORE_INVOKE =
  /^(KMS|EC2|ENI|EFS|S3Files|SnapStart|SubnetIP|InvalidRuntime|InvalidSecurityGroup|InvalidSubnet|InvalidZipFile|ResourceNotReady|NoPublishedVersion)/;

/** Of those, what passes by itself. */
const PASSES =
  /^(EC2Throttled|ENI|ResourceNotReady|ResourceConflict|SnapStartNotReady|EFSMountTimeout|SubnetIP|ServiceException|InternalServer|ServiceUnavailable)/;

/** No bytes of the request can have left: name resolution failed or nobody listens. */
const NOT_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ERR_INVALID_URL',
]);

/** @param sent whether the request was handed to the connection */
export function requestError(raw: unknown, sent: boolean, connectMs: number): StreamError {
  const error = (raw ?? {}) as SdkError;
  const requestId = error.$metadata?.requestId;
  const facts: Partial<StreamErrorFacts> = { phase: sent ? 'request' : 'input', requestId, cause: raw };
  if (CREDENTIAL_ERRORS.has(error.name ?? '')) return credentialsError(error, facts);
  const status = error.$metadata?.httpStatusCode;
  if (status !== undefined && error.$response !== undefined) return serviceError(error, status, facts);
  if (!sent) return StreamError.of('INPUT_INVALID', `the request cannot be made: ${error.message}`, {}, facts);
  return transportError(error, facts, connectMs);
}

function credentialsError(error: SdkError, facts: Partial<StreamErrorFacts>): StreamError {
  // The SDK has learned the service's time from this answer, so the next signature will be right. Older clients set no flag.
  const isSkew = /Signature (expired|not yet current)|time.*skew/i.test(`${error.name} ${error.message}`);
  const retryable = isSkew || error.$metadata?.clockSkewCorrected === true;
  const message = `the credentials are not accepted: ${error.name}: ${error.message}`;
  return StreamError.of('ACCESS_DENIED', message, { reason: 'credentials' }, { ...facts, retryable });
}

function serviceError(error: SdkError, status: number, facts: Partial<StreamErrorFacts>): StreamError {
  const name = error.name ?? 'unknown';
  const message = `${name}: ${error.message}`;
  if (status === 403) return StreamError.of('ACCESS_DENIED', message, readAccessDenial(error.message ?? ''), facts);
  if (status === 404) return StreamError.of('NOT_FOUND', message, {}, facts);
  if (status === 413) return StreamError.of('REQUEST_TOO_LARGE', message, {}, facts);
  if (status === 429) {
    const details = { reason: error.Reason, retryAfterMs: retryAfterMs(error) };
    return StreamError.of('THROTTLED', message, details, { ...facts, retryable: true });
  }
  const invoked: Invoked = status < 500 || BEFORE_INVOKE.test(name) ? 'no' : 'maybe';
  const retryable = PASSES.test(name);
  return StreamError.of('SERVICE', message, { errorName: name, statusCode: status }, { ...facts, invoked, retryable });
}

function transportError(error: SdkError, facts: Partial<StreamErrorFacts>, connectMs: number): StreamError {
  if (error.name === 'TimeoutError' && error.code === undefined && /establish/.test(error.message ?? '')) {
    const message = `no connection within ${connectMs} ms; raise timeouts.connectMs or check the network path`;
    return StreamError.of('TIMEOUT', message, { kind: 'connect', limitMs: connectMs }, { ...facts, retryable: true });
  }
  const systemCode = systemCodeOf(error);
  const invoked = systemCode !== undefined && NOT_CONNECTED.has(systemCode) ? 'no' : 'maybe';
  const message = `the connection failed before the response headers: ${describe(error)}`;
  return StreamError.of('TRANSPORT', message, { systemCode }, { ...facts, invoked, retryable: true });
}

function retryAfterMs(error: SdkError): number | undefined {
  const text = error.retryAfterSeconds ?? error.$response?.headers?.['retry-after'];
  const seconds = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(seconds) ? seconds * 1_000 : undefined;
}
