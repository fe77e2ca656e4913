/**
 * Signs a request with Signature Version 4 in its headers.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import type { AwsCredentials } from './aws-credentials';
import { canonicalRequest, type UnsignedRequest } from './canonical-request';
import { hmacSha256, sha256Hex, toHex } from './digest';

export interface SigningScope {
  /** For example `eu-central-1`. */
  readonly region: string;
  /** `lambda` for function URLs, `execute-api` for API Gateway. */
  readonly service: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** All headers of the signed request, names in lower case. @param payloadHash SHA-256 of the body in hexadecimal */
export async function signRequest(
  request: UnsignedRequest,
  payloadHash: string,
  credentials: AwsCredentials,
  { region, service }: SigningScope,
  now: Date,
): Promise<Record<string, string>> {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const headers: Record<string, string> = { 'x-amz-date': time };
  if (credentials.sessionToken !== undefined) headers['x-amz-security-token'] = credentials.sessionToken;
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
  const { text, signedHeaders } = canonicalRequest({ ...request, headers }, payloadHash);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = `${ALGORITHM}\n${time}\n${scope}\n${await sha256Hex(new TextEncoder().encode(text))}`;
  let key: Uint8Array = new TextEncoder().encode(`AWS4${credentials.secretAccessKey}`);
  for (const part of [day, region, service, 'aws4_request']) key = await hmacSha256(key, part);
  const signature = toHex(await hmacSha256(key, toSign));
  const credential = `${credentials.accessKeyId}/${scope}`;
  headers['authorization'] =
    `${ALGORITHM} Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  return headers;
}
