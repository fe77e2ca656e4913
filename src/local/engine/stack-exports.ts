/** The rules of exports, within one account and region, in the words of CloudFormation. */

import { type DeployedStack, stackKey, withNestedStacks } from './deployed-stack';

/**
 * An export name belongs to one stack, and a stack keeps the exports that others import.
 * @param stacks all of its account and region, as they are deployed
 * @throws Error
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
  for (const { exports } of tree) {
    for (const name of exports.keys()) {
      const owner = others.find((other) => other.exports.has(name));
      if (owner) throw new Error(`Export with name ${name} is already exported by stack ${owner.stackName}.`);
    }
  }
  for (const { exports } of before) {
    for (const [name, value] of exports) {
      const importers = others.filter(({ imports }) => imports.has(name)).map((other) => other.stackName);
      if (importers.length === 0 || tree.some((each) => each.exports.get(name) === value)) continue;
      const isKept = tree.some((each) => each.exports.has(name));
      const refused = isKept ? 'Cannot update' : 'Delete canceled. Cannot delete';
      throw new Error(`${refused} export ${name} as it is in use by ${importers.join(', ')}.`);
    }
  }
}

/** The value of an export of one of these stacks. */
export function exportedValue(stacks: readonly DeployedStack[], name: string): string | undefined {
  return stacks.find(({ exports }) => exports.has(name))?.exports.get(name);
}
