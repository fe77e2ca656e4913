/** Writes one response by contract: prelude, start marker, chunks, then the end or the error marker. */
import { encodeChunk, encodeMarker } from '../contract/chunk-encoder';
import type { StreamContract } from '../contract/stream-contract';
import { FORMAT_CONTENT_TYPES } from '../wire/content-types';
import type { HttpPrelude } from '../wire/prelude';
import type { StreamFailure } from '../wire/stream-control';
import { type ResponseOutput, unawaited } from './response-output';

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

export function responseWriter(contract: StreamContract, output: ResponseOutput, isHttp: boolean): ResponseWriter {
  const { format, version } = contract;
  const sent: ResponseWriter['sent'] = { bytes: 0, chunks: 0 };
  let prelude = contract.http ?? (isHttp ? {} : undefined);
  let begun = false;
  let ended = false;
  let turnedAt = 0;
  /** Half a surrogate pair of the format `text`, kept back until its other half comes. */
  let half = '';

  const begin = (statusCode = prelude?.statusCode ?? 200): void => {
    const contentType = FORMAT_CONTENT_TYPES[format];
    const headers: Record<string, string> = { 'content-type': contentType };
    for (const [name, value] of Object.entries(prelude?.headers ?? {})) headers[name.toLowerCase()] = value;
    output.begin(contentType, prelude && { ...prelude, statusCode, headers });
    begun = true;
    if (version) unawaited(write(encodeMarker(contract, 'start', { version })));
  };
  const write = async (data: string | Uint8Array, statusCode?: number): Promise<void> => {
    if (!begun) begin(statusCode);
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    if (bytes.length === 0) return;
    sent.firstByteAt ??= Date.now();
    sent.bytes += bytes.length;
    await output.write(bytes);
  };
  const wholeCharacters = (text: string): string => {
    const all = half + text;
    half = /[\ud800-\udbff]$/.test(all) ? all.slice(-1) : '';
    return all.slice(0, all.length - half.length);
  };

  return {
    sent,
    http: (replacement) => {
      if (begun) throw new Error('ctx.http() must be called before the first chunk');
      prelude = { ...prelude, ...replacement };
    },
    chunk: async (value) => {
      if (ended) throw new Error('the stream has ended: no chunk can follow');
      const data = encodeChunk(contract, value);
      sent.chunks++;
      await write(format === 'text' ? wholeCharacters(data as string) : data);
      // Node.js sends on the next turn of the event loop, and the deadline's timer needs one too: a producer that
      // never waits would starve both.
      if (Date.now() - turnedAt < TURN_MS) return;
      await new Promise(setImmediate);
      turnedAt = Date.now();
    },
    end: (final) => {
      const marker = encodeMarker(contract, 'end', { final, chunks: sent.chunks });
      ended = true;
      unawaited(write(half + marker));
      output.end();
    },
    fail: (failure, statusCode) => {
      const marker = ended ? '' : encodeMarker(contract, 'error', failure);
      const says = marker !== '' || (prelude !== undefined && !begun);
      ended = true;
      if (says) unawaited(write(marker, statusCode));
      return says;
    },
  };
}
