/**
 * The operations of S3 that assets and ordinary functions need. Every version of an object but the last is gone.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { findBucket } from '../../bootstrap';
import { systemClock } from '../../clock';
import { ServiceException } from '../../errors';
import type { AuthorizationRequest } from '../../iam/authorize';
import { principalAccount } from '../../iam/principals';
import type { BucketState, LocalState } from '../../state';
import { xmlText } from '../service-answer';
import { listObjects } from './list-objects';
import type { ObjectHeaders, ObjectStore, StoredObject } from './object-store';
import type { ReceivedBody } from './receive-body';
import type { S3Operation } from './s3-request';

/** One request to S3, its caller known. */
interface S3Call extends Pick<AuthorizationRequest, 'principal'> {
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly region: string;
  readonly received: ReceivedBody;
  readonly state: LocalState;
  readonly store: ObjectStore;
  /** Whether IAM lets the caller; @param resource of `arn:aws:s3:::`, such as `bucket/key` */
  allows(action: string, resource: string, context?: Readonly<Record<string, string>>): boolean;
  /** @throws a ServiceException when IAM does not let the caller */
  demand(action: string, resource: string, context?: Readonly<Record<string, string>>): void;
}

export interface S3Answer {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** XML without its declaration. */
  readonly xml?: string;
  /** A file to send; without an end, to its last byte. */
  readonly file?: { readonly path: string; readonly start: number; readonly end: number };
}

type Operation = (call: S3Call) => S3Answer;

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
  PutObject: (call) => (call.headers['x-amz-copy-source'] === undefined ? putObject(call) : copyObject(call)),
  DeleteObject: (call) => {
    const { bucketId } = requireBucket(call, undefined);
    call.demand('s3:DeleteObject', `${call.bucket}/${call.key}`);
    call.store.delete(bucketId, call.key);
    return { statusCode: 204 };
  },
  CreateMultipartUpload: (call) => {
    const { bucketId } = requireBucket(call, undefined);
    call.demand('s3:PutObject', `${call.bucket}/${call.key}`);
    const id = call.store.begin(bucketId, call.key, objectHeaders(call.headers));
    return {
      xml: `<InitiateMultipartUploadResult>${place(call)}<UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    };
  },
  UploadPart: (call) => {
    const { parts } = requireUpload(call, 's3:PutObject');
    const number = Number(call.query.get('partNumber'));
    if (!Number.isInteger(number) || number < 1 || number > 10_000) {
      throw s3Error('InvalidArgument', 400, 'Part number must be an integer between 1 and 10000, inclusive');
    }
    parts.set(number, call.received);
    return { headers: { etag: `"${call.received.md5}"` } };
  },
  CompleteMultipartUpload: completeUpload,
  AbortMultipartUpload: (call) => {
    const { uploadId } = requireUpload(call, 's3:AbortMultipartUpload');
    call.store.abort(uploadId);
    return { statusCode: 204 };
  },
};

function s3Error(type: string, statusCode: number, message: string): ServiceException {
  return new ServiceException({ type, statusCode, message });
}

/** The bucket of the request, for which the caller has a permission. */
function requireBucket(
  call: S3Call,
  action: string | undefined,
  context?: Readonly<Record<string, string>>,
): BucketState {
  const bucket = findBucket(call.state, call.bucket);
  if (bucket === undefined) throw s3Error('NoSuchBucket', 404, 'The specified bucket does not exist');
  if (action !== undefined) call.demand(action, call.bucket, context);
  return bucket;
}

function createBucket(call: S3Call): S3Answer {
  const { bucket: bucketName, principal, region, state } = call;
  if (!/^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucketName))
    throw s3Error('InvalidBucketName', 400, 'The specified bucket is not valid.');
  call.demand('s3:CreateBucket', bucketName);
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

function getObject(call: S3Call): S3Answer {
  const { bucketId } = requireBucket(call, undefined);
  call.demand('s3:GetObject', `${call.bucket}/${call.key}`);
  const object = call.store.find(bucketId, call.key);
  if (object === undefined) {
    // Whoever may not list a bucket must not learn what is in it.
    if (!call.allows('s3:ListBucket', call.bucket)) throw s3Error('AccessDenied', 403, 'Access Denied');
    throw s3Error('NoSuchKey', 404, 'The specified key does not exist.');
  }
  checkConditions(call.headers, object);
  const { etag, file, headers, lastModified, size } = object;
  const answered = {
    'content-type': 'binary/octet-stream',
    ...headers,
    ...overrides(call.query),
    'accept-ranges': 'bytes',
    etag: `"${etag}"`,
    'last-modified': new Date(lastModified).toUTCString(),
  };
  const range = readRange(call.headers.range, size);
  if (range === undefined) {
    return { headers: { ...answered, 'content-length': String(size) }, file: { path: file, start: 0, end: size } };
  }
  const { end, start } = range;
  return {
    statusCode: 206,
    headers: {
      ...answered,
      'content-length': String(end - start),
      'content-range': `bytes ${start}-${end - 1}/${size}`,
    },
    file: { path: file, start, end },
  };
}

/** https://www.rfc-editor.org/rfc/rfc9110#name-byte-ranges; several ranges are not answered by S3. */
function readRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (start >= end) throw s3Error('InvalidRange', 416, 'The requested range is not satisfiable');
  return { start, end };
}

function checkConditions(headers: IncomingHttpHeaders, { etag, lastModified }: StoredObject): void {
  const names = (value: string) => value === '*' || value.split(',').some((each) => each.trim() === `"${etag}"`);
  const { 'if-match': match, 'if-modified-since': since, 'if-none-match': none } = headers;
  if (match !== undefined && !names(match)) throw preconditionFailed();
  const isSame = none === undefined ? Date.parse(since ?? '') >= Math.floor(lastModified / 1_000) * 1_000 : names(none);
  if (isSame) throw s3Error('NotModified', 304, 'Not Modified');
}

function preconditionFailed(): ServiceException {
  return s3Error('PreconditionFailed', 412, 'At least one of the pre-conditions you specified did not hold');
}

/** `response-content-type` and its like, of presigned addresses. */
function overrides(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries(
    [...query]
      .filter(([name]) => /^response-(cache-control|content-\w+|expires)$/.test(name))
      .map(([name, value]) => [name.replace('response-', ''), value]),
  );
}

function putObject(call: S3Call): S3Answer {
  const { bucketId } = requireBucket(call, undefined);
  const { headers, key, received, store } = call;
  call.demand('s3:PutObject', `${call.bucket}/${key}`);
  if (headers['if-none-match'] === '*' && store.find(bucketId, key)) throw preconditionFailed();
  const declared = headers['content-md5'];
  if (typeof declared === 'string' && declared !== Buffer.from(received.md5, 'hex').toString('base64'))
    throw s3Error('BadDigest', 400, 'The Content-MD5 you specified did not match what we received.');
  const { etag } = store.put(bucketId, key, received, objectHeaders(headers));
  return { headers: { etag: `"${etag}"` } };
}

function copyObject(call: S3Call): S3Answer {
  const { bucketId } = requireBucket(call, undefined);
  const source = decodeURIComponent(String(call.headers['x-amz-copy-source'])).replace(/^\//, '').replace(/\?.*$/, '');
  const slash = source.indexOf('/');
  const from = { ...call, bucket: source.slice(0, slash), key: source.slice(slash + 1) };
  const found = requireBucket(from, undefined);
  call.demand('s3:GetObject', source);
  call.demand('s3:PutObject', `${call.bucket}/${call.key}`);
  const object = call.store.find(found.bucketId, from.key);
  if (object === undefined) throw s3Error('NoSuchKey', 404, 'The specified key does not exist.');
  const isReplaced = call.headers['x-amz-metadata-directive'] === 'REPLACE';
  const headers = isReplaced ? objectHeaders(call.headers) : object.headers;
  const { etag, lastModified } = call.store.copy(object, bucketId, call.key, headers);
  return {
    xml: `<CopyObjectResult><ETag>&#34;${etag}&#34;</ETag><LastModified>${time(lastModified)}</LastModified></CopyObjectResult>`,
  };
}

function deleteObjects(call: S3Call): S3Answer {
  const { bucketId } = requireBucket(call, undefined);
  const body = readFileSync(call.received.file, 'utf8');
  const isQuiet = /<Quiet>\s*true\s*<\/Quiet>/.test(body);
  const results = [...body.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, written = '']) => {
    const key = fromXml(written);
    if (!call.allows('s3:DeleteObject', `${call.bucket}/${key}`)) {
      return `<Error><Key>${xmlText(key)}</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`;
    }
    call.store.delete(bucketId, key);
    return isQuiet ? '' : `<Deleted><Key>${xmlText(key)}</Key></Deleted>`;
  });
  return { xml: `<DeleteResult>${results.join('')}</DeleteResult>` };
}

function requireUpload(call: S3Call, action: string) {
  const { bucketId } = requireBucket(call, undefined);
  call.demand(action, `${call.bucket}/${call.key}`);
  const uploadId = call.query.get('uploadId') ?? '';
  const parts = call.store.parts(uploadId, bucketId, call.key);
  if (parts === undefined) {
    const message =
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.';
    throw s3Error('NoSuchUpload', 404, message);
  }
  return { bucketId, uploadId, parts };
}

function completeUpload(call: S3Call): S3Answer {
  const { bucketId, parts, uploadId } = requireUpload(call, 's3:PutObject');
  const body = readFileSync(call.received.file, 'utf8');
  const named = [...body.matchAll(/<Part>([\s\S]*?)<\/Part>/g)].map(([, part = '']) => ({
    number: Number(/<PartNumber>(\d+)<\/PartNumber>/.exec(part)?.[1]),
    etag: fromXml(/<ETag>([^<]*)<\/ETag>/.exec(part)?.[1] ?? '').replaceAll('"', ''),
  }));
  if (named.length === 0 || named.some(({ etag, number }) => parts.get(number)?.md5 !== etag)) {
    const message =
      "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
    throw s3Error('InvalidPart', 400, message);
  }
  if (named.some(({ number }, i) => i > 0 && number <= (named[i - 1]?.number ?? 0))) {
    const message =
      'The list of parts was not in ascending order. The parts list must be specified in order by part number.';
    throw s3Error('InvalidPartOrder', 400, message);
  }
  const { etag } = call.store.complete(uploadId, bucketId, call.key, named);
  return {
    xml: `<CompleteMultipartUploadResult>${place(call)}<ETag>&#34;${etag}&#34;</ETag></CompleteMultipartUploadResult>`,
  };
}

/** Of the headers of an upload those that come back with the object. */
function objectHeaders(headers: IncomingHttpHeaders): ObjectHeaders {
  const kept =
    /^(cache-control|content-disposition|content-encoding|content-language|content-type|expires|x-amz-meta-.+)$/;
  const entries = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    kept.test(name) && typeof value === 'string' ? [[name, value]] : [],
  );
  // How it was sent is no encoding of the object.
  const own = entries.map(([name, value]): [string, string] => [
    name,
    name === 'content-encoding' ? value.replace(/\s*aws-chunked\s*,?\s*/, '') : value,
  ]);
  return Object.fromEntries(own.filter(([, value]) => value !== ''));
}

function listContext(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries(
    ['prefix', 'delimiter', 'max-keys'].flatMap((name) => {
      const value = query.get(name);
      return value === null ? [] : [[`s3:${name}`, value]];
    }),
  );
}

function place({ bucket, key }: S3Call): string {
  return `<Bucket>${xmlText(bucket)}</Bucket><Key>${xmlText(key)}</Key>`;
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function fromXml(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (entity, decimal, hex, name) =>
    name !== undefined
      ? (ENTITIES[name] ?? entity)
      : String.fromCodePoint(Number.parseInt(decimal ?? hex, decimal ? 10 : 16)),
  );
}
