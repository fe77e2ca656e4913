/** Finds out what callers of a function invoke, and what this app knows of the function behind it. */
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnResource, type Duration, Stack, Token } from 'aws-cdk-lib/core';
import { Construct, type IConstruct } from 'constructs';
import type { FunctionFacts } from './streaming-facts';

/** A function with the alias or version that callers invoke. */
export interface InvokedFunction {
  /** What is invoked and carries the resource-based policy: an alias wherever there is one. */
  readonly invoked: lambda.IFunction;
  /** The function that alias or version belongs to; the same as `invoked` where no qualifier is known. */
  readonly behind: lambda.IFunction;
  /** Name of the alias, or the version; undefined for the unqualified function. */
  readonly qualifier?: string;
}

/**
 * A streaming function is invoked by its live alias; aliases and versions stand for themselves.
 * Recognised by shape, not `instanceof`: two copies of aws-cdk-lib may meet in one app.
 *
 * @throws TypeError for a value that is not a function construct, as callers without a compiler may pass
 */
export function invokedFunction(fn: lambda.IFunction): InvokedFunction {
  if (!Construct.isConstruct(fn) || !('functionArn' in fn)) {
    throw new TypeError(
      `a function must be a construct such as a StreamingFunction, an alias or an imported function, got ${described(fn)}; ` +
        'StreamingFunctionReference.fromArn() makes one of an ARN',
    );
  }
  if (isAlias(fn)) return { invoked: fn, behind: fn.version.lambda, qualifier: fn.aliasName };
  if (hasLiveAlias(fn)) return invokedFunction(fn.liveAlias);
  if (isVersion(fn)) return { invoked: fn, behind: fn.lambda, qualifier: fn.version };
  return { invoked: fn, behind: fn, qualifier: qualifierInArn(fn.functionArn) };
}

/** A value in the words of a message. */
export function described(value: unknown): string {
  if (Construct.isConstruct(value)) return `the construct '${value.node.path}'`;
  return typeof value === 'string' ? `'${value}'` : String(value);
}

export function isAlias(fn: lambda.IFunction): fn is lambda.IAlias {
  return 'aliasName' in fn;
}

export function isVersion(fn: lambda.IFunction): fn is lambda.IVersion {
  return 'edgeArn' in fn && 'lambda' in fn && !isAlias(fn);
}

function hasLiveAlias(fn: lambda.IFunction): fn is lambda.IFunction & { liveAlias: lambda.IAlias } {
  return 'liveAlias' in fn;
}

/** The eighth part of `arn:aws:lambda:<region>:<account>:function:<name>:<qualifier>`. */
function qualifierInArn(arn: string): string | undefined {
  return Token.isUnresolved(arn) ? undefined : arn.split(':')[7];
}

/** Whether a construct is a resource of this app, and not only known by its ARN. */
export function isDefinedHere(construct: IConstruct): boolean {
  return CfnResource.isCfnResource(construct.node.defaultChild);
}

/** The timeout set on the function, where it is defined in this app and is a plain number. */
export function functionTimeout(behind: lambda.IFunction): Duration | undefined {
  const timeout = 'timeout' in behind ? (behind.timeout as Duration | undefined) : undefined;
  return timeout?.isUnresolved() ? undefined : timeout;
}

/** The CloudFormation resource of a function defined in this app. */
export function cfnFunction(behind: lambda.IFunction): CfnFunction | undefined {
  const child = behind.node.defaultChild;
  return CfnResource.isCfnResource(child) && child.cfnResourceType === 'AWS::Lambda::Function'
    ? (child as CfnFunction)
    : undefined;
}

/** What decides whether the function streams, as it stands when asked: ask late, aspects may still change it. */
export function factsOf(behind: lambda.IFunction): FunctionFacts | undefined {
  const resource = cfnFunction(behind);
  if (!resource) return undefined;
  const environment = Stack.of(resource).resolve(resource.environment) as { variables?: object } | undefined;
  return {
    runtime: resource.runtime,
    environment: { ...environment?.variables },
    isDurable: resource.durableConfig !== undefined,
    isInVpc: behind.isBoundToVpc,
  };
}
