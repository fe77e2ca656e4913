/** Uploads in parts. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html and qfacts.html */
import { xmlText } from '../service-answer';
import { checkWriteConditions } from './conditions';
import { readMaximum } from './list-objects';
import type { NamedPart, ReceivedBytes } from './object-store';
import { checkLength } from './receive-body';
import { fromXml, objectHeaders, place, requireBucket, type S3Answer, type S3Call, time } from './s3-call';
import { invalidArgument, malformedXml, NOT_PLAYED, s3Error } from './s3-error';
import { demandWrite } from './write-object';

/** Of every part but the last. */
const PART_MIN_BYTES = 5 * 1024 * 1024;
const PARTS_MAX = 10_000;
const PAGE_MAX = 1_000;

export async function createUpload(call: S3Call): Promise<S3Answer> {
  requireBucket(call);
  demandWrite(call);
  await call.receive();
  const { bucketId } = requireBucket(call);
  const id = call.store.begin(bucketId, call.key, objectHeaders(call.headers));
  return {
    xml: `<InitiateMultipartUploadResult>${place(call)}<UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
  };
}

export async function uploadPart(call: S3Call): Promise<S3Answer> {
  requireUpload(call, 's3:PutObject');
  const given = call.query.get('partNumber') ?? '';
  const number = Number(given);
  if (!/^\d+$/.test(given) || number < 1 || number > PARTS_MAX) {
    const message = `Part number must be an integer between 1 and ${PARTS_MAX}, inclusive`;
    throw invalidArgument(message, 'partNumber', given);
  }
  if (call.headers['x-amz-copy-source'] !== undefined)
    throw s3Error(NOT_PLAYED, 501, 'the local target does not play this operation of S3: UploadPartCopy');
  checkLength(call.headers);
  const received = await call.receive();
  // It may have ended while the part arrived.
  const { uploadId } = requireUpload(call);
  call.store.addPart(uploadId, number, received);
  return { headers: { ...received.checksums, etag: `"${received.md5}"` }, keepsBody: true };
}

export async function completeUpload(call: S3Call): Promise<S3Answer> {
  requireUpload(call, 's3:PutObject');
  demandWrite(call);
  const named = readParts(await call.receiveText());
  const { bucketId, parts, uploadId } = requireUpload(call);
  checkParts(named, parts);
  checkWriteConditions(call.headers, call.store.find(bucketId, call.key));
  const object = call.store.complete(uploadId, bucketId, call.key, named);
  call.changed('ObjectCreated:CompleteMultipartUpload', call.key, object);
  const { etag } = object;
  return {
    xml: `<CompleteMultipartUploadResult>${place(call)}<ETag>&#34;${etag}&#34;</ETag></CompleteMultipartUploadResult>`,
  };
}

export function abortUpload(call: S3Call): S3Answer {
  const { uploadId } = requireUpload(call, 's3:AbortMultipartUpload');
  call.store.abort(uploadId);
  return { statusCode: 204 };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export function listParts(call: S3Call): S3Answer {
  const { parts, uploadId } = requireUpload(call, 's3:ListMultipartUploadParts');
  const max = readMaximum(call.query, 'max-parts', PAGE_MAX);
  const after = readMaximum(call.query, 'part-number-marker', Number.MAX_SAFE_INTEGER, 0);
  const rest = [...parts].filter(([number]) => number > after).sort(([left], [right]) => left - right);
  const page = rest.slice(0, max);
  const isTruncated = rest.length > page.length;
  const entries = page.map(
    ([number, { md5, receivedAt, size }]) =>
      `<Part><PartNumber>${number}</PartNumber><LastModified>${time(receivedAt)}</LastModified><ETag>&#34;${md5}&#34;</ETag><Size>${size}</Size></Part>`,
  );
  const next = page.at(-1)?.[0] ?? after;
  return {
    xml:
      `<ListPartsResult>${place(call)}<UploadId>${uploadId}</UploadId><PartNumberMarker>${after}</PartNumberMarker>` +
      `<NextPartNumberMarker>${next}</NextPartNumberMarker><MaxParts>${max}</MaxParts><IsTruncated>${isTruncated}</IsTruncated>` +
      `<StorageClass>STANDARD</StorageClass>${entries.join('')}</ListPartsResult>`,
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export function listUploads(call: S3Call): S3Answer {
  const { bucketId } = requireBucket(call, 's3:ListBucketMultipartUploads');
  const max = readMaximum(call.query, 'max-uploads', PAGE_MAX);
  const prefix = call.query.get('prefix') ?? '';
  const keyMarker = call.query.get('key-marker') ?? '';
  const idMarker = call.query.get('upload-id-marker') ?? '';
  const rest = call.store.uploadsOf(bucketId).filter(({ id, key }) => {
    const order = Buffer.compare(Buffer.from(key), Buffer.from(keyMarker));
    return key.startsWith(prefix) && (order > 0 || (order === 0 && idMarker !== '' && id > idMarker));
  });
  const page = rest.slice(0, max);
  const isTruncated = max > 0 && rest.length > page.length;
  const last = page.at(-1);
  const next =
    isTruncated && last
      ? `<NextKeyMarker>${xmlText(last.key)}</NextKeyMarker><NextUploadIdMarker>${last.id}</NextUploadIdMarker>`
      : '';
  const entries = page.map(
    ({ begunAt, id, key }) =>
      `<Upload><Key>${xmlText(key)}</Key><UploadId>${id}</UploadId><StorageClass>STANDARD</StorageClass><Initiated>${time(begunAt)}</Initiated></Upload>`,
  );
  return {
    xml:
      `<ListMultipartUploadsResult><Bucket>${xmlText(call.bucket)}</Bucket><KeyMarker>${xmlText(keyMarker)}</KeyMarker>` +
      `<UploadIdMarker>${xmlText(idMarker)}</UploadIdMarker>${next}<Prefix>${xmlText(prefix)}</Prefix>` +
      `<MaxUploads>${max}</MaxUploads><IsTruncated>${isTruncated}</IsTruncated>${entries.join('')}</ListMultipartUploadsResult>`,
  };
}

function requireUpload(call: S3Call, action?: string) {
  const { bucketId } = requireBucket(call);
  if (action !== undefined) call.demand(action, `${call.bucket}/${call.key}`);
  const uploadId = call.query.get('uploadId') ?? '';
  const parts = call.store.parts(uploadId, bucketId, call.key);
  if (parts === undefined) {
    const message =
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.';
    throw s3Error('NoSuchUpload', 404, message, { UploadId: uploadId });
  }
  return { bucketId, uploadId, parts };
}

function readParts(xml: string): readonly NamedPart[] {
  const named = [...xml.matchAll(/<Part>([\s\S]*?)<\/Part>/g)].map(([, part = '']) => ({
    number: Number(/<PartNumber>(\d+)<\/PartNumber>/.exec(part)?.[1]),
    etag: fromXml(/<ETag>([^<]*)<\/ETag>/.exec(part)?.[1] ?? '').replaceAll('"', ''),
  }));
  if (named.length === 0 || named.length > PARTS_MAX) throw malformedXml();
  return named;
}

function checkParts(named: readonly NamedPart[], parts: ReadonlyMap<number, ReceivedBytes>): void {
  if (named.some(({ etag, number }) => parts.get(number)?.md5 !== etag)) {
    const message =
      "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
    throw s3Error('InvalidPart', 400, message);
  }
  if (named.some(({ number }, i) => i > 0 && number <= (named[i - 1]?.number ?? 0))) {
    const message =
      'The list of parts was not in ascending order. The parts list must be specified in order by part number.';
    throw s3Error('InvalidPartOrder', 400, message);
  }
  for (const { etag, number } of named.slice(0, -1)) {
    const size = parts.get(number)?.size ?? 0;
    if (size >= PART_MIN_BYTES) continue;
    throw s3Error('EntityTooSmall', 400, 'Your proposed upload is smaller than the minimum allowed size', {
      ProposedSize: String(size),
      MinSizeAllowed: String(PART_MIN_BYTES),
      PartNumber: String(number),
      ETag: etag,
    });
  }
}
