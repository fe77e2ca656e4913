/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudfront-function.html */

import type { EdgeFunctionState } from '../cloudfront-state';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-functions */
const CODE_MAX_BYTES = 10 * 1_024;

export const cloudFrontFunction: ResourceProvider = {
  type: 'AWS::CloudFront::Function',
  properties: ['FunctionCode', 'FunctionConfig', 'Name'],
  withoutEffect: ['AutoPublish', 'FunctionMetadata', 'Tags'],
  replacedBy: ['Name'],

  create: put,
  update: put,

  delete({ state }, { physicalId }) {
    state.edgeFunctions.delete(physicalId);
  },
};

function put(context: ResourceContext, properties: Properties): ResourceValues {
  const { account, partition, state } = context;
  const name = properties.text('Name');
  const arn = `arn:${partition}:cloudfront::${account}:function/${name}`;
  const code = properties.text('FunctionCode');
  if (Buffer.byteLength(code) > CODE_MAX_BYTES) {
    const rule = `must have at most ${CODE_MAX_BYTES} bytes, and has ${Buffer.byteLength(code)}`;
    properties.refuse('FunctionCode', rule);
  }
  state.edgeFunctions.set(arn, { name, code, unplayed: unplayedPart(properties, code) });
  return { physicalId: arn, attributes: { FunctionARN: arn, 'FunctionMetadata.FunctionARN': arn, Stage: 'LIVE' } };
}

function unplayedPart(properties: Properties, code: string): EdgeFunctionState['unplayed'] {
  const stores = properties.optionalObject('FunctionConfig')?.list('KeyValueStoreAssociations') ?? [];
  if (stores.length > 0) return 'CloudFront Functions with a key value store';
  return /^\s*import\s/m.test(code) ? 'CloudFront Functions that import' : undefined;
}
