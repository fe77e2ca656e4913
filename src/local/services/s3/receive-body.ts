/**
 * Takes the body of an upload into a file. SDKs that sign while they send wrap it in chunks with checksums behind them,
 * `aws-chunked`, which is taken off.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { ServiceException } from '../../errors';
import type { ReceivedBytes } from './object-store';

/** What arrived, and the digest of all that was sent, by which it was signed. */
export interface ReceivedBody extends ReceivedBytes {
  /** In hexadecimal digits, of the bytes as they were sent. */
  readonly sha256: string;
}

/** The body of `request` in `file`. */
export async function receiveBody(request: IncomingMessage, file: string): Promise<ReceivedBody> {
  const sha256 = createHash('sha256');
  const md5 = createHash('md5');
  let size = 0;
  const isChunked = /^STREAMING-/.test(String(request.headers['x-amz-content-sha256'] ?? ''));
  async function* content(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    async function* sent(): AsyncGenerator<Buffer> {
      for await (const bytes of source) {
        sha256.update(bytes);
        yield bytes;
      }
    }
    for await (const bytes of isChunked ? dechunk(sent()) : sent()) {
      md5.update(bytes);
      size += bytes.length;
      yield bytes;
    }
  }
  await pipeline(request, content, createWriteStream(file));
  return { file, size, md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}

const CRLF = '\r\n';
/** Longer is no head of a chunk: a length and a signature. */
const HEAD_MAX_BYTES = 1_024;

/** `<length in hex>[;chunk-signature=…]` CRLF bytes CRLF, until a length of 0; what follows it are checksums. */
async function* dechunk(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pending: Buffer = Buffer.alloc(0);
  /** Bytes of the chunk that are still to come. */
  let left = 0;
  let isBehindChunk = false;
  let isOver = false;
  for await (const bytes of source) {
    if (isOver) continue;
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
    while (pending.length > 0) {
      if (left > 0) {
        const part = pending.subarray(0, left);
        left -= part.length;
        pending = pending.subarray(part.length);
        isBehindChunk = left === 0;
        yield part;
        continue;
      }
      const start = isBehindChunk ? CRLF.length : 0;
      const end = pending.indexOf(CRLF, start);
      if (end < 0 || pending.length < start) {
        if (pending.length > HEAD_MAX_BYTES) throw malformed();
        break;
      }
      const length = /^([0-9a-f]{1,16})(;|$)/i.exec(pending.toString('latin1', start, end))?.[1];
      if (length === undefined) throw malformed();
      left = Number.parseInt(length, 16);
      pending = pending.subarray(end + CRLF.length);
      isBehindChunk = false;
      if (left === 0) {
        isOver = true;
        break;
      }
    }
  }
  if (!isOver) throw malformed();
}

function malformed(): ServiceException {
  const message = 'The body is not as aws-chunked has it: a length in hexadecimal digits, the bytes, a length of 0';
  return new ServiceException({ type: 'IncompleteBody', statusCode: 400, message });
}
