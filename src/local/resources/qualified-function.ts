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

/** `functionName` in any of its formats; throws AWS's "Function not found" when nothing of that name is deployed. */
export function requireFunction(context: ResourceContext, functionName: string, qualifier?: string): QualifiedFunction {
  const reference = parseFunctionName(functionName, qualifier);
  const { account = context.account, region = context.region, name } = reference;
  const functionArn = `arn:${context.partition}:lambda:${region}:${account}:function:${name}`;
  const arn = reference.qualifier === undefined ? functionArn : `${functionArn}:${reference.qualifier}`;
  const fn = context.state.functions.get(functionArn);
  if (!fn || !hasQualifier(fn, reference.qualifier)) throw new Error(`Function not found: ${arn}`);
  return { fn, qualifier: reference.qualifier, arn };
}

function hasQualifier(fn: FunctionState, qualifier: string | undefined): boolean {
  return qualifier === undefined || fn.aliases.has(qualifier) || fn.versions.has(qualifier);
}
