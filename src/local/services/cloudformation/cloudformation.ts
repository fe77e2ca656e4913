/** CloudFormation, as the `cdk` CLI and the AWS CLI ask it. */
import { ServiceException } from '../../errors';
import type { ServiceOperation } from '../service-operation';
import {
  createChangeSet,
  createStack,
  deleteChangeSet,
  describeChangeSet,
  executeChangeSet,
  updateStack,
} from './change-stacks';
import { type CloudFormationCall, type CloudFormationContext, callOf } from './cloudformation-call';
import {
  describeStackEvents,
  describeStackResource,
  describeStackResources,
  describeStacks,
  getTemplate,
  listExports,
  listStackResources,
  listStacks,
} from './describe-stacks';
import { continueUpdateRollback, deleteStack, rollbackStack, updateTerminationProtection } from './end-stacks';

const OPERATIONS: Readonly<Record<string, (call: CloudFormationCall) => string | Promise<string>>> = {
  ContinueUpdateRollback: continueUpdateRollback,
  CreateChangeSet: createChangeSet,
  CreateStack: createStack,
  DeleteChangeSet: deleteChangeSet,
  DeleteStack: deleteStack,
  DescribeChangeSet: describeChangeSet,
  DescribeStackEvents: describeStackEvents,
  DescribeStackResource: describeStackResource,
  DescribeStackResources: describeStackResources,
  DescribeStacks: describeStacks,
  ExecuteChangeSet: executeChangeSet,
  GetTemplate: getTemplate,
  ListExports: listExports,
  ListStackResources: listStackResources,
  ListStacks: listStacks,
  RollbackStack: rollbackStack,
  UpdateStack: updateStack,
  UpdateTerminationProtection: updateTerminationProtection,
};

/** Operations that commands of the CLI begin with and that are not played, and what to do instead. */
const REFUSED: Readonly<Record<string, string>> = {
  CreateStackRefactor:
    'deploy: what has another logical id or stack is created anew, and what was there before is deleted',
  DetectStackDrift:
    'only hotswaps change resources behind the back of CloudFormation; deploy without --hotswap to take them in',
  GetTemplateSummary: 'there is no garbage to collect: what was uploaded goes when the local target stops',
};

function refuse(operation: string, advice: string): never {
  const message = `the local target does not play the operation ${operation} of cloudformation: ${advice}`;
  throw new ServiceException({ type: 'LocalServiceUnavailable', statusCode: 400, message });
}

/** By signing name and operation. */
export function cloudFormation(context: CloudFormationContext): Readonly<Record<string, ServiceOperation<unknown>>> {
  const played = Object.entries(OPERATIONS).map(([name, run]): [string, ServiceOperation<unknown>] => [
    `cloudformation.${name}`,
    (input, caller) => run(callOf(input, caller, context)),
  ]);
  const refused = Object.entries(REFUSED).map(([name, advice]): [string, ServiceOperation<unknown>] => [
    `cloudformation.${name}`,
    () => refuse(name, advice),
  ]);
  return Object.fromEntries([...played, ...refused]);
}
