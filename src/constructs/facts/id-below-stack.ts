/** Ids of constructs that stand for another construct: the same wherever the stack lies in the app. */
import { createHash } from 'node:crypto';
import { Stack } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';

/**
 * Eight characters for `construct`, among the children of `scope`.
 *
 * Logical ids are hashed from the path below the stack. A hash of the whole path would make them depend on the stack's
 * own id, and on a stage around it, and so replace resources when only the app is arranged anew.
 */
export function idBelowStack(scope: IConstruct, construct: IConstruct): string {
  const home = Stack.of(construct);
  const foreign = home === Stack.of(scope) ? '' : home.stackName;
  const path = construct.node.scopes.slice(home.node.scopes.length).map(({ node }) => node.id);
  return createHash('sha256')
    .update([foreign, ...path].join('/'))
    .digest('hex')
    .slice(0, 8);
}
