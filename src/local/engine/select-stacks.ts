/** Picks stacks by name, the way `cdk deploy` does: by display name or stack name, with their dependencies. */

import { nearestName } from '../../base/nearest-name';
import type { AssemblyStack } from '../assembly/read-assembly';
import { matchesWildcard } from '../iam/wildcards';
import { LocalConfigError } from '../local-error';

/** The stacks that `patterns` name and those they depend on, in the order given. Throws for a name without a stack. */
export function selectStacks(stacks: readonly AssemblyStack[], patterns?: readonly string[]): readonly AssemblyStack[] {
  if (!patterns) return stacks;
  const byId = new Map(stacks.map((stack) => [stack.id, stack]));
  const selected = new Set<string>();
  const select = (id: string) => {
    const stack = byId.get(id);
    if (!stack || selected.has(id)) return;
    selected.add(id);
    stack.dependencies.forEach(select);
  };
  for (const pattern of patterns) {
    const named = stacks.filter((stack) =>
      [stack.displayName, stack.stackName].some((name) => matchesWildcard(pattern, name)),
    );
    if (named.length === 0) {
      const names = stacks.map(({ displayName }) => displayName);
      const near = nearestName(pattern, names);
      const advice = near === undefined ? '' : `; did you mean '${near}'?`;
      const list = names.map((name) => `'${name}'`).join(', ') || 'none';
      throw new LocalConfigError(`the cloud assembly has no stack '${pattern}'; it has: ${list}${advice}`);
    }
    for (const { id } of named) select(id);
  }
  return stacks.filter(({ id }) => selected.has(id));
}
