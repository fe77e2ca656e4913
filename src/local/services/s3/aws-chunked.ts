/**
 * Takes off `aws-chunked`, in which SDKs wrap a body that they sign, or whose checksum they know, while they send it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
import { createHash, type Hash } from 'node:crypto';
import type { ChunkSignatures } from '../../http/chunk-signature';
import { MISMATCH } from '../../http/sigv4';
import { incompleteBody, malformedTrailer, s3Error } from './s3-error';

export interface ChunkedForm {
  /** Verifies each chunk. @default - chunks are not signed */
  readonly signatures?: ChunkSignatures | undefined;
  /** Lower-case names of the headers that follow the last chunk; undefined where none may. */
  readonly trailers: ReadonlySet<string> | undefined;
}

const CRLF = '\r\n';
/** Longer is no head of a chunk: a length and a signature. */
const HEAD_MAX_BYTES = 1_024;
/** What follows the last chunk: a few checksums and a signature. */
const TAIL_MAX_BYTES = 8 * 1_024;
/** https://repost.aws/questions/QU6FMbz4dMSc6PGKf0vMWu4g: 403 InvalidChunkSizeError */
const CHUNK_MIN_BYTES = 8_192;

/**
 * `<length in hex>[;chunk-signature=…]` CRLF bytes CRLF, until a length of 0, then `<name>:<value>` CRLF.
 * @param onTrailers told what followed the last chunk
 * @throws a ServiceException when the form is another, or a signature is not that of its chunk
 */
export async function* dechunk(
  source: AsyncIterable<Buffer>,
  { signatures, trailers }: ChunkedForm,
  onTrailers: (trailers: ReadonlyMap<string, string>) => void,
): AsyncGenerator<Buffer> {
  let pending: Buffer = Buffer.alloc(0);
  /** Bytes of the chunk that are still to come. */
  let left = 0;
  let chunk: Chunk | undefined;
  let isOver = false;
  for await (const bytes of source) {
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
    while (!isOver && pending.length > 0) {
      if (left > 0) {
        const part = pending.subarray(0, left);
        left -= part.length;
        pending = pending.subarray(part.length);
        if (signatures) chunk?.sha256.update(part);
        if (left === 0) verify(chunk, signatures);
        yield part;
        continue;
      }
      const start = chunk ? CRLF.length : 0;
      const end = pending.indexOf(CRLF, start);
      if (end < 0) {
        if (pending.length > HEAD_MAX_BYTES) throw incompleteBody();
        break;
      }
      if (chunk && pending.indexOf(CRLF) !== 0) throw incompleteBody();
      const next = readHead(pending.toString('latin1', start, end));
      if (chunk && chunk.size < CHUNK_MIN_BYTES && next.size > 0) throw tooSmall(chunk.size);
      chunk = next;
      left = next.size;
      pending = pending.subarray(end + CRLF.length);
      isOver = left === 0;
      if (isOver) verify(chunk, signatures);
    }
    if (isOver && pending.length > TAIL_MAX_BYTES) throw malformedTrailer();
  }
  if (!isOver) throw incompleteBody();
  onTrailers(readTrailers(pending.toString('latin1'), signatures, trailers));
}

interface Chunk {
  readonly size: number;
  readonly signature: string | undefined;
  readonly sha256: Hash;
}

function readHead(head: string): Chunk {
  const [, length, signature] = /^([0-9a-f]{1,12})(?:;chunk-signature=([^;]*))?$/i.exec(head) ?? [];
  if (length === undefined) throw incompleteBody();
  return { size: Number.parseInt(length, 16), signature, sha256: createHash('sha256') };
}

function verify(chunk: Chunk | undefined, signatures: ChunkSignatures | undefined): void {
  if (!chunk || !signatures || signatures.isOfChunk(chunk.signature, chunk.sha256.digest('hex'))) return;
  throw s3Error('SignatureDoesNotMatch', 403, MISMATCH);
}

function readTrailers(
  tail: string,
  signatures: ChunkSignatures | undefined,
  declared: ReadonlySet<string> | undefined,
): ReadonlyMap<string, string> {
  const lines = tail.split(/\r?\n/).filter((line) => line !== '');
  const found = new Map(
    lines.map((line): [string, string] => {
      const [, name, value] = /^([\w-]+):(.*)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw malformedTrailer();
      return [name.toLowerCase(), value.trim()];
    }),
  );
  const signature = found.get('x-amz-trailer-signature');
  found.delete('x-amz-trailer-signature');
  const isAsDeclared = found.size === (declared?.size ?? 0) && [...found.keys()].every((name) => declared?.has(name));
  if (!isAsDeclared) throw malformedTrailer();
  const canonical = [...found].map(([name, value]) => `${name}:${value}\n`).join('');
  if (declared && signatures && !signatures.isOfTrailers(signature, canonical))
    throw s3Error('SignatureDoesNotMatch', 403, MISMATCH);
  return found;
}

function tooSmall(size: number): Error {
  const message = `Only the last chunk is allowed to have a size less than ${CHUNK_MIN_BYTES} bytes`;
  return s3Error('InvalidChunkSizeError', 403, message, { BadChunkSize: String(size) });
}
