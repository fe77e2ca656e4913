/** What a grant is on: one exact ARN, and whether this stack may write the resource-based policy of it. */
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { type InvokedFunction, invokedFunction, isDefinedHere } from '../facts/invoked-function';
import { StreamingConstructError } from '../problems/construct-error';
import { environmentOfArn, relate } from './environment';

export interface GrantedFunction extends InvokedFunction {
  /** `invoked` itself: permissions become its children. */
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

/** @throws StreamingConstructError `GrantOnLatest` for `$LATEST`, which cannot carry a resource-based policy */
export function grantedFunction(fn: lambda.IFunction): GrantedFunction {
  const callee = invokedFunction(fn);
  const { invoked } = callee;
  const arn = invoked.functionArn;
  if (arn.endsWith(':$LATEST')) {
    throw new StreamingConstructError(
      invoked,
      'GrantOnLatest',
      'permissions cannot be given on $LATEST, which changes with every deployment; grant on an alias or a version',
    );
  }
  const stack = Stack.of(invoked);
  const { account, region } = environmentOfArn(arn, 'AWS::Lambda::');
  const writable = isWritable(invoked, stack, account, region);
  return { ...callee, scope: invoked, stack, arn, account, region, writable };
}

function isWritable(fn: lambda.IFunction, stack: Stack, account?: string, region?: string): boolean {
  if (isDefinedHere(fn)) return true;
  const relations = [relate(stack, account, stack.account), relate(stack, region, stack.region)];
  if (relations.includes('different')) return false;
  if (!relations.includes('unknown')) return true;
  // `sameEnvironment: true` of fromFunctionAttributes(); the member is protected, so there is no other way to read it.
  return 'canCreatePermissions' in fn && fn.canCreatePermissions === true;
}
