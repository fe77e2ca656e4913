/**
 * The canonical form of a request that Signature Version 4 signs. Pure.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */

/** A request to be signed. */
export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in any case; without `host`, which the connection adds. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface CanonicalRequest {
  readonly text: string;
  /** Lower-case names, sorted, separated by `;`. */
  readonly signedHeaders: string;
}

/** Headers that proxies and browsers add, change or drop on the way, so that signing them would break the signature. */
const UNSIGNED =
  /^(authorization|cache-control|connection|expect|from|keep-alive|max-forwards|pragma|referer|te|trailer|transfer-encoding|upgrade|user-agent|x-amzn-trace-id|proxy-.*|sec-.*)$/;

/** @param payloadHash SHA-256 of the body in hexadecimal */
export function canonicalRequest({ method, url, headers }: UnsignedRequest, payloadHash: string): CanonicalRequest {
  const signed = Object.entries({ ...headers, host: url.host })
    .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/\s+/g, ' ')] as const)
    .filter(([name]) => !UNSIGNED.test(name))
    .sort(([left], [right]) => compare(left, right));
  const signedHeaders = signed.map(([name]) => name).join(';');
  const lines = signed.map(([name, value]) => `${name}:${value}\n`).join('');
  const text = [method, canonicalPath(url.pathname), canonicalQuery(url.search), lines, signedHeaders, payloadHash];
  return { text: text.join('\n'), signedHeaders };
}

/** A URL's path is percent-encoded already; all services but S3 sign it encoded once more. */
function canonicalPath(pathname: string): string {
  const segments = pathname.split('/').filter((segment) => segment !== '');
  const end = segments.length > 0 && pathname.endsWith('/') ? '/' : '';
  return `/${segments.map(encode).join('/')}${end}`;
}

function canonicalQuery(search: string): string {
  if (search.length <= 1) return '';
  const pairs = search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
      return [encode(decode(name)), encode(decode(value))] as const;
    });
  pairs.sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** RFC 3986: all but letters, digits, `-`, `.`, `_` and `~` is encoded. */
function encode(text: string): string {
  const hex = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/[!'()*]/g, hex);
}

/** Malformed escapes are signed as they stand. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
