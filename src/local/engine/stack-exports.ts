/** The rules of exports, within one account and region. */

import { DeployError } from '../local-error';
import { type DeployedStack, stackKey, withNestedStacks } from './deployed-stack';

/**
 * An export name belongs to one stack, and a stack keeps the exports that others import.
 * @param stacks all of its account and region, as they are deployed
 */
export function checkExports(
  stack: DeployedStack,
  previous: DeployedStack | undefined,
  stacks: readonly DeployedStack[],
): void {
  const tree = withNestedStacks(stack);
  const before = previous ? withNestedStacks(previous) : [];
  const own = new Set([...tree, ...before].map(stackKey));
  const others = stacks.filter((other) => !own.has(stackKey(other)));
  for (const { stackName, exports } of tree) {
    for (const name of exports.keys()) {
      const owner = others.find((other) => other.exports.has(name));
      if (owner) {
        throw new DeployError(
          `stack '${stackName}' cannot export '${name}': stack '${owner.stackName}' already exports it`,
        );
      }
    }
  }
  for (const { stackName, exports } of before) {
    for (const [name, value] of exports) {
      const importer = others.find(({ imports }) => imports.has(name));
      if (importer && !tree.some((each) => each.exports.get(name) === value)) {
        throw new DeployError(
          `stack '${stackName}' cannot change or remove its export '${name}': stack '${importer.stackName}' imports it`,
        );
      }
    }
  }
}

/** The value of an export of one of these stacks. */
export function exportedValue(stacks: readonly DeployedStack[], name: string): string | undefined {
  return stacks.find(({ exports }) => exports.has(name))?.exports.get(name);
}
