/** The custom resource by which the CDK empties a bucket before it goes (`autoDeleteObjects`). */

import { findBucket } from '../bootstrap';
import type { ResourceContext, ResourceProvider } from './provider';

export const s3AutoDeleteObjects: ResourceProvider = {
  type: 'Custom::S3AutoDeleteObjects',
  properties: ['BucketName'],
  withoutEffect: ['ServiceTimeout', 'ServiceToken'],
  replacedBy: ['BucketName'],
  create(context, properties) {
    const name = properties.text('BucketName');
    requireDelete(context, name);
    return { physicalId: name, attributes: {} };
  },
  update: (_context, _properties, { physicalId, attributes }) => ({ physicalId, attributes }),
  delete(context, { physicalId }) {
    const bucket = findBucket(context.state, physicalId);
    if (bucket === undefined) return;
    requireDelete(context, physicalId);
    context.emptyBucket(bucket.bucketId);
  },
};

function requireDelete(context: ResourceContext, bucketName: string): void {
  context.requireAccess('s3:DeleteObject', `arn:${context.partition}:s3:::${bucketName}/*`);
}
