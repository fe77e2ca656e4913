/** Sends a request, again where that is safe and wanted, as long as the call may last. */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { pause } from '../stream/call/deadline';
import { type RetryOptions, retryDelay } from '../stream/call/retry-policy';
import type { StreamError } from '../stream/errors/stream-error';
import { type Call, limitsOf } from './invocation';
import { DEFAULT_CONNECT_MS } from './invoke-options';
import { attempt } from './request/attempt';
import type { Command, RawResponse } from './request/send-request';

/** @param command a new one for each attempt */
export async function sendWithRetries(
  client: LambdaClient,
  command: () => Command,
  functionName: string,
  call: Call,
  retry: RetryOptions,
): Promise<RawResponse> {
  const { progress, hooks, settings } = call;
  const { connectMs = DEFAULT_CONNECT_MS, totalMs = 0 } = settings.timeouts;
  for (let number = 1; ; number++) {
    progress.attempts = number;
    hooks.tell('onRequest', { functionName, attempt: number });
    try {
      return await attempt(client, command(), { connectMs, ...limitsOf(call) });
    } catch (cause) {
      const error = cause as StreamError;
      const delayMs = retryDelay(error, number, retry, Math.random());
      if (delayMs === undefined || (totalMs > 0 && progress.elapsed() + delayMs >= totalMs)) throw error;
      hooks.tell('onRetry', { error, attempt: number, delayMs });
      await pause(delayMs, settings.signal, error.invoked !== 'no');
    }
  }
}
