/** Turns what the SDK raised before the response headers into a {@link StreamError} that says whether the function ran. */

import { isAboutCredentials, type RefusalAnswer, readRefusal, refusalError } from '../../stream/errors/refusal';
import { StreamError, type StreamErrorFacts } from '../../stream/errors/stream-error';
import { connectionFailure, describe, innermost, systemCodeOf } from '../../stream/errors/system-error';
import type { AttemptTrace, Refusal } from './send-request';

/** What the SDK's errors carry, and Node.js's; none of it is sure. */
interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: unknown;
  readonly Reason?: string;
  readonly $metadata?: {
    readonly httpStatusCode?: number;
    readonly requestId?: string;
    readonly clockSkewCorrected?: boolean;
  };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

/** What the SDK's providers raise when none of them has credentials; no service was asked about them. */
const NOT_FOUND = /^(Credentials|Token)ProviderError$/;

/** The credentials provider failed, as `cause` says. */
export class CredentialsFailure {
  public constructor(public readonly cause: unknown) {}

  /** What fails for want of a connection may work later; everything else is the same at the next call. */
  public toStreamError(): StreamError {
    const { cause } = this;
    const message = `the credentials provider failed: ${describe(cause)}`;
    const facts = { phase: 'input', retryable: systemCodeOf(cause) !== undefined, cause } as const;
    return StreamError.of('ACCESS_DENIED', message, { reason: 'credentials' }, facts);
  }
}

export function requestError(raw: unknown, trace: AttemptTrace, connectMs: number): StreamError {
  if (raw instanceof CredentialsFailure) {
    const error = requestError(raw.cause, trace, connectMs);
    return error.code === 'CONFIG_INVALID' ? raw.toStreamError() : error;
  }
  const error = (raw ?? {}) as SdkError;
  const answer = answerOf(error, trace.refusal);
  const requestId = answer?.header('x-amzn-requestid') ?? error.$metadata?.requestId;
  // The SDK's reading of the same answer would say it again.
  const cause = answer !== undefined && error.$metadata?.httpStatusCode === answer.status ? undefined : raw;
  const facts: Partial<StreamErrorFacts> = { phase: trace.sent ? 'request' : 'input', requestId, cause };
  // The SDK has learned the service's time from this answer, so the next signature will be right. Older clients set no flag.
  const clockCorrected = () =>
    error.$metadata?.clockSkewCorrected === true ||
    /Signature (expired|not yet current)|time.*skew/i.test(
      `${answer?.name ?? error.name} ${answer?.message ?? error.message}`,
    );
  if (answer !== undefined) {
    return refusalError(answer, { message: words(answer), facts, isOfService: true, clockCorrected });
  }
  if (isAboutCredentials(error.name)) {
    const said = `${error.name}: ${error.message}`;
    const message = NOT_FOUND.test(error.name ?? '')
      ? `no credentials were found: ${said}; pass clientConfig.credentials, or set AWS_PROFILE or the variables of an access key`
      : `the credentials are not accepted: ${said}`;
    return StreamError.of(
      'ACCESS_DENIED',
      message,
      { reason: 'credentials' },
      { ...facts, retryable: clockCorrected() },
    );
  }
  if (!trace.sent) {
    const message = `the request cannot be made: ${error.message}${remedy(error.message)}`;
    return StreamError.of('CONFIG_INVALID', message, {}, facts);
  }
  return transportError(error, facts, connectMs);
}

function remedy(message = ''): string {
  if (/^Region is missing/.test(message)) {
    return '; pass clientConfig.region or a client with a region, set AWS_REGION, or name the function by its ARN';
  }
  // The SDK says so of a command that puts itself beside a middleware which the client does not have.
  return /is not found when adding .* middleware/.test(message)
    ? '; the client is of another version of the AWS SDK than the one this package finds: install one version of @aws-sdk/client-lambda, or pass a client of its class Lambda, which makes its commands itself'
    : '';
}

function words({ status, name, message, header }: RefusalAnswer): string {
  if (name !== undefined) return `${name}: ${message}`;
  const where = header('location');
  const said = status < 400 ? `redirected${where === undefined ? '' : ` to ${where}`}` : message;
  const what = said === undefined || said === '' ? '' : `: ${said}`;
  return `HTTP ${status}${what}; the answer does not look like Lambda's: is there a proxy, or another endpoint?`;
}

/**
 * The answer to the function's own request is read here, because the SDK accepts none that is not JSON or was cut. The
 * answer of another service, which was asked for credentials, is as the SDK says.
 */
function answerOf(error: SdkError, refusal: Refusal | undefined): RefusalAnswer | undefined {
  if (refusal !== undefined) {
    const header = (name: string) => refusal.headers[name];
    return { status: refusal.statusCode, header, ...readRefusal(header, refusal.body) };
  }
  const status = error.$metadata?.httpStatusCode;
  if (status === undefined || error.$response === undefined) return undefined;
  const header = (name: string) => error.$response?.headers?.[name];
  return { status, header, name: error.name, message: error.message, reason: error.Reason };
}

function transportError(error: SdkError, facts: Partial<StreamErrorFacts>, connectMs: number): StreamError {
  if (error.name === 'TimeoutError' && error.code === undefined && /establish/.test(error.message ?? '')) {
    const message = `no connection within ${connectMs} ms; raise timeouts.connectMs or check the network path`;
    return StreamError.of('TIMEOUT', message, { kind: 'connect', limitMs: connectMs }, { ...facts, retryable: true });
  }
  const { systemCode, isUnwritable, facts: more } = connectionFailure(error);
  const words = describe(innermost(error));
  if (isUnwritable) return StreamError.of('CONFIG_INVALID', `the request cannot be made: ${words}`, {}, facts);
  const message = `the connection failed before the response headers: ${words}`;
  return StreamError.of('TRANSPORT', message, { systemCode }, { ...facts, ...more });
}
