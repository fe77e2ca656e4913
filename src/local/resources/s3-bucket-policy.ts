/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucketpolicy.html */

import { isPublicPolicy } from '../iam/public-policy';
import { requirePrincipals } from './principal-check';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

export const s3BucketPolicy: ResourceProvider = {
  type: 'AWS::S3::BucketPolicy',
  properties: ['Bucket', 'PolicyDocument'],
  replacedBy: ['Bucket'],

  create: put,
  update: put,

  delete(context, { physicalId }) {
    const { buckets } = context.state;
    const bucket = buckets.get(physicalId);
    if (bucket === undefined) return;
    const { policy: _, ...rest } = bucket;
    buckets.set(physicalId, rest);
  },
};

function put(context: ResourceContext, properties: Properties): ResourceValues {
  const { buckets } = context.state;
  const name = properties.text('Bucket');
  const bucket = buckets.get(name);
  if (bucket === undefined) throw new Error(`The specified bucket does not exist: ${name}`);
  context.requireAccess('s3:PutBucketPolicy', `arn:${context.partition}:s3:::${name}`);
  const policy = properties.policyDocument('PolicyDocument', 'resource');
  requirePrincipals(context, policy);
  if (bucket.blocks?.publicPolicy && isPublicPolicy(policy)) {
    throw new Error(
      `not authorized to perform: s3:PutBucketPolicy on resource: "arn:${context.partition}:s3:::${name}" because public policies are blocked by the BlockPublicPolicy block public access setting (PublicAccessBlockConfiguration of the bucket)`,
    );
  }
  buckets.set(name, { ...bucket, policy });
  return { physicalId: name, attributes: {} };
}
