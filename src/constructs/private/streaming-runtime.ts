/**
 * Which Lambda runtimes can stream their response, and what to do about those that cannot.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 */
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Token } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import { StreamingConstructError } from './errors';

/** Managed runtimes whose interface client collects the whole response before it sends any of it. */
const BUFFERING_FAMILIES = [lambda.RuntimeFamily.PYTHON, lambda.RuntimeFamily.JAVA, lambda.RuntimeFamily.RUBY];

/** The newest Node.js runtime of the aws-cdk-lib in use. */
export const DEFAULT_RUNTIME = lambda.Runtime.NODEJS_24_X;

/** @throws StreamingConstructError `BufferingRuntime` where `runtime` would hold back the response until its end */
export function checkStreamingRuntime(scope: IConstruct, runtime: lambda.Runtime, hasWebAdapter: boolean): void {
  if (hasWebAdapter || Token.isUnresolved(runtime.name) || !buffers(runtime)) return;
  throw new StreamingConstructError(
    scope,
    'BufferingRuntime',
    `runtime ${runtime.name} buffers the whole response and cannot stream it; ` +
      'use a Node.js runtime, ' +
      'or put a web server behind the Lambda Web Adapter (webAdapter: WebAdapter.layer()), ' +
      'or bring a runtime that streams: provided.al2023 with a runtime interface client of your own, or a container image',
  );
}

function buffers(runtime: lambda.Runtime): boolean {
  return runtime.family !== undefined && BUFFERING_FAMILIES.includes(runtime.family);
}
