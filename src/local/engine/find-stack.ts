/** Finds a deployed stack by the name that a caller gives. */

import { nearestName } from '../../base/nearest-name';
import { DeployError } from '../local-error';
import { type DeployedStack, stackKey, withNestedStacks } from './deployed-stack';

/** @param name `account/region/name` tells stacks of the same name apart. @throws DeployError */
export function findStack(name: string, stacks: readonly DeployedStack[]): DeployedStack {
  const found = stacks.flatMap(withNestedStacks).filter((stack) => [stack.stackName, stackKey(stack)].includes(name));
  const [only] = found;
  if (only && found.length === 1) return only;
  if (!only) throw unknownStack(name, stacks);
  const keys = found.map(stackKey).join("', '");
  throw new DeployError(`several stacks are called '${name}'; name one of '${keys}'`);
}

export function unknownStack(name: string, stacks: readonly DeployedStack[]): DeployError {
  const names = stacks.map(({ stackName }) => stackName);
  // The path of a stack in a stage, `Dev/Service`, has dashes in its name.
  const meant = nearestName(name.replaceAll('/', '-'), names);
  const hint = meant === undefined ? ';' : `; did you mean '${meant}'?`;
  const deployed = names.map((each) => `'${each}'`).join(', ') || 'none';
  return new DeployError(`no stack '${name}' is deployed${hint} deployed are: ${deployed}`);
}
