/**
 * Who makes a request, and whether a policy's `Principal` names it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */

import { isObject } from '../../base/is-object';

/** A session of a role: what `sts:AssumeRole` gives. */
export interface AssumedRole {
  readonly kind: 'assumed-role';
  /** `arn:aws:sts::<account>:assumed-role/<role name>/<session name>`. */
  readonly arn: string;
  readonly account: string;
  readonly roleArn: string;
  /** Of the role: one that is made anew under the name is another. @default - any role of the ARN */
  readonly roleId?: string;
  /** Tags that were passed when the role was assumed; they win over those of the role. @default - none */
  readonly tags?: Readonly<Record<string, string>>;
  /** When its credentials were issued, in milliseconds since 1970. @default - they were not yet */
  readonly issuedAt?: number;
}

/** An account's root user or an administrator of it: has every identity-based permission. */
export interface AccountAdministrator {
  readonly kind: 'administrator';
  /** `arn:aws:iam::<account>:root` or `arn:aws:iam::<account>:user/<name>`. */
  readonly arn: string;
  readonly account: string;
}

/** An AWS service that calls on its own behalf. */
interface ServicePrincipal {
  readonly kind: 'service';
  /** For example `apigateway.amazonaws.com`. */
  readonly service: string;
}

/** A caller without credentials. */
interface AnonymousPrincipal {
  readonly kind: 'anonymous';
}

export type Principal = AssumedRole | AccountAdministrator | ServicePrincipal | AnonymousPrincipal;

/** The account a principal belongs to; services and anonymous callers belong to none. */
export function principalAccount(principal: Principal): string | undefined {
  return principal.kind === 'assumed-role' || principal.kind === 'administrator' ? principal.account : undefined;
}

/** The principal as AWS writes it into "User: … is not authorized". */
export function principalName(principal: Principal): string {
  if (principal.kind === 'service') return principal.service;
  return principal.kind === 'anonymous' ? 'anonymous' : principal.arn;
}

/**
 * A way in which a `Principal` element names the caller:
 * - `session`: the caller's own session, by its ARN;
 * - `direct`: the caller's role, the caller as a user, or its service;
 * - `public`: everybody (`*`);
 * - `account`: the caller's account, which delegates the decision to that account's identity-based policies.
 */
export type PrincipalMatch = 'session' | 'direct' | 'public' | 'account';

/** Every way in which `element` (a statement's `Principal` or `NotPrincipal`) names `principal`. */
export function principalMatches(element: unknown, principal: Principal): readonly PrincipalMatch[] {
  if (element === '*') return ['public'];
  if (!isObject(element)) return [];
  const found: PrincipalMatch[] = [];
  for (const [type, names] of Object.entries(element)) {
    for (const name of Array.isArray(names) ? names : [names]) {
      const match = matchName(type, String(name), principal);
      if (match) found.push(match);
    }
  }
  return found;
}

function matchName(type: string, name: string, principal: Principal): PrincipalMatch | undefined {
  if (type === 'Service') return principal.kind === 'service' && principal.service === name ? 'direct' : undefined;
  if (type !== 'AWS') return undefined; // Federated and CanonicalUser callers do not exist here
  if (name === '*') return 'public';
  if (principal.kind !== 'assumed-role' && principal.kind !== 'administrator') return undefined;
  if (name === principal.arn) return principal.kind === 'assumed-role' ? 'session' : 'direct';
  if (principal.kind === 'assumed-role' && name === principal.roleArn) return 'direct';
  return name === principal.account || isRootOf(name, principal.account) ? 'account' : undefined;
}

function isRootOf(name: string, account: string): boolean {
  const [arn, , service, region, owner, resource, ...more] = name.split(':');
  return (
    arn === 'arn' && service === 'iam' && region === '' && owner === account && resource === 'root' && !more.length
  );
}
