/** Reads the parts of a Signature Version 4 from a request, without judging them. */

/** An HTTP request as it was signed. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query exactly as on the request line. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
  /** SHA-256 of a body that is not in memory, or that must still prove to have it, in hexadecimal digits. @default - of `body` */
  readonly bodySha256?: string;
  /** Of the answer, by which a refusal can be explained. @default - by its words alone */
  readonly requestId?: string | undefined;
}

export interface RequestSignature {
  readonly accessKeyId: string;
  /** `YYYYMMDD` of the credential scope. */
  readonly day: string;
  readonly region: string;
  readonly service: string;
  /** Lower-case names, in the order they were signed. */
  readonly signedHeaders: readonly string[];
  /** Hexadecimal. */
  readonly signature: string;
  /** `YYYYMMDDThhmmssZ`. */
  readonly time: string;
  readonly sessionToken: string | undefined;
  /** Only of a presigned URL. */
  readonly expiresSeconds: number | undefined;
}

/** The request names a signature that cannot be read. */
export class MalformedSignature extends Error {
  public override readonly name = 'MalformedSignature';
  public readonly type = 'IncompleteSignatureException';
  public readonly statusCode = 400;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const MAX_EXPIRES_SECONDS = 604_800;

/** `undefined` when the request is not signed at all. */
export function readSignature(request: SignedRequest): RequestSignature | undefined {
  const authorization = headerText(request, 'authorization');
  if (authorization !== undefined) return fromHeader(authorization, request);
  const start = request.url.indexOf('?');
  const query = new URLSearchParams(start < 0 ? '' : request.url.slice(start + 1));
  return query.has('X-Amz-Signature') ? fromQuery(query) : undefined;
}

/** Whose key a request names, whatever else there is to say of its signature; empty where it names none. */
export function namedAccessKey({ authorization = '' }: { readonly authorization?: string | undefined }): string {
  const [, accessKeyId = ''] = /Credential=([^/]+)/.exec(authorization) ?? [];
  return accessKeyId;
}

/** One value per header; several are joined as HTTP allows. */
export function headerText(request: SignedRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

function fromHeader(authorization: string, request: SignedRequest): RequestSignature {
  const [algorithm, ...rest] = authorization.split(' ');
  if (algorithm !== ALGORITHM) {
    throw new MalformedSignature(`Authorization must use ${ALGORITHM}, got '${algorithm}'`);
  }
  const parts = new Map<string, string>();
  for (const part of rest.join(' ').split(',')) {
    const [key, ...value] = part.trim().split('=');
    if (key !== undefined) parts.set(key, value.join('='));
  }
  return assemble({
    credential: parts.get('Credential'),
    signedHeaders: parts.get('SignedHeaders'),
    signature: parts.get('Signature'),
    time: headerText(request, 'x-amz-date'),
    sessionToken: headerText(request, 'x-amz-security-token'),
    expires: undefined,
  });
}

function fromQuery(query: URLSearchParams): RequestSignature {
  if (query.get('X-Amz-Algorithm') !== ALGORITHM) {
    throw new MalformedSignature(`X-Amz-Algorithm must be ${ALGORITHM}, got '${query.get('X-Amz-Algorithm')}'`);
  }
  return assemble({
    credential: query.get('X-Amz-Credential') ?? undefined,
    signedHeaders: query.get('X-Amz-SignedHeaders') ?? undefined,
    signature: query.get('X-Amz-Signature') ?? undefined,
    time: query.get('X-Amz-Date') ?? undefined,
    sessionToken: query.get('X-Amz-Security-Token') ?? undefined,
    expires: query.get('X-Amz-Expires') ?? '',
  });
}

interface SignatureText {
  readonly credential: string | undefined;
  readonly signedHeaders: string | undefined;
  readonly signature: string | undefined;
  readonly time: string | undefined;
  readonly sessionToken: string | undefined;
  readonly expires: string | undefined;
}

function assemble(text: SignatureText): RequestSignature {
  const { credential, signature, time, sessionToken } = text;
  const [accessKeyId, day, region, service, terminator, ...more] = credential?.split('/') ?? [];
  if (!accessKeyId || !day || !region || !service || terminator !== 'aws4_request' || more.length > 0) {
    throw new MalformedSignature(
      `Credential must read <access key>/<day>/<region>/<service>/aws4_request, got '${credential ?? ''}'`,
    );
  }
  const signedHeaders = text.signedHeaders?.split(';') ?? [];
  if (!signedHeaders.includes('host')) throw new MalformedSignature("SignedHeaders must contain 'host'");
  if (!signature || !/^[0-9a-f]{64}$/.test(signature)) {
    throw new MalformedSignature('Signature must be 64 hexadecimal digits');
  }
  if (time === undefined || Number.isNaN(parseTime(time))) {
    throw new MalformedSignature(
      `The request must carry its time as X-Amz-Date (YYYYMMDDThhmmssZ), got '${time ?? ''}'`,
    );
  }
  const expiresSeconds = readExpires(text.expires);
  return { accessKeyId, day, region, service, signedHeaders, signature, time, sessionToken, expiresSeconds };
}

/** Milliseconds since the Unix epoch; NaN for a text in another form, and for a time that no calendar has. */
export function parseTime(time: string): number {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function readExpires(expires: string | undefined): number | undefined {
  if (expires === undefined) return undefined;
  const seconds = Number(expires);
  if (!/^\d+$/.test(expires) || seconds < 1 || seconds > MAX_EXPIRES_SECONDS) {
    throw new MalformedSignature(`X-Amz-Expires must be 1 to ${MAX_EXPIRES_SECONDS} seconds, got '${expires}'`);
  }
  return seconds;
}
