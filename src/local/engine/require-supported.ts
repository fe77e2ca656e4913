/** The check before anything is deployed: everything the stacks hold must be known here. */

import { type AssemblyStack, withNested } from '../assembly/read-assembly';
import { DeployError, excerpt } from '../local-error';
import type { ProviderFinder } from '../resources/registry';

/** The transform by which a template says that it uses functions that are resolved here. */
const LANGUAGE_EXTENSIONS = 'AWS::LanguageExtensions';

/** @throws DeployError that names every resource and template part that is not supported, all at once */
export function requireSupported(roots: readonly AssemblyStack[], findProvider: ProviderFinder): void {
  const stacks = roots.flatMap(withNested);
  const unsupported = stacks.flatMap(({ displayName, template, constructPaths }) =>
    Object.entries(template.Resources ?? {})
      .filter(([, { Type }]) => !findProvider(Type))
      .map(([logicalId, { Type }]) => ({
        type: Type,
        where: `${logicalId} (${constructPaths.get(logicalId) ?? displayName})`,
      })),
  );
  const findings = [
    ...stacks.flatMap(({ displayName, template }) =>
      [template.Transform ?? []]
        .flat()
        .filter((macro) => macro !== LANGUAGE_EXTENSIONS)
        .map((macro) => `template macros: ${displayName} has the Transform ${excerpt(macro)}`),
    ),
    ...unsupported.map(({ type, where }) => `${type}: ${where}`),
  ];
  if (findings.length === 0) return;
  throw new DeployError(
    `the local target does not support:\n  ${findings.sort().join('\n  ')}${wayOut(unsupported.map(({ type }) => type))}`,
  );
}

function wayOut(types: readonly string[]): string {
  if (types.length === 0) return '';
  const list = [...new Set(types)].sort().map((type) => `'${type}'`);
  return `\nmove them to a stack of their own, or accept them as doing nothing: deploy(…, { inertTypes: [${list.join(', ')}] })`;
}
