/**
 * Retries and destinations of asynchronous invocations of a function, a version or an alias.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventinvokeconfig.html
 */

import type { EventInvokeState } from '../state';
import { destinationArn } from './destination-arn';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';
import { requireFunction } from './qualified-function';

export const lambdaEventInvokeConfig: ResourceProvider = {
  type: 'AWS::Lambda::EventInvokeConfig',
  properties: ['DestinationConfig', 'FunctionName', 'MaximumEventAgeInSeconds', 'MaximumRetryAttempts', 'Qualifier'],
  replacedBy: ['FunctionName', 'Qualifier'],
  create: configure,
  update: configure,
  delete(context, { physicalId }) {
    const [, functionArn = '', qualifier = ''] = /^(.*)\|(.*)$/.exec(physicalId) ?? [];
    context.state.functions.get(functionArn)?.eventInvokes?.delete(qualifier);
  },
};

function configure(context: ResourceContext, properties: Properties): ResourceValues {
  const named = requireFunction(
    context,
    'lambda:PutFunctionEventInvokeConfig',
    properties.text('FunctionName'),
    properties.optionalText('Qualifier'),
  );
  const { fn, qualifier = '$LATEST' } = named;
  fn.eventInvokes?.set(qualifier, settingsOf(properties));
  return { physicalId: `${fn.functionArn}|${qualifier}`, attributes: {} };
}

/** Of records; a bucket takes failures only. */
const RECEIVERS = ['sqs', 'sns', 'lambda', 'events'];

function settingsOf(properties: Properties): EventInvokeState {
  const destinations = properties.optionalObject('DestinationConfig');
  const onSuccess = destinationArn(destinations?.optionalObject('OnSuccess'), 'Destination', RECEIVERS);
  const onFailure = destinationArn(destinations?.optionalObject('OnFailure'), 'Destination', [...RECEIVERS, 's3']);
  return {
    retries: properties.optionalInteger('MaximumRetryAttempts', { min: 0, max: 2 }) ?? 2,
    maximumAgeSeconds: properties.optionalInteger('MaximumEventAgeInSeconds', { min: 60, max: 21_600 }) ?? 21_600,
    ...(onSuccess !== undefined && { onSuccess }),
    ...(onFailure !== undefined && { onFailure }),
  };
}
