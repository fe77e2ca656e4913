/**
 * Requests that hold only for an object in a certain state.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { StoredObject } from './object-store';
import { notImplementedHeader, s3Error } from './s3-error';

function namesEtag(header: string, etag: string): boolean {
  return header === '*' || header.split(',').some((each) => each.trim().replaceAll('"', '') === etag);
}

/** Of a read. @throws a ServiceException: 412, or 304 for what the caller has already */
export function checkReadConditions(headers: IncomingHttpHeaders, { etag, lastModified }: StoredObject): void {
  const {
    'if-match': match,
    'if-modified-since': since,
    'if-none-match': none,
    'if-unmodified-since': until,
  } = headers;
  const modified = Math.floor(lastModified / 1_000) * 1_000;
  if (match === undefined ? modified > Date.parse(until ?? '') : !namesEtag(match, etag)) {
    throw preconditionFailed(match === undefined ? 'If-Unmodified-Since' : 'If-Match');
  }
  const isSame = none === undefined ? Date.parse(since ?? '') >= modified : namesEtag(none, etag);
  if (isSame) throw s3Error('NotModified', 304, 'Not Modified');
}

/** Whether a write must look at what is there, for which S3 wants `s3:GetObject`. */
export function comparesObject(headers: IncomingHttpHeaders): boolean {
  return headers['if-match'] !== undefined;
}

/** Of a write, against what is there now. @throws a ServiceException */
export function checkWriteConditions(headers: IncomingHttpHeaders, found: StoredObject | undefined): void {
  const { 'if-match': match, 'if-none-match': none } = headers;
  if (none !== undefined && none !== '*') throw notImplementedHeader('If-None-Match');
  if (none === '*' && found) throw preconditionFailed('If-None-Match');
  if (match === undefined) return;
  if (found === undefined) throw s3Error('NoSuchKey', 404, 'The specified key does not exist.');
  if (!namesEtag(match, found.etag)) throw preconditionFailed('If-Match');
}

function preconditionFailed(Condition: string): Error {
  const message = 'At least one of the pre-conditions you specified did not hold';
  return s3Error('PreconditionFailed', 412, message, { Condition });
}
