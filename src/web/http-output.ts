/**
 * The writing side of one response: head, body, and the end its reader can trust. In server-sent events it also sends
 * what keeps a silent connection open, and the mark of a whole stream.
 */
import { HTTP_INTEGRATION_CONTENT_TYPE } from '../wire/content-types';
import { encodePrelude } from '../wire/http-prelude';
import type { ResponseWriter } from '../wire/lambda-runtime';
import { SSE_END_MARK } from '../wire/sse-end-mark';
import type { WebHandlerOptions, WebMeasurement } from './web-options';

/** What a response begins with. Names of headers in lower case; cookies are apart, because they cannot be joined. */
export interface ResponseHead {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
}

/** Where a response goes. */
export interface ResponseSink {
  /** Whether the reader has what was written; else all can still be replaced. */
  readonly isLive: boolean;
  head(head: ResponseHead): void;
  /** Settles when there is room for more; rejects when the stream failed. */
  write(bytes: Uint8Array): Promise<void>;
}

/** Into Lambda's response stream. The prelude is written at once: the runtime's own helper would wait for a body. */
export function streamSink(stream: ResponseWriter): ResponseSink {
  const write = (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      // Not the drain event: a stream that fails never drains, but it always calls back.
      if (stream.write(bytes, (error) => (error ? reject(error) : resolve()))) resolve();
    });
  return {
    isLive: true,
    head: (head) => {
      const prelude = encodePrelude(head);
      stream.setContentType?.(HTTP_INTEGRATION_CONTENT_TYPE);
      write(prelude).catch(ignore);
    },
    write,
  };
}

/** Of a write that nobody waits for: the next one fails too, and the runtime reports it. */
const ignore = (): void => undefined;

/** What an invocation counts while it runs. */
export type Measuring = { -readonly [Key in keyof Omit<WebMeasurement, 'endedAt'>]: WebMeasurement[Key] };

export interface HttpOutput {
  /** Whether the reader has the head. */
  readonly hasBegun: boolean;
  /** Stops what the body comes from, when the response ends before it does. */
  cancelSource: (reason: unknown) => Promise<void>;
  mayHaveBody(statusCode: number): boolean;
  /** Whether a response with this head is a stream of server-sent events. */
  isEvents(head: ResponseHead): boolean;
  begin(head: ResponseHead): void;
  /** Settles when there is room for more. Rejects where the stream failed or has ended. */
  write(chunk: unknown): Promise<void>;
  /** Ends a response that is whole. */
  finish(): void;
  /** Ends a response that is not: nothing is written any more, but in server-sent events `frame`. */
  fail(reason: unknown, frame: () => string): void;
}

const LINE_JSON = /^application\/(x-)?(ndjson|jsonl|jsonlines)\b/i;

export function httpOutput(
  sink: ResponseSink,
  method: string,
  { keepAliveMs, endMark = true }: Pick<WebHandlerOptions, 'keepAliveMs' | 'endMark'>,
  measured: Measuring,
): HttpOutput {
  let begun: ResponseHead | undefined;
  let hasEnded = false;
  /** The last bytes of the body, by which a place between two events is known. */
  let tail = '';
  let filler = '';
  let timer: NodeJS.Timeout | undefined;

  const send = (bytes: Uint8Array): Promise<void> => {
    measured.bytes += bytes.length;
    return sink.write(bytes);
  };
  const sendText = (text: string): void => void send(Buffer.from(text)).catch(ignore);
  const mayHaveBody = (statusCode: number): boolean => method !== 'HEAD' && statusCode !== 204 && statusCode !== 304;
  const isEvents = ({ statusCode, headers }: ResponseHead): boolean =>
    mayHaveBody(statusCode) && /^text\/event-stream\b/i.test(headers['content-type'] ?? '');
  const isBetweenEvents = (): boolean => /(^|\n\r?\n|\r\r)$/.test(tail);
  const end = (): void => {
    hasEnded = true;
    clearTimeout(timer);
  };

  return {
    cancelSource: async () => undefined,
    get hasBegun() {
      return !!begun && sink.isLive;
    },
    mayHaveBody,
    isEvents,
    begin: (head) => {
      const { statusCode } = head;
      if (!(statusCode >= 200 && statusCode <= 599)) {
        throw new RangeError(`the status of a response must be 200 to 599, got ${statusCode}`);
      }
      const events = isEvents(head);
      const { 'content-length': length, ...headers } = head.headers;
      // Of events it would be wrong: there may be more than the app's.
      sink.head(events && length ? { ...head, headers } : head);
      measured.firstByteAt ??= Date.now();
      begun = head;
      if (events) filler = ': keep-alive\n\n';
      else if (keepAliveMs && LINE_JSON.test(headers['content-type'] ?? '')) filler = ' ';
      if (!filler || keepAliveMs === false || !sink.isLive) return;
      timer = setTimeout(() => {
        // Within an event or a line a filler would be part of it.
        if (events ? isBetweenEvents() : /(^|\n)$/.test(tail)) sendText(filler);
        timer?.refresh();
      }, keepAliveMs ?? 15_000);
    },
    write: async (chunk) => {
      if (hasEnded) throw new Error('the response has ended');
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      if (!(bytes instanceof Uint8Array)) {
        throw new TypeError(`a piece of a body must be a Uint8Array or a string, got ${typeof chunk}`);
      }
      if (!begun || !mayHaveBody(begun.statusCode) || !bytes.length) return;
      measured.chunks++;
      if (filler) {
        tail = (tail + String.fromCharCode(...bytes.subarray(-3))).slice(-3);
        timer?.refresh();
      }
      await send(bytes);
    },
    finish: () => {
      end();
      // A body that ends within an event was cut off at its source: nobody should take it for whole.
      if (begun && isEvents(begun) && endMark && isBetweenEvents()) sendText(SSE_END_MARK);
    },
    fail(reason, frame) {
      end();
      this.cancelSource(reason).catch((error) => console.error('cancel of a body:', error));
      if (begun && sink.isLive && isEvents(begun)) sendText(frame());
    },
  };
}
