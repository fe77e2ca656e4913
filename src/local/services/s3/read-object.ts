/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
import { checkReadConditions } from './conditions';
import { onVersion, requireBucket, requireVersion, type S3Answer, type S3Call } from './s3-call';
import { s3Error } from './s3-error';

export function getObject(call: S3Call): S3Answer {
  const { bucketId } = requireBucket(call);
  const versionId = call.query.get('versionId');
  call.demand(onVersion('s3:GetObject', versionId), `${call.bucket}/${call.key}`);
  const replaced = overrides(call.query);
  if (call.principal.kind === 'anonymous' && Object.keys(replaced).length > 0)
    throw s3Error(
      'InvalidRequest',
      400,
      'Request specific response headers cannot be used for anonymous GET requests.',
    );
  requireVersion(versionId);
  const object = call.store.find(bucketId, call.key);
  if (object === undefined) {
    // Whoever may not list a bucket must not learn what is in it.
    if (!call.allows('s3:ListBucket', call.bucket)) throw s3Error('AccessDenied', 403, 'Access Denied');
    throw s3Error('NoSuchKey', 404, 'The specified key does not exist.');
  }
  checkReadConditions(call.headers, object);
  const { checksums = {}, etag, file, headers, lastModified, size } = object;
  const answered = {
    'content-type': 'binary/octet-stream',
    ...headers,
    ...replaced,
    'accept-ranges': 'bytes',
    etag: `"${etag}"`,
    'last-modified': new Date(lastModified).toUTCString(),
  };
  const range = readRange(call.headers.range, size);
  if (range === undefined) {
    const isAsked = call.headers['x-amz-checksum-mode']?.toString().toUpperCase() === 'ENABLED';
    const told =
      isAsked && Object.keys(checksums).length > 0 ? { ...checksums, 'x-amz-checksum-type': 'FULL_OBJECT' } : {};
    return {
      headers: { ...answered, ...told, 'content-length': String(size) },
      file: { path: file, start: 0, end: size },
    };
  }
  const { end, start } = range;
  return {
    statusCode: 206,
    headers: {
      ...answered,
      'content-length': String(end - start),
      'content-range': `bytes ${start}-${end - 1}/${size}`,
    },
    file: { path: file, start, end },
  };
}

/** https://www.rfc-editor.org/rfc/rfc9110#name-byte-ranges; several ranges are not answered by S3. */
function readRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  // No range at all, and so the whole object.
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (start >= end) throw s3Error('InvalidRange', 416, 'The requested range is not satisfiable');
  return { start, end };
}

/** `response-content-type` and its like, of presigned addresses. */
function overrides(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries(
    [...query]
      .filter(([name]) => /^response-(cache-control|content-\w+|expires)$/.test(name))
      .map(([name, value]) => [name.replace('response-', ''), value]),
  );
}
