/**
 * A policy meant for a role of another account, attached by its bare name: where the stack leaves its account open, CDK
 * writes it into the account of the deployment, for whatever role has that name there.
 */
import type { IConstruct } from 'constructs';
import type { CheckedApp } from './checked-app';
import { INVOKE, INVOKE_URL } from './permissions';
import { allows, identityStatements } from './policy-statements';
import { literalAccount } from './qualified-function';
import type { Finding, Rule } from './rule';

export const foreignRolePolicy: Rule = {
  id: 'ForeignRolePolicy',
  *find(app: CheckedApp): Iterable<Finding> {
    const seen = new Set<IConstruct>();
    for (const found of identityStatements(app)) {
      const { at, resource } = found;
      if (seen.has(at) || !(allows(found, INVOKE) || allows(found, INVOKE_URL))) continue;
      const account = accountOfImportedRole(at);
      if (account === undefined || literalAccount(resource.stack) !== undefined) continue;
      seen.add(at);
      yield {
        at,
        message:
          `this policy is for a role of account ${account}, and the stack ${resource.stack.node.path} does not say its own account, ` +
          'so CloudFormation attaches it to a role of the same name in the account it deploys to, or fails; ' +
          'give the stack an account (env), or grant by streamGrants.invoke(role), which leaves this policy out',
      };
    }
  },
};

/** CDK puts the policy of an imported role below the role, which knows its ARN. */
function accountOfImportedRole(policy: IConstruct): string | undefined {
  const role = policy.node.scopes.find((scope) => 'roleArn' in scope && !scope.node.defaultChild);
  const arn = role && 'roleArn' in role ? String(role.roleArn) : '';
  return /^arn:[\w-]+:iam::(\d{12}):/.exec(arn)?.[1];
}
