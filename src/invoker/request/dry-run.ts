/** The answer to "may I invoke this?". */

import type { AccessDenial } from '../../stream/errors/access-denial';
import { isStreamError, StreamError } from '../../stream/errors/stream-error';
import { toByteSource } from '../node-body';
import type { RawResponse } from './send-request';

export type DryRunResult =
  | { readonly allowed: true }
  | ({
      readonly allowed: false;
      /** What IAM said, and what would grant it. */
      readonly message: string;
      readonly requestId?: string | undefined;
    } & AccessDenial);

/** Lambda answers without content; anything else may have taken the request for a real one. */
const ALLOWED = 204;

/** @throws StreamError for an answer that is not Lambda's to a dry run */
export function checkDryRunResponse(response: RawResponse): void {
  const { statusCode, headers } = response;
  // Without content, so its connection serves the next call.
  toByteSource(response.body, 1)?.release();
  if (statusCode === ALLOWED) return;
  const message = `a dry run is answered with HTTP ${ALLOWED}, but this was ${statusCode}: the endpoint does not know dry runs and may have run the function`;
  const facts = { phase: 'request', invoked: 'maybe', requestId: headers['x-amzn-requestid'] } as const;
  throw StreamError.of('SERVICE', message, { errorName: `HTTP ${statusCode}`, statusCode }, facts);
}

/** A refusal as a result; throws every other error. */
export function toDryRunResult(error: unknown): DryRunResult {
  if (!isStreamError(error, 'ACCESS_DENIED')) throw error;
  const { reason, principal, action, resource, policyType, policyArn, requestId } = error;
  const { rawMessage: message } = error;
  return { allowed: false, reason, principal, action, resource, policyType, policyArn, message, requestId };
}
