/** Writes one response by contract: prelude, start marker, chunks, then the end or the error marker. */
import { encodeChunk, encodeMarker } from '../contract/chunk-encoder';
import type { StreamContract } from '../contract/stream-contract';
import { FORMAT_CONTENT_TYPES, HTTP_INTEGRATION_CONTENT_TYPE } from '../wire/content-types';
import { encodePrelude, type HttpPrelude } from '../wire/prelude';
import type { StreamFailure } from '../wire/stream-control';
import type { ResponseStream } from './lambda-runtime';

export interface ResponseWriter {
  /** What was written so far. */
  readonly sent: { bytes: number; chunks: number; firstByteAt?: number };
  /** Replaces the contract's prelude. Throws once a byte was written. */
  http(prelude: HttpPrelude): void;
  /** Settles when there is room for the next chunk. */
  chunk(value: unknown): Promise<void>;
  end(final: unknown): void;
  /** Says on the wire that the stream failed. Gives whether there was a way to say it. */
  fail(failure: StreamFailure, statusCode: number): boolean;
}

/** Longest run of chunks without a turn of the event loop, in milliseconds. */
const TURN_MS = 8;

/** Characters collected before they are written within a turn of the event loop. */
const BATCH_LENGTH = 16_384;

/**
 * Chunks yielded within one turn of the event loop go out in one write: Node.js would send them together anyway, and a
 * write costs eight times what a chunk does.
 * @param needsPrelude whether to write a prelude even if neither contract nor handler asks for one
 */
export function responseWriter(
  contract: StreamContract,
  stream: ResponseStream,
  needsPrelude: boolean,
): ResponseWriter {
  const { format, version } = contract;
  const sent: ResponseWriter['sent'] = { bytes: 0, chunks: 0 };
  let prelude = contract.http ?? (needsPrelude ? {} : undefined);
  let begun = false;
  let ended = false;
  let turnedAt = 0;
  let batch = '';
  let isFlushing = false;
  /** Settles when there is room after the last write. */
  let room: Promise<void> | undefined;

  const write = (bytes: Uint8Array): void => {
    if (bytes.length === 0) return;
    sent.firstByteAt ??= Date.now();
    sent.bytes += bytes.length;
    room = new Promise((resolve, reject) => {
      // Not the drain event: a stream that fails never drains, but it always calls back.
      if (stream.write(bytes, (error) => (error ? reject(error) : resolve()))) resolve();
    });
    // Whoever writes next gets the error; after the last write the runtime sees and reports it.
    room.catch(() => undefined);
  };
  const flush = (isLast = false): void => {
    isFlushing = false;
    // Half a surrogate pair at the end waits for its other half.
    const half = !isLast && /[\ud800-\udbff]$/.test(batch) ? batch.slice(-1) : '';
    write(Buffer.from(batch.slice(0, batch.length - half.length)));
    batch = half;
  };
  const begin = (statusCode = prelude?.statusCode ?? 200): void => {
    if (begun) return;
    const contentType = FORMAT_CONTENT_TYPES[format];
    const headers: Record<string, string> = { 'content-type': contentType };
    for (const [name, value] of Object.entries(prelude?.headers ?? {})) headers[name.toLowerCase()] = value;
    const head = prelude && encodePrelude({ ...prelude, statusCode, headers });
    begun = true;
    stream.setContentType?.(head ? HTTP_INTEGRATION_CONTENT_TYPE : contentType);
    if (head) write(head);
    if (version) batch = encodeMarker(contract, 'start', { version });
  };

  return {
    sent,
    http: (replacement) => {
      if (begun) throw new Error('ctx.http() must be called before the first chunk');
      prelude = { ...prelude, ...replacement };
    },
    chunk: async (value) => {
      if (ended) throw new Error('the stream has ended');
      const data = encodeChunk(contract, value);
      begin();
      sent.chunks++;
      if (typeof data !== 'string') write(data);
      else {
        batch += data;
        if (batch.length >= BATCH_LENGTH) flush();
        else if (!isFlushing) {
          isFlushing = true;
          process.nextTick(flush);
        }
      }
      await room;
      // Node.js sends on the next turn of the event loop, and the deadline's timer needs one too: a producer that
      // never waits would starve both.
      if (Date.now() - turnedAt < TURN_MS) return;
      await new Promise(setImmediate);
      turnedAt = Date.now();
    },
    end: (final) => {
      const marker = encodeMarker(contract, 'end', { final, chunks: sent.chunks });
      ended = true;
      begin();
      batch += marker;
      flush(true);
      stream.end();
    },
    fail: (failure, statusCode) => {
      const marker = ended ? '' : encodeMarker(contract, 'error', failure);
      const says = marker !== '' || (prelude !== undefined && !begun);
      ended = true;
      if (says) begin(statusCode);
      batch += marker;
      flush(true);
      return says;
    },
  };
}
