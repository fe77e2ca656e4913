/** Who a client of the local target is, and the temporary credentials that say so: issued here, looked up by the signature check. */

import { randomBytes } from 'node:crypto';
import { findRole } from './bootstrap';
import type { Clock } from './clock';
import type { CallerCredentials } from './http/sigv4';
import { type AssumeRoleRequest, decideAssumeRole, principalOf, sessionOf, trustedCaller } from './iam/assume-role';
import type { Organization } from './iam/authorize';
import { definesUsers } from './iam/caller-identity';
import { explain } from './iam/explain';
import { type FederatedIdentity, federatedPrincipal, providerProblem } from './iam/federated-identity';
import { policyProblem } from './iam/policy-problem';
import type { Principal } from './iam/principals';
import { PrincipalError } from './local-error';
import type { LocalState, PolicyDocument, RoleState } from './state';

/** Credentials in the shape AWS SDK clients take. */
export interface LocalCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** Who a client is. */
export interface BecomeOptions {
  /**
   * The principal: ARN of a role that a deployed stack defines, or its name where no other role has it, or
   * ARN of a user that one defines, or `arn:aws:iam::<account>:root` for an administrator of an account. A user of an account
   * of which no stack ever defined one is an administrator, too.
   */
  readonly as: string;
  /**
   * Who assumes the role, named as in `as`; its policies and the role's trust policy must allow it. Or whom an identity provider
   * vouches for: `{ provider: 'cognito-identity.amazonaws.com', claims: { aud: 'us-east-1:…', amr: ['authenticated'], sub: '…' } }`.
   * @default - whoever the role's trust policy lets in
   */
  readonly by?: string | FederatedIdentity;
  /** The `ExternalId` of the AssumeRole request. @default - none */
  readonly externalId?: string;
  /** Name of the role session. @default 'local' */
  readonly sessionName?: string;
  /** Narrows the session: the `Policy` of the AssumeRole request. @default - the session may do what the role may */
  readonly sessionPolicy?: PolicyDocument;
}

/** A service renews its credentials long before. */
const SERVICE_SECONDS = 24 * 3_600;

export class CredentialStore {
  private readonly byAccessKey = new Map<string, CallerCredentials & { readonly expiresAt: number }>();

  public constructor(private readonly clock: Clock) {}

  /**
   * New credentials of `principal`.
   * @param durationSeconds how long they are valid
   * @param sessionPolicy what the session is narrowed to
   */
  public issue(principal: Principal, durationSeconds = 3_600, sessionPolicy?: PolicyDocument): LocalCredentials {
    const accessKeyId = `ASIA${randomKey(16)}`;
    const secretAccessKey = randomBytes(30).toString('base64');
    const sessionToken = randomBytes(48).toString('base64');
    const issuedAt = this.clock.now();
    const expiresAt = issuedAt + durationSeconds * 1_000;
    this.dropExpired();
    const narrowed = sessionPolicy && { sessionPolicy };
    const issuedTo = principal.kind === 'assumed-role' ? { ...principal, issuedAt } : principal;
    this.byAccessKey.set(accessKeyId, { secretAccessKey, sessionToken, principal: issuedTo, expiresAt, ...narrowed });
    return { accessKeyId, secretAccessKey, sessionToken, expiration: new Date(expiresAt) };
  }

  /** Credentials by which a service calls on behalf of a resource; `context` says which one. */
  public issueToService(service: string, context: Readonly<Record<string, string>>): LocalCredentials {
    const issued = this.issue({ kind: 'service', service }, SERVICE_SECONDS);
    const known = this.byAccessKey.get(issued.accessKeyId);
    if (known) this.byAccessKey.set(issued.accessKeyId, { ...known, context });
    return issued;
  }

  /** What an access key stands for, expired or not; undefined for a key that was never issued here. */
  public lookup(accessKeyId: string): CallerCredentials | undefined {
    return this.byAccessKey.get(accessKeyId);
  }

  /** As {@link lookup}, but for a user or the sessions of a role that is gone: what is made anew under the name is another. */
  public lookupLiving(accessKeyId: string, state: LocalState): CallerCredentials | undefined {
    const found = this.lookup(accessKeyId);
    if (found?.principal.kind === 'user') {
      const { arn, userId } = found.principal;
      return state.users.get(arn)?.userId === userId ? found : undefined;
    }
    if (found?.principal.kind === 'administrator') {
      // Given when no stack defined users yet: AWS has none whom policies do not bind.
      const { account, arn } = found.principal;
      return arn.includes(':user/') && definesUsers(state, account) ? undefined : found;
    }
    if (found?.principal.kind !== 'assumed-role') return found;
    const { roleArn, roleId } = found.principal;
    return findRole(state, roleArn)?.roleId === roleId ? found : undefined;
  }

  /** Keys stay a day past their end, so that their use is answered with "expired" and not with "unknown". */
  private dropExpired(): void {
    const oldest = this.clock.now() - 24 * 3_600_000;
    for (const [key, { expiresAt }] of this.byAccessKey) if (expiresAt < oldest) this.byAccessKey.delete(key);
  }
}

function randomKey(length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join('');
}

/**
 * The principal that `options` describe.
 * @param region in which STS is asked
 * @throws a PrincipalError when there is none, or it may not be assumed
 */
export function becomePrincipal(
  state: LocalState,
  options: BecomeOptions,
  organization?: Organization,
  region?: string,
): Principal {
  const { as, by, externalId, sessionName = 'local', sessionPolicy } = options;
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    throw new PrincipalError(`sessionName must be 2 to 64 of the characters a-z A-Z 0-9 _+=,.@-, got '${sessionName}'`);
  }
  const problem = sessionPolicy && policyProblem({ ...sessionPolicy }, 'identity');
  if (problem !== undefined) throw new PrincipalError(`sessionPolicy ${problem}`);
  const user = userOrRoot(state, as);
  if (user && by !== undefined) throw new PrincipalError(`'by' says who assumes a role, and ${as} is none`);
  if (user) return user;
  const role = requireRole(state, as);
  const request = {
    role,
    sessionName,
    context: { 'aws:RequestedRegion': region },
    ...(externalId !== undefined && { externalId }),
    ...(organization && { organization }),
  };
  const caller = requireTrust(state, request, by, region);
  const tags = caller.kind === 'federated' && Object.keys(caller.tags).length > 0 ? caller.tags : undefined;
  return sessionOf(role, sessionName, tags, caller);
}

/**
 * A principal of this ARN or name, whoever may become it.
 * @param account whose role is meant where several accounts have one of the name
 * @throws a PrincipalError when nobody of that name is known here, or several are
 */
export function principalNamed(state: LocalState, name: string, sessionName: string, account?: string): Principal {
  return userOrRoot(state, name) ?? sessionOf(requireRole(state, name, account), sessionName);
}

/** ARN of the role, root or user. */
export function principalArn(principal: Principal): string | undefined {
  if (principal.kind === 'assumed-role') return principal.roleArn;
  return 'arn' in principal ? principal.arn : undefined;
}

/** Who assumes the role, and may. */
function requireTrust(
  state: LocalState,
  request: Omit<AssumeRoleRequest, 'by'>,
  by: BecomeOptions['by'],
  region: string | undefined,
): Principal {
  const { role, organization } = request;
  if (by !== undefined) {
    const problem = typeof by === 'string' ? undefined : providerProblem(by.provider, role.account, state);
    if (problem !== undefined) throw new PrincipalError(problem);
    const caller =
      typeof by === 'string' ? becomePrincipal(state, { as: by }, organization, region) : federatedPrincipal(by);
    const tags = caller.kind === 'federated' ? { tags: caller.tags } : {};
    const decision = decideAssumeRole(state, { ...request, ...tags, by: caller });
    if (!decision.allowed) {
      const explanation = explain(decision);
      throw new PrincipalError(`${decision.message ?? ''}\n${explanation.details}`, { cause: explanation });
    }
    return caller;
  }
  const trusted = trustedCaller(state, request);
  if (trusted) return trusted;
  const policy = JSON.stringify(role.trustPolicy);
  const limits = organization?.serviceControlPolicies ? ', within the service control policies' : '';
  throw new PrincipalError(
    `nobody can assume ${role.roleArn}: its trust policy lets nobody in here${limits}: ${policy}`,
  );
}

/** @throws a PrincipalError for a user that is none of those that the stacks of its account define */
function userOrRoot(state: LocalState, arn: string): Principal | undefined {
  const [, account, name] = /^arn:[^:]+:iam::(\d{12}):(?:root|user\/(.+))$/.exec(arn) ?? [];
  if (account === undefined) return undefined;
  if (name === undefined || !definesUsers(state, account)) return { kind: 'administrator', arn, account };
  const users = [...state.users.values()].filter((user) => user.account === account);
  const found = users.find(({ userArn }) => userArn === arn);
  if (found) return principalOf(found);
  const known = users.map(({ userArn }) => `\n  ${userArn}`).join('') || ' none';
  throw new PrincipalError(
    `no deployed stack defines the user ${arn}; arn:aws:iam::${account}:root is an administrator, and known users are:${known}`,
  );
}

/** A name, with or without its path: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
const ROLE_NAME = /^[\w+=,.@/-]+$/;

function requireRole(state: LocalState, name: string, account?: string): RoleState {
  const role = state.roles.get(name);
  if (role) return role;
  const listed = (roles: readonly RoleState[]) => roles.map(({ roleArn }) => `\n  ${roleArn}`).join('');
  const all = [...state.roles.values()];
  if (ROLE_NAME.test(name)) {
    const named = all.filter(({ roleName, roleArn }) => roleName === name || roleArn.endsWith(`:role/${name}`));
    const own = named.filter((each) => each.account === account);
    const [found, another] = own.length > 0 ? own : named;
    if (found && !another) return found;
    if (another) throw new PrincipalError(`several roles are called '${name}'; say which by its ARN:${listed(named)}`);
  } else if (!/^arn:[^:]+:iam::\d{12}:role\//.test(name)) {
    throw new PrincipalError(
      `'${name}' is not a principal; expected a role such as arn:aws:iam::111111111111:role/Caller, or arn:aws:iam::111111111111:root`,
    );
  }
  throw new PrincipalError(`no deployed stack defines the role ${name}; known roles are:${listed(all) || ' none'}`);
}
