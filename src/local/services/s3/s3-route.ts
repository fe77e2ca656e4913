/** S3 of the local target: reads a request, asks who it is, and answers as S3 does. */
import { randomUUID } from 'node:crypto';
import { createReadStream, openSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { systemClock } from '../../clock';
import { partitionOf } from '../../engine/stack-scope';
import { type CallRefused, type ServiceError, ServiceException, serviceErrorOf, serviceFault } from '../../errors';
import { chunkSignatures } from '../../http/chunk-signature';
import { namedAccessKey, readSignature } from '../../http/request-signature';
import type { HttpRoute } from '../../http/server';
import type { Authenticate, Authentication } from '../../http/sigv4';
import type { Authorize } from '../../iam/authorize';
import type { LocalState } from '../../state';
import { writeServiceError } from '../service-answer';
import type { ObjectChange } from './bucket-notifier';
import type { ObjectStore } from './object-store';
import { OBJECT_MAX_BYTES, receiveBody } from './receive-body';
import type { S3Answer, S3Call } from './s3-call';
import { requestKeys } from './s3-condition-keys';
import { NOT_PLAYED, s3Error } from './s3-error';
import { S3_OPERATIONS } from './s3-operations';
import { isS3Request, readS3Request } from './s3-request';

export interface S3RouteProps {
  readonly state: LocalState;
  readonly store: ObjectStore;
  readonly authenticate: Authenticate;
  readonly authorize: Authorize;
  /** Told of operations that are not played. @default - nobody is */
  readonly onRefusal?: CallRefused;
  /** Told of objects that have come and gone. @default - nobody is */
  readonly onChange?: (change: ObjectChange) => void;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const KEY_MAX_BYTES = 1_024;
/** A thousand keys of that length, or ten thousand parts, and the tags around them. */
const DOCUMENT_MAX_BYTES = 4 * 1024 * 1024;

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

export function createS3Route(props: S3RouteProps): HttpRoute {
  return {
    matches: (request) => isS3Request(request) && !request.url?.startsWith('/_services/'),
    handle: (request, response) => {
      serve(props, request, response).catch((error: unknown) => {
        if (response.headersSent) return response.destroy();
        const failure = serviceErrorOf(error) ?? serviceFault((error as Error | undefined)?.message ?? String(error));
        if (failure.type === NOT_PLAYED) {
          props.onRefusal?.(namedAccessKey(request.headers), `s3 ${askedFor(request)}`, failure.message);
        }
        return refuse(request, response, failure);
      });
    },
  };
}

async function serve(props: S3RouteProps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { authenticate, authorize, state, store } = props;
  const { bucket, key, operation, query } = readS3Request(request);
  const { headers, method = 'GET', url = '/' } = request;
  const told = headers['x-amz-content-sha256'];
  if (headers.authorization !== undefined && told === undefined)
    throw s3Error('InvalidRequest', 400, 'Missing required header for this request: x-amz-content-sha256');
  // What the body is said to be is part of what is signed; whether it is that is seen when it has arrived.
  const signed = { method, url, headers, body: Buffer.alloc(0), ...(typeof told === 'string' && { bodySha256: told }) };
  const identity = callerOf(authenticate(signed, 's3'));
  if (operation === undefined) {
    throw s3Error(NOT_PLAYED, 501, `the local target does not play this operation of S3: ${askedFor(request)}`);
  }
  const keyBytes = Buffer.byteLength(key);
  if (keyBytes > KEY_MAX_BYTES) {
    const members = { Size: String(keyBytes), MaxSizeAllowed: String(KEY_MAX_BYTES) };
    throw s3Error('KeyTooLongError', 400, 'Your key is too long', members);
  }
  const { context: onBehalf, principal, secretAccessKey, sessionPolicy } = identity.credentials;
  const seed = readSignature(signed);
  const keys = requestKeys(headers, seed, systemClock.now());
  const decide = (action: string, resource: string, context?: Readonly<Record<string, string>>) =>
    authorize({
      principal,
      action,
      resource: `arn:${partitionOf(identity.region)}:s3:::${resource}`,
      ...(sessionPolicy && { sessionPolicy }),
      context: { ...keys, ...context, ...onBehalf },
    });
  let file: string | undefined;
  const receive = (maxBytes: number) => {
    file = store.newFile();
    return receiveBody(request, file, seed && chunkSignatures(secretAccessKey, seed), maxBytes);
  };
  let isKept = false;
  const call: S3Call = {
    bucket,
    key,
    query,
    headers,
    principal,
    region: identity.region,
    state,
    store,
    changed: (eventName, changedKey, object) => {
      const sourceIp = request.socket.remoteAddress ?? '127.0.0.1';
      props.onChange?.({ eventName, bucket, key: changedKey, object, by: principal, sourceIp });
    },
    allows: (...asked) => decide(...asked).allowed,
    demand: (...asked) => {
      const { allowed, message = 'Access Denied' } = decide(...asked);
      if (!allowed) throw s3Error('AccessDenied', 403, message);
    },
    receive: () => receive(OBJECT_MAX_BYTES),
    receiveText: async () => readFileSync((await receive(DOCUMENT_MAX_BYTES)).file, 'utf8'),
  };
  try {
    const answer = await S3_OPERATIONS[operation](call);
    isKept = answer.keepsBody === true;
    // Of an operation without a body there may be one all the same.
    request.resume();
    await write(request, response, answer);
  } finally {
    if (file !== undefined && !isKept) rmSync(file, { force: true });
  }
}

/** Method and path, with the names of the query alone: they tell the operation. */
function askedFor(request: IncomingMessage): string {
  const { bucket, key, query } = readS3Request(request);
  const names = [...query.keys()].join('&');
  return `${request.method ?? 'GET'} /${bucket}${key === '' ? '' : `/${key}`}${names === '' ? '' : `?${names}`}`;
}

/** Who does not sign is nobody in particular, whom a bucket policy may let in. @throws a ServiceException */
function callerOf(identity: Authentication): Pick<Authentication & { authenticated: true }, 'region' | 'credentials'> {
  if (identity.authenticated) return identity;
  if (identity.error.type !== 'MissingAuthenticationTokenException') {
    throw new ServiceException(inWordsOfS3(identity.error));
  }
  return { region: 'us-east-1', credentials: { secretAccessKey: '', principal: { kind: 'anonymous' } } };
}

async function write(request: IncomingMessage, response: ServerResponse, answer: S3Answer): Promise<void> {
  const { file, headers, statusCode = 200, xml } = answer;
  response.setHeader('x-amz-request-id', randomUUID());
  if (xml !== undefined) {
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n${xml.replace(/^<(\w+)/, `<$1 xmlns="${NAMESPACE}"`)}`;
    response.writeHead(statusCode, { 'content-type': 'application/xml', ...headers }).end(body);
  } else if (file === undefined || file.start === file.end || request.method === 'HEAD') {
    response.writeHead(statusCode, { 'content-length': 0, ...headers }).end();
  } else {
    // Open from now on: whoever replaces the object removes the file.
    const fd = openSync(file.path, 'r');
    response.writeHead(statusCode, headers);
    await pipeline(createReadStream('', { fd, start: file.start, end: file.end - 1 }), response);
  }
}

/** Without a body where HTTP has none. */
function refuse(request: IncomingMessage, response: ServerResponse, failure: ServiceError): void {
  // What is left of the body: a client that has not sent it all does not read the answer.
  request.resume();
  if (request.method === 'HEAD' || failure.statusCode === 304) response.writeHead(failure.statusCode).end();
  else writeServiceError(response, 'rest-xml', failure, randomUUID());
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const TYPES: Readonly<Record<string, string>> = {
  ExpiredTokenException: 'ExpiredToken',
  IncompleteSignatureException: 'AuthorizationHeaderMalformed',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  UnrecognizedClientException: 'InvalidAccessKeyId',
};

function inWordsOfS3(error: ServiceError): ServiceError {
  return { ...error, type: TYPES[error.type] ?? error.type };
}
