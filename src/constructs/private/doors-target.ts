/** Finds out what a front door opens on: the alias that is invoked, and what is known of the function behind it. */
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { type Duration, Stack, Token } from 'aws-cdk-lib/core';

/** What a front door invokes. */
export interface DoorTarget {
  /** What is invoked and carries the resource-based policy: an alias wherever there is one. */
  readonly invoked: lambda.IFunction;
  /** The function that alias or version belongs to; the same as `invoked` where no qualifier is known. */
  readonly behind: lambda.IFunction;
  /** Name of the alias, or the version; undefined for the unqualified function. */
  readonly qualifier?: string;
}

/**
 * A streaming function is entered by its live alias; aliases and versions stand for themselves.
 * Recognised by shape, not `instanceof`: two copies of aws-cdk-lib may meet in one app.
 */
export function doorTarget(fn: lambda.IFunction): DoorTarget {
  if (isAlias(fn)) return { invoked: fn, behind: fn.version.lambda, qualifier: fn.aliasName };
  if (hasLiveAlias(fn)) return doorTarget(fn.liveAlias);
  if (isVersion(fn)) return { invoked: fn, behind: fn.lambda, qualifier: fn.version };
  return { invoked: fn, behind: fn, qualifier: qualifierInArn(fn.functionArn) };
}

export function isAlias(fn: lambda.IFunction): fn is lambda.IAlias {
  return 'aliasName' in fn;
}

function isVersion(fn: lambda.IFunction): fn is lambda.IVersion {
  return 'edgeArn' in fn && 'lambda' in fn && !isAlias(fn);
}

function hasLiveAlias(fn: lambda.IFunction): fn is lambda.IFunction & { liveAlias: lambda.IAlias } {
  return 'liveAlias' in fn;
}

/** The eighth part of `arn:aws:lambda:<region>:<account>:function:<name>:<qualifier>`. */
function qualifierInArn(arn: string): string | undefined {
  return Token.isUnresolved(arn) ? undefined : arn.split(':')[7];
}

/** The timeout set on the function, where it is defined in this app and is a plain number. */
export function functionTimeout(behind: lambda.IFunction): Duration | undefined {
  const timeout = 'timeout' in behind ? (behind.timeout as Duration | undefined) : undefined;
  return timeout?.isUnresolved() ? undefined : timeout;
}

/** The CloudFormation resource of a function defined in this app. */
export function cfnFunction(behind: lambda.IFunction): CfnFunction | undefined {
  const child = behind.node.defaultChild;
  return child && 'cfnResourceType' in child && child.cfnResourceType === 'AWS::Lambda::Function'
    ? (child as CfnFunction)
    : undefined;
}

/** Environment variables of the function as they stand when asked; ask late, they may still be added. */
export function environmentOf(behind: lambda.IFunction): Record<string, unknown> {
  const resource = cfnFunction(behind);
  const environment = resource && (Stack.of(resource).resolve(resource.environment) as { variables?: object });
  return { ...environment?.variables };
}
