/**
 * The operations of Lambda that list functions and change them outside of CloudFormation, as `cdk deploy --hotswap` does.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
 */
import { isObject } from '../../base/is-object';
import { FUNCTION_MEMORY_MAX_MIB, FUNCTION_MEMORY_MIN_MIB, FUNCTION_TIMEOUT_MAX_SECONDS } from '../../wire/limits';
import { systemClock } from '../clock';
import {
  accessDenied,
  functionNotFound,
  invalidParameterValue,
  invalidRequestContent,
  ServiceException,
  serviceErrorOf,
  validationFailed,
} from '../errors';
import { principalAccount } from '../iam/principals';
import { publishVersion } from '../resources/lambda-version';
import type { AliasState, FunctionConfiguration, FunctionState } from '../state';
import { answerJson } from './answer-json';
import { describeConfiguration } from './describe-function';
import { authorizedFunction, type FunctionManagement, type LambdaCall } from './lambda-call';

export async function listFunctions(call: LambdaCall): Promise<void> {
  const { authorize, caller, query, requestId, state } = call;
  const { region, ...who } = caller;
  const { allowed, message = '' } = authorize({ ...who, action: 'lambda:ListFunctions', resource: '*', requestId });
  if (!allowed) throw new ServiceException(accessDenied(message));
  const account = principalAccount(caller.principal);
  const mine = [...state.functions.values()].filter((fn) => fn.account === account && fn.region === region);
  const all = mine.flatMap((fn) => {
    const versions = query.get('FunctionVersion') === 'ALL' ? [...fn.versions.values()] : [latestOf(fn)];
    return versions.map((version) => described(fn, version));
  });
  const { items, marker } = page(all, query);
  answerJson(call, { Functions: items, ...marker });
}

export async function listVersions(call: LambdaCall): Promise<void> {
  const fn = find(call, 'lambda:ListVersionsByFunction');
  const { items, marker } = page([...fn.versions.values()], call.query);
  answerJson(call, { Versions: items.map((version) => described(fn, version)), ...marker });
}

export async function listAliases(call: LambdaCall): Promise<void> {
  const fn = find(call, 'lambda:ListAliases');
  const { items, marker } = page([...fn.aliases.values()], call.query);
  answerJson(call, { Aliases: items.map((alias) => describeAlias(fn, alias)), ...marker });
}

export async function getAlias(call: LambdaCall): Promise<void> {
  const fn = find(call, 'lambda:GetAlias');
  answerJson(call, describeAlias(fn, requireAlias(call, fn)));
}

export async function getPolicy(call: LambdaCall): Promise<void> {
  const named = authorizedFunction(call, 'lambda:GetPolicy');
  const policy = call.state.functions.get(named.functionArn)?.resourcePolicies.get(named.resourceArn);
  if (policy === undefined) {
    const message = 'The resource you requested does not exist.';
    throw new ServiceException({ type: 'ResourceNotFoundException', statusCode: 404, message });
  }
  answerJson(call, { Policy: JSON.stringify(policy) });
}

export async function updateFunctionCode(call: LambdaCall): Promise<void> {
  const fn = find(call, 'lambda:UpdateFunctionCode');
  const input = inputOf(call);
  const { DryRun, Publish, S3Bucket, S3Key, ZipFile } = input;
  const latest = latestOf(fn);
  if (latest.imageUri !== undefined || input['ImageUri'] !== undefined) {
    throw new ServiceException(invalidParameterValue('the local target does not change container images; deploy them'));
  }
  const management = requireManagement(call);
  let codeDirectory: string;
  try {
    codeDirectory = management.locateCode(
      typeof ZipFile === 'string'
        ? { zip: Buffer.from(ZipFile, 'base64') }
        : { bucket: String(S3Bucket), key: String(S3Key) },
    );
  } catch (error) {
    if (serviceErrorOf(error)) throw error;
    throw new ServiceException(invalidParameterValue(error instanceof Error ? error.message : String(error)));
  }
  const changed = { ...latest, codeDirectory, lastModified: systemClock.now(), revision: codeDirectory };
  if (DryRun !== true) fn.versions.set('$LATEST', changed);
  management.changed();
  const published = Publish === true && DryRun !== true ? publish(fn) : changed;
  answerJson(call, described(fn, published));
}

export async function updateFunctionConfiguration(call: LambdaCall): Promise<void> {
  const fn = find(call, 'lambda:UpdateFunctionConfiguration');
  const management = requireManagement(call);
  const {
    Description: _,
    Environment,
    Handler,
    MemorySize,
    RevisionId: _revision,
    Role,
    Runtime,
    Timeout,
    ...others
  } = inputOf(call);
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new ServiceException(
      invalidParameterValue(`the local target does not change ${other} of a function; deploy it`),
    );
  }
  const variables = isObject(Environment) && isObject(Environment['Variables']) ? Environment['Variables'] : undefined;
  const timeoutSeconds = within('timeout', Timeout, 1, FUNCTION_TIMEOUT_MAX_SECONDS);
  const memoryMb = within('memorySize', MemorySize, FUNCTION_MEMORY_MIN_MIB, FUNCTION_MEMORY_MAX_MIB);
  const changed: FunctionConfiguration = {
    ...latestOf(fn),
    ...(Environment !== undefined && {
      environment: Object.fromEntries(
        Object.entries(variables ?? {}).map(([name, value]) => [name, management.localAddress(String(value))]),
      ),
    }),
    ...(typeof Handler === 'string' && { handler: Handler }),
    ...(typeof Role === 'string' && { roleArn: Role }),
    ...(typeof Runtime === 'string' && { runtime: Runtime }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(memoryMb !== undefined && { memoryMb }),
    lastModified: systemClock.now(),
  };
  fn.versions.set('$LATEST', changed);
  management.changed();
  answerJson(call, described(fn, changed));
}

export async function publishFunctionVersion(call: LambdaCall): Promise<void> {
  const fn = find(call, 'lambda:PublishVersion');
  answerJson(call, described(fn, publish(fn)), 201);
}

export async function updateAlias(call: LambdaCall): Promise<void> {
  const fn = find(call, 'lambda:UpdateAlias');
  const alias = requireAlias(call, fn);
  const { FunctionVersion, RoutingConfig } = inputOf(call);
  const weights = isObject(RoutingConfig) ? RoutingConfig['AdditionalVersionWeights'] : undefined;
  const changed: AliasState = {
    ...alias,
    ...(typeof FunctionVersion === 'string' && { functionVersion: FunctionVersion }),
    ...(isObject(weights) && {
      additionalVersionWeights: Object.fromEntries(
        Object.entries(weights).map(([version, share]) => [version, Number(share)]),
      ),
    }),
  };
  for (const version of [changed.functionVersion, ...Object.keys(changed.additionalVersionWeights)]) {
    if (!fn.versions.has(version)) throw new ServiceException(functionNotFound(`${fn.functionArn}:${version}`));
  }
  fn.aliases.set(alias.name, changed);
  answerJson(call, describeAlias(fn, changed));
}

function requireManagement({ management }: LambdaCall): FunctionManagement {
  if (management) return management;
  throw new ServiceException(invalidParameterValue('functions cannot be changed here'));
}

function find(call: LambdaCall, action: string): FunctionState {
  const named = authorizedFunction(call, action);
  const fn = call.state.functions.get(named.functionArn);
  if (fn === undefined) throw new ServiceException(functionNotFound(named.resourceArn));
  return fn;
}

function latestOf(fn: FunctionState): FunctionConfiguration {
  const latest = fn.versions.get('$LATEST');
  if (latest === undefined) throw new ServiceException(functionNotFound(fn.functionArn));
  return latest;
}

/** Where nothing has changed since the newest version, that one is published already. */
function publish(fn: FunctionState): FunctionConfiguration {
  const version = publishVersion(fn) ?? String(fn.lastVersion);
  return fn.versions.get(version) ?? latestOf(fn);
}

function described(fn: FunctionState, version: FunctionConfiguration): Record<string, unknown> {
  const isLatest = version.version === '$LATEST';
  return describeConfiguration(version, isLatest ? fn.functionArn : `${fn.functionArn}:${version.version}`);
}

function requireAlias({ member = '' }: LambdaCall, fn: FunctionState): AliasState {
  const alias = fn.aliases.get(member);
  if (alias) return alias;
  const message = `Cannot find alias arn: ${fn.functionArn}:${member}`;
  throw new ServiceException({ type: 'ResourceNotFoundException', statusCode: 404, message });
}

function describeAlias(fn: FunctionState, { additionalVersionWeights, functionVersion, name }: AliasState) {
  const isWeighted = Object.keys(additionalVersionWeights).length > 0;
  return {
    AliasArn: `${fn.functionArn}:${name}`,
    Name: name,
    FunctionVersion: functionVersion,
    Description: '',
    ...(isWeighted && { RoutingConfig: { AdditionalVersionWeights: additionalVersionWeights } }),
  };
}

function inputOf({ body }: LambdaCall): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {};
  let input: unknown;
  try {
    input = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new ServiceException(invalidRequestContent((cause as Error).message));
  }
  if (!isObject(input)) throw new ServiceException(invalidRequestContent('it must be an object'));
  return input;
}

function within(member: string, value: unknown, min: number, max: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  const constraint = `Member must have value between ${min} and ${max}`;
  throw new ServiceException(validationFailed(member, String(value), constraint));
}

/** `Marker` is where the next page begins. */
function page<T>(all: readonly T[], query: URLSearchParams): { items: readonly T[]; marker: { NextMarker?: string } } {
  const start = Number(query.get('Marker') ?? 0) || 0;
  const end = start + (Number(query.get('MaxItems') ?? 50) || 50);
  return { items: all.slice(start, end), marker: end < all.length ? { NextMarker: String(end) } : {} };
}
