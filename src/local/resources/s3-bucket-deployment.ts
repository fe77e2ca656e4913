/**
 * The CDK's `BucketDeployment`: puts files of the assembly into a bucket. Its provider needs Python and an AWS CLI of 200 MB,
 * so what it does is done here (aws-cdk-lib/custom-resource-handlers, bucket-deployment-handler/index.py).
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '../../base/is-object';
import { findBucket } from '../bootstrap';
import { matchesWildcard } from '../iam/wildcards';
import { contentTypeOf } from './content-type';
import { Properties } from './properties';
import type { NewObject, ResourceContext, ResourceProvider, ResourceValues } from './provider';

export const s3BucketDeployment: ResourceProvider = {
  type: 'Custom::CDKBucketDeployment',
  properties: [
    'DestinationBucketArn',
    'DestinationBucketKeyPrefix',
    'DestinationBucketName',
    'Exclude',
    'Extract',
    'Include',
    'OutputObjectKeys',
    'Prune',
    'RetainOnDelete',
    'SourceBucketNames',
    'SourceMarkers',
    'SourceMarkersConfig',
    'SourceObjectKeys',
    'SystemMetadata',
    'UserMetadata',
  ],
  withoutEffect: [
    'DistributionId',
    'DistributionPaths',
    'ServiceTimeout',
    'ServiceToken',
    'SignContent',
    'WaitForDistributionInvalidation',
  ],
  replacedBy: [],

  create: (context, properties) => deploy(context, properties, `aws.cdk.s3deployment.${context.generateName(64)}`),

  update(context, properties, previous) {
    const [before, after] = [previous.properties, properties].map(destination);
    if (!retains(properties) && before !== after) empty(context, previous.properties);
    return deploy(context, properties, previous.physicalId);
  },

  delete(context, { properties }) {
    if (!retains(properties)) empty(context, properties);
  },
};

const flag = (properties: Properties, name: string, otherwise: boolean) =>
  (properties.optionalText(name)?.toLowerCase() ?? String(otherwise)) === 'true';

const retains = (properties: Properties) => flag(properties, 'RetainOnDelete', true);

const destination = (properties: Properties) => `${properties.text('DestinationBucketName')}/${prefixOf(properties)}`;

/** What keys begin with: nothing, or a path and a slash. */
function prefixOf(properties: Properties): string {
  const given = properties.optionalText('DestinationBucketKeyPrefix') ?? '';
  if (given === '' || given === '/') return '';
  return given.endsWith('/') ? given : `${given}/`;
}

function deploy(context: ResourceContext, properties: Properties, physicalId: string): ResourceValues {
  const keys = flag(properties, 'OutputObjectKeys', true) ? properties.texts('SourceObjectKeys') : [];
  const bucketName = properties.text('DestinationBucketName');
  const attributes = {
    DestinationBucketArn:
      properties.optionalText('DestinationBucketArn') ?? `arn:${context.partition}:s3:::${bucketName}`,
    SourceObjectKeys: keys,
  };
  context.requireAccess('s3:PutObject', `arn:${context.partition}:s3:::${bucketName}/*`);
  const strangers = [bucketName, ...properties.texts('SourceBucketNames')].filter(
    (name) => findBucket(context.state, name) === undefined,
  );
  if (strangers.length > 0) context.doesNothing(`no stack here has the bucket ${strangers.join(' or ')}`);
  else put(context, properties, bucketName);
  return { physicalId, attributes };
}

function put(context: ResourceContext, properties: Properties, bucketName: string): void {
  const bucketId = findBucket(context.state, bucketName)?.bucketId ?? '';
  const prefix = prefixOf(properties);
  const isFor = filter(properties.texts('Exclude'), properties.texts('Include'));
  const files = [...filesOf(context, properties)].filter(([path]) => isFor(path));
  const objects = new Map(
    files.map(([path, content]) => [prefix + path, { content, headers: headersOf(path, properties) }]),
  );
  const isGone = (key: string) =>
    key.startsWith(prefix) && !objects.has(key) && isFor(key.slice(prefix.length)) && flag(properties, 'Prune', true);
  const restore = context.changeObjects(bucketId, objects, isGone);
  context.undo(() => Promise.resolve(restore()));
}

function empty(context: ResourceContext, properties: Properties): void {
  const bucket = findBucket(context.state, properties.text('DestinationBucketName'));
  if (bucket === undefined) return;
  const prefix = prefixOf(properties);
  const restore = context.changeObjects(bucket.bucketId, new Map(), (key) => key.startsWith(prefix));
  context.undo(() => Promise.resolve(restore()));
}

/** By their path below the prefix; later sources win. */
function filesOf(context: ResourceContext, properties: Properties): Map<string, Buffer> {
  const buckets = properties.texts('SourceBucketNames');
  const markers = properties.items('SourceMarkers');
  const configs = properties.items('SourceMarkersConfig');
  const files = new Map<string, Buffer>();
  for (const [i, S3Key] of properties.texts('SourceObjectKeys').entries()) {
    const source = new Properties({ S3Bucket: buckets[i], S3Key });
    if (!flag(properties, 'Extract', true)) {
      files.set(S3Key.split('/').at(-1) ?? S3Key, context.readArchive(source));
      continue;
    }
    const { directory } = context.locateCode(source);
    const replaced = replacer(context, markers[i]?.values ?? {}, configs[i]?.values ?? {});
    for (const path of pathsIn(directory)) files.set(path, replaced(readFileSync(join(directory, path))));
  }
  return files;
}

/** Of files, with slashes. */
function pathsIn(folder: string, within = ''): string[] {
  return readdirSync(join(folder, within)).flatMap((name) => {
    const path = `${within}${name}`;
    return statSync(join(folder, path)).isDirectory() ? pathsIn(folder, `${path}/`) : [path];
  });
}

/** What is known at deployment only stands for its marker; addresses are those that answer here. */
function replacer(
  context: ResourceContext,
  markers: Readonly<Record<string, unknown>>,
  config: Readonly<Record<string, unknown>>,
): (content: Buffer) => Buffer {
  const escapes = String(config['jsonEscape']).toLowerCase() === 'true';
  const values = Object.entries(markers).map(([marker, value]) => {
    const text = context.localAddress(isObject(value) ? JSON.stringify(value) : String(value));
    return [marker, bytesOf(escapes ? JSON.stringify(text).slice(1, -1) : text)] as const;
  });
  if (values.length === 0) return (content) => content;
  return (content) =>
    Buffer.from(
      values.reduce((text, [marker, value]) => text.replaceAll(marker, () => value), content.toString('latin1')),
      'latin1',
    );
}

/** A character for each byte, so that a file that is no text stays what it is. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** As of the AWS CLI: everything but what is excluded; what is included is in again. */
function filter(exclude: readonly string[], include: readonly string[]): (path: string) => boolean {
  const isIn = (patterns: readonly string[], path: string) =>
    patterns.some((pattern) => matchesWildcard(pattern, path));
  return (path) => isIn(include, path) || !isIn(exclude, path);
}

function headersOf(path: string, properties: Properties): NewObject['headers'] {
  const type = contentTypeOf(path);
  const system = Object.entries(properties.optionalObject('SystemMetadata')?.values ?? {});
  const kept = system.filter(([name]) => /^(cache-control|content-\w+|expires)$/.test(name));
  const own = Object.entries(properties.optionalObject('UserMetadata')?.values ?? {});
  return {
    ...(type !== undefined && { 'content-type': type }),
    ...Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
    ...Object.fromEntries(own.map(([name, value]) => [`x-amz-meta-${name}`, String(value)])),
  };
}
