/** A request to S3, taken apart: the bucket and key that it names, by path or by host, and the operation. */

import type { IncomingMessage } from 'node:http';
import { decodeEscapes } from '../../../base/decode-escapes';

export interface S3Request {
  /** Empty when the request is for all buckets. */
  readonly bucket: string;
  /** Empty when the request is for a bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  /** As in `s3 GetObject`; undefined for what is not played here. */
  readonly operation: S3Operation | undefined;
}

export type S3Operation = (typeof FORMS)[number]['operation'];

/** What S3 takes from the query to tell operations apart; other names are only parameters. */
const SUBRESOURCES =
  /^(acl|accelerate|analytics|attributes|cors|delete|encryption|inventory|legal-hold|lifecycle|location|logging|metrics|notification|object-lock|ownershipControls|partNumber|policy|policyStatus|publicAccessBlock|replication|requestPayment|restore|retention|select|tagging|torrent|uploadId|uploads|versioning|versions|website)$/;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html */
const FORMS = [
  { method: 'GET', level: 'service', subresources: '', operation: 'ListBuckets' },
  { method: 'PUT', level: 'bucket', subresources: '', operation: 'CreateBucket' },
  { method: 'HEAD', level: 'bucket', subresources: '', operation: 'HeadBucket' },
  { method: 'DELETE', level: 'bucket', subresources: '', operation: 'DeleteBucket' },
  { method: 'GET', level: 'bucket', subresources: '', operation: 'ListObjects' },
  { method: 'GET', level: 'bucket', subresources: 'location', operation: 'GetBucketLocation' },
  { method: 'GET', level: 'bucket', subresources: 'encryption', operation: 'GetBucketEncryption' },
  { method: 'GET', level: 'bucket', subresources: 'versioning', operation: 'GetBucketVersioning' },
  { method: 'POST', level: 'bucket', subresources: 'delete', operation: 'DeleteObjects' },
  { method: 'GET', level: 'object', subresources: '', operation: 'GetObject' },
  { method: 'HEAD', level: 'object', subresources: '', operation: 'HeadObject' },
  { method: 'PUT', level: 'object', subresources: '', operation: 'PutObject' },
  { method: 'DELETE', level: 'object', subresources: '', operation: 'DeleteObject' },
  { method: 'POST', level: 'object', subresources: 'uploads', operation: 'CreateMultipartUpload' },
  { method: 'PUT', level: 'object', subresources: 'partNumber,uploadId', operation: 'UploadPart' },
  { method: 'POST', level: 'object', subresources: 'uploadId', operation: 'CompleteMultipartUpload' },
  { method: 'DELETE', level: 'object', subresources: 'uploadId', operation: 'AbortMultipartUpload' },
  { method: 'GET', level: 'object', subresources: 'uploadId', operation: 'ListParts' },
  { method: 'GET', level: 'bucket', subresources: 'uploads', operation: 'ListMultipartUploads' },
] as const;

/** `<bucket>.localhost` and `<bucket>.s3.<region>.localhost`. */
const BY_HOST = /^(?!s3[.-])([a-z0-9][a-z0-9.-]{1,61}?[a-z0-9])\.(?:s3(?:[.-][a-z0-9-]+)?\.)?localhost(?::\d+)?$/i;
const SCOPE = /\/s3\/aws4_request(?:,|$|\s)/;

/** `<bucket>.s3.<region>.localhost`: nobody else has such a host. */
const S3_HOST = /\.s3[.-][a-z0-9-]+\.localhost(?::\d+)?$/i;

/** Whether a request is signed for S3, in its header or in its address, or is for the host of a bucket. */
export function isS3Request({ headers, url = '/' }: Pick<IncomingMessage, 'headers' | 'url'>): boolean {
  if (SCOPE.test(headers.authorization ?? '') || S3_HOST.test(headers.host ?? '')) return true;
  return /[?&]X-Amz-Credential=[^&]*(?:%2F|\/)s3(?:%2F|\/)aws4_request(?:&|$)/i.test(url);
}

export function readS3Request({ headers, method = 'GET', url = '/' }: IncomingMessage): S3Request {
  const start = url.indexOf('?');
  const path = decodeEscapes(start < 0 ? url : url.slice(0, start)).replace(/^\//, '');
  const query = new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
  const [, hostBucket] = BY_HOST.exec(headers.host ?? String(headers[':authority'] ?? '')) ?? [];
  const slash = path.indexOf('/');
  const [bucket, key] =
    hostBucket !== undefined
      ? [hostBucket, path]
      : slash < 0
        ? [path, '']
        : [path.slice(0, slash), path.slice(slash + 1)];
  const level = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object';
  const subresources = [...new Set(query.keys())]
    .filter((name) => SUBRESOURCES.test(name))
    .sort()
    .join();
  const form = FORMS.find(
    (each) => each.method === method && each.level === level && each.subresources === subresources,
  );
  return { bucket, key, query, operation: form?.operation };
}
