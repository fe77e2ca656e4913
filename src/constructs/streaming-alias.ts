/** An alias of a streaming function: the name callers invoke, with grants and outputs of its own. */
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { CfnOutput } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { urlOf } from './private/doors-url-registry';
import { exportStreamTarget } from './private/stream-target-output';
import { StreamGrants } from './stream-grants';
import { StreamingFunctionUrl, type StreamingFunctionUrlOptions } from './streaming-function-url';

/**
 * Properties of a streaming alias.
 */
export interface StreamingAliasProps extends lambda.AliasProps {}

/**
 * An alias whose callers receive the response as a stream.
 *
 * Resource-based policies belong to one qualifier: a permission on this alias does not cover the unqualified
 * function, nor another alias.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
 */
export class StreamingAlias extends lambda.Alias {
  /**
   * Permissions to stream from this alias.
   */
  public readonly streamGrants: StreamGrants;

  constructor(scope: Construct, id: string, props: StreamingAliasProps) {
    super(scope, id, props);
    this.streamGrants = StreamGrants.fromFunction(this);
  }

  /**
   * Writes what an invoker has to know about this alias into an output of the stack.
   *
   * `StreamTarget.fromOutputsFile()` of `cdk-lambda-streaming/invoker` reads it. Defined once, however often it is called.
   *
   * @returns the output; its value is JSON with the alias ARN and the region
   */
  public exportStreamTarget(): CfnOutput {
    return exportStreamTarget(this, () => urlOf(this));
  }

  /**
   * Puts a function URL in invoke mode `RESPONSE_STREAM` in front of this alias; an alias can have one.
   *
   * @param options who may call it, and from which origins; AWS_IAM by default
   */
  public addStreamUrl(options: StreamingFunctionUrlOptions = {}): StreamingFunctionUrl {
    return new StreamingFunctionUrl(this, 'StreamUrl', { ...options, function: this });
  }
}
