/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html and API_CopyObject.html */
import { checkReadConditions, checkWriteConditions, comparesObject } from './conditions';
import { checkLength } from './receive-body';
import { objectHeaders, onVersion, requireBucket, requireVersion, type S3Answer, type S3Call, time } from './s3-call';
import { s3Error } from './s3-error';

/** An upload, or a copy where the request names a source. */
export function writeObject(call: S3Call): S3Answer | Promise<S3Answer> {
  return call.headers['x-amz-copy-source'] === undefined ? putObject(call) : copyObject(call);
}

async function putObject(call: S3Call): Promise<S3Answer> {
  const { headers, key, store } = call;
  requireBucket(call);
  demandWrite(call);
  checkLength(headers);
  const received = await call.receive();
  // Both may have changed while the body arrived.
  const { bucketId } = requireBucket(call);
  checkWriteConditions(headers, store.find(bucketId, key));
  const object = store.put(bucketId, key, received, objectHeaders(headers));
  call.changed('ObjectCreated:Put', key, object);
  return { headers: { ...received.checksums, etag: `"${object.etag}"` }, keepsBody: true };
}

/** What an upload and the end of one in parts need. @throws a ServiceException when IAM does not let the caller */
export function demandWrite(call: S3Call): void {
  const resource = `${call.bucket}/${call.key}`;
  call.demand('s3:PutObject', resource);
  if (comparesObject(call.headers)) call.demand('s3:GetObject', resource);
}

async function copyObject(call: S3Call): Promise<S3Answer> {
  requireBucket(call);
  const [source, versionId] = sourceOf(String(call.headers['x-amz-copy-source']));
  const slash = source.indexOf('/');
  const from = { ...call, bucket: source.slice(0, slash), key: source.slice(slash + 1) };
  requireBucket(from);
  call.demand(onVersion('s3:GetObject', versionId), source);
  demandWrite(call);
  requireVersion(versionId);
  await call.receive();
  const { bucketId } = requireBucket(call);
  const object = call.store.find(requireBucket(from).bucketId, from.key);
  if (object === undefined) {
    if (!call.allows('s3:ListBucket', from.bucket)) throw s3Error('AccessDenied', 403, 'Access Denied');
    throw s3Error('NoSuchKey', 404, 'The specified key does not exist.');
  }
  checkReadConditions(sourceConditions(call), object);
  checkWriteConditions(call.headers, call.store.find(bucketId, call.key));
  const isReplaced = call.headers['x-amz-metadata-directive'] === 'REPLACE';
  if (!isReplaced && from.bucket === call.bucket && from.key === call.key) throw copiesItself();
  const headers = isReplaced ? objectHeaders(call.headers) : object.headers;
  const copy = call.store.copy(object, bucketId, call.key, headers);
  call.changed('ObjectCreated:Copy', call.key, copy);
  const { etag, lastModified } = copy;
  return {
    xml: `<CopyObjectResult><ETag>&#34;${etag}&#34;</ETag><LastModified>${time(lastModified)}</LastModified></CopyObjectResult>`,
  };
}

/** `bucket/key` of the header, which may begin with a slash, and the version with which it may end. */
function sourceOf(header: string): readonly [source: string, versionId: string | undefined] {
  const [path = '', query = ''] = header.split('?');
  const message = 'Copy Source must mention the source bucket and key: sourcebucket/sourcekey';
  try {
    const source = decodeURIComponent(path).replace(/^\//, '');
    // Of a name alone IAM would be asked for one thing, and another be read.
    if (/^[^/]+\/./s.test(source)) return [source, new URLSearchParams(query).get('versionId') ?? undefined];
  } catch {
    throw s3Error('InvalidArgument', 400, message);
  }
  throw s3Error('InvalidArgument', 400, message);
}

/** The conditions of a copy on its source, under the names that a read has. */
function sourceConditions({ headers }: S3Call): S3Call['headers'] {
  const prefix = 'x-amz-copy-source-if-';
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[`if-${name.slice(prefix.length)}`, value]] : [],
    ),
  );
}

function copiesItself(): Error {
  const message =
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.";
  return s3Error('InvalidRequest', 400, message);
}
