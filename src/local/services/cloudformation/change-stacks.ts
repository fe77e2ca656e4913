/**
 * The operations of CloudFormation that change stacks, all of them by the one engine.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Operations.html
 */
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { constraintProblem } from '../../assembly/parameter-constraints';
import { type AssemblyStack, withNested } from '../../assembly/read-assembly';
import type { Template } from '../../assembly/template';
import { canonicalJson } from '../../canonical-json';
import { systemClock } from '../../clock';
import type { DeployedStack } from '../../engine/deployed-stack';
import { messageOf } from '../../engine/resource-step';
import type { StackRecord, StackRequest } from '../../engine/stack-record';
import { ServiceException } from '../../errors';
import { listOfStructures, listOfTexts, resultXml } from '../query-protocol';
import { actingRole, demandAs } from './acting-as';
import { changesBetween, type Version } from './change-set';
import {
  type CloudFormationCall,
  demandStack,
  findStack,
  requiredText,
  requireStackName,
  textOf,
  time,
  validationError,
} from './cloudformation-call';
import { pairs, shownParameters } from './describe-stacks';
import { demandChangeSet, demandedChangeSet, findChangeSet } from './find-change-set';
import { parseTemplate, readTemplate } from './read-template';
import { submittedStack } from './submitted-stack';

const NO_CHANGES =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

/** Longest wait of an answer for the change that it has begun. */
const ANSWER_MS = 500;

/** What a request wants the stack to be. */
interface Wanted {
  readonly stack: AssemblyStack;
  readonly request: StackRequest;
}

export function createChangeSet(call: CloudFormationCall): string {
  const stackName = requiredText(call, 'StackName');
  const name = requiredText(call, 'ChangeSetName');
  demandStack(call, 'CreateChangeSet', stackName);
  const type = textOf(call, 'ChangeSetType') ?? 'UPDATE';
  if (type !== 'CREATE' && type !== 'UPDATE')
    throw validationError(`the local target does not play change sets of the type ${type}; deploy the resources anew`);
  const known = findStack(call, stackName);
  if (type === 'CREATE' && known === undefined) requireStackName(stackName);
  if (type === 'UPDATE') requireUpdatable(stackName, known);
  else if (known && known.status !== 'REVIEW_IN_PROGRESS')
    throw validationError(
      `Stack [${stackName}] already exists and cannot be created again with the changeSet [${name}].`,
    );
  const twin = findChangeSet(call, name, known);
  if (twin) {
    const message = `ChangeSet ${twin.id} already exists`;
    throw new ServiceException({ type: 'AlreadyExistsException', statusCode: 400, message });
  }
  const wanted = readWanted(call, stackName, known);
  const record = known ?? openForReview(call, stackName);
  const isUpdate = type === 'UPDATE';
  const deployed = call.engine.resourcesOf(record);
  const changes = changesBetween(
    isUpdate ? versionOf(record, deployed) : { template: {}, parameters: {} },
    { template: wanted.stack.template, parameters: wanted.request.parameters },
    deployed,
  );
  const isUnchanged = isUpdate && !record.isPaused && changes.length === 0 && isSame(record.request, wanted.request);
  const problem = isUnchanged ? NO_CHANGES : undefined;
  const id = record.stackId.replace(/:stack\/.*$/, `:changeSet/${name}/${randomUUID()}`);
  call.changeSets.set(id, {
    id,
    name,
    record,
    isUpdate,
    createdAt: systemClock.now(),
    description: textOf(call, 'Description'),
    changes,
    problem,
    stack: wanted.stack,
    request: { ...wanted.request, changeSetId: id },
    status: problem === undefined ? 'AVAILABLE' : 'UNAVAILABLE',
  });
  return resultXml({ Id: id, StackId: record.stackId });
}

export function describeChangeSet(call: CloudFormationCall): string {
  const changeSet = demandChangeSet(call, 'DescribeChangeSet');
  const { record, request } = changeSet;
  return resultXml({
    ChangeSetName: changeSet.name,
    ChangeSetId: changeSet.id,
    StackId: record.stackId,
    StackName: record.stackName,
    Description: changeSet.description,
    Parameters: shownParameters(request),
    CreationTime: time(changeSet.createdAt),
    ExecutionStatus: changeSet.status,
    Status: changeSet.problem === undefined ? 'CREATE_COMPLETE' : 'FAILED',
    StatusReason: changeSet.problem,
    NotificationARNs: [],
    RollbackConfiguration: {},
    Capabilities: request.capabilities ?? [],
    Tags: pairs(request.tags, 'Key', 'Value'),
    Changes: changeSet.changes.map((ResourceChange) => ({ Type: 'Resource', ResourceChange })),
    IncludeNestedStacks: false,
  });
}

export async function executeChangeSet(call: CloudFormationCall): Promise<string> {
  const changeSet = demandChangeSet(call, 'ExecuteChangeSet');
  const { id, record, request, stack, status } = changeSet;
  const disableRollback = request.disableRollback === true || isDisabled(call);
  if (changeSet.isUpdate) requireContinued(record, disableRollback);
  if (status !== 'AVAILABLE') {
    throw new ServiceException({
      type: 'InvalidChangeSetStatus',
      statusCode: 400,
      message: `ChangeSet [${id}] cannot be executed in its current execution status of [${status}]`,
    });
  }
  // What was planned before may not be what would happen now.
  for (const other of call.changeSets.values()) if (other.record === record) other.status = 'OBSOLETE';
  changeSet.status = 'EXECUTE_COMPLETE';
  await deploy(call, { stack, request: { ...request, disableRollback, token: textOf(call, 'ClientRequestToken') } });
  return '';
}

export function deleteChangeSet(call: CloudFormationCall): string {
  const changeSet = demandedChangeSet(call, 'DeleteChangeSet');
  if (changeSet) call.changeSets.delete(changeSet.id);
  return '';
}

export async function createStack(call: CloudFormationCall): Promise<string> {
  const stackName = requiredText(call, 'StackName');
  requireStackName(stackName);
  demandStack(call, 'CreateStack', stackName);
  if (findStack(call, stackName)) {
    const message = `Stack [${stackName}] already exists`;
    throw new ServiceException({ type: 'AlreadyExistsException', statusCode: 400, message });
  }
  const wanted = readWanted(call, stackName, undefined);
  await deploy(call, wanted);
  return resultXml({ StackId: findStack(call, stackName)?.stackId });
}

export async function updateStack(call: CloudFormationCall): Promise<string> {
  const stackName = requiredText(call, 'StackName');
  demandStack(call, 'UpdateStack', stackName);
  const record = findStack(call, stackName);
  requireUpdatable(stackName, record);
  const wanted = readWanted(call, stackName, record);
  if (record) requireContinued(record, isDisabled(call));
  if (record && !record.isPaused && isSame(record.request, wanted.request))
    throw validationError('No updates are to be performed.');
  await deploy(call, wanted);
  return resultXml({ StackId: record?.stackId });
}

export async function deleteStack(call: CloudFormationCall): Promise<string> {
  const stackName = requiredText(call, 'StackName');
  demandStack(call, 'DeleteStack', stackName);
  const record = findStack(call, stackName);
  if (record === undefined || record.isDeleted) return '';
  if (record.isProtected) {
    throw validationError(`Stack [${record.stackName}] cannot be deleted while TerminationProtection is enabled`);
  }
  const demanded = demandAs(call, actingRole(call, record.request?.roleArn));
  await begin(call, call.engine.destroyRecorded(record, textOf(call, 'ClientRequestToken'), demanded));
  return '';
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html */
export async function rollbackStack(call: CloudFormationCall): Promise<string> {
  const stackName = requiredText(call, 'StackName');
  demandStack(call, 'RollbackStack', stackName);
  const record = findStack(call, stackName);
  if (record === undefined || record.isDeleted) throw validationError(`Stack [${stackName}] does not exist`);
  if (!record.isPaused)
    throw validationError(`Stack:${record.stackId} is in ${record.status} state and can not be rolled back.`);
  const all = call.input['RetainExceptOnCreate'] === 'true';
  const demanded = demandAs(call, actingRole(call, record.request?.roleArn));
  await begin(call, call.engine.rollBackRecorded(record, all, textOf(call, 'ClientRequestToken'), demanded));
  return resultXml({ StackId: record.stackId });
}

export function updateTerminationProtection(call: CloudFormationCall): string {
  const stackName = requiredText(call, 'StackName');
  demandStack(call, 'UpdateTerminationProtection', stackName);
  const record = findStack(call, stackName);
  if (record === undefined) throw validationError(`Stack [${stackName}] does not exist`);
  record.isProtected = call.input['EnableTerminationProtection'] === 'true';
  return resultXml({ StackId: record.stackId });
}

function deploy(call: CloudFormationCall, { request, stack }: Wanted): Promise<void> {
  return begin(call, call.engine.deployTemplate(stack, request, demandAs(call, request.roleArn)));
}

/** The record tells how it went. The answer waits for what takes no longer, so that clients need not ask again. */
async function begin({ onDeployed }: CloudFormationCall, change: Promise<unknown>): Promise<void> {
  const ended = change.then(onDeployed, onDeployed);
  await Promise.race([ended, setTimeout(ANSWER_MS, undefined, { ref: false })]);
}

function openForReview({ account, engine, region }: CloudFormationCall, stackName: string): StackRecord {
  const record = engine.history.open({ account, region, stackName });
  record.enter('REVIEW_IN_PROGRESS', 'User Initiated');
  return record;
}

function requireUpdatable(stackName: string, record: StackRecord | undefined): void {
  if (record === undefined || record.isDeleted || record.status === 'REVIEW_IN_PROGRESS')
    throw validationError(`Stack [${stackName}] does not exist`);
  if (!record.isPaused && !/^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(record.status))
    throw validationError(`Stack:${record.stackId} is in ${record.status} state and can not be updated.`);
}

/** Whether what a deployment has done stays when it fails. */
function isDisabled(call: CloudFormationCall): boolean {
  return (
    call.input['DisableRollback'] === 'true' ||
    [textOf(call, 'OnFailure'), textOf(call, 'OnStackFailure')].includes('DO_NOTHING')
  );
}

function requireContinued(record: StackRecord, disableRollback: boolean): void {
  if (disableRollback || !record.isPaused) return;
  throw validationError(
    `This stack is currently in a non-terminal [${record.status}] state. To update the stack from this state, please use the disable-rollback parameter with update-stack API. To rollback to the last known good state, use the rollback-stack API`,
  );
}

function readWanted(call: CloudFormationCall, stackName: string, known: StackRecord | undefined): Wanted {
  const { engine, input } = call;
  const previous = known?.request;
  const submitted = readTemplate(call, previous?.templateText);
  const { Resources = {} } = submitted.template;
  if (Object.keys(Resources).length === 0) {
    throw validationError('Template format error: At least one Resources member must be defined.');
  }
  const parameters = readParameters(call, submitted.template, previous?.parameters);
  const capabilities = listOfTexts(input, 'Capabilities');
  const roleArn = actingRole(call, previous?.roleArn);
  const tags = Object.fromEntries(listOfStructures(input, 'Tags').map(({ Key = '', Value = '' }) => [Key, Value]));
  const stack = submittedStack(call, stackName, submitted, parameters, demandAs(call, roleArn));
  for (const each of withNested(stack)) requireCapabilities(each.template, capabilities);
  try {
    engine.check(stack, demandAs(call, roleArn));
  } catch (error) {
    throw validationError(messageOf(error));
  }
  const token = textOf(call, 'ClientRequestToken');
  const disableRollback = isDisabled(call);
  const how = { tags, capabilities, roleArn, token, disableRollback };
  return { stack, request: { templateText: submitted.text, parameters, ...how } };
}

/** Those that are given, those of before where they are to stay, and the defaults. */
function readParameters(
  call: CloudFormationCall,
  template: Template,
  previous: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const given = listOfStructures(call.input, 'Parameters');
  const defined = template.Parameters ?? {};
  const unknown = given.filter(({ ParameterKey = '' }) => !(ParameterKey in defined));
  if (unknown.length > 0) {
    throw validationError(
      `Parameters: [${unknown.map(({ ParameterKey }) => ParameterKey).join(', ')}] do not exist in the template`,
    );
  }
  const values = Object.entries(defined).map(([name, { Default }]) => {
    const one = given.find(({ ParameterKey }) => ParameterKey === name);
    const kept = one?.['UsePreviousValue'] === 'true' ? previous[name] : undefined;
    return [name, kept ?? one?.['ParameterValue'] ?? (Default === undefined ? undefined : String(Default))] as const;
  });
  const missing = values.filter(([, value]) => value === undefined).map(([name]) => name);
  if (missing.length > 0) throw validationError(`Parameters: [${missing.join(', ')}] must have values`);
  for (const [name, value = ''] of values) {
    const definition = defined[name];
    const problem = definition && constraintProblem(name, definition, value);
    if (problem !== undefined) throw validationError(problem);
  }
  return Object.fromEntries(values.map(([name, value = '']) => [name, value]));
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-template.html */
function requireCapabilities({ Resources = {} }: Template, given: readonly string[]): void {
  if (given.includes('CAPABILITY_NAMED_IAM')) return;
  const iam = Object.values(Resources).filter(({ Type }) =>
    /^AWS::IAM::(AccessKey|Group|InstanceProfile|ManagedPolicy|Policy|Role|User|UserToGroupAddition)$/.test(Type),
  );
  const names = ['GroupName', 'ManagedPolicyName', 'RoleName', 'UserName', 'InstanceProfileName'];
  const isNamed = iam.some(({ Properties = {} }) => names.some((name) => Properties[name] !== undefined));
  if (iam.length === 0 || (!isNamed && given.includes('CAPABILITY_IAM'))) return;
  const message = `Requires capabilities : [${isNamed ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM'}]`;
  throw new ServiceException({ type: 'InsufficientCapabilitiesException', statusCode: 400, message });
}

/** What a stack was when it was last deployed; after a failure that was kept, only what there is of it. */
function versionOf({ isPaused, request }: StackRecord, deployed: DeployedStack | undefined): Version {
  if (request === undefined) return { template: {}, parameters: {} };
  const { parameters, templateText } = request;
  const template = parseTemplate(templateText);
  if (!isPaused) return { template, parameters };
  const there = Object.entries(template.Resources ?? {}).filter(([id]) => deployed?.resources.has(id));
  return { template: { ...template, Resources: Object.fromEntries(there) }, parameters };
}

/** Nothing that a deployment could change is another. */
function isSame(before: StackRequest | undefined, after: StackRequest): boolean {
  const digest = ({ parameters, tags = {}, templateText }: StackRequest) =>
    createHash('sha256')
      .update(canonicalJson([parseTemplate(templateText), parameters, tags]) ?? '')
      .digest('hex');
  return before !== undefined && digest(before) === digest(after);
}
