/** One call of an invoker, from its start to its end or to the stream that goes on from it. */

import { abortedBeforeHeaders, type DeadlineLimits } from '../stream/call/deadline';
import { CallHooks } from '../stream/call/stream-hooks';
import type { StreamError } from '../stream/errors/stream-error';
import { StreamProgress } from '../stream/reading/stream-progress';
import {
  type CallOptions,
  type CallSettings,
  DEFAULT_HEADERS_MS,
  type InvokerSettings,
  settingsOf,
} from './invoke-options';
import { checkCallOptions } from './options/check-options';

/** What a call knows of itself. */
export interface Call {
  readonly settings: CallSettings;
  readonly progress: StreamProgress;
  readonly hooks: CallHooks;
}

/** Does `work` as a call; where that fails, the hooks learn of its end, too. */
export async function runCall<T>(
  operation: 'invoke' | 'dryRun',
  options: InvokerSettings,
  own: CallOptions,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  const progress = new StreamProgress();
  const hooks = new CallHooks(options.hooks);
  hooks.tell('onStart', { operation });
  try {
    checkCallOptions(`${operation}()`, own);
    const settings = settingsOf(options, own);
    if (settings.signal?.aborted) throw abortedBeforeHeaders(settings.signal.reason, false);
    return await work({ settings, progress, hooks });
  } catch (cause) {
    const error = cause as StreamError;
    hooks.tell('onEnd', { requestId: error.requestId, metrics: progress.metrics(), error });
    throw error;
  }
}

/** What is left to a call until its response headers. */
export function limitsOf({ settings, progress }: Call): DeadlineLimits {
  const { headersMs = DEFAULT_HEADERS_MS, totalMs = 0 } = settings.timeouts;
  return { headersMs, totalMs, elapsedMs: progress.elapsed(), signal: settings.signal };
}
