/**
 * NDJSON: one JSON text per line.
 * @see https://github.com/ndjson/ndjson-spec
 */
import { LineSplitter } from './line-splitter';
import { unencodable } from './stream-format';
import { WireError } from './wire-error';

/**
 * `value` as one line with its newline. JSON text holds no raw line break, so the line is always whole.
 * @throws WireError `value-unencodable` for what JSON has no text for, and what `JSON.stringify` throws for a
 * BigInt, a circle or a failing `toJSON`.
 */
export function encodeNdjsonLine(value: unknown): string {
  const json: string | undefined = JSON.stringify(value);
  if (json === undefined) throw unencodable('ndjson', value);
  return `${json}\n`;
}

/** Called with each parsed value. */
export type ValueSink = (value: unknown) => void;

/**
 * Parses a byte stream of NDJSON, however it is cut: LF or CRLF, blank lines skipped, a byte order mark removed once,
 * the last line with or without its newline. Unusable after it threw.
 * @throws WireError with line, byte offset and excerpt
 */
export class NdjsonDecoder {
  private readonly lines: LineSplitter;

  /** @param maxLineBytes longest line; a longer one fails before the rest of it is buffered. @default LINE_MAX_BYTES */
  public constructor(maxLineBytes?: number) {
    this.lines = new LineSplitter({ maxLineBytes });
  }

  /** Number of the line last handed out, counted from 1 with blank lines. */
  public get line(): number {
    return this.lines.lineNumber;
  }

  /** Offset in the stream of the line being handed out; to be asked inside a sink. */
  public byteOffset(): number {
    return this.lines.byteOffset();
  }

  /** Calls `sink` for each value that `bytes` ends. */
  public push(bytes: Uint8Array, sink: ValueSink): void {
    this.lines.push(bytes, (line) => this.parse(line, sink));
  }

  /** To be called at the end of the stream: the last line may lack its newline. */
  public flush(sink: ValueSink): void {
    this.lines.flush((line) => this.parse(line, sink));
  }

  private parse(line: string, sink: ValueSink): void {
    // The first test keeps trim() off the path of ordinary lines.
    if (line.length === 0 || (line.charCodeAt(0) <= 32 && line.trim() === '')) return;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      const place = { line: this.line, byteOffset: this.byteOffset(), excerpt: line, cause };
      throw new WireError('json-invalid', `line ${this.line} is not JSON: ${String(cause)}`, place);
    }
    sink(value);
  }
}
