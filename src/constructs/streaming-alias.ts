/** An alias of a streaming function: the name callers invoke, with grants, doors and outputs of its own. */
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { CfnOutput } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { exportStreamTarget } from './private/stream-target-output';
import { StreamGrants } from './stream-grants';
import { StreamingFunctionUrl, type StreamingFunctionUrlOptions } from './streaming-function-url';

/**
 * Options of an alias of a streaming function.
 */
export interface StreamingAliasOptions extends lambda.AliasOptions {
  /**
   * The version behind the alias.
   *
   * Not to be set on the alias `live`, which follows each deployment.
   *
   * @default - the version of the current deployment
   */
  readonly version?: lambda.IVersion;
}

/**
 * Properties of an alias of a streaming function.
 */
export interface StreamingAliasProps extends lambda.AliasProps {}

/**
 * An alias whose callers receive the response as a stream.
 *
 * Resource-based policies belong to one qualifier: a permission on this alias covers neither the unqualified function
 * nor another alias.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
 * @example
 *
 * declare const fn: StreamingFunction;
 * declare const role: iam.Role;
 * const beta = fn.addStreamAlias('beta');
 * beta.streamGrants.invoke(role);
 * beta.exportStreamTarget();
 */
export class StreamingAlias extends lambda.Alias {
  /**
   * Permissions to stream from this alias.
   */
  public readonly streamGrants: StreamGrants;

  /**
   * Defines the alias.
   */
  constructor(scope: Construct, id: string, props: StreamingAliasProps) {
    super(scope, id, props);
    this.streamGrants = StreamGrants.fromFunction(this);
  }

  /**
   * Defines the function URL of this alias, in invoke mode RESPONSE_STREAM; only one is possible.
   *
   * @param options who may call it and from which origins; by default IAM decides
   */
  public addStreamUrl(options: StreamingFunctionUrlOptions = {}): StreamingFunctionUrl {
    return new StreamingFunctionUrl(this, 'StreamUrl', { function: this, ...options });
  }

  /**
   * Writes what an invoker has to know about this alias into an output of the stack.
   *
   * `StreamTarget.fromOutputsFile()` of `cdk-lambda-streaming/invoker` reads it. Defined once, however often it is called.
   *
   * @returns the output; its value is JSON with the alias ARN, the region, and the streaming function URL if there is one
   */
  public exportStreamTarget(): CfnOutput {
    return exportStreamTarget(this);
  }
}
