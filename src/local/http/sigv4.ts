/**
 * Verifies Signature Version 4, in the `Authorization` header or in the query of a presigned URL
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock';
import type { ServiceError } from '../errors';
import type { Principal } from '../iam/principals';
import type { PolicyDocument } from '../state';
import { canonicalRequest, payloadHash } from './canonical-request';
import {
  MalformedSignature,
  parseTime,
  type RequestSignature,
  readSignature,
  type SignedRequest,
} from './request-signature';
import { signatureAdvice } from './signature-advice';

/** What the target knows about an access key. */
export interface CallerCredentials {
  readonly secretAccessKey: string;
  /** Present for temporary credentials; the request must then carry the same `X-Amz-Security-Token`. */
  readonly sessionToken?: string;
  readonly principal: Principal;
  /** What the session was narrowed to. @default - the session may do what the principal may */
  readonly sessionPolicy?: PolicyDocument;
  /** Condition keys of every request: a service says on whose behalf it calls. @default - none */
  readonly context?: Readonly<Record<string, string>>;
  /** Milliseconds since the Unix epoch; later requests are refused as expired. @default - never expires */
  readonly expiresAt?: number;
}

export type CredentialLookup = (accessKeyId: string) => CallerCredentials | undefined;

export type Authentication =
  | {
      readonly authenticated: true;
      readonly accessKeyId: string;
      readonly region: string;
      readonly service: string;
      readonly credentials: CallerCredentials;
    }
  | {
      readonly authenticated: false;
      readonly error: ServiceError;
      /** The words of the error, and after them what to do where it is known. */
      readonly reason: string;
    };

/** Verifies the signature of a request for one service. */
export type Authenticate = (request: SignedRequest, service: string) => Authentication;

/** How far a signature's time may be from now. */
const MAX_SKEW_MS = 5 * 60 * 1_000;

/**
 * Makes the verifier of a target whose access keys `lookup` knows.
 * @param onRefusal told of each refusal, with its words and its reason
 */
export function createAuthenticator(
  lookup: CredentialLookup,
  clock: Clock,
  onRefusal: (
    refused: { readonly message: string; readonly reason: string },
    requestId: string | undefined,
  ) => void = () => undefined,
): Authenticate {
  return (request, service) => {
    const result = verify(request, service, lookup, clock.now());
    if (result.authenticated) return result;
    const { message, type } = result.error;
    const advice = signatureAdvice(type, request, service);
    const reason = advice === undefined ? message : `${message.replace(/\.$/, '')}: ${advice}`;
    onRefusal({ message, reason }, request.requestId);
    return { ...result, reason };
  };
}

function verify(request: SignedRequest, service: string, lookup: CredentialLookup, now: number): Authentication {
  try {
    return authenticate(request, service, lookup, now);
  } catch (error) {
    if (error instanceof MalformedSignature) return refused(error.type, error.statusCode, error.message);
    throw error;
  }
}

function authenticate(request: SignedRequest, service: string, lookup: CredentialLookup, now: number): Authentication {
  const signature = readSignature(request);
  if (signature === undefined) {
    return refused('MissingAuthenticationTokenException', 403, 'Missing Authentication Token');
  }
  const { accessKeyId, region } = signature;
  const scopeProblem = wrongScope(signature, service) ?? wrongTime(signature, now);
  if (scopeProblem !== undefined) return refused('InvalidSignatureException', 403, scopeProblem);
  const credentials = lookup(accessKeyId);
  if (credentials === undefined || (credentials.sessionToken ?? undefined) !== signature.sessionToken) {
    return refused('UnrecognizedClientException', 403, 'The security token included in the request is invalid.');
  }
  if (credentials.expiresAt !== undefined && credentials.expiresAt <= now) {
    return refused('ExpiredTokenException', 403, 'The security token included in the request is expired');
  }
  if (!isSignedBy(credentials, signature, request)) return refused('InvalidSignatureException', 403, MISMATCH);
  const unsigned = unsignedHeaders(request, signature);
  if (unsigned.length > 0) return refusal(headersNotSigned(unsigned, service));
  const context = { ...requestContext(request, region), ...credentials.context };
  return { authenticated: true, accessKeyId, region, service, credentials: { ...credentials, context } };
}

/** Condition keys that every request to every service has, whatever it is about. */
function requestContext({ headers }: SignedRequest, region: string): Record<string, string> {
  const agent = headers['user-agent'];
  return { 'aws:RequestedRegion': region, ...(typeof agent === 'string' && { 'aws:UserAgent': agent }) };
}

export const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key ' +
  'and signing method. Consult the service documentation for details.';

function refused(type: string, statusCode: number, message: string): Authentication {
  return refusal({ type, statusCode, message });
}

function refusal(error: ServiceError): Authentication {
  return { authenticated: false, error, reason: error.message };
}

function wrongScope(signature: RequestSignature, service: string): string | undefined {
  if (signature.service !== service) return `Credential should be scoped to correct service: '${service}'.`;
  if (signature.time.slice(0, 8) !== signature.day) {
    return `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${signature.day}' != '${signature.time.slice(0, 8)}', from '${signature.time}'.`;
  }
  return undefined;
}

function wrongTime(signature: RequestSignature, now: number): string | undefined {
  const signedAt = parseTime(signature.time);
  const lifetime = signature.expiresSeconds === undefined ? MAX_SKEW_MS : signature.expiresSeconds * 1_000;
  if (signedAt + lifetime < now) {
    const earliest = formatTime(now - lifetime);
    return `Signature expired: ${signature.time} is now earlier than ${earliest} (${formatTime(now)} - ${lifetime / 60_000} min.)`;
  }
  if (signedAt > now + MAX_SKEW_MS) {
    return `Signature not yet current: ${signature.time} is still later than ${formatTime(now + MAX_SKEW_MS)} (${formatTime(now)} + 5 min.)`;
  }
  return undefined;
}

function isSignedBy(credentials: CallerCredentials, signature: RequestSignature, request: SignedRequest): boolean {
  const hash = payloadHash(request, signature);
  if (hash === undefined) return false;
  const expected = signatureOf(canonicalRequest(request, signature, hash), credentials.secretAccessKey, signature);
  const actual = Buffer.from(signature.signature, 'hex');
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

/** Protected without being signed: one is part of what is signed, the others are compared. */
const GUARDED = new Set(['x-amz-content-sha256', 'x-amz-date']);

/**
 * Whoever has a signed request could add them to it: each means something to a service.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html ("any x-amz-* headers")
 */
function unsignedHeaders({ headers }: SignedRequest, { service, signedHeaders }: RequestSignature): string[] {
  const isFree = (name: string) => GUARDED.has(name) || (name === 'x-amz-security-token' && service !== 's3');
  return Object.keys(headers).filter(
    (name) => name.startsWith('x-amz-') && !signedHeaders.includes(name) && !isFree(name),
  );
}

function headersNotSigned(names: readonly string[], service: string): ServiceError {
  if (service === 's3') {
    const message = 'There were headers present in the request which were not signed';
    return { type: 'AccessDenied', statusCode: 403, message, members: { HeadersNotSigned: names.join(', ') } };
  }
  const message = `'${names.join("', '")}' must be a 'SignedHeader' in the AWS Authorization.`;
  return { type: 'InvalidSignatureException', statusCode: 403, message };
}

/** What the canonical form of a request is signed with. */
export function signatureOf(
  canonical: string,
  secretAccessKey: string,
  scope: Pick<RequestSignature, 'day' | 'region' | 'service' | 'time'>,
): Buffer {
  const { day, region, service, time } = scope;
  const digest = createHash('sha256').update(canonical).digest('hex');
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${day}/${region}/${service}/aws4_request\n${digest}`;
  return hmac(signingKey(secretAccessKey, scope), toSign);
}

export function signingKey(
  secret: string,
  { day, region, service }: Pick<RequestSignature, 'day' | 'region' | 'service'>,
): Buffer {
  return [day, region, service, 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`));
}

export function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function formatTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/[-:]|\.\d+/g, '');
}
