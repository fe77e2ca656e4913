/**
 * Reads who was refused what, and by which policy, from the sentence of an access-denied message.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */

/** Which decision refused; `unknown` where the message does not say. */
export type DenialReason =
  /** A statement with `Effect: Deny` matched; `policyType` says in which policy. */
  | 'explicit-deny'
  /** No policy attached to the caller allows it. */
  | 'implicit-identity'
  /** No statement of the function's own policy allows this caller. */
  | 'implicit-resource'
  /** No service control policy of the organization allows it. */
  | 'scp'
  /** No resource control policy of the organization allows it. */
  | 'rcp'
  | 'permissions-boundary'
  | 'session-policy'
  | 'vpc-endpoint-policy'
  /** The credentials are missing, expired or wrong; no policy was evaluated. */
  | 'credentials'
  | 'unknown';

/** An access-denied answer taken apart. All but `reason` are absent where the message does not name them. */
export interface AccessDenial {
  readonly reason: DenialReason;
  /** ARN of the caller as IAM saw it. */
  readonly principal?: string;
  readonly action?: string;
  readonly resource?: string;
  /** Kind of the policy that decided, in IAM's words: `identity-based`, `service control`… */
  readonly policyType?: string;
  /** ARN of the policy that decided; IAM names it to callers of the same account or organization. */
  readonly policyArn?: string;
}

const WHO = /User: (\S+) is not authorized to perform: (\S+)(?: on resource: "?([^\s"]+))?/;
const EXPLICIT = /with an explicit deny(?: in an? ([\w -]+?)(?: policy)?(?:: (arn:\S+))?\s*$)?/;
const IMPLICIT = /because no ([\w -]+?)(?: policy)? allows/;

const IMPLICIT_REASONS: Readonly<Record<string, DenialReason>> = {
  'identity-based': 'implicit-identity',
  'resource-based': 'implicit-resource',
  'service control': 'scp',
  'resource control': 'rcp',
  'permissions boundary': 'permissions-boundary',
  session: 'session-policy',
  'VPC endpoint': 'vpc-endpoint-policy',
};

/** What writes the permission that lacks, by the action that was refused. */
const GRANTS: Readonly<Record<string, string>> = {
  'lambda:InvokeFunction': 'fn.streamGrants.invoke(role)',
  'lambda:InvokeFunctionUrl': 'fn.streamGrants.invokeUrl(role)',
};

/** An ARN with a version or alias has eight parts. */
const UNQUALIFIED = /^(?:[^:]*:){6}[^:]*$/;

/** The next step as the end of a message; empty where a policy forbids the call or nobody knows what is missing. */
export function nextStep({ reason, action = '', resource = '' }: AccessDenial): string {
  const grant = GRANTS[action];
  if (grant === undefined || (reason !== 'implicit-identity' && reason !== 'implicit-resource')) return '';
  const what = `; ${grant} in the app that defines the function grants it`;
  return UNQUALIFIED.test(resource) ? `${what}, on its alias: name the alias in the call, too (qualifier)` : what;
}

/** The denial that `message` tells of. */
export function readAccessDenial(message: string): AccessDenial {
  const [, principal, action, resource] = WHO.exec(message) ?? [];
  const who = { principal, action, resource };
  const explicit = EXPLICIT.exec(message);
  if (explicit) return { reason: 'explicit-deny', ...who, policyType: explicit[1], policyArn: explicit[2] };
  const [, policyType] = IMPLICIT.exec(message) ?? [];
  return { reason: IMPLICIT_REASONS[policyType ?? ''] ?? 'unknown', ...who, policyType };
}
