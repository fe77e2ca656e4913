/** The custom resource by which the CDK empties a bucket before it goes (`autoDeleteObjects`). */

import { findBucket } from '../bootstrap';
import type { ResourceProvider } from './provider';

export const s3AutoDeleteObjects: ResourceProvider = {
  type: 'Custom::S3AutoDeleteObjects',
  properties: ['BucketName'],
  withoutEffect: ['ServiceTimeout', 'ServiceToken'],
  replacedBy: ['BucketName'],
  create: (_context, properties) => ({ physicalId: properties.text('BucketName'), attributes: {} }),
  update: (_context, _properties, { physicalId, attributes }) => ({ physicalId, attributes }),
  delete(context, { physicalId }) {
    const bucket = findBucket(context.state, physicalId);
    if (bucket) context.emptyBucket(bucket.bucketId);
  },
};
