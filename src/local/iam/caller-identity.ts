/** What IAM knows of a caller beside its ARN: the policies that are attached to it, its boundary, its tags, its id. */

import { findRole } from '../bootstrap';
import type { LocalState, PolicyDocument } from '../state';
import type { Principal } from './principals';

export interface CallerIdentity {
  /** `AROA…` of a role, `AIDA…` of a user. */
  readonly id: string;
  /** By a name that explains a decision. */
  readonly policies: ReadonlyMap<string, PolicyDocument>;
  readonly permissionsBoundary?: PolicyDocument;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Undefined for whoever has no such things, and for a role or user that is gone. */
export function callerIdentity(
  state: Pick<LocalState, 'groups' | 'roles' | 'users'>,
  principal: Principal,
): CallerIdentity | undefined {
  if (principal.kind === 'assumed-role') {
    const role = findRole(state, principal.roleArn);
    return role && { ...role, id: role.roleId };
  }
  const user = principal.kind === 'user' ? state.users.get(principal.arn) : undefined;
  if (user === undefined) return undefined;
  const groups = [...state.groups.values()].filter(
    ({ account, groupName }) => account === user.account && user.groups.has(groupName),
  );
  const ofGroups = groups.flatMap(({ groupName, policies }) =>
    [...policies].map(([name, document]) => [`${name} of the group ${groupName}`, document] as const),
  );
  return { ...user, id: user.userId, policies: new Map([...user.policies, ...ofGroups]) };
}

/** Whether stacks define the users of an account, or did: one that they do not define is nobody there. */
export function definesUsers(state: Pick<LocalState, 'formerUsers' | 'users'>, account: string): boolean {
  const isOwn = (arn: string) => arn.split(':')[4] === account;
  return [...state.users.keys(), ...state.formerUsers.keys()].some(isOwn);
}

/**
 * `AIDA…` of a user, `AROA…:<session>` of a session, the account of its root: `aws:userid`, and what STS says of a caller.
 * Undefined for whoever has none, and for an administrator whom no stack defines.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
 */
export function uniqueId(principal: Principal, caller: CallerIdentity | undefined): string | undefined {
  if (principal.kind === 'administrator') return principal.arn.endsWith(':root') ? principal.account : undefined;
  if (caller === undefined) return undefined;
  return principal.kind === 'assumed-role' ? `${caller.id}:${principal.arn.split('/').at(-1)}` : caller.id;
}
