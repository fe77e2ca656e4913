/** The answer to "may I invoke this?". */
import type { AccessDenial } from './access-denial';
import { isStreamError } from './stream-error';

export type DryRunResult =
  | { readonly allowed: true }
  | ({
      readonly allowed: false;
      /** What IAM said. */
      readonly message: string;
      readonly requestId?: string;
    } & AccessDenial);

/** A refusal as a result; throws every other error. */
export function toDryRunResult(error: unknown): DryRunResult {
  if (!isStreamError(error, 'ACCESS_DENIED')) throw error;
  const { reason, principal, action, resource, policyType, policyArn, requestId } = error;
  const message = error.message.replace('[ACCESS_DENIED] ', '');
  return { allowed: false, reason, principal, action, resource, policyType, policyArn, message, requestId };
}
