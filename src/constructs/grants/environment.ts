/** Tells whether two accounts are the same as far as can be known at synth. */
import { CfnResource, Stack, Token } from 'aws-cdk-lib/core';
import { referencesIn, stableText } from '../facts/stable-text';

/** `unknown` where a token hides at least one of the two. */
export type Relation = 'same' | 'different' | 'unknown';

export function relate(stack: Stack, a: string | undefined, b: string | undefined): Relation {
  if (a === undefined || b === undefined) return 'unknown';
  if (a === b) return 'same';
  if (!Token.isUnresolved(a) && !Token.isUnresolved(b)) return 'different';
  return stableText(stack, a) === stableText(stack, b) ? 'same' : 'unknown';
}

/** Position of the region and of the account among the colons of an ARN. */
const REGION = 3;
const ACCOUNT = 4;

export interface ArnEnvironment {
  readonly account?: string;
  readonly region?: string;
}

/**
 * The account and region an ARN belongs to: from its text, else from the stack of the resource it refers to.
 * Both are undefined where the ARN is hidden, as that of a parameter is.
 */
export function environmentOfArn(arn: string, service: string): ArnEnvironment {
  if (arn.startsWith('arn:')) {
    const parts = arn.split(':'); // an encoded token has no colon
    return { account: parts[ACCOUNT] || undefined, region: parts[REGION] || undefined };
  }
  const granted = referencesIn(arn)
    .map((reference) => reference.target)
    .find((construct) => CfnResource.isCfnResource(construct) && construct.cfnResourceType.startsWith(service));
  if (!granted) return {};
  const stack = Stack.of(granted);
  return { account: stack.account, region: stack.region };
}
