/**
 * The custom resource by which the CDK's `addEventNotification()` has a bucket call functions, queues and topics. Buckets here
 * tell nobody of their objects, which is said, and nothing else has to be done.
 */

import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

export const s3BucketNotifications: ResourceProvider = {
  type: 'Custom::S3BucketNotifications',
  properties: [],
  withoutEffect: ['BucketName', 'Managed', 'NotificationConfiguration', 'ServiceToken', 'SkipDestinationValidation'],
  replacedBy: [],
  create: (context) => told(context, context.generateName(128)),
  update: (context, _, { physicalId }) => told(context, physicalId),
  delete: () => undefined,
};

function told(context: ResourceContext, physicalId: string): ResourceValues {
  context.doesNothing('buckets tell nobody of their objects here; invoke what they would call');
  return { physicalId, attributes: {}, didNothing: true };
}
