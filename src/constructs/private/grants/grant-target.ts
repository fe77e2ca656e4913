/** What a grant is on: one exact ARN, and whether this stack may write the resource-based policy of it. */
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnResource, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { StreamingConstructError } from '../errors';
import { environmentOfArn, relate } from './environment';

export interface GrantTarget {
  readonly fn: lambda.IFunction;
  /** `fn` itself: permissions become its children. */
  readonly scope: Construct;
  readonly stack: Stack;
  /** The ARN that callers invoke; the only one that is granted. */
  readonly arn: string;
  /** Undefined where a token hides it. */
  readonly account?: string;
  readonly region?: string;
  /** False for a function of another account or region: CloudFormation could not reach its policy from this stack. */
  readonly writable: boolean;
}

/** What callers of `fn` invoke: a streaming function is entered by its alias `live`, all else as it is. */
export function invokedBy(fn: lambda.IFunction): lambda.IFunction {
  return 'liveAlias' in fn ? (fn.liveAlias as lambda.IFunction) : fn;
}

/** @throws StreamingConstructError `GrantOnLatest` for `$LATEST`, which cannot carry a resource-based policy */
export function grantTarget(fn: lambda.IFunction): GrantTarget {
  if (!Construct.isConstruct(fn)) throw new TypeError(`a function must be a construct, got: ${String(fn)}`);
  const arn = fn.functionArn;
  if (arn.endsWith(':$LATEST')) {
    throw new StreamingConstructError(
      fn,
      'GrantOnLatest',
      'permissions cannot be given on $LATEST, which changes with every deployment; grant on an alias or a version',
    );
  }
  const stack = Stack.of(fn);
  const { account, region } = environmentOfArn(arn, 'AWS::Lambda::');
  return { fn, scope: fn, stack, arn, account, region, writable: isWritable(fn, stack, account, region) };
}

function isWritable(fn: lambda.IFunction, stack: Stack, account?: string, region?: string): boolean {
  if (isDefinedHere(fn)) return true;
  const relations = [relate(stack, account, stack.account), relate(stack, region, stack.region)];
  if (relations.includes('different')) return false;
  if (!relations.includes('unknown')) return true;
  // `sameEnvironment: true` of fromFunctionAttributes(); the member is protected, so there is no other way to read it.
  return 'canCreatePermissions' in fn && fn.canCreatePermissions === true;
}

function isDefinedHere(fn: lambda.IFunction): boolean {
  return fn.node.defaultChild !== undefined && CfnResource.isCfnResource(fn.node.defaultChild);
}
