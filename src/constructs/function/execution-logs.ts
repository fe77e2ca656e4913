/**
 * Gives a function a log group of its own and a role that may write to it and do nothing else.
 * `lambda.Function` defines its role in its constructor, before a subclass can hand one over, so the broad
 * managed policy is taken out of that role here instead.
 */
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Lazy, Stack, Token } from 'aws-cdk-lib/core';
import { Dependable } from 'constructs';
import { inform } from '../problems/warnings';

/** Allows creating log groups and writing to every log group of the account: what we do without. */
const BROAD_LOG_POLICY = 'service-role/AWSLambdaBasicExecutionRole';

/** Contains the same log permissions next to those for network interfaces, and we keep the latter. */
const BROAD_VPC_POLICY = 'service-role/AWSLambdaVPCAccessExecutionRole';
/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
const VPC_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

export interface ExecutionLogsProps {
  /** A log group the caller brought along. */
  readonly logGroup?: logs.ILogGroupRef;
  readonly retention?: logs.RetentionDays;
  readonly removalPolicy?: logs.LogGroupProps['removalPolicy'];
  /** The role was defined by the function itself. */
  readonly ownRole: boolean;
}

/** Connects `fn` to its log group and narrows its role; returns the log group where we defined it. */
export function defineExecutionLogs(fn: lambda.Function, props: ExecutionLogsProps): logs.LogGroup | undefined {
  const logGroup = props.logGroup ? undefined : defineLogGroup(fn, props);
  const logGroupArn = (props.logGroup ?? logGroup)?.logGroupRef.logGroupArn ?? '';
  if (props.ownRole) narrowRole(fn);
  if (!mayWrite(fn, logGroupArn)) {
    inform(
      fn,
      'LogPermissionsMissing',
      'the policies of the role of this function cannot be changed from here; allow the role logs:CreateLogStream and logs:PutLogEvents on the log group of this function',
    );
  }
  return logGroup;
}

function defineLogGroup(fn: lambda.Function, props: ExecutionLogsProps): logs.LogGroup {
  // With the feature flag `useCdkManagedLogGroup` the function has already defined this child, under a name made
  // from the function's own. The same child, unnamed, serves in both cases: the flag does not change our template.
  const defined = fn.node.tryFindChild('LogGroup') as logs.LogGroup | undefined;
  const logGroup =
    defined ?? new logs.LogGroup(fn, 'LogGroup', { retention: props.retention, removalPolicy: props.removalPolicy });
  const resource = logGroup.node.defaultChild as logs.CfnLogGroup;
  if (defined) {
    resource.logGroupName = undefined;
    if (props.retention !== undefined) resource.retentionInDays = retentionInDays(props.retention);
    if (props.removalPolicy) resource.applyRemovalPolicy(props.removalPolicy);
  }
  const cfnFunction = fn.node.defaultChild as lambda.CfnFunction;
  const existing = (cfnFunction.loggingConfig ?? {}) as lambda.CfnFunction.LoggingConfigProperty;
  cfnFunction.loggingConfig = { ...existing, logGroup: logGroup.logGroupName };
  return logGroup;
}

/** CDK's "for ever" is a number; CloudFormation's is to leave the property out. */
function retentionInDays(retention: logs.RetentionDays): number | undefined {
  return retention === logs.RetentionDays.INFINITE ? undefined : retention;
}

/** Allows the role to write; false where that is not possible. */
function mayWrite(fn: lambda.Function, logGroupArn: string): boolean {
  const { role } = fn;
  // A statement for a role of another stack would make that stack depend on ours, and ours already depends on it.
  if (role?.stack !== fn.stack) return false;
  const actions = ['logs:CreateLogStream', 'logs:PutLogEvents'];
  const { policyDependable } = role.addToPrincipalPolicy(
    new iam.PolicyStatement({ actions, resources: [logGroupArn] }),
  );
  if (iam.Role.isRole(role)) return true;
  return policyDependable !== undefined && Dependable.of(policyDependable).dependencyRoots.length > 0;
}

function narrowRole(fn: lambda.Function): void {
  if (fn.isBoundToVpc) {
    // Lambda asks for these on every resource: the interfaces have no names before they exist.
    fn.role?.addToPrincipalPolicy(new iam.PolicyStatement({ actions: VPC_ACTIONS, resources: ['*'] }));
  }
  const resource = fn.role?.node.defaultChild as iam.CfnRole | undefined;
  if (!resource) return;
  const asDefined = resource.managedPolicyArns;
  resource.managedPolicyArns = Token.asList(
    Lazy.any(
      {
        produce: () => {
          const arns: unknown[] = Stack.of(resource).resolve(asDefined) ?? [];
          return arns.filter((arn) => {
            const text = JSON.stringify(arn);
            return !text.includes(BROAD_LOG_POLICY) && !text.includes(BROAD_VPC_POLICY);
          });
        },
      },
      { omitEmptyArray: true },
    ),
  );
}
