/** The order in which the resources of a template are deployed: what others refer to or depend on comes first. */

import { AssemblyError } from '../local-error';
import type { TemplateResource } from './template';

/** Logical ids, dependencies first, otherwise in the order of the template. Throws when resources refer to each other. */
export function deploymentOrder(resources: Readonly<Record<string, TemplateResource>>): string[] {
  const ordered = new Set<string>();
  const visit = (logicalId: string, path: readonly string[]) => {
    if (ordered.has(logicalId)) return;
    if (path.includes(logicalId)) {
      const circle = [...path.slice(path.indexOf(logicalId)), logicalId];
      throw new AssemblyError(`circular dependency between resources: ${circle.join(' → ')}`);
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
  const found = new Set([...named, ...references(resource.Properties ?? {})]);
  return [...found].filter((name) => name in resources);
}

/** Every name in a `Ref`, `Fn::GetAtt` or `Fn::Sub`, whichever branch of a condition it stands in. */
function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, argument]) => {
    if (key === 'Ref' && typeof argument === 'string') return [argument];
    if (key === 'Fn::GetAtt') return [String(Array.isArray(argument) ? argument[0] : argument).split('.')[0] ?? ''];
    if (key === 'Fn::Sub') return referencesInText(argument);
    return references(argument);
  });
}

function referencesInText(argument: unknown): string[] {
  const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const names = [...String(text).matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name = '']) => name.split('.')[0] ?? '');
  const given = Object.keys((variables as object | undefined) ?? {});
  return [...names.filter((name) => !given.includes(name)), ...references(variables)];
}
