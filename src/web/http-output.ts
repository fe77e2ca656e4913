/**
 * The writing side of one response: head, body, and the end its reader can trust. In server-sent events it also sends
 * what keeps a silent connection open, and the mark of a whole stream.
 */
import { HTTP_INTEGRATION_CONTENT_TYPE } from '../wire/content-types';
import { encodePrelude } from '../wire/http-prelude';
import type { ResponseWriter } from '../wire/lambda-runtime';
import { SSE_END_MARK } from '../wire/sse-end-mark';
import type { WebHandlerOptions, WebMeasurement } from './web-options';

/** What an invocation counts while it runs. */
export type Measuring = { -readonly [Key in keyof Omit<WebMeasurement, 'endedAt'>]: WebMeasurement[Key] };

export interface HttpOutput {
  /** Stops what the body comes from, when the response ends before it does. */
  cancelSource: (reason: unknown) => Promise<void>;
  /**
   * Takes the head, which waits a moment for the first piece. Gives whether the response has a body.
   * @param headers names in lower case; those of cookies and of the connection are left out
   * @throws RangeError for a status that no response has, WireError for a head that is too long
   */
  begin(statusCode: number, headers: Iterable<readonly [name: string, value: string]>, cookies: string[]): boolean;
  /** Settles when there is room for more. Rejects where the stream failed or has ended. */
  write(chunk: unknown): Promise<void>;
  /** Ends a response that is whole. */
  finish(): void;
  /** Ends a response that is not: nothing is written any more, but `frame` in server-sent events that have begun. */
  fail(reason: unknown, frame: () => string): void;
}

const EVENTS = /^text\/event-stream\b/i;
const LINE_JSON = /^application\/(x-)?(ndjson|jsonl|jsonlines)\b/i;
const BETWEEN_EVENTS = /(^|\n\r?\n|\r\r)$/;
const BETWEEN_LINES = /(^|\n)$/;

/** Cookies are apart, because they cannot be joined. The connection is the front end's, and so is its framing. */
const NOT_IN_THE_HEAD = /^(set-cookie|connection|keep-alive|transfer-encoding|upgrade|te|trailer|proxy-.*)$/;

/** @param isLive whether the reader has what was written; else all of it can still be replaced */
export function httpOutput(
  stream: ResponseWriter,
  isLive: boolean,
  method: string,
  { keepAliveMs, endMark = true, headersWaitMs }: WebHandlerOptions<never>,
  measured: Measuring,
): HttpOutput {
  /** Until it has done so. */
  let sendHead: (() => void) | undefined;
  let hasBody = false;
  let isEvents = false;
  let hasEnded = false;
  let filler = '';
  /** The last bytes of the body, by which a place between two events is known. */
  let tail = '';
  let timer: NodeJS.Timeout | undefined;

  const send = (bytes: Uint8Array): Promise<void> => {
    measured.firstByteAt ??= Date.now();
    measured.bytes += bytes.length;
    return new Promise((resolve, reject) => {
      // Not the drain event: a stream that fails never drains, but it always calls back.
      if (stream.write(bytes, (error) => (error ? reject(error) : resolve()))) resolve();
    });
  };
  /** Not waited for: after a write that fails the next one fails too, and the runtime reports it. */
  const sendText = (text: string): void => void send(Buffer.from(text)).catch(() => undefined);
  const isBetween = (): boolean => (isEvents ? BETWEEN_EVENTS : BETWEEN_LINES).test(tail);
  const keepAlive = (): void => {
    // Within an event or a line a filler would be part of it.
    if (isBetween()) sendText(filler);
    timer?.refresh();
  };
  const refuseAfterEnd = (): void => {
    if (hasEnded) throw new Error('the response has ended');
  };
  const end = (): void => {
    hasEnded = true;
    clearTimeout(timer);
  };

  return {
    cancelSource: async () => undefined,
    begin(statusCode, given, cookies) {
      refuseAfterEnd();
      if (!(statusCode >= 200 && statusCode <= 599)) {
        throw new RangeError(`the status of a response must be 200 to 599, got ${statusCode}`);
      }
      const headers = Object.fromEntries([...given].filter(([name]) => !NOT_IN_THE_HEAD.test(name)));
      const type = headers['content-type'] ?? '';
      hasBody = method !== 'HEAD' && statusCode !== 204 && statusCode !== 304;
      isEvents = hasBody && EVENTS.test(type);
      // Of events it would be wrong: there may be more than the app's.
      if (isEvents) delete headers['content-length'];
      if (isEvents) filler = ': keep-alive\n\n';
      else if (keepAliveMs && LINE_JSON.test(type)) filler = ' ';
      const prelude = encodePrelude({ statusCode, headers, cookies });
      sendHead = () => {
        sendHead = undefined;
        clearTimeout(timer);
        stream.setContentType?.(HTTP_INTEGRATION_CONTENT_TYPE);
        send(prelude).catch(() => undefined);
        if (isLive && filler && keepAliveMs !== false) timer = setTimeout(keepAlive, keepAliveMs ?? 15_000);
      };
      const waitMs = headersWaitMs ?? (isEvents ? 0 : 50);
      if (waitMs) timer = setTimeout(sendHead, waitMs);
      else sendHead();
      return hasBody;
    },
    async write(chunk) {
      refuseAfterEnd();
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      if (!(bytes instanceof Uint8Array)) {
        throw new TypeError(`a piece of a body must be a Uint8Array or a string, got ${typeof chunk}`);
      }
      if (!hasBody || !bytes.length) return;
      sendHead?.();
      measured.chunks++;
      if (filler) tail = (tail + String.fromCharCode(...bytes.subarray(-3))).slice(-3);
      timer?.refresh();
      await send(bytes);
    },
    finish() {
      sendHead?.();
      end();
      // A body that ends within an event was cut off at its source: nobody should take it for whole.
      if (isEvents && endMark && isBetween()) sendText(SSE_END_MARK);
    },
    fail(reason, frame) {
      end();
      this.cancelSource(reason).catch((error) => console.error('cancel of a body:', error));
      if (!isLive || !isEvents || sendHead) return;
      (async () => sendText(frame()))().catch((error) => console.error('errorFrame:', error));
    },
  };
}
