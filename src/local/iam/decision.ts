/**
 * The outcome of an evaluation, and the words AWS refuses with.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */

import type { PolicyStatement } from '../state';
import { type Principal, principalName } from './principals';

/** The kinds of policies that take part in a decision. */
export type PolicyKind = 'identity-based' | 'resource-based' | 'permissions-boundary' | 'session' | 'service-control';

/** A statement that takes part in a decision and where it was found. */
export interface DecidingStatement {
  readonly policy: PolicyKind;
  /** Name or ARN of the policy; the resource's ARN for a resource-based policy. */
  readonly policyName: string;
  readonly statement: PolicyStatement;
}

export interface Decision {
  readonly allowed: boolean;
  readonly reason: 'allowed' | 'explicit-deny' | 'implicit-deny';
  /** The kind of policy that allowed or denied or, for an implicit deny, that would have had to allow. */
  readonly policy: PolicyKind;
  /** The statement that allowed or denied; absent from an implicit deny. */
  readonly decidingStatement?: DecidingStatement;
  /** AWS's words for the refusal; absent when allowed. */
  readonly message?: string;
}

/** What {@link decisionMessage} puts into words. */
export interface Refusal {
  readonly principal: Principal;
  readonly action: string;
  readonly resource: string;
  readonly reason: Decision['reason'];
  readonly policy: PolicyKind;
  /** The resource-based policy is a role's trust policy. */
  readonly isTrustPolicy: boolean;
}

/** The message of AWS's AccessDeniedException. */
export function decisionMessage({ principal, action, resource, reason, policy, isTrustPolicy }: Refusal): string {
  const refusal = `User: ${principalName(principal)} is not authorized to perform: ${action} on resource: ${resource}`;
  const kind = policy === 'resource-based' && isTrustPolicy ? 'role trust policy' : KIND_NAMES[policy];
  if (reason === 'explicit-deny') {
    return `${refusal} with an explicit deny in ${policy === 'identity-based' ? 'an' : 'a'} ${kind}`;
  }
  return `${refusal} because no ${kind} allows the ${action} action`;
}

const KIND_NAMES: Readonly<Record<PolicyKind, string>> = {
  'identity-based': 'identity-based policy',
  'resource-based': 'resource-based policy',
  'permissions-boundary': 'permissions boundary',
  session: 'session policy',
  'service-control': 'service control policy',
};
