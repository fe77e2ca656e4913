/** The canonical form of a request that Signature Version 4 signs. */

import { createHash } from 'node:crypto';
import { decodeEscapes } from '../../base/decode-escapes';
import { headerText, type RequestSignature, type SignedRequest } from './request-signature';

const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';
const HASH = /^[0-9a-f]{64}$/;

/** What stands for the body in the signature, or `undefined` when the body is not the one that was signed. */
export function payloadHash(request: SignedRequest, signature: RequestSignature): string | undefined {
  const declared = headerText(request, 'x-amz-content-sha256');
  const storage = signature.service === 's3';
  if (storage && declared !== undefined && !HASH.test(declared)) return declared;
  if (storage && declared === undefined && signature.expiresSeconds !== undefined) return UNSIGNED_PAYLOAD;
  const actual = request.bodySha256 ?? createHash('sha256').update(request.body).digest('hex');
  return declared === undefined || declared === actual ? actual : undefined;
}

export function canonicalRequest(request: SignedRequest, signature: RequestSignature, hash: string): string {
  const [path = '/', query = ''] = splitOnce(request.url, '?');
  const headers = signature.signedHeaders.map((name) => `${name}:${canonicalValue(headerText(request, name) ?? '')}\n`);
  return [
    request.method,
    canonicalPath(path, signature.service),
    canonicalQuery(query),
    headers.join(''),
    signature.signedHeaders.join(';'),
    hash,
  ].join('\n');
}

/** S3 signs the path as it is sent; for every other service it is normalized and encoded once more. */
function canonicalPath(path: string, service: string): string {
  if (service === 's3') return mapSegments(path.split('/'), (segment) => encode(decodeEscapes(segment)));
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const end = segments.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${mapSegments(segments, encode)}${end}`;
}

function mapSegments(segments: readonly string[], one: (segment: string) => string): string {
  return segments.map(one).join('/');
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs = query.split('&').map((pair) => splitOnce(pair, '=').map((part) => encode(decodeEscapes(part))));
  return pairs
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value = '']) => [name, value] as const)
    .sort(([nameA = '', valueA], [nameB = '', valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function canonicalValue(value: string): string {
  return value.trim().replace(/ +/g, ' ');
}

function splitOnce(text: string, separator: string): string[] {
  const index = text.indexOf(separator);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
