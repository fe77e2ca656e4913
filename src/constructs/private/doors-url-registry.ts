/** Remembers which URL belongs to which alias: Lambda allows one each, and the stream target wants to know it. */
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Stack } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import { StreamingConstructError } from './errors';

const urls = new WeakMap<IConstruct, lambda.FunctionUrl>();

/** @throws StreamingConstructError `SecondUrl` where the target has a URL, which CloudFormation would refuse half-way */
export function registerUrl(target: lambda.IFunction, url: lambda.FunctionUrl): void {
  const first = urls.get(target);
  if (first) {
    throw new StreamingConstructError(
      url,
      'SecondUrl',
      `an alias has one function URL, and ${target.node.path} has ${first.node.path}; use that one, or add an alias for this URL`,
    );
  }
  urls.set(target, url);
}

/** The address of the target's URL, where its own stack defines it; a URL of another stack would close a circle. */
export function urlOf(target: lambda.IFunction): string | undefined {
  const url = urls.get(target);
  return url && Stack.of(url) === Stack.of(target) ? url.url : undefined;
}
