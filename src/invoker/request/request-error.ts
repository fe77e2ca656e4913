/** Turns what the SDK raised before the response headers into a {@link StreamError} that says whether the function ran. */

import { connectionFailure, innermost } from '../../stream/errors/connection-failure';
import { readRefusal } from '../../stream/errors/refusal-body';
import { type ServiceAnswer, serviceError } from '../../stream/errors/service-error';
import { StreamError, type StreamErrorFacts } from '../../stream/errors/stream-error';
import { describe } from '../../stream/errors/system-error';
import { CredentialsFailure } from './client-credentials';
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

/** Whether an error of this name is about the caller's credentials. */
export function isAboutCredentials(name: string | undefined): boolean {
  return CREDENTIAL_ERRORS.has(name ?? '');
}

export function requestError(raw: unknown, trace: AttemptTrace, connectMs: number): StreamError {
  if (raw instanceof CredentialsFailure) {
    const error = requestError(raw.cause, trace, connectMs);
    return error.code === 'INPUT_INVALID' ? raw.toStreamError() : error;
  }
  const error = (raw ?? {}) as SdkError;
  const answer = answerOf(error, trace.refusal);
  const requestId = answer?.header('x-amzn-requestid') ?? error.$metadata?.requestId;
  const facts: Partial<StreamErrorFacts> = { phase: trace.sent ? 'request' : 'input', requestId, cause: raw };
  const { name = error.name, message = error.message } = answer ?? {};
  if (isAboutCredentials(name)) {
    // The SDK has learned the service's time from this answer, so the next signature will be right. Older clients set no flag.
    const isSkew = /Signature (expired|not yet current)|time.*skew/i.test(`${name} ${message}`);
    const retryable = isSkew || error.$metadata?.clockSkewCorrected === true;
    const words = `the credentials are not accepted: ${name}: ${message}`;
    return StreamError.of('ACCESS_DENIED', words, { reason: 'credentials' }, { ...facts, retryable });
  }
  if (answer !== undefined) return serviceError(answer, facts);
  if (!trace.sent) return StreamError.of('INPUT_INVALID', `the request cannot be made: ${error.message}`, {}, facts);
  return transportError(error, facts, connectMs);
}

/**
 * Of the function's own request it is read here, whatever the SDK made of it: it takes no answer that is not JSON or was
 * cut. An answer of another service, which was asked for credentials, is as the SDK says.
 */
function answerOf(error: SdkError, refusal: Refusal | undefined): ServiceAnswer | undefined {
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
  if (isUnwritable) return StreamError.of('INPUT_INVALID', `the request cannot be made: ${words}`, {}, facts);
  const message = `the connection failed before the response headers: ${words}`;
  return StreamError.of('TRANSPORT', message, { systemCode }, { ...facts, ...more });
}
