/** Finds the function, version or alias that a property such as `FunctionName` or `TargetFunctionArn` names. */

import { parseFunctionName } from '../../wire/function-name';
import type { FunctionState } from '../state';
import type { ResourceContext } from './provider';

export interface QualifiedFunction {
  readonly fn: FunctionState;
  /** Alias or version, or undefined for the function itself. */
  readonly qualifier: string | undefined;
  /** The exact ARN: qualified when there is a qualifier. */
  readonly arn: string;
}

/**
 * `functionName` in any of its formats, for what a resource does with it.
 * @param action of Lambda that the resource stands for
 * @throws AWS's "Function not found" when nothing of that name is deployed, and its refusal of another account or region
 */
export function requireFunction(
  context: ResourceContext,
  action: string,
  functionName: string,
  qualifier?: string,
): QualifiedFunction {
  const reference = parseFunctionName(functionName, qualifier);
  const { account = context.account, region = context.region, name } = reference;
  const functionArn = `arn:${context.partition}:lambda:${region}:${account}:function:${name}`;
  const arn = reference.qualifier === undefined ? functionArn : `${functionArn}:${reference.qualifier}`;
  if (region !== context.region) {
    throw new Error(`Functions from '${region}' are not reachable in this region ('${context.region}')`);
  }
  context.requireAccess(action, arn);
  const fn = context.state.functions.get(functionArn);
  if (!fn || !hasQualifier(fn, reference.qualifier)) throw new Error(`Function not found: ${arn}`);
  return { fn, qualifier: reference.qualifier, arn };
}

function hasQualifier(fn: FunctionState, qualifier: string | undefined): boolean {
  return qualifier === undefined || fn.aliases.has(qualifier) || fn.versions.has(qualifier);
}
