/** What a failed lookup of a target becomes: CloudFormation's error, Systems Manager's, or one of the user's own function. */
import { readAccessDenial } from '../../stream/errors/access-denial';
import { isAboutCredentials } from '../../stream/errors/refusal';
import { isStreamError, StreamError, type StreamErrorFacts } from '../../stream/errors/stream-error';
import { describe, systemCodeOf } from '../../stream/errors/system-error';

/** What the SDK's errors carry; none of it is sure. */
interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

/** Other codes, such as that of a missing file, are a matter of the caller's. */
const NETWORK = /^(ECONN|ENOTFOUND$|EAI_AGAIN$|EHOST|ENET|EADDRNOTAVAIL$|EPIPE$|ETIMEDOUT$|UND_ERR_)/;

/** @param where what was looked at, for example `stack 'Chat'` */
export function targetLookupError(cause: unknown, where: string): StreamError {
  if (isStreamError(cause)) return cause;
  const { name = '', message = '', $metadata } = (cause ?? {}) as SdkError;
  const { httpStatusCode: status, requestId } = $metadata ?? {};
  const words = `the target cannot be looked up in ${where}: ${status === undefined ? '' : `${name}: `}${describe(cause)}`;
  // Nothing was sent to the function, whatever went wrong.
  const facts: Partial<StreamErrorFacts> = { phase: 'input', invoked: 'no', requestId, cause };
  if (isAboutCredentials(name)) return StreamError.of('ACCESS_DENIED', words, { reason: 'credentials' }, facts);
  if (/^AccessDenied/.test(name)) return StreamError.of('ACCESS_DENIED', words, readAccessDenial(message), facts);
  if (/^ParameterNotFound$|^ParameterVersionNotFound$/.test(name) || isMissingStack(name, message)) {
    return StreamError.of('NOT_FOUND', words, {}, facts);
  }
  if (/^Throttling|^TooManyRequests/.test(name)) {
    return StreamError.of('THROTTLED', words, {}, { ...facts, retryable: true });
  }
  if (status !== undefined) {
    const details = { errorName: name, statusCode: status };
    return StreamError.of('SERVICE', words, details, { ...facts, retryable: status >= 500 });
  }
  // In another realm, as under jest, the SDK takes Node's error for none and keeps its words alone.
  const systemCode = systemCodeOf(cause) ?? /\bE[A-Z_]{4,}\b/.exec(message)?.[0];
  if (NETWORK.test(systemCode ?? '') || name === 'TimeoutError') {
    return StreamError.of('TRANSPORT', words, { systemCode }, { ...facts, retryable: true });
  }
  return StreamError.of('CONFIG_INVALID', words, {}, facts);
}

/** CloudFormation has no error of its own for that. */
function isMissingStack(name: string, message: string): boolean {
  return name === 'ValidationError' && /^Stack with id .* does not exist$/.test(message);
}
