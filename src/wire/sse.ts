/**
 * Server-sent events: encodes and decodes them.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
import { LINE_MAX_BYTES } from './limits';
import { LineSplitter } from './line-splitter';
import { WireError } from './wire-error';

const SPACE = 32;

/** One event of the stream. */
export interface SseEvent {
  /** Lines are joined by LF; the format cannot carry a CR. */
  readonly data: string;
  /** Event type; absent means `message`. */
  readonly event?: string | undefined;
  readonly id?: string | undefined;
}

/** `event` as text that ends with the blank line that dispatches it. */
export const encodeSseEvent = ({ event, id, data }: SseEvent): string =>
  `${field('event', event)}${field('id', id)}data: ${data.replace(/\r\n?|\n/g, '\ndata: ')}\n\n`;

function field(name: string, value: string | undefined): string {
  if (value === undefined) return '';
  if (!/[\r\n\0]/.test(value)) return `${name}: ${value}\n`;
  throw new WireError('value-unencodable', `an SSE ${name} cannot hold a line break or NUL`, { excerpt: value });
}

/** Called with each event. */
export type EventSink = (event: SseEvent) => void;

/** Decodes a byte stream of events, however it is cut. Comments and `retry` are skipped. Unusable after it threw a `WireError`. */
export class SseDecoder {
  /** Fields seen so far that are not data: an event that has no other is never dispatched. Comments do not count. */
  public otherFields = 0;
  private readonly lines: LineSplitter;
  private data: string | undefined;
  private event: string | undefined;
  private id: string | undefined;
  private sink: EventSink = ignore;

  /** @param maxEventBytes longest line, and most characters of one event's data. @default LINE_MAX_BYTES */
  public constructor(private readonly maxEventBytes: number = LINE_MAX_BYTES) {
    this.lines = new LineSplitter({ maxLineBytes: maxEventBytes, carriageReturns: true });
  }

  /** Number of the line last seen, counted from 1. */
  public get line(): number {
    return this.lines.lineNumber;
  }

  /** Offset in the stream of the line being handed out; to be asked inside a sink. */
  public byteOffset(): number {
    return this.lines.byteOffset();
  }

  /** Calls `sink` for each event that `bytes` ends. */
  public push(bytes: Uint8Array, sink: EventSink): void {
    this.sink = sink;
    this.lines.push(bytes, this.takeLine);
  }

  /**
   * To be called at the end of the stream.
   * @throws WireError `event-truncated` where an event has data but not its blank line: it was cut off
   */
  public flush(sink: EventSink): void {
    this.sink = sink;
    this.lines.flush(this.takeLine);
    if (this.data === undefined) return;
    const message = 'the stream ends inside an event: its closing blank line is missing';
    throw new WireError('event-truncated', message, { line: this.line, excerpt: this.data });
  }

  private readonly takeLine = (line: string): void => {
    if (line === '') {
      this.dispatch();
      return;
    }
    // Nearly all lines are data, and this spares them the search for the field's name.
    if (line.startsWith('data:')) {
      this.takeData(line.slice(line.charCodeAt(5) === SPACE ? 6 : 5));
      return;
    }
    const colon = line.indexOf(':');
    // A comment begins with the colon: it is a field without a name.
    const name = colon === -1 ? line : line.slice(0, colon);
    const valueStart = line.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1;
    this.takeField(name, colon === -1 ? '' : line.slice(valueStart));
  };

  private takeField(name: string, value: string): void {
    if (name === 'data') {
      this.takeData(value);
      return;
    }
    if (name.trim() !== '') this.otherFields += 1;
    if (name === 'event') this.event = value === '' ? undefined : value;
    else if (name === 'id' && !value.includes('\0')) this.id = value;
  }

  private takeData(value: string): void {
    this.data = this.data === undefined ? value : this.bounded(`${this.data}\n${value}`);
  }

  private bounded(data: string): string {
    if (data.length <= this.maxEventBytes) return data;
    const message = `the event that ends at line ${this.line} or later is longer than ${this.maxEventBytes} characters`;
    throw new WireError('line-too-long', message, { line: this.line, byteOffset: this.byteOffset(), excerpt: data });
  }

  private dispatch(): void {
    const { data, event, id } = this;
    this.data = this.event = this.id = undefined;
    if (data === undefined) return;
    if (event === undefined && id === undefined) this.sink({ data });
    else this.sink({ data, ...(event !== undefined && { event }), ...(id !== undefined && { id }) });
  }
}

function ignore(): void {
  // before the first push there is nobody to tell
}
