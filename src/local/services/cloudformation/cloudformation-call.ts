/** One request to CloudFormation, its caller known, and what operations share. */
import { readFileSync } from 'node:fs';
import type { DeployEngine } from '../../engine/deploy-engine';
import type { StackRecord } from '../../engine/stack-record';
import { partitionOf } from '../../engine/stack-scope';
import { ServiceException } from '../../errors';
import type { Authorize, RequestContext } from '../../iam/authorize';
import { principalAccount } from '../../iam/principals';
import type { LocalState } from '../../state';
import { listOfStructures } from '../query-protocol';
import { demand, type ServiceCaller, type ServiceInput } from '../service-operation';
import type { ChangeSet } from './change-set';

export interface CloudFormationContext {
  readonly engine: DeployEngine;
  readonly changeSets: Map<string, ChangeSet>;
  readonly state: LocalState;
  readonly authorize: Authorize;
  /** The file with the content of an object of S3, or undefined. */
  readonly fileOf: (bucket: string, key: string) => string | undefined;
  /** Called when a deployment or deletion has ended. */
  readonly onDeployed: () => void;
}

export interface CloudFormationCall extends CloudFormationContext {
  readonly input: ServiceInput;
  readonly caller: ServiceCaller;
  readonly account: string;
  readonly region: string;
}

export function callOf(input: ServiceInput, caller: ServiceCaller, context: CloudFormationContext): CloudFormationCall {
  return { ...context, input, caller, account: principalAccount(caller.principal) ?? '', region: caller.region };
}

/** The text of an object of S3, or undefined. */
export function objectText({ fileOf }: CloudFormationCall, bucket: string, key: string): string | undefined {
  const file = fileOf(bucket, key);
  return file === undefined ? undefined : readFileSync(file, 'utf8');
}

/** A member of the input that is a text. */
export function textOf({ input }: Pick<CloudFormationCall, 'input'>, name: string): string | undefined {
  const value = input[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function requiredText(call: Pick<CloudFormationCall, 'input'>, name: string): string {
  const text = textOf(call, name);
  if (text === undefined) throw validationError(`${name} must be given`);
  return text;
}

export function validationError(message: string): ServiceException {
  return new ServiceException({ type: 'ValidationError', statusCode: 400, message });
}

/**
 * Whether a client repeats a request, which it numbers with a token of its own: what it asks for was begun.
 * @param changeSetId what is executed
 * @throws a ServiceException when the token was that of another operation
 */
export function isRepeated(call: CloudFormationCall, record: StackRecord, changeSetId?: string): boolean {
  const token = textOf(call, 'ClientRequestToken');
  const earlier = token === undefined ? undefined : record.operationOf(token);
  if (earlier === undefined || earlier === operationOf(call, changeSetId)) return earlier !== undefined;
  const message = `Client request token ${token} was that of ${earlier}`;
  throw new ServiceException({ type: 'TokenAlreadyExistsException', statusCode: 400, message });
}

/** What a client asks for has begun: its token stands for it from now on. That of a request that was refused is free. */
export function accept(call: CloudFormationCall, record: StackRecord, changeSetId?: string): void {
  const token = textOf(call, 'ClientRequestToken');
  if (token !== undefined) record.number(token, operationOf(call, changeSetId));
}

function operationOf(call: CloudFormationCall, changeSetId: string | undefined): string {
  const operation = textOf(call, 'Action') ?? '';
  return changeSetId === undefined ? operation : `${operation} of ${changeSetId}`;
}

/** The stack that `StackName` means: the one of that name which is there, or the one of that id, gone or not. */
export function findStack({ account, engine, region }: CloudFormationCall, nameOrId: string): StackRecord | undefined {
  const { history } = engine;
  if (!nameOrId.startsWith('arn:')) return history.current({ account, region, stackName: nameOrId });
  const record = history.byId(nameOrId);
  return record?.account === account && record.region === region ? record : undefined;
}

/** @throws a ServiceException for a name that no stack can have: what policies say of names would not hold for it */
export function requireStackName(name: string): void {
  if (/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(name)) return;
  throw validationError(
    `1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*, and have length less than or equal to 128`,
  );
}

/** @throws a ServiceException when IAM does not let the caller do it to the stack of this name or id */
export function demandStack(call: CloudFormationCall, operation: string, nameOrId: string): void {
  const { account, authorize, caller, region } = call;
  const record = findStack(call, nameOrId);
  const arn = nameOrId.startsWith('arn:')
    ? nameOrId
    : (record?.stackId ?? `arn:${partitionOf(region)}:cloudformation:${region}:${account}:stack/${nameOrId}/*`);
  demand(`cloudformation:${operation}`, arn, caller, authorize, 'query', contextOf(call, record));
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html */
function contextOf(call: CloudFormationCall, record: StackRecord | undefined): RequestContext {
  const given = listOfStructures(call.input, 'Tags').map(({ Key = '', Value = '' }) => [Key, Value] as const);
  const tags = (prefix: string, pairs: readonly (readonly [string, string])[]) =>
    Object.fromEntries(pairs.map(([key, value]) => [`${prefix}/${key}`, value]));
  return {
    'cloudformation:ChangeSetName': textOf(call, 'ChangeSetName'),
    'cloudformation:RoleArn': textOf(call, 'RoleARN'),
    'cloudformation:TemplateUrl': textOf(call, 'TemplateURL'),
    ...(given.length > 0 && { 'aws:TagKeys': given.map(([key]) => key) }),
    ...tags('aws:RequestTag', given),
    ...tags('aws:ResourceTag', Object.entries(record?.request?.tags ?? {})),
  };
}

/** As CloudFormation writes times. */
export function time(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
}
