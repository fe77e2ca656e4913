/** CloudFormation, as the `cdk` CLI and the AWS CLI ask it. */
import type { ServiceOperation } from '../service-operation';
import {
  createChangeSet,
  createStack,
  deleteChangeSet,
  deleteStack,
  describeChangeSet,
  executeChangeSet,
  rollbackStack,
  updateStack,
  updateTerminationProtection,
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

const OPERATIONS: Readonly<Record<string, (call: CloudFormationCall) => string | Promise<string>>> = {
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

/** By signing name and operation. */
export function cloudFormation(context: CloudFormationContext): Readonly<Record<string, ServiceOperation<unknown>>> {
  return Object.fromEntries(
    Object.entries(OPERATIONS).map(([name, run]) => [
      `cloudformation.${name}`,
      (input, caller) => run(callOf(input, caller, context)),
    ]),
  );
}
