/** The custom resource by which the CDK's `logRetention` makes a log group of a function, or changes its retention. */

import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

export const logRetention: ResourceProvider = {
  type: 'Custom::LogRetention',
  properties: ['LogGroupName', 'LogGroupRegion', 'RetentionInDays'],
  withoutEffect: ['RemovalPolicy', 'SdkRetry', 'ServiceTimeout', 'ServiceToken', 'Tags'],
  replacedBy: ['LogGroupName', 'LogGroupRegion'],
  create: put,
  update: put,
  // The CDK keeps the log group, unless the removal policy says otherwise; nothing here depends on it.
  delete: () => undefined,
};

function put(context: ResourceContext, properties: Properties): ResourceValues {
  const { partition, account, state } = context;
  const logGroupName = properties.text('LogGroupName', { min: 1, max: 512 });
  const region = properties.optionalText('LogGroupRegion') ?? context.region;
  const logGroupArn = `arn:${partition}:logs:${region}:${account}:log-group:${logGroupName}`;
  const retentionDays = properties.optionalInteger('RetentionInDays', { min: 1, max: 3_653 });
  state.logGroups.set(logGroupArn, { logGroupArn, logGroupName, retentionDays });
  return { physicalId: logGroupName, attributes: { LogGroupName: logGroupName } };
}
