/**
 * What happens to policies when a role or user they name is deleted: AWS stores its id, and the id stays dead when one of the same
 * name is defined later.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-users
 */

import { isObject } from '../../base/is-object';
import { statementsOf } from '../iam/statement';
import type { LocalState, PolicyDocument, PolicyStatement } from '../state';

/** Replaces `arn` by `id` in resource-based and trust policies; gives the ARNs whose policies named it. */
export function orphanPrincipal(state: LocalState, arn: string, id: string): string[] {
  const orphaned: string[] = [];
  /** The policy without the principal; undefined where it did not name it. */
  const without = (owner: string, policy: PolicyDocument | undefined): PolicyDocument | undefined => {
    const statements = policy === undefined ? [] : statementsOf(policy);
    if (!statements.some((each) => ELEMENTS.some((name) => awsNames(each[name]).includes(arn)))) return undefined;
    orphaned.push(owner);
    return { ...policy, Statement: statements.map((statement) => replacePrincipal(statement, arn, id)) };
  };
  for (const { resourcePolicies } of state.functions.values()) replaceAll(resourcePolicies, without);
  replaceAll(state.resourcePolicies, without);
  for (const [roleArn, role] of state.roles) {
    const trustPolicy = without(roleArn, role.trustPolicy);
    if (trustPolicy) state.roles.set(roleArn, { ...role, trustPolicy });
  }
  for (const [name, bucket] of state.buckets) {
    const policy = without(name, bucket.policy);
    if (policy) state.buckets.set(name, { ...bucket, policy });
  }
  for (const [apiId, api] of state.restApis) {
    const policy = without(apiId, api.policy);
    if (policy) state.restApis.set(apiId, { ...api, policy });
  }
  return orphaned;
}

function replaceAll(
  policies: Map<string, PolicyDocument>,
  without: (owner: string, policy: PolicyDocument) => PolicyDocument | undefined,
): void {
  for (const [owner, policy] of policies) {
    const changed = without(owner, policy);
    if (changed) policies.set(owner, changed);
  }
}

/** Of what both elements are: who is left out of a `Deny` by a name is no more so either. */
const ELEMENTS = ['Principal', 'NotPrincipal'] as const;

function awsNames(element: unknown): unknown[] {
  return isObject(element) && element['AWS'] !== undefined ? [element['AWS']].flat() : [];
}

function replacePrincipal(statement: PolicyStatement, arn: string, id: string): PolicyStatement {
  const replaced = ELEMENTS.flatMap((name) => {
    const { [name]: element } = statement;
    if (!isObject(element) || !awsNames(element).includes(arn)) return [];
    return [[name, { ...element, AWS: awsNames(element).map((each) => (each === arn ? id : each)) }] as const];
  });
  return { ...statement, ...Object.fromEntries(replaced) };
}

/** What is told of policies that named a principal that is gone. */
export function orphanWarning(orphaned: readonly string[], kind: 'role' | 'user'): string {
  return `the policy of ${orphaned.join(', ')} named the deleted ${kind}; a new ${kind} of that name will not be let in by it`;
}
