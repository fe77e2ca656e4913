/** One request to S3 as its operations see it: the caller is known, the body has not been read. */
import type { IncomingHttpHeaders } from 'node:http';
import { findBucket } from '../../bootstrap';
import type { BucketState } from '../../bucket-state';
import type { AuthorizationRequest } from '../../iam/authorize';
import { ownMember } from '../../own-member';
import type { LocalState } from '../../state';
import { xmlText } from '../service-answer';
import type { ObjectEvent } from './bucket-notifier';
import type { ObjectHeaders, ObjectStore, StoredObject } from './object-store';
import type { ReceivedBody } from './receive-body';
import { s3Error } from './s3-error';

export interface S3Call extends Pick<AuthorizationRequest, 'principal'> {
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly region: string;
  readonly state: LocalState;
  readonly store: ObjectStore;
  /** An object has come, or gone, by this request. */
  changed(eventName: ObjectEvent, key: string, object?: StoredObject): void;
  /** Whether IAM lets the caller; @param resource of `arn:aws:s3:::`, such as `bucket/key` */
  allows(action: string, resource: string, context?: Readonly<Record<string, string>>): boolean;
  /** @throws a ServiceException when IAM does not let the caller */
  demand(action: string, resource: string, context?: Readonly<Record<string, string>>): void;
  /** Reads the body into a file, which is removed unless the answer `keepsBody`. @throws a ServiceException when it does not fit */
  receive(): Promise<ReceivedBody>;
  /** The same of a body that is a document. */
  receiveText(): Promise<string>;
}

export interface S3Answer {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** XML without its declaration. */
  readonly xml?: string;
  /** A file to send; without an end, to its last byte. */
  readonly file?: { readonly path: string; readonly start: number; readonly end: number };
  /** The store has the file of the body from now on. */
  readonly keepsBody?: boolean;
}

/** The bucket of the request, for which the caller has a permission. */
export function requireBucket(call: S3Call, action?: string, context?: Readonly<Record<string, string>>): BucketState {
  const bucket = findBucket(call.state, call.bucket);
  if (bucket === undefined) throw s3Error('NoSuchBucket', 404, 'The specified bucket does not exist');
  if (action !== undefined) call.demand(action, call.bucket, context);
  return bucket;
}

/**
 * The name of an action on an object, or on the version that the request names: here each object has one, `null`.
 * @param action for example `s3:GetObject`
 */
export function onVersion(action: string, versionId: string | null | undefined): string {
  return versionId === null || versionId === undefined ? action : `${action}Version`;
}

/** @throws a ServiceException where a request names another version than the one there is */
export function requireVersion(versionId: string | null | undefined): void {
  if (versionId === null || versionId === undefined || versionId === 'null') return;
  throw s3Error('NoSuchVersion', 404, 'The specified version does not exist.', { VersionId: versionId });
}

/** Of the headers of an upload those that come back with the object. */
export function objectHeaders(headers: IncomingHttpHeaders): ObjectHeaders {
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

export function place({ bucket, key }: S3Call): string {
  return `<Bucket>${xmlText(bucket)}</Bucket><Key>${xmlText(key)}</Key>`;
}

export function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export function fromXml(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (entity, decimal, hex, name) =>
    name !== undefined
      ? (ownMember(ENTITIES, name) ?? entity)
      : String.fromCodePoint(Number.parseInt(decimal ?? hex, decimal ? 10 : 16)),
  );
}
