/** The custom resource by which the CDK's `addEventNotification()` has a bucket call functions, queues and topics. */

import { API_NAMES, otherDestinations, putNotifications, readNotifications } from './bucket-destinations';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

export const s3BucketNotifications: ResourceProvider = {
  type: 'Custom::S3BucketNotifications',
  properties: ['BucketName', 'NotificationConfiguration'],
  withoutEffect: ['Managed', 'ServiceToken', 'SkipDestinationValidation'],
  replacedBy: [],
  create: (context, properties) => put(context, properties, context.generateName(128)),
  update(context, properties, { physicalId, properties: before }) {
    forget(context, before, physicalId);
    return put(context, properties, physicalId);
  },
  delete: (context, { physicalId, properties }) => forget(context, properties, physicalId),
};

function put(context: ResourceContext, properties: Properties, physicalId: string): ResourceValues {
  const bucketName = properties.text('BucketName');
  const configuration = properties.object('NotificationConfiguration');
  if (!context.state.buckets.has(bucketName)) return told(context, physicalId);
  const notifications = readNotifications(context, configuration, API_NAMES);
  putNotifications(context, bucketName, physicalId, notifications);
  const isWhole = otherDestinations(configuration, API_NAMES).length === 0;
  return isWhole ? { physicalId, attributes: {} } : told(context, physicalId);
}

function forget(context: ResourceContext, properties: Properties, physicalId: string): void {
  const bucketName = properties.optionalText('BucketName') ?? '';
  if (context.state.buckets.has(bucketName)) putNotifications(context, bucketName, physicalId, []);
}

function told(context: ResourceContext, physicalId: string): ResourceValues {
  context.doesNothing('buckets of stacks tell functions of their objects here, and no queue, topic or event bus');
  return { physicalId, attributes: {}, didNothing: true };
}
