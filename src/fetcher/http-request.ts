/** Makes the HTTP request of one call: headers, the body's hash and the signature. */

import { show } from '../base/option-problem';
import { StreamError } from '../stream/errors/stream-error';
import { describe } from '../stream/errors/system-error';
import { FORMAT_CONTENT_TYPES } from '../wire/content-types';
import type { StreamFormat } from '../wire/stream-format';
import type { HeaderSource, HeaderValues } from './fetch-options';
import { type Signing, scopeOfHost } from './signing';
import { canDigest, sha256Hex } from './sigv4/digest';
import { signRequest } from './sigv4/sign-request';

/** The HTTP front end of a function, and what is the same for all requests to it. */
export interface Endpoint {
  readonly url: URL;
  readonly method: string;
  readonly format: StreamFormat;
  readonly headers: HeaderSource;
  /** Undefined where it is to be sent if it can be made. */
  readonly contentSha256: boolean | undefined;
  readonly signing: Signing | undefined;
}

/** Headers that the connection or the fetcher sets itself. */
const OWN = /^(connection|content-length|host|keep-alive|te|trailer|transfer-encoding|upgrade|x-amz-content-sha256)$/;
const OWN_WHEN_SIGNED = /^(authorization|x-amz-date|x-amz-security-token)$/;

/** Headers of a request with `body`, names in lower case. @throws StreamError with code CONFIG_INVALID or ACCESS_DENIED */
export async function requestHeaders(
  endpoint: Endpoint,
  body: Uint8Array,
  more: HeaderValues,
  traceparent: string | undefined,
): Promise<Record<string, string>> {
  const given = await givenHeaders(endpoint);
  const headers: Record<string, string> = {
    accept: mediaTypeOf(endpoint.format),
    'content-type': 'application/json',
    ...checked(given, endpoint.signing !== undefined),
    ...checked(more, endpoint.signing !== undefined),
    ...checked(traceparent === undefined ? {} : { traceparent }, endpoint.signing !== undefined),
  };
  const { signing } = endpoint;
  if (signing === undefined && !wantsHash(endpoint)) return headers;
  const hash = await digest(body);
  headers['x-amz-content-sha256'] = hash;
  if (signing === undefined) return headers;
  const now = new Date(Date.now() + signing.clockSkewMs);
  const credentials = await signing.credentials();
  return signRequest({ method: endpoint.method, url: endpoint.url, headers }, hash, credentials, signing.scope, now);
}

async function givenHeaders({ headers }: Endpoint): Promise<HeaderValues> {
  if (typeof headers !== 'function') return headers;
  let given: HeaderValues | undefined;
  try {
    given = await headers();
  } catch (cause) {
    throw invalid(`the function headers failed: ${describe(cause)}`, cause);
  }
  if (typeof given === 'object' && given !== null) return given;
  throw invalid(`the function headers must give an object of names and values, got ${show(given)}`);
}

function mediaTypeOf(format: StreamFormat): string {
  return format === 'bytes' ? '*/*' : (FORMAT_CONTENT_TYPES[format].split(';', 1)[0] ?? '*/*');
}

/** Only CloudFront asks for it, and a cross-origin page must be allowed to send it: not where it cannot be of use. */
function wantsHash({ contentSha256, url }: Endpoint): boolean {
  return contentSha256 ?? (scopeOfHost(url.hostname) === undefined && canDigest());
}

async function digest(body: Uint8Array): Promise<string> {
  try {
    return await sha256Hex(body);
  } catch (cause) {
    throw invalid(`the body cannot be hashed: ${describe(cause)}`, cause);
  }
}

function checked(headers: HeaderValues, signed: boolean): Record<string, string> {
  const lower: Record<string, string> = {};
  for (const [given, value] of pairsOf(headers)) {
    const name = String(given).toLowerCase();
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) throw invalid(`'${given}' cannot be the name of an HTTP header`);
    if (OWN.test(name))
      throw invalid(`headers must not contain '${given}': it is set by the connection or the fetcher`);
    if (signed && OWN_WHEN_SIGNED.test(name))
      throw invalid(`headers must not contain '${given}' when requests are signed`);
    // Beyond ASCII the bytes sent are not agreed on, and a signature is made of bytes.
    if (typeof value !== 'string' || !/^[\t\x20-\x7e]*$/.test(value)) {
      throw invalid(`header '${given}' must be a string of printable ASCII, got ${JSON.stringify(value)}`);
    }
    lower[name] = value.trim();
  }
  return lower;
}

/** `Headers` and `Map` have no members of their own: they give pairs. */
function pairsOf(headers: HeaderValues): Iterable<readonly [string, unknown]> {
  return Symbol.iterator in headers ? (headers as Iterable<readonly [string, string]>) : Object.entries(headers);
}

function invalid(message: string, cause?: unknown): StreamError {
  return StreamError.of('CONFIG_INVALID', message, {}, { cause });
}
