/** Signs plain HTTP requests with the SDK's own signer. */
import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

/** The hash the signer asks for, from Node's crypto. */
export class Sha256 {
  private readonly hash;
  public constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', Buffer.from(secret as Uint8Array | string));
  }
  public update(data: Uint8Array | string): void {
    this.hash.update(data);
  }
  public async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Headers of a signed request, for the Lambda service where no other is named. */
export async function signedHeaders(
  url: string,
  region: string,
  credentials: Credentials,
  {
    method = 'GET',
    body = '',
    headers = {},
    service = 'lambda',
    at = new Date(),
  }: { method?: string; body?: string; headers?: Record<string, string>; service?: string; at?: Date } = {},
): Promise<Record<string, string>> {
  const { hostname, host, pathname, port, searchParams } = new URL(url);
  const signer = new SignatureV4({ credentials, region, service, sha256: Sha256, uriEscapePath: service !== 's3' });
  const request = {
    method,
    protocol: 'http:',
    hostname,
    port: Number(port),
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { ...headers, host },
    body,
  };
  return (await signer.sign(request, { signingDate: at })).headers;
}
