/**
 * The operations of Lambda that change functions and aliases outside of CloudFormation, as `cdk deploy --hotswap` does.
 * https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
 */
import { isObject } from '../../base/is-object';
import { FUNCTION_MEMORY_MAX_MIB, FUNCTION_MEMORY_MIN_MIB, FUNCTION_TIMEOUT_MAX_SECONDS } from '../../wire/limits';
import { systemClock } from '../clock';
import { codeBucketProblem } from '../code-bucket';
import {
  accessDenied,
  functionNotFound,
  invalidParameterValue,
  ServiceException,
  serviceErrorOf,
  validationFailed,
} from '../errors';
import { environmentProblem } from '../resources/environment-variables';
import { CROSS_ACCOUNT_PASS_ROLE, executionRoleProblem } from '../resources/execution-role';
import { routingProblem } from '../resources/lambda-alias';
import { isRuntime } from '../resources/lambda-function';
import type { AliasState, FunctionConfiguration, FunctionState } from '../state';
import { answerJson } from './answer-json';
import { demandOf, type LambdaCall, type SubmittedCode } from './lambda-call';
import {
  describeAlias,
  described,
  inputOf,
  latestOf,
  managedFunction,
  publish,
  requireAlias,
  requireManagement,
  requireRevision,
  within,
} from './managed-function';

const HANDLER_MAX_LENGTH = 128;
const ROLE_PATTERN = 'arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+';

type Input = Readonly<Record<string, unknown>>;

export async function updateFunctionCode(call: LambdaCall): Promise<void> {
  const fn = managedFunction(call, 'lambda:UpdateFunctionCode');
  const input = inputOf(call);
  const { DryRun, Publish } = input;
  const latest = latestOf(fn);
  if (latest.imageUri !== undefined || input['ImageUri'] !== undefined) {
    throw new ServiceException(invalidParameterValue('the local target does not change container images; deploy them'));
  }
  requireRevision(input, latest, 'Lambda function version');
  const management = requireManagement(call);
  const code = submittedCode(call, fn, input);
  let codeDirectory: string;
  try {
    codeDirectory = management.locateCode(code);
  } catch (error) {
    if (serviceErrorOf(error)) throw error;
    throw new ServiceException(invalidParameterValue(error instanceof Error ? error.message : String(error)));
  }
  const changed = { ...latest, codeDirectory, lastModified: systemClock.now(), revision: codeDirectory };
  if (DryRun !== true) {
    fn.versions.set('$LATEST', changed);
    management.changed('function-code', fn.functionArn);
  }
  const published = Publish === true && DryRun !== true ? publish(fn) : changed;
  answerJson(call, described(fn, published));
}

/** Lambda fetches an object with the permissions of who names it: else one could read through a function what one may not. */
function submittedCode(call: LambdaCall, { functionArn, region }: FunctionState, input: Input): SubmittedCode {
  const { S3Bucket: bucket, S3Key: key, ZipFile } = input;
  if (typeof ZipFile === 'string') return { zip: Buffer.from(ZipFile, 'base64') };
  if (typeof bucket !== 'string' || typeof key !== 'string') {
    throw new ServiceException(
      invalidParameterValue('Please provide a source for function code: ZipFile, or S3Bucket and S3Key.'),
    );
  }
  const [, partition = 'aws'] = functionArn.split(':');
  demandOf(call, 's3:GetObject', `arn:${partition}:s3:::${bucket}/${key}`);
  const problem = codeBucketProblem(call.state, bucket, region);
  if (problem !== undefined) throw new ServiceException(invalidParameterValue(problem));
  return { bucket, key };
}

export async function updateFunctionConfiguration(call: LambdaCall): Promise<void> {
  const fn = managedFunction(call, 'lambda:UpdateFunctionConfiguration');
  const management = requireManagement(call);
  const input = inputOf(call);
  const { Description: _, Environment, Handler, MemorySize, RevisionId: _r, Role, Runtime, Timeout, ...others } = input;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new ServiceException(
      invalidParameterValue(`the local target does not change ${other} of a function; deploy it`),
    );
  }
  const timeoutSeconds = within('timeout', Timeout, 1, FUNCTION_TIMEOUT_MAX_SECONDS);
  const memoryMb = within('memorySize', MemorySize, FUNCTION_MEMORY_MIN_MIB, FUNCTION_MEMORY_MAX_MIB);
  const latest = latestOf(fn);
  const changed: FunctionConfiguration = {
    ...latest,
    ...(Environment !== undefined && { environment: readEnvironment(Environment, management.localAddress) }),
    ...(typeof Handler === 'string' && { handler: readHandler(Handler) }),
    ...(typeof Role === 'string' && { roleArn: passedRole(call, fn, Role) }),
    ...(typeof Runtime === 'string' && { runtime: readRuntime(Runtime) }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(memoryMb !== undefined && { memoryMb }),
    lastModified: systemClock.now(),
  };
  requireRevision(input, latest, 'Lambda function version');
  fn.versions.set('$LATEST', changed);
  management.changed('function-configuration', fn.functionArn);
  answerJson(call, described(fn, changed));
}

/** Whoever gives a function a role gets what the role may: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html */
function passedRole(call: LambdaCall, { account }: FunctionState, roleArn: string): string {
  if (!new RegExp(`^${ROLE_PATTERN}$`).test(roleArn)) {
    const constraint = `Member must satisfy regular expression pattern: ${ROLE_PATTERN}`;
    throw new ServiceException(validationFailed('role', roleArn, constraint));
  }
  if (roleArn.split(':')[4] !== account) throw new ServiceException(accessDenied(CROSS_ACCOUNT_PASS_ROLE));
  demandOf(call, 'iam:PassRole', roleArn, { 'iam:PassedToService': 'lambda.amazonaws.com' });
  const problem = executionRoleProblem(call.state, roleArn);
  if (problem !== undefined) throw new ServiceException(invalidParameterValue(problem));
  return roleArn;
}

function readEnvironment(environment: unknown, localAddress: (text: string) => string): Record<string, string> {
  const given = isObject(environment) && isObject(environment['Variables']) ? environment['Variables'] : {};
  const variables = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
  const problem = environmentProblem(variables);
  if (problem !== undefined) throw new ServiceException(invalidParameterValue(problem));
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, localAddress(value)]));
}

function readHandler(handler: string): string {
  const constraint =
    handler.length > HANDLER_MAX_LENGTH
      ? `Member must have length less than or equal to ${HANDLER_MAX_LENGTH}`
      : 'Member must satisfy regular expression pattern: [^\\s]+';
  if (handler.length > HANDLER_MAX_LENGTH || !/^\S+$/.test(handler)) {
    throw new ServiceException(validationFailed('handler', handler, constraint));
  }
  return handler;
}

function readRuntime(runtime: string): string {
  if (isRuntime(runtime)) return runtime;
  const constraint =
    'Member must satisfy enum value set: the runtimes of Lambda, such as nodejs24.x, or be a valid ARN';
  throw new ServiceException(
    invalidParameterValue(`Value ${runtime} at 'runtime' failed to satisfy constraint: ${constraint}`),
  );
}

export async function updateAlias(call: LambdaCall): Promise<void> {
  const fn = managedFunction(call, 'lambda:UpdateAlias');
  const alias = requireAlias(call, fn);
  const input = inputOf(call);
  const { FunctionVersion, RoutingConfig } = input;
  const weights = isObject(RoutingConfig) ? RoutingConfig['AdditionalVersionWeights'] : undefined;
  const changed: AliasState = {
    ...alias,
    ...(typeof FunctionVersion === 'string' && { functionVersion: FunctionVersion }),
    ...(isObject(weights) && { additionalVersionWeights: readWeights(weights) }),
  };
  for (const version of [changed.functionVersion, ...Object.keys(changed.additionalVersionWeights)]) {
    if (!fn.versions.has(version)) throw new ServiceException(functionNotFound(`${fn.functionArn}:${version}`));
  }
  const problem = routingProblem(changed);
  if (problem !== undefined) throw new ServiceException(invalidParameterValue(problem));
  requireRevision(input, alias, 'alias');
  fn.aliases.set(alias.name, changed);
  answerJson(call, describeAlias(fn, changed));
}

function readWeights(weights: Input): Record<string, number> {
  return Object.fromEntries(
    Object.entries(weights).map(([version, share]) => {
      if (typeof share === 'number' && share >= 0 && share <= 1) return [version, share];
      const value = `{${version}=${String(share)}}`;
      const constraint = 'Map value must satisfy constraint: [Member must have value between 0.0 and 1.0]';
      throw new ServiceException(validationFailed('routingConfig.additionalVersionWeights', value, constraint));
    }),
  );
}
