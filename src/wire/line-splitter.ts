/**
 * Splits bytes into lines of UTF-8, however the bytes are cut. Both line formats, NDJSON and SSE, stand on it.
 * Works on bytes up to the last line break of a piece: a line break is never part of a longer UTF-8 character, so whole
 * lines are decoded in one go and only the unfinished rest is kept.
 */
import { LINE_MAX_BYTES } from './limits';
import { WireError, type WireErrorCode } from './wire-error';

const LF = 10;
const CR = 13;
const BYTE_ORDER_MARK = 0xfeff;
const EXCERPT_BYTES = 80;

/** Called with each line, without its line break. */
export type LineSink = (line: string) => void;

export interface LineSplitterOptions {
  /** Longest line in bytes, up to its line break. @default LINE_MAX_BYTES */
  readonly maxLineBytes?: number;
  /** Whether a lone CR ends a line too, as in SSE; otherwise a CR before the LF is removed. @default false */
  readonly carriageReturns?: boolean;
}

export class LineSplitter {
  /** Lines handed out so far; inside a sink, the number of its line, counted from 1. */
  public lineNumber = 0;
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  private readonly maxLineBytes: number;
  private readonly carriageReturns: boolean;
  /** The unfinished line, copied: a view would keep a whole piece alive, and a piece may be a single byte. */
  private held = new Uint8Array(0);
  private heldBytes = 0;
  private skipLineFeed = false;
  /** The bytes being handed out, their offset in the stream, and the number of lines before them. */
  private region = new Uint8Array(0);
  private regionOffset = 0;
  private regionLine = 0;

  public constructor(options: LineSplitterOptions = {}) {
    this.maxLineBytes = options.maxLineBytes ?? LINE_MAX_BYTES;
    this.carriageReturns = options.carriageReturns ?? false;
  }

  /**
   * Calls `sink` for each line that `bytes` ends.
   * @throws WireError, after the lines before the broken one
   */
  public push(bytes: Uint8Array, sink: LineSink): void {
    let start = 0;
    if (this.skipLineFeed && bytes.length > 0) {
      this.skipLineFeed = false;
      if (bytes[0] === LF) {
        start = 1;
        this.regionOffset++;
      }
    }
    const end = this.afterLastBreak(bytes);
    if (end > start) {
      if (this.heldBytes > 0) {
        const firstEnd = this.afterBreak(bytes, start);
        this.handOut(this.takeHeld(bytes.subarray(start, firstEnd)), sink);
        start = firstEnd;
      }
      if (end > start) this.handOut(bytes.subarray(start, end), sink);
      this.skipLineFeed = this.carriageReturns && bytes[end - 1] === CR && end === bytes.length;
      start = end;
    }
    this.hold(bytes.subarray(start));
  }

  /** Hands out the last line where it has no line break. */
  public flush(sink: LineSink): void {
    this.handOut(this.takeHeld(new Uint8Array(0)), sink);
  }

  /** Offset in the stream of the current line's first byte; to be asked inside a sink. */
  public byteOffset(): number {
    let start = 0;
    for (let line = this.regionLine + 1; line < this.lineNumber; line++) start = this.afterBreak(this.region, start);
    return this.regionOffset + start;
  }

  private hold(bytes: Uint8Array): void {
    if (this.heldBytes + bytes.length > this.maxLineBytes) {
      throw this.tooLong(this.takeHeld(bytes.subarray(0, EXCERPT_BYTES)));
    }
    this.append(bytes);
  }

  private append(bytes: Uint8Array): void {
    const needed = this.heldBytes + bytes.length;
    if (needed > this.held.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.held.length));
      larger.set(this.held.subarray(0, this.heldBytes));
      this.held = larger;
    }
    this.held.set(bytes, this.heldBytes);
    this.heldBytes = needed;
  }

  private takeHeld(last: Uint8Array): Uint8Array<ArrayBuffer> {
    this.append(last);
    const line = this.held.subarray(0, this.heldBytes);
    this.heldBytes = 0;
    return line;
  }

  /** Hands out whole lines; the last one may lack its line break only at the end of the stream. */
  private handOut(region: Uint8Array, sink: LineSink): void {
    const text = region.length > this.maxLineBytes ? undefined : this.decode(region);
    if (text === undefined) this.handOutOneByOne(region, sink);
    else this.handOutRegion(region, text, sink);
  }

  /** The careful way, taken where some line is too long or not UTF-8: the lines before it still come out. */
  private handOutOneByOne(region: Uint8Array, sink: LineSink): void {
    for (let rest = region; rest.length > 0; ) {
      const end = this.afterBreak(rest, 0);
      const line = rest.subarray(0, end);
      const content = this.withoutBreak(line);
      if (content.length > this.maxLineBytes) throw this.tooLong(content);
      const text = this.decode(line);
      if (text === undefined) throw this.broken('utf8-invalid', 'is not UTF-8', content);
      this.handOutRegion(line, text, sink);
      rest = rest.subarray(end);
    }
  }

  private handOutRegion(region: Uint8Array, text: string, sink: LineSink): void {
    this.region = region as Uint8Array<ArrayBuffer>;
    this.regionLine = this.lineNumber;
    this.handOutText(text, sink);
    this.regionOffset += region.length;
  }

  private handOutText(decoded: string, sink: LineSink): void {
    let text = decoded;
    if (this.regionOffset === 0 && text.charCodeAt(0) === BYTE_ORDER_MARK) text = text.slice(1);
    if (this.carriageReturns && text.includes('\r')) text = text.replace(/\r\n?/g, '\n');
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.handOutLine(text, start, end, sink);
      start = end + 1;
    }
    if (start < text.length) this.handOutLine(text, start, text.length, sink);
  }

  private handOutLine(text: string, start: number, end: number, sink: LineSink): void {
    const withoutCr = text.charCodeAt(end - 1) === CR ? end - 1 : end;
    this.lineNumber++;
    sink(text.slice(start, withoutCr));
  }

  private decode(bytes: Uint8Array): string | undefined {
    try {
      return this.decoder.decode(bytes);
    } catch {
      return undefined; // not UTF-8; the caller finds the line
    }
  }

  private afterLastBreak(bytes: Uint8Array): number {
    const lineFeed = bytes.lastIndexOf(LF);
    if (!this.carriageReturns) return lineFeed + 1;
    return Math.max(lineFeed, bytes.lastIndexOf(CR)) + 1;
  }

  /** Offset after the first line break at or after `start`; the length where there is none. */
  private afterBreak(bytes: Uint8Array, start: number): number {
    const lineFeed = bytes.indexOf(LF, start);
    const end = lineFeed === -1 ? bytes.length : lineFeed + 1;
    if (!this.carriageReturns) return end;
    const carriageReturn = bytes.subarray(start, end).indexOf(CR);
    if (carriageReturn === -1) return end;
    const after = start + carriageReturn + 1;
    return bytes[after] === LF ? after + 1 : after;
  }

  private withoutBreak(line: Uint8Array): Uint8Array {
    const content = line.at(-1) === LF ? line.subarray(0, -1) : line;
    return this.carriageReturns && content.at(-1) === CR ? content.subarray(0, -1) : content;
  }

  private tooLong(line: Uint8Array): WireError {
    return this.broken('line-too-long', `is longer than maxLineBytes (${this.maxLineBytes} bytes)`, line);
  }

  /** Of the line after those that were handed out. */
  private broken(code: WireErrorCode, problem: string, line: Uint8Array): WireError {
    this.lineNumber++;
    const excerpt = new TextDecoder().decode(line.subarray(0, EXCERPT_BYTES));
    const place = { line: this.lineNumber, byteOffset: this.regionOffset, excerpt };
    return new WireError(code, `line ${this.lineNumber} ${problem}`, place);
  }
}
