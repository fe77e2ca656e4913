/**
 * The change set that a request names: within its stack, or by an ARN, which says the stack itself. Whoever asks needs the
 * permission on that stack, whichever `StackName` stands beside the ARN.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html
 */
import { ServiceException } from '../../errors';
import type { ChangeSet } from './change-set';
import {
  type CloudFormationCall,
  demandStack,
  findStack,
  requiredText,
  textOf,
  validationError,
} from './cloudformation-call';

/** @throws a ServiceException when the caller may not, or the stack has no such change set */
export function demandChangeSet(call: CloudFormationCall, operation: string): ChangeSet {
  const changeSet = demandedChangeSet(call, operation);
  if (changeSet === undefined) throw changeSetNotFound(requiredText(call, 'ChangeSetName'));
  return changeSet;
}

/**
 * As {@link demandChangeSet}; undefined when the stack has no change set of that name.
 * @throws a ServiceException when the caller may not, or the change set of that ARN is another stack's
 */
export function demandedChangeSet(call: CloudFormationCall, operation: string): ChangeSet | undefined {
  const name = requiredText(call, 'ChangeSetName');
  const stackName = textOf(call, 'StackName');
  const isArn = name.startsWith('arn:');
  if (stackName === undefined && !isArn) {
    throw validationError('StackName must be specified if ChangeSetName is not specified as an ARN.');
  }
  const named = isArn ? byArn(call, name) : undefined;
  // Of an unknown one its ARN alone says whose it is: of another account it is refused.
  demandStack(call, operation, named?.record.stackId ?? (isArn ? name : (stackName ?? name)));
  const record = stackName === undefined ? undefined : findStack(call, stackName);
  if (!isArn) return findChangeSet(call, name, record);
  if (named === undefined || (stackName !== undefined && named.record !== record)) throw changeSetNotFound(name);
  return named;
}

/** That of a name, within a stack. */
export function findChangeSet(
  { changeSets }: Pick<CloudFormationCall, 'changeSets'>,
  name: string,
  record: ChangeSet['record'] | undefined,
): ChangeSet | undefined {
  return [...changeSets.values()].find((each) => each.name === name && each.record === record);
}

/** Clients see what is in their own account and region only. */
function byArn({ account, changeSets, region }: CloudFormationCall, arn: string): ChangeSet | undefined {
  const changeSet = changeSets.get(arn);
  // Those of a stack that was deleted are gone with it.
  if (changeSet === undefined || changeSet.record.isDeleted) return undefined;
  return changeSet.record.account === account && changeSet.record.region === region ? changeSet : undefined;
}

function changeSetNotFound(name: string): ServiceException {
  const message = `ChangeSet [${name}] does not exist`;
  return new ServiceException({ type: 'ChangeSetNotFound', statusCode: 404, message });
}
