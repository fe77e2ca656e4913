/** Brings new versions behind an alias step by step, and keeps as many execution environments warm as streams need. */
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as codedeploy from 'aws-cdk-lib/aws-codedeploy';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Token } from 'aws-cdk-lib/core';
import { StreamingConstructError } from '../problems/construct-error';

/** Share of the warm environments that may be busy before more are started. */
const UTILIZATION_TARGET = 0.7;

/** How new versions get behind an alias. */
export interface RolloutOptions {
  readonly deploymentConfig?: codedeploy.ILambdaDeploymentConfig;
  readonly deploymentAlarms?: cloudwatch.IAlarm[];
  readonly additionalVersions?: lambda.VersionWeight[];
}

/** How many execution environments an alias keeps warm. */
export interface ScalingOptions {
  readonly version: lambda.IVersion;
  readonly provisionedConcurrentExecutions?: number;
  readonly maxProvisionedConcurrentExecutions?: number;
  readonly utilizationTarget?: number;
}

/** Shift of traffic by CodeDeploy, undone when an alarm goes off; undefined where none was asked for. */
export function defineRollout(
  alias: lambda.Alias,
  props: RolloutOptions,
  defaultAlarms: cloudwatch.IAlarm[] = [],
): codedeploy.LambdaDeploymentGroup | undefined {
  const { deploymentConfig, deploymentAlarms, additionalVersions } = props;
  if (deploymentConfig === undefined) {
    if (deploymentAlarms === undefined) return undefined;
    throw new StreamingConstructError(
      alias,
      'DeploymentAlarms',
      'deploymentAlarms undo a gradual deployment, but new versions get all traffic at once; add deploymentConfig, or remove deploymentAlarms',
    );
  }
  if (additionalVersions?.length) {
    throw new StreamingConstructError(
      alias,
      'DeploymentWeights',
      'additionalVersions and deploymentConfig both decide how traffic is split between versions; use one of them',
    );
  }
  const alarms = deploymentAlarms ?? defaultAlarms;
  return new codedeploy.LambdaDeploymentGroup(alias, 'DeploymentGroup', { alias, deploymentConfig, alarms });
}

/** Target tracking on the provisioned concurrency; undefined where no upper limit was given. */
export function defineScaling(
  alias: lambda.Alias,
  props: ScalingOptions,
): lambda.IScalableFunctionAttribute | undefined {
  const {
    provisionedConcurrentExecutions: min = 1,
    maxProvisionedConcurrentExecutions: max,
    utilizationTarget,
  } = props;
  if (max === undefined) {
    if (utilizationTarget === undefined) return undefined;
    throw new StreamingConstructError(
      alias,
      'ScalingLimit',
      'utilizationTarget needs maxProvisionedConcurrentExecutions, up to which provisioned concurrency may grow',
    );
  }
  if (props.version.lambda.tenancyConfig) {
    throw new StreamingConstructError(
      alias,
      'ScalingTenants',
      'functions with tenant isolation cannot have provisioned concurrency; remove maxProvisionedConcurrentExecutions',
    );
  }
  if (!Token.isUnresolved(max) && !Token.isUnresolved(min) && max < min) {
    throw new StreamingConstructError(
      alias,
      'ScalingLimit',
      `maxProvisionedConcurrentExecutions must be at least provisionedConcurrentExecutions (${min}), got ${max}`,
    );
  }
  const scaling = alias.addAutoScaling({ minCapacity: min, maxCapacity: max });
  scaling.scaleOnUtilization({ utilizationTarget: utilizationTarget ?? UTILIZATION_TARGET });
  return scaling;
}
