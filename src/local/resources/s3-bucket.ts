/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html */

import { randomUUID } from 'node:crypto';
import { findBucket } from '../bootstrap';
import type { BucketWebsite, PublicAccessBlock } from '../bucket-state';
import { systemClock } from '../clock';
import { CLOUDFORMATION_NAMES, otherDestinations, putNotifications, readNotifications } from './bucket-destinations';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider } from './provider';

/** Longest name of a bucket, in characters. */
const NAME_MAX_LENGTH = 63;

export const s3Bucket: ResourceProvider = {
  type: 'AWS::S3::Bucket',
  properties: ['BucketName', 'NotificationConfiguration', 'PublicAccessBlockConfiguration', 'WebsiteConfiguration'],
  withoutEffect: [
    'AbacStatus',
    'AccelerateConfiguration',
    'AccessControl',
    'AnalyticsConfigurations',
    'BucketEncryption',
    'CorsConfiguration',
    'IntelligentTieringConfigurations',
    'InventoryConfigurations',
    'LifecycleConfiguration',
    'LoggingConfiguration',
    'MetadataConfiguration',
    'MetadataTableConfiguration',
    'MetricsConfigurations',
    'ObjectLockConfiguration',
    'ObjectLockEnabled',
    'OwnershipControls',
    'ReplicationConfiguration',
    'Tags',
    'VersioningConfiguration',
  ],
  replacedBy: ['BucketName'],

  create(context, properties) {
    const { account, partition, region, state } = context;
    const name = readName(context, properties);
    const taken = findBucket(state, name);
    // That of a bootstrapped account is played until a stack defines it.
    if (taken && (state.buckets.has(name) || taken.account !== account)) throw new Error(`${name} already exists`);
    const bucketId = taken?.bucketId ?? randomUUID();
    const blocks = readBlocks(properties);
    const website = readWebsite(context, properties);
    const createdAt = systemClock.now();
    state.buckets.set(name, { bucketName: name, bucketId, account, region, createdAt, blocks, website });
    notify(context, properties, name);
    return {
      physicalId: name,
      attributes: {
        Arn: `arn:${partition}:s3:::${name}`,
        DomainName: `${name}.s3.amazonaws.com`,
        DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
        WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
      },
    };
  },

  update(context, properties, { attributes, physicalId }) {
    const { buckets } = context.state;
    const bucket = buckets.get(physicalId);
    if (bucket) {
      const website = readWebsite(context, properties);
      buckets.set(physicalId, { ...bucket, blocks: readBlocks(properties), website });
      notify(context, properties, physicalId);
    }
    return { attributes, physicalId };
  },

  delete(context, { physicalId }) {
    const bucket = context.state.buckets.get(physicalId);
    if (bucket && context.hasObjects(bucket.bucketId)) {
      throw new Error(
        `The bucket you tried to delete is not empty (${physicalId}); empty it, or give it autoDeleteObjects`,
      );
    }
    context.state.buckets.delete(physicalId);
  },
};

function readWebsite(context: ResourceContext, properties: Properties): BucketWebsite | undefined {
  const given = properties.optionalObject('WebsiteConfiguration');
  if (given === undefined) return undefined;
  const redirect = given.optionalObject('RedirectAllRequestsTo');
  const unplayed = given.list('RoutingRules').length > 0 ? 'RoutingRules' : undefined;
  if (unplayed) context.warn('requests to the website are refused: the local target does not play RoutingRules');
  return {
    indexDocument: given.optionalText('IndexDocument') ?? 'index.html',
    errorDocument: given.optionalText('ErrorDocument'),
    redirectTo: redirect && {
      hostName: redirect.text('HostName'),
      protocol: redirect.optionalText('Protocol') ?? 'http',
    },
    unplayed,
  };
}

/** Own to the bucket, beside those of the CDK's custom resources. */
const OWNER = 'bucket';

function notify(context: ResourceContext, properties: Properties, bucketName: string): void {
  const configuration = properties.optionalObject('NotificationConfiguration');
  const notifications = configuration ? readNotifications(context, configuration, CLOUDFORMATION_NAMES) : [];
  putNotifications(context, bucketName, OWNER, notifications);
  const others = configuration ? otherDestinations(configuration, CLOUDFORMATION_NAMES) : [];
  if (others.length > 0) context.warn(`the bucket tells functions of its objects here, and not ${others.join(', ')}`);
}

/** Everything is blocked, unless the template says something about it. */
function readBlocks(properties: Properties): PublicAccessBlock {
  const given = properties.optionalObject('PublicAccessBlockConfiguration');
  const isOn = (name: string) => given === undefined || given.optionalText(name) === 'true';
  return { publicPolicy: isOn('BlockPublicPolicy'), publicBuckets: isOn('RestrictPublicBuckets') };
}

function readName(context: ResourceContext, properties: Properties): string {
  const given = properties.optionalText('BucketName', { min: 3, max: NAME_MAX_LENGTH });
  const name = given ?? context.generateName(NAME_MAX_LENGTH).toLowerCase();
  if (!/^(?!.*\.\.)[a-z0-9][a-z0-9.-]*[a-z0-9]$/.test(name)) {
    properties.refuse('BucketName', 'must consist of lower-case letters, digits, dots and hyphens');
  }
  return name;
}
