/** Which of the deployed functions is meant: by construct path, name or ARN. */
import { nearestName } from '../base/nearest-name';
import type { LocalFunction } from '../local/engine/deployed-functions';
import type { LocalTarget } from '../local/local-target';

/** How a function is named on the command line. */
export interface NamedFunction {
  readonly function: string;
  /** Version or alias, where the caller says it apart from the function. */
  readonly qualifier?: string | undefined;
}

/** By its construct path, where its alias is meant too, as grants and endpoints are for it; else as Lambda takes it. */
export function findDeployed(
  local: LocalTarget,
  { function: text, qualifier }: NamedFunction,
): { readonly functionArn: string; readonly qualifier?: string | undefined } {
  const functions = local.functions();
  const byPath = functions.find(({ constructPath }) => constructPath === text);
  // The caller of the answer adds the qualifier of the question.
  if (byPath)
    return { functionArn: byPath.functionArn, ...(qualifier === undefined && { qualifier: aliasOf(byPath) }) };
  for (const { functionArn, functionName, constructPath = functionName } of functions) {
    for (const name of [functionArn, functionName, constructPath]) {
      if (text === name) return { functionArn };
      if (text.startsWith(`${name}:`)) return { functionArn, qualifier: text.slice(name.length + 1) };
    }
  }
  const names = functions.map(({ constructPath, functionName }) => constructPath ?? functionName);
  const near = nearestName(text, [...names, ...functions.map(({ functionName }) => functionName)]);
  const advice = near === undefined ? '' : `\nDid you mean '${near}'?`;
  const known = names.map((name) => `\n  ${name}`).join('');
  const message = `no function '${text}' is deployed here; there are:${known || ' none'}${advice}`;
  throw Object.assign(new Error(message), { code: 'NOT_FOUND' });
}

/** Whether its path alone does not say which alias is meant: neither 'live', as StreamingFunction makes it, nor the only one. */
export function isAmbiguous({ aliases }: LocalFunction): boolean {
  return aliases.length > 1 && !aliases.includes('live');
}

/**
 * Functions that aws-cdk-lib adds by itself: those behind custom resources, singletons, whose ids end with that of their code,
 * and those of its provider framework.
 */
const HELPER = /\/Custom::|[\da-f]{32}|\/framework-(?:onEvent|isComplete|onTimeout)$/i;

/** The one to call first: rather what streams, as far as can be seen; never a helper. */
export function suggestedFunction(functions: readonly LocalFunction[]): LocalFunction | undefined {
  const own = functions.filter(({ constructPath = '' }) => !HELPER.test(constructPath));
  // StreamingFunction makes the alias.
  const streaming = own.find(({ aliases }) => aliases.includes('live'));
  return (
    streaming ?? own.find(({ urls }) => urls.length > 0) ?? own.find(({ aliases }) => aliases.length > 0) ?? own[0]
  );
}

function aliasOf(found: LocalFunction): string | undefined {
  const { constructPath, functionName, aliases } = found;
  const [first] = aliases;
  if (!isAmbiguous(found)) return aliases.includes('live') ? 'live' : first;
  const problem = `'${constructPath}' has the aliases ${aliases.join(', ')}, and none is called live`;
  const advice = `say which with --qualifier ${first}, or '${functionName}:${first}'`;
  throw Object.assign(new Error(`${problem}; ${advice}`), { code: 'CONFIG_INVALID' });
}
