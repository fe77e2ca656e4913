/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html */

import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

export const logsLogGroup: ResourceProvider = {
  type: 'AWS::Logs::LogGroup',
  properties: ['LogGroupName', 'RetentionInDays'],
  withoutEffect: [
    'DataProtectionPolicy',
    'FieldIndexPolicies',
    'KmsKeyId',
    'LogGroupClass',
    'ResourcePolicyDocument',
    'Tags',
  ],
  replacedBy: ['LogGroupName'],

  create(context, properties) {
    const logGroupName = properties.optionalText('LogGroupName', { min: 1, max: 512 }) ?? context.generateName(512);
    const { partition, region, account } = context;
    const logGroupArn = `arn:${partition}:logs:${region}:${account}:log-group:${logGroupName}`;
    if (context.state.logGroups.has(logGroupArn))
      throw new Error(`The specified log group already exists: ${logGroupName}`);
    return put(context, properties, logGroupArn, logGroupName);
  },

  update(context, properties, previous) {
    return put(context, properties, logGroupArnOf(previous.attributes), previous.physicalId);
  },

  delete(context, previous) {
    context.state.logGroups.delete(logGroupArnOf(previous.attributes));
  },
};

function put(
  context: ResourceContext,
  properties: Properties,
  logGroupArn: string,
  logGroupName: string,
): ResourceValues {
  const retentionDays = properties.optionalInteger('RetentionInDays', { min: 1, max: 3_653 });
  context.state.logGroups.set(logGroupArn, { logGroupArn, logGroupName, retentionDays });
  return { physicalId: logGroupName, attributes: { Arn: `${logGroupArn}:*` } };
}

function logGroupArnOf(attributes: Readonly<Record<string, unknown>>): string {
  return String(attributes['Arn']).replace(/:\*$/, '');
}
