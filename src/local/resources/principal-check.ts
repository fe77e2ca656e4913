/** The check AWS makes when a policy is stored: the roles and users it names as principals must exist. */

import { definesUsers } from '../iam/caller-identity';
import { statementsOf } from '../iam/statement';
import type { LocalState, PolicyDocument } from '../state';
import type { ResourceContext } from './provider';

/** Throws when `document` names a role or user that does not exist, in an account that lives in this process, or what cannot be one. */
export function requirePrincipals(context: ResourceContext, document: PolicyDocument): void {
  for (const arn of statementsOf(document).flatMap(({ Principal }) => awsPrincipals(Principal))) {
    if (isMissingRole(context, arn)) {
      throw new Error(`Invalid principal in policy: "AWS":"${arn}"${missingRoleHint(context, arn)}`);
    }
    if (isMissingUser(context.state, arn) || /^arn:[^:]+:iam::\d{12}:(group\/|.*[*?])/.test(arn))
      throw new Error(`Invalid principal in policy: "AWS":"${arn}"`);
  }
}

/** Whether `arn` is the ARN of a role that this process would have to hold and does not. */
export function isMissingRole(context: ResourceContext, arn: string): boolean {
  const [, account] = /^arn:[^:]+:iam::(\d{12}):role\//.exec(arn) ?? [];
  return account !== undefined && context.isLocalAccount(account) && !context.state.roles.has(arn);
}

/** Whether `arn` is the ARN of a user, in an account whose users stacks define or did, that none defines. */
export function isMissingUser(state: Pick<LocalState, 'formerUsers' | 'users'>, arn: string): boolean {
  const [, account] = /^arn:[^:]+:iam::(\d{12}):user\//.exec(arn) ?? [];
  return account !== undefined && !state.users.has(arn) && definesUsers(state, account);
}

/** What to do about a missing role; AWS gives only the message before it. */
export function missingRoleHint(context: ResourceContext, arn: string): string {
  return ` (role ${arn} does not exist; deploy the stack that defines it first, for example by letting '${context.stackName}' depend on it)`;
}

function awsPrincipals(principal: unknown): string[] {
  if (typeof principal !== 'object' || principal === null || !('AWS' in principal)) return [];
  return [principal.AWS].flat().map(String);
}
