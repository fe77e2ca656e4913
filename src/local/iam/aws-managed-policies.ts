/**
 * AWS managed policies that Lambda functions and their callers commonly have, reduced to what is evaluated here.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */

import { ownMember } from '../own-member';
import type { PolicyDocument } from '../state';

const LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
const NETWORK_INTERFACES = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];
const TRAFFIC_SHIFTING = [
  'cloudwatch:DescribeAlarms',
  'lambda:GetAlias',
  'lambda:GetProvisionedConcurrencyConfig',
  'lambda:UpdateAlias',
  'sns:Publish',
];

/** Of the services that are played, or that functions commonly call. */
const READ_ONLY = [
  'apigateway:GET',
  'cloudformation:Describe*',
  'cloudformation:Detect*',
  'cloudformation:Estimate*',
  'cloudformation:Get*',
  'cloudformation:List*',
  'cloudfront:DescribeFunction',
  'cloudfront:Get*',
  'cloudfront:List*',
  'cloudwatch:Describe*',
  'cloudwatch:Get*',
  'cloudwatch:List*',
  'dynamodb:BatchGet*',
  'dynamodb:Describe*',
  'dynamodb:Get*',
  'dynamodb:List*',
  'dynamodb:PartiQLSelect',
  'dynamodb:Query',
  'dynamodb:Scan',
  'ec2:Describe*',
  'iam:Generate*',
  'iam:Get*',
  'iam:List*',
  'iam:Simulate*',
  'kms:Describe*',
  'kms:Get*',
  'kms:List*',
  'lambda:Get*',
  'lambda:List*',
  'logs:Describe*',
  'logs:FilterLogEvents',
  'logs:Get*',
  'logs:ListTagsLogGroup',
  'logs:StartQuery',
  'logs:StopQuery',
  'logs:TestMetricFilter',
  's3:DescribeJob',
  's3:Get*',
  's3:List*',
  'secretsmanager:Describe*',
  'secretsmanager:GetResourcePolicy',
  'secretsmanager:List*',
  'sns:Check*',
  'sns:Get*',
  'sns:List*',
  'sqs:Get*',
  'sqs:List*',
  'sqs:Receive*',
  'ssm:Describe*',
  'ssm:Get*',
  'ssm:List*',
  'states:Describe*',
  'states:GetExecutionHistory',
  'states:List*',
  'sts:GetAccessKeyInfo',
  'sts:GetCallerIdentity',
  'sts:GetSessionToken',
  'xray:BatchGet*',
  'xray:Get*',
];

/** Actions that each policy allows on every resource, by its path and name. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  AdministratorAccess: ['*'],
  AWSCloudFormationReadOnlyAccess: [
    'cloudformation:Describe*',
    'cloudformation:EstimateTemplateCost',
    'cloudformation:Get*',
    'cloudformation:List*',
    'cloudformation:ValidateTemplate',
    'cloudformation:Detect*',
  ],
  AWSLambda_FullAccess: ['lambda:*', 'logs:DescribeLogStreams', 'logs:GetLogEvents', 'logs:FilterLogEvents'],
  AWSLambda_ReadOnlyAccess: ['lambda:Get*', 'lambda:List*'],
  AWSXRayDaemonWriteAccess: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSampling*'],
  CloudWatchLambdaInsightsExecutionRolePolicy: LOGS,
  ReadOnlyAccess: READ_ONLY,
  'service-role/AmazonAPIGatewayPushToCloudWatchLogs': [
    ...LOGS,
    'logs:Describe*',
    'logs:GetLogEvents',
    'logs:FilterLogEvents',
  ],
  'service-role/AWSCodeDeployRoleForLambda': [...TRAFFIC_SHIFTING, 's3:GetObject', 's3:GetObjectVersion'],
  'service-role/AWSCodeDeployRoleForLambdaLimited': TRAFFIC_SHIFTING,
  'service-role/AWSLambdaBasicExecutionRole': LOGS,
  'service-role/AWSLambdaVPCAccessExecutionRole': [...LOGS, ...NETWORK_INTERFACES],
  'service-role/AWSLambdaRole': ['lambda:InvokeFunction'],
};

/** The document of an AWS managed policy, or undefined for one that is not known here. */
export function managedPolicyDocument(arn: string): PolicyDocument | undefined {
  const [, name] = /^arn:[^:]+:iam::aws:policy\/(.+)$/.exec(arn) ?? [];
  if (name === 'AWSDenyAll') {
    return { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] };
  }
  const actions = name === undefined ? undefined : ownMember(ACTIONS, name);
  return actions && { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
}
