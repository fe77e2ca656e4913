/** What every invoker and fetcher, and a single call of either, can be told. */
import type { ReadOptions, StreamTimeouts } from '../reading/read-options';
import type { HookedCall, StreamHooks } from './stream-hooks';

export interface RetryOptions {
  /**
   * Requests in all, the first included.
   * @default 3
   */
  readonly maxAttempts?: number | undefined;
  /**
   * Wait before the second attempt, in milliseconds; doubles with each one, and a random half of it is left out.
   * @default 100
   */
  readonly baseDelayMs?: number | undefined;
  /**
   * Longest wait, also where the service asks for a longer one, in milliseconds.
   * @default 20_000
   */
  readonly maxDelayMs?: number | undefined;
  /**
   * Try again also where the function may have run: after a connection that broke before the response headers, or an
   * error 5xx of the service. For functions that may run twice for one call.
   * @default false
   */
  readonly allowDuplicateInvocation?: boolean | undefined;
}

/** What every invoker and fetcher can be told. */
export interface StreamSettings extends ReadOptions {
  /**
   * When to try again; `false` for never. A call is never repeated after the response headers.
   * @default - up to 3 attempts, and only where the function was surely not invoked
   */
  readonly retry?: RetryOptions | false | undefined;
  /** @default - none */
  readonly hooks?: StreamHooks | undefined;
}

/** What every single call can be told; it replaces what the invoker or fetcher was told. */
export interface StreamCallOptions {
  /**
   * Aborts the call, also in the middle of the stream.
   * @default - the call is not aborted
   */
  readonly signal?: AbortSignal | undefined;
  /** Each replaces the one of the invoker or fetcher. @default - those of the invoker or fetcher */
  readonly timeouts?: StreamTimeouts | undefined;
  /**
   * W3C trace context, or a function that gives the current one. An invoker sends it as `custom.traceparent` of the
   * client context, a fetcher as the header `traceparent`. The function is told the call's id, as the hooks are. It is
   * left out with a warning where the function throws, a header cannot carry it or the client context has no room for it.
   * https://www.w3.org/TR/trace-context/
   * @default - none
   */
  readonly traceparent?: string | ((call: HookedCall) => string | undefined) | undefined;
}

/** What holds for one call. */
export type CallSettings = Omit<StreamCallOptions, 'timeouts'> & {
  readonly timeouts: StreamTimeouts;
  readonly retry?: RetryOptions | false | undefined;
};
