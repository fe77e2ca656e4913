/** A function as the operations of Lambda see it that tell of functions and change them. */
import { isObject } from '../../base/is-object';
import {
  functionNotFound,
  invalidParameterValue,
  invalidRequestContent,
  ServiceException,
  validationFailed,
  wrongRevision,
} from '../errors';
import { publishVersion } from '../resources/lambda-version';
import type { AliasState, FunctionConfiguration, FunctionState } from '../state';
import { describeConfiguration, revisionId } from './describe-function';
import { authorizedWholeFunction, type FunctionManagement, type LambdaCall } from './lambda-call';

/** The function that the call names, after IAM agreed. */
export function managedFunction(call: LambdaCall, action: string): FunctionState {
  const { functionArn } = authorizedWholeFunction(call, action);
  const fn = call.state.functions.get(functionArn);
  if (fn === undefined) throw new ServiceException(functionNotFound(functionArn));
  return fn;
}

export function requireManagement({ management }: LambdaCall): FunctionManagement {
  if (management) return management;
  throw new ServiceException(invalidParameterValue('functions cannot be changed here'));
}

export function latestOf(fn: FunctionState): FunctionConfiguration {
  const latest = fn.versions.get('$LATEST');
  if (latest === undefined) throw new ServiceException(functionNotFound(fn.functionArn));
  return latest;
}

/** Where nothing has changed since the newest version, that one is published already. */
export function publish(fn: FunctionState): FunctionConfiguration {
  const version = publishVersion(fn) ?? String(fn.lastVersion);
  return fn.versions.get(version) ?? latestOf(fn);
}

export function described(fn: FunctionState, version: FunctionConfiguration): Record<string, unknown> {
  const isLatest = version.version === '$LATEST';
  return describeConfiguration(version, isLatest ? fn.functionArn : `${fn.functionArn}:${version.version}`);
}

export function requireAlias({ member = '' }: LambdaCall, fn: FunctionState): AliasState {
  const alias = fn.aliases.get(member);
  if (alias) return alias;
  const message = `Cannot find alias arn: ${fn.functionArn}:${member}`;
  throw new ServiceException({ type: 'ResourceNotFoundException', statusCode: 404, message });
}

export function describeAlias(fn: FunctionState, alias: AliasState): Record<string, unknown> {
  const { additionalVersionWeights, functionVersion, name } = alias;
  const isWeighted = Object.keys(additionalVersionWeights).length > 0;
  return {
    AliasArn: `${fn.functionArn}:${name}`,
    Name: name,
    FunctionVersion: functionVersion,
    Description: '',
    RevisionId: revisionId(alias),
    ...(isWeighted && { RoutingConfig: { AdditionalVersionWeights: additionalVersionWeights } }),
  };
}

/** @throws a ServiceException where the caller means to change what it has seen, and that has changed since */
export function requireRevision(
  input: Readonly<Record<string, unknown>>,
  found: AliasState | FunctionConfiguration,
  what: string,
): void {
  const { RevisionId } = input;
  if (typeof RevisionId === 'string' && RevisionId !== revisionId(found))
    throw new ServiceException(wrongRevision(what));
}

export function inputOf({ body }: LambdaCall): Readonly<Record<string, unknown>> {
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

/** A number of the input, where it is there. */
export function within(member: string, value: unknown, min: number, max: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  const constraint = `Member must have value between ${min} and ${max}`;
  throw new ServiceException(validationFailed(member, String(value), constraint));
}
