/** An alias of a streaming function: the name callers invoke, with grants, front ends and outputs of its own. */
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as codedeploy from 'aws-cdk-lib/aws-codedeploy';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { type CfnOutput, Duration, Token } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { ANYTHING } from '../base/option-problem';
import { defineRollout, defineScaling } from './function/alias-rollout';
import { exportStreamTarget } from './function/stream-target-output';
import { type CheckedProps, checkProps, DURATION, having, LIST, NUMBER, TEXT } from './problems/check-props';
import { StreamingConstructError } from './problems/construct-error';
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
  readonly maxProvisionedConcurrentExecutions?: number | undefined;

  /**
   * Share of the provisioned concurrency that is to be in use, from 0.1 to 0.9.
   *
   * @default 0.7, with `maxProvisionedConcurrentExecutions`
   */
  readonly utilizationTarget?: number | undefined;

  /**
   * How CodeDeploy shifts traffic to a new version: canary, linear or all at once.
   *
   * Streams that are open end on the version they began with.
   *
   * @see https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
   * @default - new versions get all traffic as soon as they are deployed
   */
  readonly deploymentConfig?: codedeploy.ILambdaDeploymentConfig | undefined;

  /**
   * Alarms that undo a deployment; with `deploymentConfig`.
   *
   * @default - alarms on errors, throttles, and streams that come near the timeout, within one minute
   */
  readonly deploymentAlarms?: cloudwatch.IAlarm[] | undefined;
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
  readonly version?: lambda.IVersion | undefined;
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

  /**
   * The alarms that undo a gradual deployment; undefined where there is none, or where `deploymentAlarms` says which.
   *
   * @internal
   */
  public readonly _rollbackAlarms?: StreamingAlarms;

  /**
   * Defines the alias.
   *
   * @throws an error where the name is not one of an alias, where options contradict each other, and for provisioned
   * concurrency of a function with tenant isolation
   */
  public constructor(scope: Construct, id: string, props: StreamingAliasProps) {
    checkProps(scope, id, props, ALIAS_PROPS);
    checkName(scope, id, props.aliasName);
    super(scope, id, props);
    this.streamGrants = StreamGrants.fromFunction(this);
    this.scaling = defineScaling(this, props);
    if (props.deploymentConfig && !props.deploymentAlarms) {
      this._rollbackAlarms = new StreamingAlarms(this, 'Alarms', { function: this, period: Duration.minutes(1) });
    }
    this.deploymentGroup = defineRollout(this, props, this._rollbackAlarms?.all);
  }

  /**
   * Defines the function URL of this alias, in invoke mode RESPONSE_STREAM; only one is possible.
   *
   * @throws an error where the alias has a URL, and where `authType: NONE` is not confirmed by `allowPublic: true`
   * @param options who may call it and from which origins; by default IAM decides
   */
  public addStreamUrl(options: StreamingFunctionUrlOptions = {}): StreamingFunctionUrl {
    const existing = this.node.tryFindChild(URL_ID);
    if (existing) {
      throw new StreamingConstructError(
        this,
        'SecondUrl',
        `an alias has one function URL, and this one has ${existing.node.path}; use the URL that the first call returned, or addStreamAlias() for another one`,
      );
    }
    return new StreamingFunctionUrl(this, URL_ID, { function: this, ...options });
  }

  /**
   * Defines the function URL of this alias as `addStreamUrl()` does: it streams.
   *
   * @throws an error for `invokeMode: BUFFERED`, and for `authType: NONE`, which `addStreamUrl()` lets you confirm
   * @param options who may call it and from which origins; by default IAM decides
   */
  public addFunctionUrl(options: lambda.FunctionUrlOptions = {}): lambda.FunctionUrl {
    const { invokeMode, authType, cors } = options;
    if (invokeMode === lambda.InvokeMode.BUFFERED) {
      throw new StreamingConstructError(
        this,
        'BufferedUrl',
        'invokeMode: BUFFERED would hold the response back until its end, and this function streams; leave invokeMode out, ' +
          'or define new lambda.FunctionUrl() on an alias of its own if its callers need one block',
      );
    }
    if (authType === lambda.FunctionUrlAuthType.NONE) {
      throw new StreamingConstructError(
        this,
        'PublicUrlNotConfirmed',
        'authType: NONE lets everyone on the internet invoke the function; ' +
          'confirm it by addStreamUrl({ authType: lambda.FunctionUrlAuthType.NONE, allowPublic: true }), or remove authType to require IAM',
      );
    }
    return this.addStreamUrl({ authType, cors });
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

/** As `lambda.Alias` names it, so that an app that moves over from there keeps its URL and the address of it. */
const URL_ID = 'FunctionUrl';

const ALIAS_NAME = /^(?!\d+$)[\w-]{1,128}$/;

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html */
function checkName(scope: Construct, id: string, name: string): void {
  if (Token.isUnresolved(name) || ALIAS_NAME.test(name)) return;
  throw new StreamingConstructError(
    scope,
    'AliasName',
    `${id}: aliasName must be 1 to 128 letters, digits, hyphens and underscores, and not a number, got '${name}'`,
  );
}

const ALIAS_PROPS: CheckedProps = {
  noun: 'properties of the alias',
  required: { aliasName: "'beta'", version: 'fn.currentVersion' },
  rules: {
    aliasName: TEXT,
    version: having('functionArn', 'a version, such as fn.currentVersion'),
    additionalVersions: LIST,
    description: TEXT,
    deploymentAlarms: LIST,
    deploymentConfig: having(
      'deploymentConfigName',
      'a configuration, such as codedeploy.LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES',
    ),
    maxEventAge: DURATION,
    maxProvisionedConcurrentExecutions: NUMBER,
    onFailure: ANYTHING,
    onSuccess: ANYTHING,
    provisionedConcurrentExecutions: NUMBER,
    retryAttempts: NUMBER,
    utilizationTarget: NUMBER,
  },
};
