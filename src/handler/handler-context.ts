/** What a producer of chunks is given beside its input. */
import type { ContractTypes } from '../contract/stream-contract';
import type { HttpPrelude } from '../wire/http-prelude';
import type { LambdaContext } from '../wire/lambda-runtime';
import type { ApplicationError, ApplicationErrorOptions } from './application-error';

/**
 * W3C trace context, as the caller sent it.
 * @see https://www.w3.org/TR/trace-context/
 */
export interface TraceContext {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

export interface HandlerContext<Types extends ContractTypes = ContractTypes> {
  /**
   * Aborts at the deadline, shortly before the function's timeout. Not when the caller goes away: Lambda does not tell
   * the function, which runs on and is billed.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
   */
  readonly signal: AbortSignal;
  /** From the client context's `custom`, or the headers of an HTTP request. */
  readonly traceContext: TraceContext;
  /** What the caller sent as client context; undefined where it sent none. */
  readonly clientContext: object | undefined;
  /** Lambda's own context; undefined only where a test calls the handler without one. */
  readonly lambda: LambdaContext | undefined;
  /** The event as it came, for example with the headers of an HTTP request. */
  readonly event: unknown;
  /** Milliseconds until the function's timeout; `Infinity` without a Lambda context. */
  remainingMs(): number;
  /**
   * Sets status, headers and cookies of the response.
   * @throws Error for what HTTP cannot carry, and once a chunk or filler was written
   */
  http(prelude: HttpPrelude): void;
  /** An error to throw, typed by the contract: `throw ctx.error('QuotaExceeded', 'no tokens left', { data: { limit: 10 } })`. */
  error(
    type: string,
    message: string,
    options?: ApplicationErrorOptions<Types['error']['sent']>,
  ): ApplicationError<Types['error']['sent']>;
}
