/** Writes one response by contract: prelude, start marker, chunks, then the end or the error marker. */
import { encodeChunk, encodeMarker } from '../contract/chunk-encoder';
import type { StreamContract } from '../contract/stream-contract';
import { FORMAT_CONTENT_TYPES, HTTP_INTEGRATION_CONTENT_TYPE } from '../wire/content-types';
import { encodePrelude, type HttpPrelude } from '../wire/prelude';
import type { StreamFailure } from '../wire/stream-control';
import { batchedOutput } from './batched-output';
import type { ResponseStream } from './lambda-runtime';

export interface ResponseWriter {
  /** Replaces the contract's prelude. Throws once a byte was written. */
  http(prelude: HttpPrelude): void;
  /** Settles when there is room for the next chunk. */
  chunk(value: unknown): Promise<void>;
  end(final: unknown): void;
  /** Says on the wire that the stream failed. Gives whether there was a way to say it. */
  fail(failure: StreamFailure, statusCode: number): boolean;
  /** What was written so far. */
  sent(): { readonly bytes: number; readonly chunks: number; readonly firstByteAt?: number };
}

/** @param needsPrelude whether to write a prelude even if neither contract nor handler asks for one */
export function responseWriter(
  contract: StreamContract,
  stream: ResponseStream,
  needsPrelude: boolean,
): ResponseWriter {
  const { format, version } = contract;
  const output = batchedOutput(stream);
  let prelude = contract.http ?? (needsPrelude ? {} : undefined);
  let chunks = 0;
  let begun = false;
  let ended = false;

  const begin = (statusCode = prelude?.statusCode ?? 200): void => {
    if (begun) return;
    const contentType = FORMAT_CONTENT_TYPES[format];
    const head = prelude && encodePrelude(withDefaults(prelude, statusCode, contentType));
    begun = true;
    stream.setContentType?.(head ? HTTP_INTEGRATION_CONTENT_TYPE : contentType);
    if (head) output.write(head);
    if (version) output.write(encodeMarker(contract, 'start', { version }));
  };
  const finish = (marker: string, statusCode?: number): void => {
    ended = true;
    begin(statusCode);
    output.write(marker);
    output.flush(true);
  };

  return {
    http: (replacement) => {
      if (begun) throw new Error('ctx.http() must be called before the first chunk');
      prelude = { ...prelude, ...replacement };
    },
    chunk: (value) => {
      if (ended) throw new Error('the stream has ended');
      const data = encodeChunk(contract, value);
      begin();
      chunks++;
      output.write(data);
      return output.ready();
    },
    end: (final) => {
      finish(encodeMarker(contract, 'end', { final, chunks }));
      stream.end();
    },
    fail: (failure, statusCode) => {
      const marker = ended ? '' : encodeMarker(contract, 'error', failure);
      const says = marker !== '' || (prelude !== undefined && !begun);
      if (says || begun) finish(marker, statusCode);
      ended = true;
      return says;
    },
    sent: () => ({ ...output.sent, chunks }),
  };
}

function withDefaults(prelude: HttpPrelude, statusCode: number, contentType: string): HttpPrelude {
  const headers: Record<string, string> = { 'content-type': contentType };
  for (const [name, value] of Object.entries(prelude.headers ?? {})) headers[name.toLowerCase()] = value;
  return { ...prelude, statusCode, headers };
}
