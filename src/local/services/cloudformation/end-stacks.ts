/**
 * The operations of CloudFormation that take stacks away, or back, or keep them from it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
 */
import type { RollbackRequest } from '../../engine/stack-changes';
import type { StackRecord } from '../../engine/stack-record';
import { listOfTexts, resultXml } from '../query-protocol';
import { actingRole, demandAs } from './acting-as';
import { answerSoon } from './answer-soon';
import {
  accept,
  type CloudFormationCall,
  demandStack,
  findStack,
  isRepeated,
  requiredText,
  textOf,
  validationError,
} from './cloudformation-call';

export async function deleteStack(call: CloudFormationCall): Promise<string> {
  const stackName = requiredText(call, 'StackName');
  demandStack(call, 'DeleteStack', stackName);
  const record = findStack(call, stackName);
  if (record === undefined || record.isDeleted || record.status === 'DELETE_IN_PROGRESS') return '';
  if (isRepeated(call, record)) return '';
  const { stackName: name, status } = record;
  if (record.isProtected) {
    throw validationError(`Stack [${name}] cannot be deleted while TerminationProtection is enabled`);
  }
  if (/^UPDATE_.*_IN_PROGRESS$|^UPDATE_IN_PROGRESS$/.test(status)) {
    throw validationError(`Stack [${name}] cannot be deleted while in status ${status}`);
  }
  const retain = retained(call, record);
  const demand = demandAs(call, actingRole(call, record.request?.roleArn));
  const token = textOf(call, 'ClientRequestToken');
  const change = call.engine.destroyRecorded(record, { token, demand, retain });
  accept(call, record);
  await answerSoon(call, change);
  return '';
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html#troubleshooting-errors-delete-stack-fails */
function retained(call: CloudFormationCall, record: StackRecord): readonly string[] {
  const names = listOfTexts(call.input, 'RetainResources');
  if (names.length > 0 && record.status !== 'DELETE_FAILED') {
    throw validationError(
      `RetainResources is for stacks in the status DELETE_FAILED; Stack [${record.stackName}] is in ${record.status}`,
    );
  }
  const unknown = names.filter((name) => !call.engine.resourcesOf(record)?.resources.has(name));
  if (unknown.length === 0) return names;
  throw validationError(
    `The specified resources to retain must be in a valid state. The stack has no resource ${unknown.join(', ')}`,
  );
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html */
export async function rollbackStack(call: CloudFormationCall): Promise<string> {
  const stackName = requiredText(call, 'StackName');
  demandStack(call, 'RollbackStack', stackName);
  const record = findStack(call, stackName);
  if (record === undefined || record.isDeleted) throw validationError(`Stack [${stackName}] does not exist`);
  if (!record.isPaused)
    throw validationError(`Stack:${record.stackId} is in ${record.status} state and can not be rolled back.`);
  const retainExceptOnCreate = call.input['RetainExceptOnCreate'] === 'true';
  await rollBack(call, record, { retainExceptOnCreate });
  return resultXml({ StackId: record.stackId });
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html */
export async function continueUpdateRollback(call: CloudFormationCall): Promise<string> {
  const stackName = requiredText(call, 'StackName');
  demandStack(call, 'ContinueUpdateRollback', stackName);
  const record = findStack(call, stackName);
  if (record === undefined || record.isDeleted) throw validationError(`Stack [${stackName}] does not exist`);
  if (record.status !== 'UPDATE_ROLLBACK_FAILED')
    throw validationError(`Stack:${record.stackId} is in ${record.status} state and can not be rolled back.`);
  await rollBack(call, record, { skip: listOfTexts(call.input, 'ResourcesToSkip') });
  return '';
}

function rollBack(call: CloudFormationCall, record: StackRecord, how: RollbackRequest): Promise<void> {
  if (isRepeated(call, record)) return Promise.resolve();
  const demand = demandAs(call, actingRole(call, record.request?.roleArn));
  const token = textOf(call, 'ClientRequestToken');
  const change = call.engine.rollBackRecorded(record, { ...how, token, demand });
  accept(call, record);
  return answerSoon(call, change);
}

export function updateTerminationProtection(call: CloudFormationCall): string {
  const stackName = requiredText(call, 'StackName');
  demandStack(call, 'UpdateTerminationProtection', stackName);
  const record = findStack(call, stackName);
  if (record === undefined) throw validationError(`Stack [${stackName}] does not exist`);
  record.isProtected = call.input['EnableTerminationProtection'] === 'true';
  return resultXml({ StackId: record.stackId });
}
