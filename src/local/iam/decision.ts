/**
 * The outcome of an evaluation with everything that led to it, and the words AWS refuses with.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */

import type { PolicyStatement } from '../state';
import { type Principal, type PrincipalMatch, principalName } from './principals';

/** The kinds of policies that take part in a decision. */
export type PolicyKind = 'identity-based' | 'resource-based' | 'permissions-boundary' | 'session' | 'service-control';

/** A statement that takes part in a decision and where it was found. */
export interface DecidingStatement {
  readonly policy: PolicyKind;
  /** Name or ARN of the policy; the resource's ARN for a resource-based policy. */
  readonly policyName: string;
  readonly statement: PolicyStatement;
}

/** The first part of a statement that kept it from applying to a request. */
export type Mismatch =
  | {
      readonly element: 'Principal' | 'NotPrincipal' | 'Action' | 'NotAction' | 'Resource' | 'NotResource';
    }
  | {
      readonly element: 'Condition';
      readonly operator: string;
      readonly key: string;
      /** The policy's values. */
      readonly expected: readonly string[];
      /** The request's values; undefined when the request has none. */
      readonly seen: readonly string[] | undefined;
    }
  | {
      readonly element: 'Variable';
      /** A variable the request has no value for, as the policy writes it: `${aws:PrincipalTag/team}`. */
      readonly variable: string;
      readonly within: 'Resource' | 'NotResource' | 'Condition';
    };

/** One statement of one policy and what the request made of it. */
export interface ConsideredStatement extends DecidingStatement {
  /** Place of the policy among those of its kind, from 0. */
  readonly policyIndex: number;
  /** Place of the statement in its policy, from 0. */
  readonly statementIndex: number;
  /** Why the statement does not apply; undefined when it does. */
  readonly mismatch: Mismatch | undefined;
  /** How a resource-based statement names the caller; empty where it does not, and in other policies. */
  readonly matches: readonly PrincipalMatch[];
}

/** What was decided about. */
export interface DecidedRequest {
  readonly principal: Principal;
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The resource-based policy is a role's trust policy. */
  readonly isTrustPolicy: boolean;
}

export interface Decision {
  readonly request: DecidedRequest;
  readonly allowed: boolean;
  readonly reason: 'allowed' | 'explicit-deny' | 'implicit-deny';
  /** The kind of policy that allowed or denied or, for an implicit deny, that would have had to allow. */
  readonly policy: PolicyKind;
  /** Every kind of policy that would have had to allow and does not; empty unless the deny is implicit. */
  readonly missing: readonly PolicyKind[];
  /** The statement that allowed or denied; absent from an implicit deny. */
  readonly decidingStatement?: DecidingStatement;
  /** Every statement of every policy that was looked at. */
  readonly considered: readonly ConsideredStatement[];
  /** AWS's words for the refusal; absent when allowed. */
  readonly message?: string;
}

/** The message of AWS's AccessDeniedException. */
export function decisionMessage(request: DecidedRequest, reason: Decision['reason'], policy: PolicyKind): string {
  const { principal, action, resource, isTrustPolicy } = request;
  const refusal = `User: ${principalName(principal)} is not authorized to perform: ${action} on resource: ${resource}`;
  const kind = policyKindName(policy, isTrustPolicy);
  if (reason === 'explicit-deny') {
    return `${refusal} with an explicit deny in ${policy === 'identity-based' ? 'an' : 'a'} ${kind}`;
  }
  return `${refusal} because no ${kind} allows the ${action} action`;
}

/** How AWS calls a kind of policy. */
export function policyKindName(policy: PolicyKind, isTrustPolicy: boolean): string {
  return policy === 'resource-based' && isTrustPolicy ? 'role trust policy' : KIND_NAMES[policy];
}

const KIND_NAMES: Readonly<Record<PolicyKind, string>> = {
  'identity-based': 'identity-based policy',
  'resource-based': 'resource-based policy',
  'permissions-boundary': 'permissions boundary',
  session: 'session policy',
  'service-control': 'service control policy',
};
