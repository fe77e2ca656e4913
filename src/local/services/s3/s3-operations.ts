/**
 * The operations of S3 that assets and ordinary functions need. Every version of an object but the last is gone.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
import { randomUUID } from 'node:crypto';
import { findBucket } from '../../bootstrap';
import { systemClock } from '../../clock';
import { principalAccount } from '../../iam/principals';
import { xmlText } from '../service-answer';
import { checksumAlgorithm } from './checksums';
import { checkWriteConditions, comparesObject } from './conditions';
import { listObjects } from './list-objects';
import { abortUpload, completeUpload, createUpload, listParts, listUploads, uploadPart } from './multipart';
import { getObject } from './read-object';
import { fromXml, onVersion, requireBucket, requireVersion, type S3Answer, type S3Call, time } from './s3-call';
import { malformedXml, s3Error } from './s3-error';
import type { S3Operation } from './s3-request';
import { writeObject } from './write-object';

/** Of one `DeleteObjects`. */
const KEYS_MAX = 1_000;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET_NAME =
  /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*\.\.)(?!.*(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

type Operation = (call: S3Call) => S3Answer | Promise<S3Answer>;

export const S3_OPERATIONS: Readonly<Record<S3Operation, Operation>> = {
  ListBuckets: (call) => {
    call.demand('s3:ListAllMyBuckets', '*');
    const mine = [...call.state.buckets.values()].filter(({ account }) => account === principalAccount(call.principal));
    const entries = mine.map(
      ({ bucketName, createdAt }) =>
        `<Bucket><Name>${xmlText(bucketName)}</Name><CreationDate>${time(createdAt)}</CreationDate></Bucket>`,
    );
    return { xml: `<ListAllMyBucketsResult><Buckets>${entries.join('')}</Buckets></ListAllMyBucketsResult>` };
  },
  CreateBucket: createBucket,
  HeadBucket: (call) => {
    const { region } = requireBucket(call, 's3:ListBucket');
    return { headers: { 'x-amz-bucket-region': region } };
  },
  DeleteBucket: (call) => {
    const { bucketId, bucketName } = requireBucket(call, 's3:DeleteBucket');
    if (call.store.hasObjects(bucketId))
      throw s3Error('BucketNotEmpty', 409, 'The bucket you tried to delete is not empty');
    call.state.buckets.delete(bucketName);
    return { statusCode: 204 };
  },
  ListObjects: (call) => {
    const { bucketId } = requireBucket(call, 's3:ListBucket', listContext(call.query));
    return { xml: listObjects(call.store, bucketId, call.bucket, call.query) };
  },
  GetBucketLocation: (call) => {
    const { region } = requireBucket(call, 's3:GetBucketLocation');
    return { xml: `<LocationConstraint>${region === 'us-east-1' ? '' : region}</LocationConstraint>` };
  },
  GetBucketEncryption: (call) => {
    requireBucket(call, 's3:GetEncryptionConfiguration');
    const rule =
      '<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>';
    return { xml: `<ServerSideEncryptionConfiguration>${rule}</ServerSideEncryptionConfiguration>` };
  },
  GetBucketVersioning: (call) => {
    requireBucket(call, 's3:GetBucketVersioning');
    return { xml: '<VersioningConfiguration></VersioningConfiguration>' };
  },
  DeleteObjects: deleteObjects,
  GetObject: getObject,
  HeadObject: (call) => {
    const { headers } = getObject(call);
    return headers === undefined ? {} : { headers };
  },
  PutObject: writeObject,
  DeleteObject: (call) => {
    const { bucketId } = requireBucket(call);
    const versionId = call.query.get('versionId');
    call.demand(onVersion('s3:DeleteObject', versionId), `${call.bucket}/${call.key}`);
    requireVersion(versionId);
    if (comparesObject(call.headers)) checkWriteConditions(call.headers, call.store.find(bucketId, call.key));
    removeObject(call, bucketId, call.key);
    return { statusCode: 204 };
  },
  CreateMultipartUpload: createUpload,
  UploadPart: uploadPart,
  CompleteMultipartUpload: completeUpload,
  AbortMultipartUpload: abortUpload,
  ListParts: listParts,
  ListMultipartUploads: listUploads,
};

async function createBucket(call: S3Call): Promise<S3Answer> {
  const { bucket: bucketName, principal, region, state } = call;
  if (!BUCKET_NAME.test(bucketName) || /^\d+\.\d+\.\d+\.\d+$/.test(bucketName))
    throw s3Error('InvalidBucketName', 400, 'The specified bucket is not valid.');
  call.demand('s3:CreateBucket', bucketName);
  await call.receiveText();
  const account = principalAccount(principal) ?? '';
  const taken = findBucket(state, bucketName);
  if (taken?.account === account)
    throw s3Error(
      'BucketAlreadyOwnedByYou',
      409,
      'Your previous request to create the named bucket succeeded and you already own it.',
    );
  if (taken)
    throw s3Error(
      'BucketAlreadyExists',
      409,
      'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
    );
  state.buckets.set(bucketName, { bucketName, bucketId: randomUUID(), account, region, createdAt: systemClock.now() });
  return { headers: { location: `/${bucketName}` } };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
async function deleteObjects(call: S3Call): Promise<S3Answer> {
  requireBucket(call);
  const isProven = Object.keys(call.headers).some((name) => name === 'content-md5' || checksumAlgorithm(name));
  if (!isProven && call.headers['x-amz-trailer'] === undefined) {
    const message = 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*';
    throw s3Error('InvalidRequest', 400, message);
  }
  const body = await call.receiveText();
  const { bucketId } = requireBucket(call);
  const isQuiet = /<Quiet>\s*true\s*<\/Quiet>/.test(body);
  const named = [...body.matchAll(/<Object>([\s\S]*?)<\/Object>/g)].map(([, object = '']) => ({
    key: fromXml(/<Key>([^<]*)<\/Key>/.exec(object)?.[1] ?? ''),
    versionId: /<VersionId>([^<]*)<\/VersionId>/.exec(object)?.[1],
  }));
  if (named.length === 0 || named.length > KEYS_MAX || named.some(({ key }) => key === '')) throw malformedXml();
  const results = named.map(({ key, versionId }) => {
    const refused = (code: string, message: string) =>
      `<Error><Key>${xmlText(key)}</Key><Code>${code}</Code><Message>${message}</Message></Error>`;
    if (!call.allows(onVersion('s3:DeleteObject', versionId), `${call.bucket}/${key}`))
      return refused('AccessDenied', 'Access Denied');
    if (versionId !== undefined && versionId !== 'null')
      return refused('NoSuchVersion', 'The specified version does not exist.');
    removeObject(call, bucketId, key);
    return isQuiet ? '' : `<Deleted><Key>${xmlText(key)}</Key></Deleted>`;
  });
  return { xml: `<DeleteResult>${results.join('')}</DeleteResult>` };
}

/** What was not there cannot go, and nobody is told. */
function removeObject({ changed, store }: S3Call, bucketId: string, key: string): void {
  const isThere = store.find(bucketId, key) !== undefined;
  store.delete(bucketId, key);
  if (isThere) changed('ObjectRemoved:Delete', key);
}

function listContext(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries(
    ['prefix', 'delimiter', 'max-keys'].flatMap((name) => {
      const value = query.get(name);
      return value === null ? [] : [[`s3:${name}`, value]];
    }),
  );
}
