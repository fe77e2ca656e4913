/** Refuses values for template parameters that no template asks for; a misspelt one would leave the default in place. */

import { checkTemplateRules } from '../assembly/check-template';
import { constraintProblem } from '../assembly/parameter-constraints';
import type { AssemblyStack } from '../assembly/read-assembly';
import { DeployError } from '../local-error';
import { ownMember } from '../own-member';

/** Every stack of the CDK has it, and nobody means it. */
const BOOTSTRAP_PARAMETER = 'BootstrapVersion';

/**
 * @param stacks all of the assembly: values for a stack that is not deployed this time do no harm
 * @param parameters by `Parameter` or `Stack:Parameter`
 */
export function checkParameters(
  stacks: readonly AssemblyStack[],
  parameters: Readonly<Record<string, unknown>> = {},
): void {
  for (const key of Object.keys(parameters)) {
    const problem = parameterProblem(stacks, key);
    if (problem !== undefined) throw new DeployError(problem);
  }
}

function parameterProblem(stacks: readonly AssemblyStack[], key: string): string | undefined {
  const colon = key.indexOf(':');
  const name = key.slice(colon + 1);
  const has = ({ template }: AssemblyStack) => Object.hasOwn(template.Parameters ?? {}, name);
  if (colon < 0) {
    if (stacks.some(has)) return undefined;
    const known = stacks.flatMap((stack) => namesOf(stack).map((each) => `${stack.stackName}:${each}`));
    return `no stack of the cloud assembly has the parameter '${name}' given to deploy(); there are: ${list(known)}`;
  }
  const stackName = key.slice(0, colon);
  const named = stacks.filter((stack) => stack.stackName === stackName);
  if (named.length === 0) {
    const known = stacks.map((stack) => stack.stackName);
    return `the parameter '${key}' given to deploy() names the stack '${stackName}', which the cloud assembly does not have; it has: ${list(known)}`;
  }
  if (named.some(has)) return undefined;
  return `stack '${stackName}' has no parameter '${name}', which was given to deploy() as '${key}'; it has: ${list(named.flatMap(namesOf))}`;
}

function namesOf({ template }: AssemblyStack): string[] {
  return Object.keys(template.Parameters ?? {}).filter((name) => name !== BOOTSTRAP_PARAMETER);
}

function list(names: readonly string[]): string {
  return [...new Set(names)].map((name) => `'${name}'`).join(', ') || 'none';
}

/** A nested stack is checked when it is reached: its parameters come from the resource that it is. */
export function checkNestedStack({ parameters, template, templateBytes }: AssemblyStack): void {
  checkTemplateRules(template, templateBytes);
  const { Parameters = {} } = template;
  const unknown = Object.keys(parameters).filter((name) => !Object.hasOwn(Parameters, name));
  if (unknown.length > 0) throw new Error(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  const missing = Object.keys(Parameters).filter(
    (name) => !Object.hasOwn(parameters, name) && Parameters[name]?.Default === undefined,
  );
  if (missing.length > 0) throw new Error(`Parameters: [${missing.join(', ')}] must have values`);
  for (const [name, definition] of Object.entries(Parameters)) {
    const problem = constraintProblem(name, definition, String(ownMember(parameters, name) ?? definition.Default));
    if (problem !== undefined) throw new Error(problem);
  }
}
