/**
 * A page of the objects of a bucket, in both forms that S3 has.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
import { xmlText } from '../service-answer';
import type { ObjectStore } from './object-store';
import { invalidArgument } from './s3-error';

const KEYS_MAX = 1_000;

/** What stands on a page: an object, or all that share a prefix. */
interface Entry {
  readonly name: string;
  readonly isPrefix: boolean;
}

/** The answer of `ListObjectsV2` or, without `list-type=2`, of `ListObjects`, as XML. */
export function listObjects(store: ObjectStore, bucketId: string, bucket: string, query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const maxKeys = readMaximum(query, 'max-keys', KEYS_MAX);
  const isSecond = query.get('list-type') === '2';
  const token = query.get('continuation-token');
  const after = token === null ? query.get(isSecond ? 'start-after' : 'marker') : fromToken(token);
  const entries = entriesOf(store.keys(bucketId), prefix, delimiter).filter(
    ({ name }) => after === null || Buffer.compare(Buffer.from(name), Buffer.from(after)) > 0,
  );
  const page = entries.slice(0, maxKeys);
  const isTruncated = maxKeys > 0 && entries.length > page.length;
  const last = page.at(-1)?.name ?? '';
  const isEncoded = query.get('encoding-type') === 'url';
  const text = (value: string) => xmlText(isEncoded ? encodeKey(value) : value);
  const contents = page.map(({ isPrefix, name }) => {
    if (isPrefix) return `<CommonPrefixes><Prefix>${text(name)}</Prefix></CommonPrefixes>`;
    const object = store.find(bucketId, name);
    if (object === undefined) return '';
    const { etag, lastModified, size } = object;
    const modified = new Date(lastModified).toISOString();
    return `<Contents><Key>${text(name)}</Key><LastModified>${modified}</LastModified><ETag>&#34;${etag}&#34;</ETag><Size>${size}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  });
  const continued = isSecond
    ? `<KeyCount>${page.length}</KeyCount>${isTruncated ? `<NextContinuationToken>${toToken(last)}</NextContinuationToken>` : ''}${token === null ? '' : `<ContinuationToken>${xmlText(token)}</ContinuationToken>`}`
    : `<Marker>${text(after ?? '')}</Marker>${isTruncated ? `<NextMarker>${text(last)}</NextMarker>` : ''}`;
  return (
    `<ListBucketResult><Name>${xmlText(bucket)}</Name><Prefix>${text(prefix)}</Prefix>` +
    `${delimiter === '' ? '' : `<Delimiter>${text(delimiter)}</Delimiter>`}${isEncoded ? '<EncodingType>url</EncodingType>' : ''}` +
    `<MaxKeys>${maxKeys}</MaxKeys><IsTruncated>${isTruncated}</IsTruncated>${continued}${contents.join('')}</ListBucketResult>`
  );
}

const INTEGER_MAX = 2 ** 31 - 1;

/**
 * A whole number of the query, at most `limit`.
 * @param absent where it is not given @default - the limit
 * @throws a ServiceException in the words of S3 when it is something else
 */
export function readMaximum(query: URLSearchParams, name: string, limit: number, absent = limit): number {
  const given = query.get(name) ?? '';
  if (given === '') return absent;
  const number = Number(given);
  if (!/^-?\d+$/.test(given) || number > INTEGER_MAX)
    throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, given);
  if (number < 0)
    throw invalidArgument(`Argument ${name} must be an integer between 0 and ${INTEGER_MAX}`, name, given);
  return Math.min(limit, number);
}

/** What follows the prefix up to the delimiter counts as one. */
function entriesOf(keys: readonly string[], prefix: string, delimiter: string): Entry[] {
  const entries = new Map<string, Entry>();
  for (const key of keys) {
    if (!key.startsWith(prefix)) continue;
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const name = end < 0 ? key : key.slice(0, end + delimiter.length);
    entries.set(name, { name, isPrefix: end >= 0 });
  }
  return [...entries.values()];
}

function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
}

function toToken(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function fromToken(token: string): string {
  return Buffer.from(token, 'base64url').toString();
}
