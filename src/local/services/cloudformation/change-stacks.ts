/**
 * The operations of CloudFormation that change stacks, all of them by the one engine.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Operations.html
 */
import { createHash, randomUUID } from 'node:crypto';
import { canonicalJson } from '../../canonical-json';
import { systemClock } from '../../clock';
import type { DeployedStack } from '../../engine/deployed-stack';
import type { StackRecord, StackRequest } from '../../engine/stack-record';
import { ServiceException } from '../../errors';
import { resultXml } from '../query-protocol';
import { demandAs } from './acting-as';
import { answerSoon } from './answer-soon';
import { type ChangeSet, changesBetween, type Version } from './change-set';
import {
  accept,
  type CloudFormationCall,
  demandStack,
  findStack,
  isRepeated,
  requiredText,
  requireStackName,
  textOf,
  time,
  validationError,
} from './cloudformation-call';
import { pairs, shownParameters } from './describe-stacks';
import { demandChangeSet, demandedChangeSet, findChangeSet } from './find-change-set';
import { parseTemplate } from './read-template';
import { isDisabled, readWanted, type WantedStack } from './wanted-stack';

const NO_CHANGES =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

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
    revision: record.revision,
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
    ExecutionStatus: executionStatus(changeSet),
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
  const { id, record, request, stack } = changeSet;
  if (isRepeated(call, record, id)) return '';
  const disableRollback = request.disableRollback === true || isDisabled(call);
  const status = executionStatus(changeSet);
  if (status !== 'AVAILABLE') {
    throw new ServiceException({
      type: 'InvalidChangeSetStatus',
      statusCode: 400,
      message: `ChangeSet [${id}] cannot be executed in its current execution status of [${status}]`,
    });
  }
  if (changeSet.isUpdate) {
    requireUpdatable(record.stackName, record);
    requireContinued(record, disableRollback);
  }
  // What else was planned may not be what would happen now.
  for (const other of call.changeSets.values()) if (other.record === record) call.changeSets.delete(other.id);
  changeSet.status = 'EXECUTE_COMPLETE';
  call.changeSets.set(id, changeSet);
  await deploy(call, { stack, request: { ...request, disableRollback, token: textOf(call, 'ClientRequestToken') } });
  return '';
}

/** A change set says what would happen to the stack as it was then. */
function executionStatus({ record, revision, status }: ChangeSet): string {
  return status === 'AVAILABLE' && record.revision !== revision ? 'OBSOLETE' : status;
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
  const known = findStack(call, stackName);
  if (known) {
    if (isRepeated(call, known)) return resultXml({ StackId: known.stackId });
    const message = `Stack [${stackName}] already exists`;
    throw new ServiceException({ type: 'AlreadyExistsException', statusCode: 400, message });
  }
  const done = deploy(call, readWanted(call, stackName, undefined));
  const record = findStack(call, stackName);
  if (record) record.isProtected = call.input['EnableTerminationProtection'] === 'true';
  await done;
  return resultXml({ StackId: record?.stackId });
}

export async function updateStack(call: CloudFormationCall): Promise<string> {
  const stackName = requiredText(call, 'StackName');
  demandStack(call, 'UpdateStack', stackName);
  const record = findStack(call, stackName);
  if (record && isRepeated(call, record)) return resultXml({ StackId: record.stackId });
  requireUpdatable(stackName, record);
  const wanted = readWanted(call, stackName, record);
  if (record) requireContinued(record, isDisabled(call));
  if (record && !record.isPaused && isSame(record.request, wanted.request))
    throw validationError('No updates are to be performed.');
  await deploy(call, wanted);
  return resultXml({ StackId: record?.stackId });
}

function deploy(call: CloudFormationCall, { request, stack }: WantedStack): Promise<void> {
  const change = call.engine.deployTemplate(stack, request, demandAs(call, request.roleArn));
  const record = findStack(call, stack.stackName);
  if (record) accept(call, record, request.changeSetId);
  return answerSoon(call, change);
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

function requireContinued(record: StackRecord, disableRollback: boolean): void {
  if (disableRollback || !record.isPaused) return;
  throw validationError(
    `This stack is currently in a non-terminal [${record.status}] state. To update the stack from this state, please use the disable-rollback parameter with update-stack API. To rollback to the last known good state, use the rollback-stack API`,
  );
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
