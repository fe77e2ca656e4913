/** Turns the ARN a test names into a principal: a role of a deployed stack, or an administrator of an account. */

import { type AssumeRoleRequest, decideAssumeRole, sessionOf, trustedCaller } from './iam/assume-role';
import type { Organization } from './iam/authorize';
import type { Principal } from './iam/principals';
import type { LocalState, PolicyDocument, RoleState } from './state';

/** Who a client is. */
export interface BecomeOptions {
  /**
   * ARN of the principal: a role that a deployed stack defines, or `arn:aws:iam::<account>:root` or
   * `arn:aws:iam::<account>:user/<name>` for an administrator of an account.
   */
  readonly as: string;
  /**
   * ARN of who assumes the role; its policies and the role's trust policy must allow it.
   * @default - whoever the role's trust policy lets in
   */
  readonly by?: string;
  /** The `ExternalId` of the AssumeRole request. @default - none */
  readonly externalId?: string;
  /** Name of the role session. @default 'local', with a number when there is a session policy */
  readonly sessionName?: string;
  /** Narrows the session: the `Policy` of the AssumeRole request. @default - the session may do what the role may */
  readonly sessionPolicy?: PolicyDocument;
}

/** No such principal, or it may not be assumed; recognised by its name. */
export class PrincipalError extends Error {
  override readonly name = 'PrincipalError';
}

/** The principal that `options` describe. Throws a PrincipalError when there is none or it may not be assumed. */
export function becomePrincipal(state: LocalState, options: BecomeOptions, organization?: Organization): Principal {
  const { as, by, externalId, sessionName = 'local' } = options;
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    throw new PrincipalError(`sessionName must be 2 to 64 of the characters a-z A-Z 0-9 _+=,.@-, got "${sessionName}"`);
  }
  const administrator = administratorArn(as);
  if (administrator) return administrator;
  const role = requireRole(state, as);
  const request = {
    role,
    sessionName,
    ...(externalId !== undefined && { externalId }),
    ...(organization && { organization }),
  };
  requireTrust(state, request, by);
  return sessionOf(role, sessionName);
}

function requireTrust(state: LocalState, request: Omit<AssumeRoleRequest, 'by'>, by: string | undefined): void {
  const { role, organization } = request;
  if (by !== undefined) {
    const caller = becomePrincipal(state, { as: by }, organization);
    const decision = decideAssumeRole(state, { ...request, by: caller });
    if (!decision.allowed) throw new PrincipalError(decision.message ?? `${by} may not assume ${role.roleArn}`);
  } else if (!trustedCaller(state, request)) {
    const policy = JSON.stringify(role.trustPolicy);
    const limits = organization?.serviceControlPolicies ? ', within the service control policies' : '';
    throw new PrincipalError(
      `nobody can assume ${role.roleArn}: its trust policy lets nobody in here${limits}: ${policy}`,
    );
  }
}

function administratorArn(arn: string): Principal | undefined {
  const [, account] = /^arn:[^:]+:iam::(\d{12}):(?:root|user\/.+)$/.exec(arn) ?? [];
  return account === undefined ? undefined : { kind: 'administrator', arn, account };
}

function requireRole(state: LocalState, arn: string): RoleState {
  const role = state.roles.get(arn);
  if (role) return role;
  if (!/^arn:[^:]+:iam::\d{12}:role\//.test(arn)) {
    throw new PrincipalError(
      `"${arn}" is no principal; expected a role such as arn:aws:iam::111111111111:role/Caller, or arn:aws:iam::111111111111:root`,
    );
  }
  const known = [...state.roles.keys()].map((name) => `\n  ${name}`).join('');
  throw new PrincipalError(`no deployed stack defines the role ${arn}; known roles are:${known || ' none'}`);
}
