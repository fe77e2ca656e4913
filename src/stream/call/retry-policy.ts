/** Decides whether a failed attempt may be repeated, and when. Pure. */
import { isStreamError, type StreamError } from '../errors/stream-error';

export interface RetryOptions {
  /**
   * Requests in all, the first included.
   * @default 3
   */
  readonly maxAttempts?: number;
  /**
   * Wait before the second attempt, in milliseconds; doubles with each one, and a random half of it is left out.
   * @default 100
   */
  readonly baseDelayMs?: number;
  /**
   * Longest wait, also where the service asks for a longer one, in milliseconds.
   * @default 20_000
   */
  readonly maxDelayMs?: number;
  /**
   * Try again also where the function may have run: after a connection that broke before the response headers, or an
   * error 5xx of the service. For functions that may run twice for one call.
   * @default false
   */
  readonly allowDuplicateInvocation?: boolean;
}

/**
 * Milliseconds to wait before the next attempt; undefined where `error` is final.
 * @param attempt number of the failed attempt, counted from 1
 * @param random from 0 to 1
 */
export function retryDelay(
  error: StreamError,
  attempt: number,
  options: RetryOptions,
  random: number,
): number | undefined {
  const { maxAttempts = 3, baseDelayMs = 100, maxDelayMs = 20_000, allowDuplicateInvocation = false } = options;
  const isSafe = error.invoked === 'no' || (error.invoked === 'maybe' && allowDuplicateInvocation);
  if (!error.retryable || !isSafe || attempt >= maxAttempts) return undefined;
  const backoff = baseDelayMs * 2 ** (attempt - 1) * (1 - random / 2);
  const asked = isStreamError(error, 'THROTTLED') ? (error.retryAfterMs ?? 0) : 0;
  return Math.min(Math.max(backoff, asked), maxDelayMs);
}
