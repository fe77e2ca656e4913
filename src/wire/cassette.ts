/**
 * Recorded streams as text, one JSON value a line, so that they can be read, compared and mended by hand: for each stream
 * its head, then its pieces with their times, then how it ended.
 */
import { bytesToBase64 } from '../base/bytes';

/** A stream as it was seen. */
export interface RecordedStream {
  readonly status: number;
  /** In the order they came; a name may be there twice, as `set-cookie` is. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Whether the function sent status and headers itself, in an HTTP prelude. */
  readonly hasPrelude: boolean;
  readonly pieces: readonly RecordedPiece[];
  readonly end: RecordedEnd;
}

export interface RecordedPiece {
  /** Milliseconds since the request. */
  readonly ms: number;
  readonly bytes: Uint8Array;
}

/** How a stream ended: in good order, by the function's failure as Lambda told it, or because the connection broke. */
export interface RecordedEnd {
  readonly ms: number;
  readonly end: 'complete' | 'function-error' | 'broken';
  readonly errorCode?: string | undefined;
  readonly errorDetails?: string | undefined;
  readonly logTail?: string | undefined;
}

/** What a cassette file holds of `streams`. */
export function encodeCassette(streams: readonly RecordedStream[]): string {
  const lines = streams.flatMap(({ status, headers, hasPrelude, pieces, end }) => [
    { status, headers, ...(hasPrelude && { prelude: true }) },
    ...pieces.map(({ ms, bytes }) => ({ ms: rounded(ms), ...textOrBase64(bytes) })),
    { ...end, ms: rounded(end.ms) },
  ]);
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10;

/** Text where that gives back the same bytes. */
function textOrBase64(bytes: Uint8Array): { readonly text: string } | { readonly base64: string } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { base64: bytesToBase64(bytes) }; // not text, or cut inside of a character
  }
}
