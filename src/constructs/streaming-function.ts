/** The function of this library: a `lambda.Function` that streams, is invoked by an alias, and owns its logs. */
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { ArnFormat, type CfnOutput, Duration, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { checkEnvironment } from './function/environment-limits';
import { defineExecutionLogs } from './function/execution-logs';
import { planFunction } from './function/function-plan';
import { StreamingConstructError } from './problems/construct-error';
import { warn } from './problems/warnings';
import type { StreamGrants } from './stream-grants';
import { StreamingAlarms, type StreamingAlarmsOptions } from './streaming-alarms';
import { type AddStreamAliasOptions, StreamingAlias, type StreamingAliasOptions } from './streaming-alias';
import type { StreamingBundlingOptions } from './streaming-bundling-options';
import { StreamingCode } from './streaming-code';
import { StreamingDashboard } from './streaming-dashboard';
import { StreamingFunctionReference } from './streaming-function-reference';
import type { StreamingFunctionUrl, StreamingFunctionUrlOptions } from './streaming-function-url';
import type { WebAdapter } from './web-adapter';

/**
 * Properties of a streaming function.
 */
export interface StreamingFunctionProps extends lambda.FunctionOptions {
  /**
   * Path of the entry file (JavaScript or TypeScript), which is bundled by esbuild.
   *
   * A relative path is relative to the source file that defines the function.
   *
   * @default - `code` or `image` is given
   */
  readonly entry?: string | undefined;

  /**
   * How the entry file is bundled.
   *
   * @default - minimal bundle for the runtime of the function; the AWS SDK is left to the runtime
   */
  readonly bundling?: StreamingBundlingOptions | undefined;

  /**
   * Code that is ready to run.
   *
   * @default - `entry` or `image` is given
   */
  readonly code?: lambda.Code | undefined;

  /**
   * A container image. Its runtime interface client has to be able to stream.
   *
   * @default - `entry` or `code` is given
   */
  readonly image?: lambda.DockerImageCode | undefined;

  /**
   * The function within the code that Lambda calls; for an entry, the name of its export is enough.
   *
   * @default - 'index.handler'; 'run.sh' with a web adapter
   */
  readonly handler?: string | undefined;

  /**
   * The runtime. It must be able to stream.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
   * @default lambda.Runtime.NODEJS_24_X
   */
  readonly runtime?: lambda.Runtime | undefined;

  /**
   * The Lambda Web Adapter, by which a web server in any runtime streams.
   *
   * @default - no web adapter; the runtime itself streams
   */
  readonly webAdapter?: WebAdapter | undefined;

  /**
   * Options of the alias `live`.
   *
   * @default - on the version of the current deployment, without provisioned concurrency
   */
  readonly liveAliasOptions?: StreamingAliasOptions | undefined;
}

/** Name of the alias that every streaming function has. */
const LIVE = 'live';
const DASHBOARD = 'Dashboard';

/**
 * A Lambda function that streams its response.
 *
 * Callers invoke its alias `live`, which follows each deployment. The function has a log group of its own, a role that
 * may write to that log group and do nothing else, and a timeout of one minute, as Lambda goes on running, and billing,
 * a function whose caller has gone. A response may have 200 MB.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 * @example
 *
 * declare const role: iam.Role; // of this account or another
 * const fn = new StreamingFunction(this, 'Chat', { entry: 'src/chat.ts' });
 * fn.streamGrants.invoke(role);
 * fn.exportStreamTarget();
 */
export class StreamingFunction extends lambda.Function {
  /**
   * Refers to a function, version or alias that another stack or app defines, with the grants that its callers need.
   *
   * Keeps the qualifier of the ARN: what is granted and invoked is exactly this ARN.
   *
   * @throws an error where the ARN is not one of a Lambda function
   * @param scope the construct to define it in
   * @param id the construct's id
   * @param functionArn `arn:aws:lambda:<region>:<account>:function:<name>`, with or without `:<version or alias>`; or a token
   */
  public static fromArn(scope: Construct, id: string, functionArn: string): StreamingFunctionReference {
    return StreamingFunctionReference.fromArn(scope, id, functionArn);
  }

  /**
   * Refers to a function, version or alias that another stack or app defines, as `fromArn()` does.
   *
   * Its type has no grants, because jsii lets no static method narrow an inherited type; use `fromArn()` to have them.
   *
   * @param scope the construct to define it in
   * @param id the construct's id
   * @param functionArn `arn:aws:lambda:<region>:<account>:function:<name>`, with or without `:<version or alias>`; or a token
   */
  public static fromFunctionArn(scope: Construct, id: string, functionArn: string): lambda.IFunction {
    return StreamingFunction.fromArn(scope, id, functionArn);
  }

  /**
   * Refers to a function, version or alias that another stack or app defines, when more than its ARN is known.
   *
   * Its type has no grants; use `StreamingFunctionReference.fromAttributes()` to have them.
   *
   * @param scope the construct to define it in
   * @param id the construct's id
   * @param attrs what is known of the function
   */
  public static fromFunctionAttributes(
    scope: Construct,
    id: string,
    attrs: lambda.FunctionAttributes,
  ): lambda.IFunction {
    return StreamingFunctionReference.fromAttributes(scope, id, attrs);
  }

  /**
   * Refers to a function of this stack's account and region by its name.
   *
   * @param scope the construct to define it in
   * @param id the construct's id
   * @param functionName name of the function, with or without `:<version or alias>`
   */
  public static fromFunctionName(scope: Construct, id: string, functionName: string): lambda.IFunction {
    const functionArn = Stack.of(scope).formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: functionName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return StreamingFunctionReference.fromAttributes(scope, id, { functionArn, sameEnvironment: true });
  }

  /**
   * The alias that callers invoke: `live`, on the version of the current deployment.
   */
  public readonly liveAlias: StreamingAlias;

  /**
   * Permissions to stream from the alias `live`.
   */
  public readonly streamGrants: StreamGrants;

  private readonly ownLogGroup?: logs.ILogGroup;

  /**
   * Defines the function, its log group, its role and its alias `live`.
   *
   * @throws an error where the runtime would buffer the response, where the code is given in no way or in two, and where timeout
   * or memory are out of range.
   */
  public constructor(scope: Construct, id: string, props: StreamingFunctionProps) {
    const plan = planFunction(scope, id, props, (entry) => StreamingCode.fromEntry(entry, props.bundling));
    super(scope, id, plan.functionProps);
    this.ownLogGroup = defineExecutionLogs(this, plan.logs);
    props.webAdapter?.attachTo(this);
    for (const [warning, message] of Object.entries(plan.warnings)) warn(this, warning, message);
    checkEnvironment(this);
    this.liveAlias = this.defineAlias(LIVE, props.liveAliasOptions ?? {});
    this.streamGrants = this.liveAlias.streamGrants;
  }

  /**
   * The log group of this function.
   */
  public get logGroup(): logs.ILogGroup {
    return this.ownLogGroup ?? super.logGroup;
  }

  /**
   * Defines another alias; `addStreamAlias()` takes more options.
   *
   * For `live` it returns the alias that is there, so that code written for `lambda.Function` keeps working.
   *
   * @throws an error where the function has this alias; options for `live` are given as `liveAliasOptions`
   * @param aliasName name of the alias
   * @param options weights, provisioned concurrency, asynchronous invokes
   */
  public addAlias(aliasName: string, options: lambda.AliasOptions = {}): lambda.Alias {
    const isBare = Object.values(options).every((value) => value === undefined);
    return aliasName === LIVE && isBare ? this.liveAlias : this.addStreamAlias(aliasName, options);
  }

  /**
   * Defines another alias, with grants, front ends and outputs of its own.
   *
   * @throws an error where the function has this alias, or the name is not one of an alias
   * @param aliasName name of the alias
   * @param options version, weights, provisioned concurrency and its scaling, gradual deployment
   */
  public addStreamAlias(aliasName: string, options: AddStreamAliasOptions = {}): StreamingAlias {
    return this.defineAlias(aliasName, options);
  }

  /**
   * Defines the function URL of the alias `live`, in invoke mode RESPONSE_STREAM; only one is possible.
   *
   * @throws an error where the alias has a URL, and where `authType: NONE` is not confirmed by `allowPublic: true`
   * @param options who may call it and from which origins; by default IAM decides
   */
  public addStreamUrl(options: StreamingFunctionUrlOptions = {}): StreamingFunctionUrl {
    return this.liveAlias.addStreamUrl(options);
  }

  /**
   * Defines the function URL of the alias `live` as `addStreamUrl()` does: it streams, and does not open `$LATEST`.
   *
   * @throws an error for `invokeMode: BUFFERED`, and for `authType: NONE`, which `addStreamUrl()` lets you confirm
   * @param options who may call it and from which origins; by default IAM decides
   */
  public addFunctionUrl(options: lambda.FunctionUrlOptions = {}): lambda.FunctionUrl {
    return this.liveAlias.addFunctionUrl(options);
  }

  /**
   * Writes what an invoker has to know about the alias `live` into an output of the stack.
   *
   * `StreamTarget.fromOutputsFile()` of `cdk-lambda-streaming/invoker` reads it. Defined once, however often it is called.
   *
   * @returns the output; its value is JSON with the alias ARN, the region, and the streaming function URL if there is one
   */
  public exportStreamTarget(): CfnOutput {
    return this.liveAlias.exportStreamTarget();
  }

  /**
   * Defines alarms and a dashboard for the alias `live`; once per function.
   *
   * With a `deploymentConfig` for `live` and no `deploymentAlarms`, the alarms that undo a deployment get these thresholds
   * and actions, and no second set is defined. Their period is then one minute, unless you say another.
   *
   * @throws an error where it is called a second time
   * @param options thresholds, and what happens when an alarm goes off
   * @returns the alarms
   */
  public addMonitoring(options: StreamingAlarmsOptions = {}): StreamingAlarms {
    if (this.node.tryFindChild(DASHBOARD)) {
      throw new StreamingConstructError(
        this,
        'MonitoringTwice',
        'addMonitoring() was called on this function already; use the alarms that the first call returned, ' +
          'or define new StreamingAlarms() for other thresholds',
      );
    }
    const rollback = this.liveAlias._rollbackAlarms;
    const alarms = rollback ?? new StreamingAlarms(this, 'Alarms', { ...options, function: this.liveAlias });
    // The alarms that undo a deployment are these alarms: a second set on the same metrics would ring twice.
    for (const alarm of rollback?._configure({ ...options, period: options.period ?? Duration.minutes(1) }) ?? []) {
      this.liveAlias.deploymentGroup?.addAlarm(alarm);
    }
    new StreamingDashboard(this, DASHBOARD, {
      functions: [this.liveAlias],
      alarms: [alarms],
      handlerMetrics: options.handlerMetrics && [options.handlerMetrics],
    });
    return alarms;
  }

  private defineAlias(aliasName: string, options: AddStreamAliasOptions): StreamingAlias {
    const id = `Alias${aliasName}`; // as lambda.Function names it, so that an app that moves over keeps its alias
    if (this.node.tryFindChild(id)) {
      throw new StreamingConstructError(
        this,
        'AliasTaken',
        `there is already an alias '${aliasName}' on this function; choose another name, or use the alias that is there${aliasName === LIVE ? ' (liveAlias), whose options are given as liveAliasOptions' : ''}`,
      );
    }
    return new StreamingAlias(this, id, { ...options, aliasName, version: options.version ?? this.currentVersion });
  }
}
