/**
 * Website endpoints of buckets: pages for whoever asks, as far as the bucket policy lets everybody read
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html).
 */
import { randomUUID } from 'node:crypto';
import { createReadStream, openSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { decodeEscapes } from '../../../base/decode-escapes';
import { findBucket } from '../../bootstrap';
import type { BucketState, BucketWebsite } from '../../bucket-state';
import { systemClock } from '../../clock';
import { partitionOf } from '../../engine/stack-scope';
import type { HttpRoute } from '../../http/server';
import type { StoredObject } from './object-store';
import { requestKeys } from './s3-condition-keys';
import type { S3RouteProps } from './s3-route';

/** `<bucket>.s3-website-<region>.localhost`, or with a dot before the region as in newer ones. */
const HOST = /^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.s3-website[.-][a-z0-9-]+\.localhost(?::\d+)?$/i;

type Props = Pick<S3RouteProps, 'authorize' | 'state' | 'store'>;

/** A page, or why there is none. */
type Page = StoredObject | { readonly status: number; readonly code: string; readonly message: string };

export function createWebsiteRoute(props: Props): HttpRoute {
  return {
    matches: ({ headers }) => HOST.test(headers.host ?? ''),
    handle: (request, response) => {
      request.resume();
      serve(props, request, response).catch(() => response.destroy());
    },
  };
}

async function serve(props: Props, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { headers, method = 'GET', url = '/' } = request;
  const name = HOST.exec(headers.host ?? '')?.[1]?.toLowerCase() ?? '';
  const bucket = findBucket(props.state, name);
  const { website } = bucket ?? {};
  if (bucket === undefined) {
    return refuse(request, response, 404, 'NoSuchBucket', 'The specified bucket does not exist');
  }
  if (website === undefined) {
    const message = 'The specified bucket does not have a website configuration';
    return refuse(request, response, 404, 'NoSuchWebsiteConfiguration', message);
  }
  if (method !== 'GET' && method !== 'HEAD') {
    const message = 'The specified method is not allowed against this resource.';
    return refuse(request, response, 405, 'MethodNotAllowed', message);
  }
  if (website.unplayed !== undefined) {
    const message = `The local target does not play ${website.unplayed} of a website`;
    return refuse(request, response, 501, 'NotImplemented', message);
  }
  const [path = '/', ...query] = url.split('?');
  if (website.redirectTo !== undefined) {
    const { hostName, protocol } = website.redirectTo;
    return redirect(response, 301, `${protocol}://${hostName}${[path, ...query].join('?')}`);
  }
  await servePage(props, { bucket, website, path, request, response });
}

interface Visit {
  readonly bucket: BucketState;
  readonly website: BucketWebsite;
  readonly path: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function servePage(props: Props, visit: Visit): Promise<void> {
  const { path, request, response, website } = visit;
  const key = decodeEscapes(path).replace(/^\//, '');
  const { indexDocument } = website;
  const isFolder = key === '' || key.endsWith('/');
  const page = find(props, visit, isFolder ? `${key}${indexDocument}` : key);
  if ('file' in page) return await send(request, response, 200, page);
  if (!isFolder && 'file' in find(props, visit, `${key}/${indexDocument}`)) return redirect(response, 302, `${path}/`);
  const { errorDocument } = website;
  const instead = errorDocument === undefined ? undefined : find(props, visit, errorDocument);
  if (instead !== undefined && 'file' in instead) return await send(request, response, page.status, instead);
  refuse(request, response, page.status, page.code, page.message);
}

/** As nobody in particular: the bucket policy decides, and whoever may not list does not learn what is there. */
function find({ authorize, store }: Props, { bucket, request }: Visit, key: string): Page {
  const arn = `arn:${partitionOf(bucket.region)}:s3:::${bucket.bucketName}`;
  const { referer, 'user-agent': agent } = request.headers;
  const context = {
    ...requestKeys(request.headers, undefined, systemClock.now()),
    ...(referer !== undefined && { 'aws:Referer': referer }),
    ...(agent !== undefined && { 'aws:UserAgent': agent }),
  };
  const allows = (action: string, resource: string) =>
    authorize({ principal: { kind: 'anonymous' }, action, resource, context }).allowed;
  const denied = { status: 403, code: 'AccessDenied', message: 'Access Denied' };
  if (!allows('s3:GetObject', `${arn}/${key}`)) return denied;
  const object = store.find(bucket.bucketId, key);
  if (object !== undefined) return object;
  const missing = { status: 404, code: 'NoSuchKey', message: 'The specified key does not exist.' };
  return allows('s3:ListBucket', arn) ? missing : denied;
}

async function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  status: number,
  { etag, file, headers, lastModified, size }: StoredObject,
): Promise<void> {
  // Open from now on: whoever replaces the object removes the file.
  const fd = size === 0 || method === 'HEAD' ? undefined : openSync(file, 'r');
  response.writeHead(status, {
    'content-type': 'binary/octet-stream',
    ...headers,
    'content-length': size,
    etag: `"${etag}"`,
    'last-modified': new Date(lastModified).toUTCString(),
    'x-amz-request-id': randomUUID(),
  });
  if (fd === undefined) response.end();
  else await pipeline(createReadStream('', { fd }), response);
}

function redirect(response: ServerResponse, status: number, location: string): void {
  response.writeHead(status, { location, 'content-length': 0, 'x-amz-request-id': randomUUID() }).end();
}

function refuse(
  { method }: IncomingMessage,
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
): void {
  const title = `${status} ${STATUS_CODES[status] ?? ''}`;
  const list = `<ul><li>Code: ${code}</li><li>Message: ${message}</li></ul>`;
  const page = `<html><head><title>${title}</title></head><body><h1>${title}</h1>${list}</body></html>`;
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'x-amz-request-id': randomUUID() });
  response.end(method === 'HEAD' ? undefined : page);
}
