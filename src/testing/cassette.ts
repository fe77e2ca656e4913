/**
 * A file of recorded streams, one JSON value a line, so that it can be read, compared and mended by hand: for each stream
 * its head, then its pieces with their times, then how it ended.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { isObject } from '../base/is-object';

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

export function writeCassette(path: string, streams: readonly RecordedStream[]): void {
  const lines = streams.flatMap(({ status, headers, hasPrelude, pieces, end }) => [
    { status, headers, ...(hasPrelude && { prelude: true }) },
    ...pieces.map(({ ms, bytes }) => ({ ms: rounded(ms), ...textOrBase64(bytes) })),
    { ...end, ms: rounded(end.ms) },
  ]);
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

/** @throws Error that names the line where the file is not what {@link writeCassette} writes */
export function readCassette(path: string): readonly RecordedStream[] {
  const streams: RecordedStream[] = [];
  let open: (Omit<RecordedStream, 'end'> & { readonly pieces: RecordedPiece[] }) | undefined;
  for (const [index, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    if (line.trim() === '') continue;
    const wrong = (what: string) => new Error(`${path}:${index + 1}: ${what}, got ${line.slice(0, 80)}`);
    const value = parsed(line);
    const head = headOf(value);
    if (open === undefined) {
      if (head === undefined) throw wrong(`a stream begins with its head, as { "status": 200, "headers": [] }`);
      open = head;
      continue;
    }
    const piece = pieceOf(value);
    const end = endOf(value);
    if (piece !== undefined) open.pieces.push(piece);
    else if (end === undefined) {
      throw wrong(
        `a piece is { "ms": 1, "text": "…" } or { "ms": 1, "base64": "…" }, and an end { "ms": 1, "end": "complete" }`,
      );
    } else {
      streams.push({ ...open, end });
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`${path}: its last stream has no end; add { "ms": 1, "end": "broken" }`);
  if (streams.length === 0) throw new Error(`${path} holds no stream`);
  return streams;
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10;

/** Text where that gives back the same bytes. */
function textOrBase64(bytes: Uint8Array): { readonly text: string } | { readonly base64: string } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  return Buffer.from(text, 'utf8').equals(buffer) ? { text } : { base64: buffer.toString('base64') };
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function headOf({ status, headers, prelude = false }: Readonly<Record<string, unknown>>) {
  if (!Number.isInteger(status) || !Array.isArray(headers) || typeof prelude !== 'boolean') return undefined;
  const isPair = (pair: unknown) =>
    Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string');
  if (!headers.every(isPair)) return undefined;
  const pairs: RecordedStream['headers'] = headers;
  return { status: Number(status), headers: pairs, hasPrelude: prelude, pieces: [] };
}

function pieceOf({ ms, text, base64 }: Readonly<Record<string, unknown>>): RecordedPiece | undefined {
  if (!isTime(ms)) return undefined;
  if (typeof text === 'string') return { ms, bytes: Buffer.from(text, 'utf8') };
  return typeof base64 === 'string' ? { ms, bytes: Buffer.from(base64, 'base64') } : undefined;
}

function endOf({ ms, end, ...more }: Readonly<Record<string, unknown>>): RecordedEnd | undefined {
  if (!isTime(ms) || (end !== 'complete' && end !== 'function-error' && end !== 'broken')) return undefined;
  const { errorCode, errorDetails, logTail } = more;
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return { ms, end, errorCode: text(errorCode), errorDetails: text(errorDetails), logTail: text(logTail) };
}

const isTime = (ms: unknown): ms is number => typeof ms === 'number' && ms >= 0;
