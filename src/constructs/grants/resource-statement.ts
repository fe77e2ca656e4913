/** One statement of a resource-based policy, before it is decided which CloudFormation resource carries it. */
import type { Stack } from 'aws-cdk-lib/core';
import { stableHash } from '../facts/stable-text';

export const INVOKE_FUNCTION = 'lambda:InvokeFunction';
const INVOKE_FUNCTION_URL = 'lambda:InvokeFunctionUrl';

/** As in a policy: operator → key → value or values. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface StatementPrincipal {
  readonly kind: 'aws' | 'service' | 'everyone' | 'policy';
  /** An account id or ARN; a service's name; `*`; empty for a policy, which can be granted to although it is not a principal. */
  readonly value: string;
}

export interface ResourceStatement {
  readonly action: string;
  readonly principal: StatementPrincipal;
  readonly conditions: Conditions;
}

/** What an action needs and under which conditions: both statements, for callers of a function URL. */
export interface Access {
  readonly action: string;
  readonly conditions: Conditions;
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html */
export const API_ACCESS: readonly Access[] = [{ action: INVOKE_FUNCTION, conditions: {} }];

/** Both are needed: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html */
export const URL_ACCESS: readonly Access[] = [
  { action: INVOKE_FUNCTION_URL, conditions: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } } },
  { action: INVOKE_FUNCTION, conditions: { Bool: { 'lambda:InvokedViaFunctionUrl': true } } },
];

/** Equal for equal statements, whichever construct the principal came from. */
export function statementHash(stack: Stack, statement: ResourceStatement): string {
  return stableHash(stack, statement);
}

export function mergeConditions(...all: readonly Conditions[]): Conditions {
  const merged: Record<string, Record<string, unknown>> = {};
  for (const conditions of all) {
    for (const [operator, keys] of Object.entries(conditions)) merged[operator] = { ...merged[operator], ...keys };
  }
  return merged;
}

/** `statement` as it stands in a policy document. */
export function policyStatement(statement: ResourceStatement, resource: string, sid?: string): Record<string, unknown> {
  return {
    ...(sid && { Sid: sid }),
    Effect: 'Allow',
    Principal: policyPrincipal(statement.principal),
    Action: statement.action,
    Resource: resource,
    ...(Object.keys(statement.conditions).length > 0 && { Condition: statement.conditions }),
  };
}

function policyPrincipal(principal: StatementPrincipal): unknown {
  if (principal.kind === 'everyone') return '*';
  return principal.kind === 'service' ? { Service: principal.value } : { AWS: principal.value };
}
