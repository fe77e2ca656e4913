/**
 * Which functions can stream their response, and what to do about those that cannot.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 */
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Token } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import type { WebAdapter } from '../web-adapter';
import { StreamingConstructError } from './errors';
import { warn } from './warnings';

/** Managed runtimes whose interface client collects the whole response before it sends any of it. */
const BUFFERING_FAMILIES = [lambda.RuntimeFamily.PYTHON, lambda.RuntimeFamily.JAVA, lambda.RuntimeFamily.RUBY];

/** The newest Node.js runtime of the oldest aws-cdk-lib we support. */
export const DEFAULT_RUNTIME = lambda.Runtime.NODEJS_24_X;

/** @throws StreamingConstructError `BufferingRuntime` where `runtime` would hold back the response until its end */
export function checkStreamingRuntime(
  scope: IConstruct,
  id: string,
  runtime: lambda.Runtime,
  hasWebAdapter: boolean,
): void {
  if (hasWebAdapter || Token.isUnresolved(runtime.name) || !buffers(runtime)) return;
  throw new StreamingConstructError(
    scope,
    'BufferingRuntime',
    `${id}: runtime ${runtime.name} buffers the whole response and cannot stream it; ` +
      'use a Node.js runtime, ' +
      'or put a web server behind the Lambda Web Adapter (webAdapter: WebAdapter.layer()), ' +
      'or bring a runtime that streams: provided.al2023 with a runtime interface client of your own, or a container image',
  );
}

function buffers(runtime: lambda.Runtime): boolean {
  return runtime.family !== undefined && BUFFERING_FAMILIES.includes(runtime.family);
}

/** The parts of a function that decide whether it streams. */
export type StreamingOptions = Pick<
  lambda.FunctionOptions,
  'durableConfig' | 'tenancyConfig' | 'environment' | 'adotInstrumentation'
>;

/** Warns about what is allowed, but not known to stream. */
export function checkStreaming(fn: lambda.Function, options: StreamingOptions): void {
  if (!options.durableConfig) return;
  warn(
    fn,
    'DurableStream',
    'durableConfig makes this a durable function, and AWS documents no response streaming for those: ' +
      'https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking.html; test it, or stream from a function of its own',
  );
}

/** @throws StreamingConstructError `WebAdapterEnvironment` where a variable of the adapter already has another value */
export function checkWebAdapterEnvironment(fn: IConstruct, adapter: WebAdapter, options: StreamingOptions): void {
  for (const [name, value] of Object.entries(adapter.environment())) {
    const said = options.environment?.[name];
    if (said === undefined || said === value || Token.isUnresolved(said)) continue;
    throw new StreamingConstructError(
      fn,
      'WebAdapterEnvironment',
      `environment.${name} is '${said}', but the web adapter needs '${value}'; remove it from environment, or change the options of WebAdapter`,
    );
  }
  if (options.adotInstrumentation && adapter.environment()['AWS_LAMBDA_EXEC_WRAPPER'] !== undefined) {
    throw new StreamingConstructError(
      fn,
      'WebAdapterEnvironment',
      'adotInstrumentation and a web adapter layer both set AWS_LAMBDA_EXEC_WRAPPER, and only one program can wrap the handler; remove adotInstrumentation, or use a container image with WebAdapter.inImage()',
    );
  }
}
