/** The order in which the resources of a template are deployed: what others refer to or depend on comes first. */

import { AssemblyError } from '../local-error';
import { referencesIn } from './references';
import type { TemplateResource } from './template';

/** Logical ids, dependencies first, otherwise in the order of the template. Throws when resources refer to each other. */
export function deploymentOrder(resources: Readonly<Record<string, TemplateResource>>): string[] {
  const ordered = new Set<string>();
  const visit = (logicalId: string, path: readonly string[]) => {
    if (ordered.has(logicalId)) return;
    if (path.includes(logicalId)) {
      const circle = path.slice(path.indexOf(logicalId));
      throw new AssemblyError(`Circular dependency between resources: [${circle.join(', ')}]`);
    }
    for (const dependency of dependenciesOf(logicalId, resources)) visit(dependency, [...path, logicalId]);
    ordered.add(logicalId);
  };
  for (const logicalId of Object.keys(resources)) visit(logicalId, []);
  return [...ordered];
}

/** Logical ids of the resources that one resource refers to or names in `DependsOn`. */
export function dependenciesOf(logicalId: string, resources: Readonly<Record<string, TemplateResource>>): string[] {
  const resource = resources[logicalId];
  if (!resource) return [];
  const { DependsOn = [] } = resource;
  const named = typeof DependsOn === 'string' ? [DependsOn] : DependsOn;
  const found = new Set(named);
  for (const { name } of referencesIn(resource.Properties)) found.add(name);
  return [...found].filter((name) => Object.hasOwn(resources, name));
}
