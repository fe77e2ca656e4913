/**
 * What happens to policies when a role they name is deleted: AWS stores the role's id, and the id stays dead when a role
 * of the same name is defined later.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
 */

import { statementsOf } from '../iam/statement';
import type { LocalState, PolicyStatement } from '../state';

/** Replaces `roleArn` by `roleId` in resource-based and trust policies; gives the ARNs whose policies named it. */
export function orphanPrincipal(state: LocalState, roleArn: string, roleId: string): string[] {
  const orphaned: string[] = [];
  for (const { resourcePolicies } of state.functions.values()) {
    for (const [arn, policy] of resourcePolicies) {
      const statements = statementsOf(policy);
      if (!statements.some((statement) => names(statement, roleArn))) continue;
      orphaned.push(arn);
      const Statement = statements.map((statement) => replacePrincipal(statement, roleArn, roleId));
      resourcePolicies.set(arn, { ...policy, Statement });
    }
  }
  for (const [arn, role] of state.roles) {
    const statements = statementsOf(role.trustPolicy);
    if (!statements.some((statement) => names(statement, roleArn))) continue;
    orphaned.push(arn);
    const Statement = statements.map((statement) => replacePrincipal(statement, roleArn, roleId));
    state.roles.set(arn, { ...role, trustPolicy: { ...role.trustPolicy, Statement } });
  }
  return orphaned;
}

function names(statement: PolicyStatement, roleArn: string): boolean {
  return awsNames(statement).includes(roleArn);
}

function awsNames({ Principal }: PolicyStatement): unknown[] {
  if (typeof Principal !== 'object' || Principal === null || !('AWS' in Principal)) return [];
  return [Principal.AWS].flat();
}

function replacePrincipal(statement: PolicyStatement, roleArn: string, roleId: string): PolicyStatement {
  if (!names(statement, roleArn)) return statement;
  const AWS = awsNames(statement).map((name) => (name === roleArn ? roleId : name));
  return { ...statement, Principal: { ...(statement.Principal as object), AWS } };
}
