/** An alias of a streaming function: the name callers invoke, with grants, doors and outputs of its own. */
import type * as codedeploy from 'aws-cdk-lib/aws-codedeploy';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { CfnOutput } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { defineRollout, defineScaling } from './private/alias-rollout';
import { exportStreamTarget } from './private/stream-target-output';
import { StreamGrants } from './stream-grants';
import type { StreamingAliasProps } from './streaming-alias-options';
import { StreamingFunctionUrl, type StreamingFunctionUrlOptions } from './streaming-function-url';

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
 * const beta = fn.addStreamAlias('beta', {
 *   deploymentConfig: codedeploy.LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
 * });
 * beta.streamGrants.invoke(role);
 * beta.exportStreamTarget();
 */
export class StreamingAlias extends lambda.Alias {
  /**
   * Permissions to stream from this alias.
   */
  public readonly streamGrants: StreamGrants;

  /**
   * The gradual deployment of new versions; undefined without `deploymentConfig`.
   */
  public readonly deploymentGroup?: codedeploy.LambdaDeploymentGroup;

  /**
   * The scaling of the provisioned concurrency, to schedule it; undefined without `maxProvisionedConcurrentExecutions`.
   */
  public readonly scaling?: lambda.IScalableFunctionAttribute;

  /**
   * Defines the alias.
   *
   * Throws where options contradict each other, and for provisioned concurrency of a function with tenant isolation.
   */
  constructor(scope: Construct, id: string, props: StreamingAliasProps) {
    super(scope, id, props);
    this.streamGrants = StreamGrants.fromFunction(this);
    this.scaling = defineScaling(this, props);
    this.deploymentGroup = defineRollout(this, props);
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
