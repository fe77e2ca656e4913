/** Signs a request as a service that calls another one; what it signs is verified like any other signature. */
import { createHash } from 'node:crypto';
import { canonicalRequest } from './canonical-request';
import type { SignedRequest } from './request-signature';
import { signatureOf } from './sigv4';

export interface SigningKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface SigningScope {
  readonly region: string;
  readonly service: string;
  /** For `x-amz-content-sha256`. @default - the hash of the body, which the header then does not tell */
  readonly payloadHash: string | undefined;
}

/** The headers of `request` with its signature among them; any other `authorization` is lost. */
export function signRequest(
  request: SignedRequest & { readonly headers: Readonly<Record<string, string>> },
  { accessKeyId, secretAccessKey, sessionToken }: SigningKeys,
  { payloadHash, region, service }: SigningScope,
): Record<string, string> {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const headers: Record<string, string> = {
    ...request.headers,
    'x-amz-date': time,
    'x-amz-security-token': sessionToken,
    ...(payloadHash !== undefined && { 'x-amz-content-sha256': payloadHash }),
  };
  const signedHeaders = Object.keys(headers)
    .filter((name) => name === 'host' || name.startsWith('x-amz-'))
    .sort();
  const parts = { accessKeyId, day, region, service, signedHeaders, time, sessionToken, expiresSeconds: undefined };
  const hash = payloadHash ?? createHash('sha256').update(request.body).digest('hex');
  const canonical = canonicalRequest({ ...request, headers }, { ...parts, signature: '' }, hash);
  const signature = signatureOf(canonical, secretAccessKey, parts).toString('hex');
  return {
    ...headers,
    authorization:
      `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${day}/${region}/${service}/aws4_request, ` +
      `SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`,
  };
}
