/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-url.html */

import { createHash } from 'node:crypto';
import type { FunctionUrlState } from '../state';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';
import { requireFunction } from './qualified-function';

export const lambdaUrl: ResourceProvider = {
  type: 'AWS::Lambda::Url',
  properties: ['AuthType', 'Cors', 'InvokeMode', 'Qualifier', 'TargetFunctionArn'],
  replacedBy: ['Qualifier', 'TargetFunctionArn'],

  create(context, properties) {
    const { fn, qualifier } = addressee(context, properties);
    if (fn.urls.some((url) => url.qualifier === qualifier)) {
      throw new Error(
        `FunctionUrlConfig exists for this Lambda function${qualifier ? ` and alias '${qualifier}'` : ''}`,
      );
    }
    return put(context, properties);
  },

  update: put,

  delete(context, previous) {
    const arn = String(previous.attributes['FunctionArn']);
    const fn = context.state.functions.get(arn.split(':').slice(0, 7).join(':'));
    const i = fn?.urls.findIndex(({ url }) => url === previous.attributes['FunctionUrl']) ?? -1;
    if (i >= 0) fn?.urls.splice(i, 1);
  },
};

function addressee(context: ResourceContext, properties: Properties) {
  const qualifier = properties.optionalText('Qualifier');
  if (qualifier !== undefined && /^(\d+|\$LATEST)$/.test(qualifier)) {
    properties.refuse('Qualifier', 'must be an alias: versions have no function URL');
  }
  return requireFunction(context, 'lambda:CreateFunctionUrlConfig', properties.text('TargetFunctionArn'), qualifier);
}

function put(context: ResourceContext, properties: Properties): ResourceValues {
  const { fn, qualifier, arn } = addressee(context, properties);
  const authType = properties.optionalChoice('AuthType', ['AWS_IAM', 'NONE']);
  if (authType === undefined) return properties.refuse('AuthType', 'must be AWS_IAM or NONE');
  const cors = properties.optionalObject('Cors')?.values;
  const urlId = idOf(arn);
  const state: FunctionUrlState = {
    qualifier,
    authType,
    invokeMode: properties.optionalChoice('InvokeMode', ['BUFFERED', 'RESPONSE_STREAM']) ?? 'BUFFERED',
    urlId,
    url: `https://${urlId}.lambda-url.${context.region}.on.aws/`,
    ...(cors && { cors }),
  };
  const i = fn.urls.findIndex((url) => url.qualifier === qualifier);
  fn.urls.splice(i < 0 ? fn.urls.length : i, 1, state);
  return { physicalId: arn, attributes: { FunctionArn: arn, FunctionUrl: state.url } };
}

/** 32 letters and digits that are the same in every process, so that a test can restart without new addresses. */
function idOf(arn: string): string {
  return BigInt(`0x${createHash('sha256').update(arn).digest('hex')}`)
    .toString(36)
    .slice(0, 32);
}
