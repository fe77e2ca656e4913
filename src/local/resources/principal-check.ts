/** The check AWS makes when a policy is stored: the roles it names as principals must exist. */

import { statementsOf } from '../iam/statement';
import type { PolicyDocument } from '../state';
import type { ResourceContext } from './provider';

/** Throws when `document` names a role that does not exist, in an account that lives in this process. */
export function requirePrincipals(context: ResourceContext, document: PolicyDocument): void {
  for (const arn of statementsOf(document).flatMap(({ Principal }) => awsPrincipals(Principal))) {
    if (isMissingRole(context, arn)) {
      throw new Error(`Invalid principal in policy: "AWS":"${arn}"${missingRoleHint(context, arn)}`);
    }
  }
}

/** Whether `arn` is the ARN of a role that this process would have to hold and does not. */
export function isMissingRole(context: ResourceContext, arn: string): boolean {
  const [, account] = /^arn:[^:]+:iam::(\d{12}):role\//.exec(arn) ?? [];
  return account !== undefined && context.isLocalAccount(account) && !context.state.roles.has(arn);
}

/** What to do about a missing role; AWS gives only the message before it. */
export function missingRoleHint(context: ResourceContext, arn: string): string {
  return ` (role ${arn} does not exist; deploy the stack that defines it first, for example by letting '${context.stackName}' depend on it)`;
}

function awsPrincipals(principal: unknown): string[] {
  if (typeof principal !== 'object' || principal === null || !('AWS' in principal)) return [];
  return [principal.AWS].flat().map(String);
}
