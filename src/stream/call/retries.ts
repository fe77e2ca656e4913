/** Makes the attempts of a call: whether a failed one may be repeated, when, and the loop that does it. */
import { isStreamError, type StreamError } from '../errors/stream-error';
import type { StreamCall } from './call';
import type { RetryOptions } from './call-options';
import { type DeadlineLimits, pause } from './deadline';

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

const ONCE: RetryOptions = { maxAttempts: 1 };

/** Whom an attempt asks. */
export type AttemptTarget = { readonly functionName: string } | { readonly url: string };

/** What `attempt` resolves with; again where that is safe and wanted, as long as the call may last. */
export async function withRetries<T>(
  call: StreamCall,
  to: AttemptTarget,
  attempt: (limits: DeadlineLimits) => Promise<T>,
): Promise<T> {
  const { progress, hooks, settings } = call;
  const { totalMs = 0 } = settings.timeouts;
  const retry = settings.retry === false ? ONCE : (settings.retry ?? {});
  for (let number = 1; ; number++) {
    progress.attempts = number;
    progress.requestedAt = performance.now();
    hooks.tell('onRequest', { ...to, attempt: number });
    try {
      return await attempt(call.limits());
    } catch (cause) {
      const error = cause as StreamError;
      const delayMs = retryDelay(error, number, retry, Math.random());
      if (delayMs === undefined || (totalMs > 0 && progress.elapsed() + delayMs >= totalMs)) throw error;
      hooks.tell('onRetry', { error, attempt: number, delayMs });
      await pause(delayMs, settings.signal, error.invoked);
    }
  }
}
