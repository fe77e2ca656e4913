/** The function of this library: a `lambda.Function` that streams, is invoked by an alias, and owns its logs. */
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { type CfnOutput, Duration, PhysicalName } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { StreamingBundlingOptions } from './bundling/streaming-bundling-options';
import { StreamingCode } from './bundling/streaming-code';
import { defineExecutionLogs } from './private/execution-logs';
import { checkStreamingRuntime, DEFAULT_RUNTIME } from './private/streaming-runtime';
import type { StreamGrants } from './stream-grants';
import { StreamingAlarms, type StreamingAlarmsOptions } from './streaming-alarms';
import { StreamingAlias } from './streaming-alias';
import { StreamingDashboard } from './streaming-dashboard';
import type { StreamingFunctionUrl, StreamingFunctionUrlOptions } from './streaming-function-url';

/**
 * Properties of a streaming function.
 */
export interface StreamingFunctionProps extends lambda.FunctionOptions {
  /**
   * Path of the entry file (JavaScript or TypeScript); it is bundled by esbuild.
   *
   * A relative path is relative to the source file that defines the function.
   *
   * @default - `code` is used
   */
  readonly entry?: string;

  /**
   * How the entry file is bundled.
   *
   * @default - minimal bundle for the runtime of the function; the AWS SDK is left to the runtime
   */
  readonly bundling?: StreamingBundlingOptions;

  /**
   * The code of the function, in place of `entry`.
   *
   * @default - `entry` is bundled
   */
  readonly code?: lambda.Code;

  /**
   * The function within the code that Lambda calls.
   *
   * @default 'index.handler'
   */
  readonly handler?: string;

  /**
   * The runtime. It must be able to stream.
   *
   * @default lambda.Runtime.NODEJS_24_X
   */
  readonly runtime?: lambda.Runtime;
}

/**
 * A Lambda function that streams its response.
 *
 * Callers invoke its alias `live`, which follows each deployment. The function has its own log group, and a role that
 * may only write to it.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 */
export class StreamingFunction extends lambda.Function {
  /**
   * The alias that callers invoke: `live`, on the version of the current deployment.
   */
  public readonly liveAlias: StreamingAlias;

  /**
   * Permissions to stream from the alias `live`.
   */
  public readonly streamGrants: StreamGrants;

  private readonly ownLogGroup?: logs.ILogGroup;

  constructor(scope: Construct, id: string, props: StreamingFunctionProps) {
    super(scope, id, functionProps(props));
    checkStreamingRuntime(this, this.runtime, false);
    this.ownLogGroup = defineExecutionLogs(this, {
      logGroup: props.logGroup,
      retention: props.logRetention,
      removalPolicy: props.logRemovalPolicy,
      ownRole: props.role === undefined,
    });
    this.liveAlias = new StreamingAlias(this, 'Live', { aliasName: 'live', version: this.currentVersion });
    this.streamGrants = this.liveAlias.streamGrants;
  }

  /**
   * The log group of this function.
   */
  public get logGroup(): logs.ILogGroup {
    return this.ownLogGroup ?? super.logGroup;
  }

  /**
   * Writes what an invoker has to know about the alias `live` into an output of the stack.
   *
   * @returns the output; its value is JSON with the alias ARN and the region
   */
  public exportStreamTarget(): CfnOutput {
    return this.liveAlias.exportStreamTarget();
  }

  /**
   * Puts a function URL in invoke mode `RESPONSE_STREAM` in front of the alias `live`.
   *
   * @param options who may call it, and from which origins; AWS_IAM by default
   */
  public addStreamUrl(options: StreamingFunctionUrlOptions = {}): StreamingFunctionUrl {
    return this.liveAlias.addStreamUrl(options);
  }

  /**
   * Defines the alarms and the dashboard of the alias `live`; can be called once.
   *
   * @param options when the alarms go off, and what they do then
   * @returns the alarms
   */
  public addMonitoring(options: StreamingAlarmsOptions = {}): StreamingAlarms {
    const alarms = new StreamingAlarms(this, 'Alarms', { ...options, function: this });
    new StreamingDashboard(this, 'Dashboard', { functions: [this], alarms: [alarms] });
    return alarms;
  }
}

/** What `lambda.Function` is given: our defaults below what the caller said, and without what we do ourselves. */
function functionProps(props: StreamingFunctionProps): lambda.FunctionProps {
  const { entry, bundling, logRetention: _ours, logRemovalPolicy: _oursToo, ...options } = props;
  return {
    ...options,
    code: props.code ?? StreamingCode.fromEntry(entry ?? '', bundling),
    handler: props.handler ?? 'index.handler',
    runtime: props.runtime ?? DEFAULT_RUNTIME,
    timeout: props.timeout ?? Duration.minutes(1),
    functionName: props.functionName ?? PhysicalName.GENERATE_IF_NEEDED,
  };
}
