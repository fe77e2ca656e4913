/** Reads and writes files of recorded streams. What is in them is in `wire/cassette`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isObject } from '../base/is-object';
import { encodeCassette, type RecordedEnd, type RecordedPiece, type RecordedStream } from '../wire/cassette';

export function writeCassette(path: string, streams: readonly RecordedStream[]): void {
  writeFileSync(path, encodeCassette(streams));
}

/** @throws Error that names the line where the file is not what {@link writeCassette} writes */
export function readCassette(path: string): readonly RecordedStream[] {
  const streams: RecordedStream[] = [];
  let open: (Omit<RecordedStream, 'end'> & { readonly pieces: RecordedPiece[] }) | undefined;
  // Some editors put a byte order mark in front.
  const lines = readFileSync(path, 'utf8')
    .replace(/^\uFEFF/, '')
    .split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const wrong = (what: string) => new Error(`${path}:${index + 1}: ${what}, got ${line.slice(0, 80)}`);
    const value = parsed(line);
    const head = headOf(value);
    if (open === undefined) {
      if (head === undefined) {
        throw wrong(
          `a stream begins with its head, as { "status": 200, "headers": [["x-name", "value"]] } with what HTTP can carry`,
        );
      }
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

function parsed(line: string): Line {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

type Line = Readonly<Record<string, unknown>>;

/** Whether a line says this and nothing else: of two things that it says, one would be lost. */
function hasOnly(line: Line, ...names: readonly string[]): boolean {
  return Object.keys(line).every((name) => names.includes(name));
}

function headOf(line: Line) {
  const { status, headers, prelude = false } = line;
  if (!hasOnly(line, 'status', 'headers', 'prelude') || typeof prelude !== 'boolean') return undefined;
  if (!Number.isInteger(status) || Number(status) < 200 || Number(status) > 599) return undefined;
  if (!Array.isArray(headers) || !headers.every(isHeader)) return undefined;
  return { status: Number(status), headers, hasPrelude: prelude, pieces: [] };
}

function isHeader(pair: unknown): pair is readonly [string, string] {
  if (!Array.isArray(pair) || pair.length !== 2) return false;
  const [name, value]: readonly unknown[] = pair;
  if (typeof name !== 'string' || typeof value !== 'string') return false;
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false; // with a reason that names neither file nor line
  }
}

function pieceOf(line: Line): RecordedPiece | undefined {
  const { ms, text, base64 } = line;
  if (!isTime(ms)) return undefined;
  if (typeof text === 'string')
    return hasOnly(line, 'ms', 'text') ? { ms, bytes: Buffer.from(text, 'utf8') } : undefined;
  if (typeof base64 !== 'string' || !hasOnly(line, 'ms', 'base64')) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  // Buffer skips what is no base64.
  return bytes.toString('base64') === base64 ? { ms, bytes } : undefined;
}

function endOf(line: Line): RecordedEnd | undefined {
  const { ms, end, errorCode, errorDetails, logTail } = line;
  if (!isTime(ms) || (end !== 'complete' && end !== 'function-error' && end !== 'broken')) return undefined;
  const told = end === 'function-error' ? ['errorCode', 'errorDetails', 'logTail'] : ['logTail'];
  if (!hasOnly(line, 'ms', 'end', ...told)) return undefined;
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return { ms, end, errorCode: text(errorCode), errorDetails: text(errorDetails), logTail: text(logTail) };
}

const isTime = (ms: unknown): ms is number => typeof ms === 'number' && ms >= 0;
