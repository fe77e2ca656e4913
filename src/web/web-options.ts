/** What the author of a web handler may choose. */
import type { OptionKinds } from '../base/check-options';
import type { HttpRequestOptions } from './http-request';

/** Why a response ends early, as its reader is told. */
export interface StreamingFailure {
  /** `DeadlineExceeded`, or `StreamFailed` for any other failure. */
  readonly code: string;
  /** A sentence for people. Never the message of the error, which may hold what is nobody's business. */
  readonly message: string;
}

/** What one invocation measured; `embeddedMetrics` of the handler entry takes it. */
export interface WebMeasurement {
  /** `complete`, or the name of the error that ended the response, for example `DeadlineExceeded` or `TypeError`. */
  readonly outcome: string;
  /** Times in milliseconds since the epoch; no first byte where none was written. */
  readonly startedAt: number;
  readonly firstByteAt?: number;
  readonly endedAt: number;
  /** Bytes of head and body. */
  readonly bytes: number;
  /** Pieces of the body. */
  readonly chunks: number;
  readonly requestId: string | undefined;
}

/** Options of `webHandler` and `nodeHandler`; `SeenRequest` is the request as `onError` sees it. */
export interface WebHandlerOptions<SeenRequest = Request> extends HttpRequestOptions {
  /**
   * Start of the path that is not the app's, for example the stage of an HTTP API: '/prod'. Taken off where a path
   * begins with it.
   * @default - none: nothing is guessed
   */
  readonly basePath?: string | ((event: unknown) => string | undefined);
  /**
   * Takes the client's address and host from `x-forwarded-for` and `x-forwarded-host`. Only behind a proxy of your own
   * that sets them: a client can send them too.
   * @default false
   */
  readonly trustProxy?: boolean;
  /**
   * Silence after which a filler is sent that readers skip, in milliseconds; false sends none. In server-sent events a
   * comment between two events. If given, also in line-delimited JSON, as a space at the start of a line.
   * @default 15000 for `text/event-stream`, false for any other type
   */
  readonly keepAliveMs?: number | false;
  /**
   * What a stream of server-sent events ends with when it fails: 'auto' sends events that the AI SDK and the OpenAI,
   * Anthropic, AG-UI and MCP clients throw on. A function gives the text itself; false sends nothing. In each case the
   * connection is cut then.
   * @default 'auto'
   */
  readonly errorFrame?: 'auto' | false | ((failure: StreamingFailure, request: SeenRequest) => string);
  /**
   * Whether a stream of server-sent events that is whole ends with the comment `: $stream end`. Clients skip it, but
   * `wholeFetch` knows by it that nothing is missing.
   * @default true
   */
  readonly endMark?: boolean;
  /**
   * Longest time that status and headers wait for the first piece of the body, in milliseconds. Where the body fails
   * within it, the client gets a status of 500 instead of a broken response.
   * @default 0 for `text/event-stream`, 50 for any other type
   */
  readonly headersWaitMs?: number;
  /**
   * Called with each error that ends a response, and whether the response had begun. Before that, the `Response` it gives
   * is sent, and the invocation counts as successful.
   * @default - status 500 (at the deadline 504) without the error's message, which goes to the log with its stack
   */
  readonly onError?: (
    error: unknown,
    about: { readonly request: SeenRequest; readonly begun: boolean },
  ) => // biome-ignore lint/suspicious/noConfusingVoidType: a function that only logs gives nothing
  Response | void | Promise<Response | void>;
  /**
   * Time before the function's timeout at which the response is ended as failed, in milliseconds.
   * @default 500, at most a tenth of the time left at the start
   */
  readonly deadlineMarginMs?: number;
  /**
   * Called at the end of each invocation, for example `embeddedMetrics({ namespace: 'Web' })`. Not waited for; where it
   * throws or rejects, that goes to console.error and changes nothing.
   * @default - no metrics
   */
  readonly metrics?: (measured: WebMeasurement) => void;
}

/** What each of them may be, for callers without a compiler. */
export const WEB_OPTION_KINDS: OptionKinds<WebHandlerOptions> = {
  basePath: 'a string or a function',
  trustProxy: 'a boolean',
  keepAliveMs: 'a number above 0 or false',
  errorFrame: 'auto or false or a function',
  endMark: 'a boolean',
  headersWaitMs: 'a number from 0',
  onError: 'a function',
  deadlineMarginMs: 'a number from 0',
  metrics: 'a function',
};
