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

/** What an app is told that has placeholders of the CDK where values of AWS belong; undefined where nothing is missing. */
export function missingContextProblem(keys: readonly string[]): string | undefined {
  if (keys.length === 0) return undefined;
  const entries = keys.map((key) => {
    const [, region] = /^availability-zones:.*\bregion=([\w-]+)/.exec(key) ?? [];
    const value = region === undefined ? '…' : JSON.stringify(['a', 'b', 'c'].map((zone) => `${region}${zone}`));
    return `\n  "${key}": ${value}`;
  });
  return (
    "the app looks up values of AWS, and placeholders of the CDK stand for them, such as 'dummy1a' and 'vpc-12345'; " +
    `run 'cdk synth' once with access to AWS, or write into cdk.context.json, in a test into new App({ context: {…} }):${entries.join(',')}`
  );
}

/** @throws DeployError where values are missing */
export function requireContext(missing: readonly string[]): void {
  const problem = missingContextProblem(missing);
  if (problem !== undefined) throw new DeployError(problem);
}

function wayOut(types: readonly string[]): string {
  if (types.length === 0) return '';
  const list = [...new Set(types)].sort().map((type) => `'${type}'`);
  const tables = types.some((type) => type.startsWith('AWS::DynamoDB::'))
    ? '\nfor tables give an engine, such as dynalite: startLocal({ services: { dynamodb: <its address> } })'
    : '';
  return `${tables}\nmove them to a stack of their own, or accept them as doing nothing: deploy(…, { inertTypes: [${list.join(', ')}] })`;
}
