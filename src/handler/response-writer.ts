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

/** @param needsPrelude whether to write a prelude even if neither contract nor handler asks for one */
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
  /** Half a surrogate pair of the format `text`, kept back until its other half comes. */
  let half = '';

  const write = (data: string | Uint8Array): Promise<void> => {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    if (bytes.length === 0) return Promise.resolve();
    sent.firstByteAt ??= Date.now();
    sent.bytes += bytes.length;
    return new Promise((resolve, reject) => {
      // Not the drain event: a stream that fails never drains, but it always calls back.
      if (stream.write(bytes, (error) => (error ? reject(error) : resolve()))) resolve();
    });
  };
  const begin = (statusCode = prelude?.statusCode ?? 200): void => {
    if (begun) return;
    const contentType = FORMAT_CONTENT_TYPES[format];
    const headers: Record<string, string> = { 'content-type': contentType };
    for (const [name, value] of Object.entries(prelude?.headers ?? {})) headers[name.toLowerCase()] = value;
    const head = prelude ? encodePrelude({ ...prelude, statusCode, headers }) : '';
    begun = true;
    stream.setContentType?.(head ? HTTP_INTEGRATION_CONTENT_TYPE : contentType);
    unawaited(write(head));
    if (version) unawaited(write(encodeMarker(contract, 'start', { version })));
  };

  return {
    sent,
    http: (replacement) => {
      if (begun) throw new Error('ctx.http() must be called before the first chunk');
      prelude = { ...prelude, ...replacement };
    },
    chunk: async (value) => {
      if (ended) throw new Error('the stream has ended: no chunk can follow');
      let data = encodeChunk(contract, value);
      sent.chunks++;
      if (format === 'text') {
        const text = `${half}${data}`;
        half = /[\ud800-\udbff]$/.test(text) ? text.slice(-1) : '';
        data = text.slice(0, text.length - half.length);
      }
      begin();
      await write(data);
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
      unawaited(write(half + marker));
      stream.end();
    },
    fail: (failure, statusCode) => {
      const marker = ended ? '' : encodeMarker(contract, 'error', failure);
      const says = marker !== '' || (prelude !== undefined && !begun);
      ended = true;
      if (says) {
        begin(statusCode);
        unawaited(write(marker));
      }
      return says;
    },
  };
}

/** For writes after which nothing waits for room: a stream that fails then fails for the runtime, which reports it. */
function unawaited(written: Promise<void>): void {
  written.catch(() => undefined);
}
