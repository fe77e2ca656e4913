/** The check before anything is deployed: everything the stacks hold must be known here. */

import type { AssemblyStack } from '../assembly/read-assembly';
import type { ProviderFinder } from '../resources/registry';
import { DeployError } from './deploy-error';

/** Throws a DeployError that names every resource and template part that is not supported, all at once. */
export function requireSupported(stacks: readonly AssemblyStack[], findProvider: ProviderFinder): void {
  const findings = stacks.flatMap(({ displayName, template, constructPaths }) => [
    ...(template.Transform === undefined ? [] : [`${displayName}: template macros (Transform)`]),
    ...Object.entries(template.Resources ?? {})
      .filter(([, { Type }]) => !findProvider(Type))
      .map(([logicalId, { Type }]) => `${Type}: ${logicalId} (${constructPaths.get(logicalId) ?? displayName})`),
  ]);
  if (findings.length === 0) return;
  const advice =
    "move them to a stack of their own, or accept them as doing nothing with deploy(…, { inertTypes: ['AWS::…'] })";
  throw new DeployError(`the local target does not support:\n  ${findings.sort().join('\n  ')}\n${advice}`);
}
