/**
 * Retries and destinations of asynchronous invocations, which do not exist here: only its target is checked.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventinvokeconfig.html
 */

import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';
import { requireFunction } from './qualified-function';

export const lambdaEventInvokeConfig: ResourceProvider = {
  type: 'AWS::Lambda::EventInvokeConfig',
  properties: ['FunctionName', 'Qualifier'],
  withoutEffect: ['DestinationConfig', 'MaximumEventAgeInSeconds', 'MaximumRetryAttempts'],
  replacedBy: ['FunctionName', 'Qualifier'],
  create: check,
  update: check,
  delete: () => undefined,
};

function check(context: ResourceContext, properties: Properties): ResourceValues {
  const { arn } = requireFunction(context, properties.text('FunctionName'), properties.optionalText('Qualifier'));
  return { physicalId: `${arn}|EventInvokeConfig`, attributes: {} };
}
