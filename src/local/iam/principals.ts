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
  /** Condition keys that its identity provider gave it. @default - it came by none */
  readonly federation?: Readonly<Record<string, string | readonly string[]>>;
  /** When its credentials were issued, in milliseconds since 1970. @default - they were not yet */
  readonly issuedAt?: number;
}

/** A user that a stack defines. */
export interface User {
  readonly kind: 'user';
  /** `arn:aws:iam::<account>:user/<path><name>`. */
  readonly arn: string;
  readonly account: string;
  /** One that is made anew under the name is another. */
  readonly userId: string;
}

/** An account's root user or an administrator of it: has every identity-based permission. */
interface AccountAdministrator {
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

/** Somebody whom an identity provider vouches for, and who assumes a role: there is nothing else to do. */
export interface FederatedPrincipal {
  readonly kind: 'federated';
  /** As policies name it under `Federated`. */
  readonly provider: string;
  /** Condition keys with what the provider says. */
  readonly keys: Readonly<Record<string, string | readonly string[]>>;
  /** Of the session. */
  readonly tags: Readonly<Record<string, string>>;
}

/** A caller without credentials. */
interface AnonymousPrincipal {
  readonly kind: 'anonymous';
}

export type Principal =
  | AssumedRole
  | User
  | AccountAdministrator
  | ServicePrincipal
  | FederatedPrincipal
  | AnonymousPrincipal;

/** The account a principal belongs to; services and anonymous callers belong to none. */
export function principalAccount(principal: Principal): string | undefined {
  return 'account' in principal ? principal.account : undefined;
}

/** The principal as AWS writes it into "User: … is not authorized". */
export function principalName(principal: Principal): string {
  if (principal.kind === 'service') return principal.service;
  if (principal.kind === 'federated') return principal.provider;
  return principal.kind === 'anonymous' ? 'anonymous' : principal.arn;
}

/**
 * A way in which a `Principal` element names the caller:
 * - `session`: the caller's own session, by its ARN;
 * - `direct`: the caller's role, the caller as a user, its service or identity provider;
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

/**
 * Whether a `NotPrincipal` leaves the caller out. AWS looks at the account first, then at the role or user in it: of both it
 * must hear, and an account alone spares its root only.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
export function isSpared(element: unknown, principal: Principal): boolean {
  const matches = principalMatches(element, principal);
  if (!('account' in principal) || matches.includes('public')) return matches.length > 0;
  const isRoot = principal.kind === 'administrator' && isRootOf(principal.arn, principal.account);
  return isRoot ? matches.length > 0 : matches.includes('account') && matches.includes('direct');
}

function matchName(type: string, name: string, principal: Principal): PrincipalMatch | undefined {
  if (type === 'Service') return principal.kind === 'service' && principal.service === name ? 'direct' : undefined;
  if (type === 'Federated') return principal.kind === 'federated' && principal.provider === name ? 'direct' : undefined;
  if (type !== 'AWS') return undefined; // CanonicalUser callers do not exist here
  if (name === '*') return 'public';
  if (!('account' in principal)) return undefined;
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
