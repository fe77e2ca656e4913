/** An alias of a streaming function: the name callers invoke, with grants, front ends and outputs of its own. */
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as codedeploy from 'aws-cdk-lib/aws-codedeploy';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { type CfnOutput, Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { defineRollout, defineScaling } from './function/alias-rollout';
import { exportStreamTarget } from './function/stream-target-output';
import { StreamGrants } from './stream-grants';
import { StreamingAlarms } from './streaming-alarms';
import { StreamingFunctionUrl, type StreamingFunctionUrlOptions } from './streaming-function-url';

/**
 * Options of an alias of a streaming function.
 */
export interface StreamingAliasOptions extends lambda.AliasOptions {
  /**
   * Limit up to which the provisioned concurrency follows its use, by target tracking.
   *
   * A stream keeps its execution environment busy as long as it is open, so this many streams find one that is warm.
   * The lower limit is `provisionedConcurrentExecutions`.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
   * @default - the provisioned concurrency does not change
   */
  readonly maxProvisionedConcurrentExecutions?: number;

  /**
   * Share of the provisioned concurrency that is to be in use, from 0.1 to 0.9.
   *
   * @default 0.7, with `maxProvisionedConcurrentExecutions`
   */
  readonly utilizationTarget?: number;

  /**
   * How CodeDeploy shifts traffic to a new version: canary, linear or all at once.
   *
   * Streams that are open end on the version they began with.
   *
   * @see https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
   * @default - new versions get all traffic as soon as they are deployed
   */
  readonly deploymentConfig?: codedeploy.ILambdaDeploymentConfig;

  /**
   * Alarms that undo a deployment; with `deploymentConfig`.
   *
   * @default - alarms on errors, throttles, and streams that come near the timeout, within one minute
   */
  readonly deploymentAlarms?: cloudwatch.IAlarm[];
}

/**
 * Options of an alias next to `live`.
 */
export interface AddStreamAliasOptions extends StreamingAliasOptions {
  /**
   * The version behind the alias.
   *
   * @default - the version of the current deployment
   */
  readonly version?: lambda.IVersion;
}

/**
 * Properties of an alias of a streaming function.
 */
export interface StreamingAliasProps extends StreamingAliasOptions {
  /**
   * Name of the alias.
   */
  readonly aliasName: string;

  /**
   * The version behind the alias.
   */
  readonly version: lambda.IVersion;
}

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

  private rollbackAlarms?: StreamingAlarms;

  /**
   * Defines the alias.
   *
   * Throws where options contradict each other, and for provisioned concurrency of a function with tenant isolation.
   */
  constructor(scope: Construct, id: string, props: StreamingAliasProps) {
    super(scope, id, props);
    this.streamGrants = StreamGrants.fromFunction(this);
    this.scaling = defineScaling(this, props);
    this.deploymentGroup = defineRollout(this, props, () => {
      this.rollbackAlarms = new StreamingAlarms(this, 'Alarms', { function: this, period: Duration.minutes(1) });
      return this.rollbackAlarms.all;
    });
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
