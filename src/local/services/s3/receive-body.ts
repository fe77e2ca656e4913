/**
 * Takes the body of an upload into a file, and believes none of what its headers say of it: length, digest, checksums and the
 * signatures of its chunks. What does not fit leaves no file.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
import { createHash } from 'node:crypto';
import { createWriteStream, openSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ChunkSignatures } from '../../http/chunk-signature';
import { dechunk } from './aws-chunked';
import { checksumAlgorithm, newChecksum } from './checksums';
import type { ReceivedBytes } from './object-store';
import { incompleteBody, invalidArgument, notImplementedHeader, s3Error } from './s3-error';

/** What arrived, and as what it was proven. */
export interface ReceivedBody extends ReceivedBytes {
  /** What was told and holds. */
  readonly checksums: NonNullable<ReceivedBytes['checksums']>;
}

/** A request whose body has not been read. */
export type BodyRequest = Pick<IncomingMessage, 'headers' | 'iterator'>;

const HASH = /^[0-9a-f]{64}$/i;
/** What stands for the digest of a body that is sent in chunks, or is not signed. */
const FORMS = [
  'UNSIGNED-PAYLOAD',
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
] as const;

/** One body, or one part. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const OBJECT_MAX_BYTES = 5 * 1024 ** 3;

/**
 * The body of `request` in `file`.
 * @param signatures of its chunks, where they must be signed
 * @throws a ServiceException when the body is not what the request says of it; there is no file then
 */
export async function receiveBody(
  request: BodyRequest,
  file: string,
  signatures: ChunkSignatures | undefined,
  maxBytes = OBJECT_MAX_BYTES,
): Promise<ReceivedBody> {
  const { headers } = request;
  const declared = headerOf(headers, 'x-amz-content-sha256');
  checkForm(declared);
  const told = toldChecksums(headers);
  const isChunked = declared?.startsWith('STREAMING-') === true;
  const trailerNames = isChunked && declared.endsWith('-TRAILER') ? namesOf(headers['x-amz-trailer']) : undefined;
  const isSigned = isChunked && declared.startsWith('STREAMING-AWS4-');
  if (isSigned && signatures === undefined)
    throw s3Error('AccessDenied', 403, 'A body in signed chunks must belong to a signed request');

  const algorithms = [...told.keys(), ...(trailerNames ?? [])].flatMap((name) => checksumAlgorithm(name) ?? []);
  const sums = new Map(algorithms.map((algorithm) => [algorithm, newChecksum(algorithm)]));
  const sha256 = createHash('sha256');
  const md5 = createHash('md5');
  let size = 0;
  async function* content(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const form = { signatures: isSigned ? signatures : undefined, trailers: trailerNames };
    const bodies = isChunked
      ? dechunk(source, form, (found) => {
          for (const [name, value] of found) {
            // Before the body stood another one: both must hold.
            if ((told.get(name) ?? value) !== value) throw badDigest(name);
            told.set(name, value);
          }
        })
      : source;
    for await (const bytes of bodies) {
      size += bytes.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      sha256.update(bytes);
      md5.update(bytes);
      for (const sum of sums.values()) sum.update(bytes);
      yield bytes;
    }
  }
  try {
    // The request itself stays: it is what a refusal is answered on.
    const source = Readable.from(request.iterator({ destroyOnReturn: false }), { objectMode: false });
    // Open at once: a stream that opens later would make the file again that a refusal has removed.
    await pipeline(source, content, createWriteStream(file, { fd: openSync(file, 'wx') }));
    const length = isChunked ? headerOf(headers, 'x-amz-decoded-content-length') : headers['content-length'];
    if (length !== undefined && Number(length) !== size) throw incompleteBody();
    const digest = sha256.digest('hex');
    if (declared !== undefined && HASH.test(declared) && declared.toLowerCase() !== digest)
      throw mismatch(declared, digest);
    const ofMd5 = md5.digest();
    checkMd5(headerOf(headers, 'content-md5'), ofMd5);
    for (const [name, value] of told) {
      const sum = sums.get(checksumAlgorithm(name) ?? '');
      if (sum && sum.digest().toString('base64') !== value) throw badDigest(name);
    }
    return { file, size, md5: ofMd5.toString('hex'), checksums: Object.fromEntries(told) };
  } catch (error) {
    rmSync(file, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' ? incompleteBody() : error;
  }
}

/** Before a byte is read: whether S3 takes a body of this length at all. @throws a ServiceException */
export function checkLength(headers: IncomingHttpHeaders): void {
  const isChunked = headerOf(headers, 'x-amz-content-sha256')?.startsWith('STREAMING-') === true;
  const length = isChunked ? headerOf(headers, 'x-amz-decoded-content-length') : headers['content-length'];
  if (length === undefined && !isChunked && headers['transfer-encoding'] !== undefined)
    throw notImplementedHeader('Transfer-Encoding');
  if (length === undefined || !/^\d+$/.test(length))
    throw s3Error('MissingContentLength', 411, 'You must provide the Content-Length HTTP header.');
  if (Number(length) > OBJECT_MAX_BYTES) throw tooLarge(OBJECT_MAX_BYTES);
}

/** The one value of a header, as it was sent. */
function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

function namesOf(header: string | string[] | undefined): ReadonlySet<string> {
  const names = [header ?? []].flat().join(',').toLowerCase().split(',');
  return new Set(names.map((name) => name.trim()).filter((name) => name !== ''));
}

function checkForm(declared: string | undefined): void {
  if (declared === undefined || HASH.test(declared) || FORMS.some((form) => form === declared)) return;
  const message = `x-amz-content-sha256 must be ${FORMS.join(', ')} or a valid sha256 value.`;
  throw invalidArgument(message, 'x-amz-content-sha256', declared);
}

/** Checksums that stand before the body. */
function toldChecksums(headers: IncomingHttpHeaders): Map<string, string> {
  const told = new Map<string, string>();
  for (const name of Object.keys(headers)) {
    const algorithm = checksumAlgorithm(name);
    const value = headerOf(headers, name) ?? '';
    if (algorithm === undefined) continue;
    const bytes = Buffer.from(value, 'base64');
    if (bytes.toString('base64') !== value || bytes.length !== newChecksum(algorithm).digest().length)
      throw s3Error('InvalidRequest', 400, `Value for ${name} header is invalid.`);
    told.set(name, value);
  }
  return told;
}

function checkMd5(declared: string | undefined, actual: Buffer): void {
  if (declared === undefined || declared === actual.toString('base64')) return;
  if (Buffer.from(declared, 'base64').length !== actual.length)
    throw s3Error('InvalidDigest', 400, 'The Content-MD5 you specified was invalid.');
  throw s3Error('BadDigest', 400, 'The Content-MD5 you specified did not match what we received.', {
    ExpectedDigest: declared,
    CalculatedDigest: actual.toString('base64'),
  });
}

function badDigest(header: string): Error {
  const algorithm = (checksumAlgorithm(header) ?? '').toUpperCase();
  return s3Error('BadDigest', 400, `The ${algorithm} you specified did not match the calculated checksum.`);
}

function mismatch(declared: string, digest: string): Error {
  const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
  const members = { ClientComputedContentSHA256: declared, S3ComputedContentSHA256: digest };
  return s3Error('XAmzContentSHA256Mismatch', 400, message, members);
}

function tooLarge(maxBytes: number): Error {
  return maxBytes === OBJECT_MAX_BYTES
    ? s3Error('EntityTooLarge', 400, 'Your proposed upload exceeds the maximum allowed size')
    : s3Error('MaxMessageLengthExceeded', 400, 'Your request was too large.', {
        MaxMessageLengthBytes: String(maxBytes),
      });
}
