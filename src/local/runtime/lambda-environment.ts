/** The environment variables a function sees (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html). */
import { randomBytes } from 'node:crypto';
import { delimiter, join } from 'node:path';
import type { FunctionConfiguration } from '../state';
import { TELEMETRY_FD } from './telemetry-protocol';

/** Lambda's own variables win over the function's, these over `extra`; nothing of the host but `PATH` shows through. */
export function lambdaEnvironment(
  configuration: FunctionConfiguration,
  runtimeApi: string,
  extra: Readonly<Record<string, string>>,
  streamName: string = logStreamName(configuration.version),
): Record<string, string> {
  const { codeDirectory, functionName, handler, logGroupName, memoryMb, region, runtime, version } = configuration;
  return {
    ...hostEssentials(configuration),
    // Not the developer's, whose files a function should not find; on AWS this folder does not exist either.
    HOME: '/home/sbx_user1051',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    NODE_PATH: [...layerModules(configuration), join(codeDirectory, 'node_modules')].join(delimiter),
    ...quietSdk(runtime),
    ...extra,
    ...configuration.environment,
    _HANDLER: handler,
    LAMBDA_TASK_ROOT: codeDirectory,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    ...logging(configuration),
    AWS_LAMBDA_LOG_GROUP_NAME: logGroupName,
    AWS_LAMBDA_LOG_STREAM_NAME: streamName,
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    _LAMBDA_TELEMETRY_LOG_FD: String(TELEMETRY_FD),
  };
}

/**
 * The AWS SDK warns of a Node.js that it will leave behind. Where an older one plays the runtime, that is the affair of this
 * machine, which one line in the log tells, and the SDK would say nothing on AWS; of the runtime itself it does.
 */
function quietSdk(runtime: string): Record<string, string> {
  const [, declared = '0'] = /^nodejs(\d+)/.exec(runtime) ?? [];
  const isOlder = Number.parseInt(process.versions.node, 10) < Number(declared);
  return isOlder ? { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' } : {};
}

/** Where CommonJS finds packages in layers (https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html#packaging-layers-paths). */
export function layerModules({
  layerDirectories = [],
  runtime,
}: Pick<FunctionConfiguration, 'layerDirectories' | 'runtime'>): string[] {
  const layers = [...layerDirectories].reverse();
  const major = /^nodejs(\d+)/.exec(runtime)?.[1];
  return [`nodejs/node${major}/node_modules`, 'nodejs/node_modules'].flatMap((folder) =>
    layers.map((layer) => join(layer, folder)),
  );
}

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html */
function logging({ logFormat, applicationLogLevel }: FunctionConfiguration): Record<string, string> {
  if (logFormat !== 'JSON') return {};
  return { AWS_LAMBDA_LOG_FORMAT: 'JSON', AWS_LAMBDA_LOG_LEVEL: applicationLogLevel ?? 'INFO' };
}

/** A new one, for one execution environment. */
export function logStreamName(version: string): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  return `${day}/[${version}]${randomBytes(16).toString('hex')}`;
}

/** Without these the child may not start, or not find programs the function runs. */
function hostEssentials({ layerDirectories = [] }: FunctionConfiguration): Record<string, string> {
  const essentials: Record<string, string> = {};
  for (const name of ['PATH', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR']) {
    const value = process.env[name];
    if (value !== undefined) essentials[name] = value;
  }
  if (layerDirectories.length > 0) {
    const programs = [...layerDirectories].reverse().map((layer) => join(layer, 'bin'));
    essentials['PATH'] = [essentials['PATH'] ?? '', ...programs].join(delimiter);
  }
  return essentials;
}
