/** What a stream says of itself: chunks of its format, and the end or the error that the handler wrote into it. */

import { joinBytes } from '../src/base/bytes';
import { createChunkDecoder } from '../src/contract/chunk-decoder';
import { streamContract } from '../src/contract/stream-contract';
import { HTTP_INTEGRATION_CONTENT_TYPE } from '../src/wire/content-types';
import { PreludeSplitter } from '../src/wire/http-prelude';
import { SSE_END_MARK } from '../src/wire/sse-end-mark';
import { bytesOf, type Call } from './calls';

export interface Verdict {
  /** Chunks of the contract's format; undefined where the format is not known. */
  readonly chunks: number | undefined;
  /** Whether the handler itself confirms the end; undefined where that is not known. */
  readonly hasEndMark: boolean | undefined;
  /** The error that the handler wrote into the stream. */
  readonly failure: string | undefined;
}

const FORMATS = [
  [/^text\/event-stream\b/i, 'sse'],
  [/^application\/(x-)?(ndjson|jsonlines|jsonl)\b/i, 'ndjson'],
] as const;

const UNKNOWN: Verdict = { chunks: undefined, hasEndMark: undefined, failure: undefined };
const known = new WeakMap<Call, Verdict>();

/** Of a stream that is over; unknown before, and where not all of it is kept. */
export function verdictOf(call: Call): Verdict {
  if (call.ended === undefined) return UNKNOWN;
  const found = known.get(call) ?? judge(call);
  known.set(call, found);
  return found;
}

function judge({ answered, pieces }: Call): Verdict {
  const parts = pieces.map(bytesOf);
  if (answered === undefined || !parts.every((part) => part !== undefined)) return UNKNOWN;
  let body = joinBytes(parts);
  let { contentType } = answered;
  if (contentType === HTTP_INTEGRATION_CONTENT_TYPE) {
    const splitter = new PreludeSplitter();
    body = splitter.push(body);
    const headers = Object.entries(splitter.prelude?.headers ?? {});
    contentType = String(headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '');
  }
  const format = FORMATS.find(([type]) => type.test(contentType))?.[1];
  if (format === undefined) return UNKNOWN;
  const decoder = createChunkDecoder(streamContract({ format }));
  const items = [...decoder.push(body), ...decoder.flush()];
  const error = items.find((item) => item.kind === 'error');
  const failure = error?.kind === 'error' ? `${error.failure.type}: ${error.failure.message}` : undefined;
  const isMarked = format === 'sse' && new TextDecoder().decode(body).endsWith(SSE_END_MARK);
  return { chunks: decoder.chunks, hasEndMark: isMarked || items.some(({ kind }) => kind === 'end'), failure };
}
