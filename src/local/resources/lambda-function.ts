/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html */

import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import {
  FUNCTION_MEMORY_MAX_MIB,
  FUNCTION_MEMORY_MIN_MIB,
  FUNCTION_NAME_MAX_LENGTH,
  FUNCTION_TIMEOUT_MAX_SECONDS,
} from '../../wire/limits';
import { systemClock } from '../clock';
import { adaptedBootstrap, hasWebAdapter, isWebAdapterLayer } from '../runtime/web-adapter';
import type { FunctionConfiguration, FunctionState, ImageProgram } from '../state';
import { codeFolder } from './code-folder';
import { destinationArn } from './destination-arn';
import { environmentProblem } from './environment-variables';
import { executionRoleProblem } from './execution-role';
import { warnAboutCode } from './handler-code';
import { layersOf } from './lambda-layer-version';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider } from './provider';

export const lambdaFunction: ResourceProvider = {
  type: 'AWS::Lambda::Function',
  properties: [
    'Architectures',
    'Code',
    'DeadLetterConfig',
    'Environment',
    'FunctionName',
    'Handler',
    'ImageConfig',
    'Layers',
    'LoggingConfig',
    'MemorySize',
    'PackageType',
    'ReservedConcurrentExecutions',
    'Role',
    'Runtime',
    'Tags',
    'Timeout',
  ],
  withoutEffect: [
    'CodeSigningConfigArn',
    'Description',
    'EphemeralStorage',
    'KmsKeyArn',
    'RecursiveLoop',
    'RuntimeManagementConfig',
    'SnapStart',
    'TracingConfig',
    'VpcConfig',
  ],
  replacedBy: ['FunctionName', 'PackageType'],

  create(context, properties) {
    const functionName = readName(properties) ?? context.generateName(FUNCTION_NAME_MAX_LENGTH);
    const functionArn = `arn:${context.partition}:lambda:${context.region}:${context.account}:function:${functionName}`;
    if (context.state.functions.has(functionArn)) throw new Error(`Function already exist: ${functionName}`);
    const { account, region } = context;
    const latest = readConfiguration(context, properties, functionName);
    context.state.functions.set(functionArn, {
      functionArn,
      account,
      region,
      functionName,
      versions: new Map([['$LATEST', latest]]),
      aliases: new Map(),
      eventInvokes: new Map(),
      urls: [],
      resourcePolicies: new Map(),
      lastVersion: 0,
      ...ofTheFunction(properties),
    });
    return { physicalId: functionName, attributes: { Arn: functionArn } };
  },

  update(context, properties, previous) {
    const fn = context.state.functions.get(String(previous.attributes['Arn']));
    if (!fn) throw new Error(`Function not found: ${previous.physicalId}`);
    fn.versions.set('$LATEST', readConfiguration(context, properties, previous.physicalId));
    const { reservedConcurrency: _, ...kept } = fn;
    context.state.functions.set(fn.functionArn, { ...kept, ...ofTheFunction(properties) });
    return { physicalId: previous.physicalId, attributes: previous.attributes };
  },

  delete(context, previous) {
    context.state.functions.delete(String(previous.attributes['Arn']));
  },
};

function readName(properties: Properties): string | undefined {
  const name = properties.optionalText('FunctionName', { min: 1, max: FUNCTION_NAME_MAX_LENGTH });
  if (name !== undefined && !/^[a-zA-Z0-9-_]+$/.test(name)) {
    properties.refuse('FunctionName', 'must consist of letters, digits, hyphens and underscores');
  }
  return name;
}

function readConfiguration(
  context: ResourceContext,
  properties: Properties,
  functionName: string,
): FunctionConfiguration {
  const isImage = properties.optionalChoice('PackageType', ['Image', 'Zip']) === 'Image';
  const handler = isImage ? '' : readHandler(properties);
  const roleArn = requireRole(context, properties);
  const runtime = isImage ? '' : readRuntime(properties);
  const imageUri = isImage ? properties.object('Code').text('ImageUri') : undefined;
  const program = isImage ? context.imageProgram(functionName, imageUri ?? '') : undefined;
  const directory = isImage ? folderOf(program) : codeFolder(context, properties.object('Code'));
  const environment = { ...program?.environment, ...readEnvironment(context, properties) };
  const isWrapped = !isImage && hasWebAdapter({ environment });
  const bootstrap = isImage ? undefined : adaptedBootstrap(runtime, directory);
  let adapters = 0;
  const layerDirectories = layersOf(context, properties, functionName, (arn) => {
    const isPlayed = isWebAdapterLayer(arn) && (isWrapped || bootstrap !== undefined);
    if (isPlayed) adapters += 1;
    return isPlayed;
  });
  const command = program?.command ?? (adapters > 0 && !isWrapped ? bootstrap : undefined);
  const deadLetterArn = destinationArn(properties.optionalObject('DeadLetterConfig'), 'TargetArn', ['sqs', 'sns']);
  const configuration: FunctionConfiguration = {
    account: context.account,
    region: context.region,
    functionName,
    version: '$LATEST',
    codeDirectory: directory,
    handler,
    runtime,
    ...(imageUri !== undefined && { imageUri }),
    ...(command !== undefined && { imageCommand: command }),
    timeoutSeconds: properties.optionalInteger('Timeout', { min: 1, max: FUNCTION_TIMEOUT_MAX_SECONDS }) ?? 3,
    memoryMb:
      properties.optionalInteger('MemorySize', { min: FUNCTION_MEMORY_MIN_MIB, max: FUNCTION_MEMORY_MAX_MIB }) ?? 128,
    environment,
    ...(layerDirectories.length > 0 && { layerDirectories }),
    roleArn,
    revision: revisionOf(properties),
    architecture: readArchitecture(properties),
    lastModified: systemClock.now(),
    ...(deadLetterArn !== undefined && { deadLetterArn }),
    ...readLogging(properties, functionName),
  };
  warnAboutCode(context, configuration);
  return configuration;
}

/** Empty where nothing plays the image. */
function folderOf(program: ImageProgram | undefined): string {
  return program === undefined ? '' : resolve(program.cwd ?? '.');
}

/** What all versions share. */
function ofTheFunction(properties: Properties): Pick<FunctionState, 'tags' | 'reservedConcurrency'> {
  const reservedConcurrency = properties.optionalInteger('ReservedConcurrentExecutions', { min: 0 });
  return { tags: properties.tags(), ...(reservedConcurrency !== undefined && { reservedConcurrency }) };
}

function readLogging(
  properties: Properties,
  functionName: string,
): Pick<FunctionConfiguration, 'logGroupName' | 'logFormat' | 'applicationLogLevel'> {
  const logging = properties.optionalObject('LoggingConfig');
  const logFormat = logging?.optionalChoice('LogFormat', ['JSON', 'Text']);
  const applicationLogLevel = logging?.optionalChoice('ApplicationLogLevel', LOG_LEVELS);
  return {
    logGroupName: logging?.optionalText('LogGroup') ?? `/aws/lambda/${functionName}`,
    ...(logFormat && { logFormat }),
    ...(applicationLogLevel && { applicationLogLevel }),
  };
}

const LOG_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;

/** Properties of the function itself, which versions do not have. */
const UNVERSIONED = ['RecursiveLoop', 'ReservedConcurrentExecutions', 'RuntimeManagementConfig', 'Tags'];

function revisionOf({ values }: Properties): string {
  const versioned = Object.entries(values).filter(([name]) => !UNVERSIONED.includes(name));
  return createHash('sha256').update(JSON.stringify(versioned.sort())).digest('hex').slice(0, 16);
}

function readHandler(properties: Properties): string {
  const handler = properties.text('Handler', { min: 1, max: 128 });
  if (/\s/.test(handler)) properties.refuse('Handler', 'must not hold white space');
  return handler;
}

/** Those that cannot run here are Lambda's too; a stack may define their functions. */
function readRuntime(properties: Properties): string {
  const runtime = properties.text('Runtime');
  if (!isRuntime(runtime)) properties.refuse('Runtime', 'must be a runtime of Lambda');
  return runtime;
}

/** Whether Lambda has, had or will have a runtime of this name. */
export function isRuntime(name: string): boolean {
  return /^(nodejs\d+\.x|(python|java|dotnet|ruby|go|provided)[\w.]*)$/.test(name);
}

/** A list for the sake of the API: Lambda takes one. */
function readArchitecture(properties: Properties): 'arm64' | 'x86_64' {
  const given = properties.texts('Architectures');
  const [architecture = 'x86_64', ...others] = given;
  if (others.length > 0 || (architecture !== 'x86_64' && architecture !== 'arm64')) {
    return properties.refuse('Architectures', 'must be [x86_64] or [arm64]');
  }
  return architecture;
}

function readEnvironment(context: ResourceContext, properties: Properties): Record<string, string> {
  const variables = properties.optionalObject('Environment')?.optionalObject('Variables');
  const names = Object.keys(variables?.values ?? {});
  const given = Object.fromEntries(names.map((name) => [name, variables?.text(name) ?? '']));
  const problem = environmentProblem(given);
  if (problem !== undefined) throw new Error(problem);
  return Object.fromEntries(names.map((name) => [name, context.localAddress(given[name] ?? '')]));
}

/** The function's execution role; Lambda must be allowed to assume it. */
function requireRole(context: ResourceContext, properties: Properties): string {
  const roleArn = properties.text('Role');
  if (!/^arn:[^:]+:iam::\d{12}:role\/./.test(roleArn)) properties.refuse('Role', 'must be the ARN of a role');
  const problem = executionRoleProblem(context.state, roleArn);
  if (problem !== undefined) throw new Error(problem);
  return roleArn;
}
