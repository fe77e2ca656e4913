/** What an alias of a streaming function may be told. */
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as codedeploy from 'aws-cdk-lib/aws-codedeploy';
import type * as lambda from 'aws-cdk-lib/aws-lambda';

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
