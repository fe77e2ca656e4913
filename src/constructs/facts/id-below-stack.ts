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
  const path = pathBelow(home, construct);
  const key = home === Stack.of(scope) ? ['', ...path] : [...nameOf(home), ...path];
  return createHash('sha256').update(key.join('/')).digest('hex').slice(0, 8);
}

function pathBelow(stack: Stack, construct: IConstruct): string[] {
  return construct.node.scopes.slice(stack.node.scopes.length).map(({ node }) => node.id);
}

/** A nested stack gets its name at deployment: it goes by its place in the stack around it. */
function nameOf(stack: Stack): string[] {
  const parent = stack.nestedStackParent;
  return parent ? [...nameOf(parent), ...pathBelow(parent, stack)] : [stack.stackName];
}
