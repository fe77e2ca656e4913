/** One attempt: sends the request under its clocks, and tells for each failure whether the function can have run. */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { createDeferred } from './deferred';
import { requestError } from './request-error';
import { type AttemptTrace, type Command, type RawResponse, sendRequest } from './send-request';
import { StreamError, type TimeoutKind } from './stream-error';

export interface AttemptLimits {
  readonly connectMs: number;
  readonly headersMs: number;
  readonly totalMs: number;
  /** Time that has passed since the call began. */
  readonly elapsedMs: number;
  readonly signal?: AbortSignal;
}

/** Resolves at the response headers; rejects with a {@link StreamError}. */
export async function attempt(client: LambdaClient, command: Command, limits: AttemptLimits): Promise<RawResponse> {
  const trace: AttemptTrace = { sent: false };
  const control = new AbortController();
  const stopped = createDeferred<never>();
  let stopError: StreamError | undefined;
  const stop = (error: StreamError) => {
    stopError ??= error;
    stopped.reject(error);
    control.abort(error);
  };
  const release = watch(limits, trace, stop);
  const sending = sendRequest(client, command, control.signal, trace);
  try {
    // Not left to the SDK alone: a credential provider, for one, knows no abort signal.
    return await Promise.race([sending, stopped.promise]);
  } catch (raw) {
    sending.then(discard, () => undefined);
    throw stopError ?? requestError(trace.failure ?? raw, trace, limits.connectMs);
  } finally {
    release();
  }
}

/** Watches clocks and signal; the function returned ends that. */
function watch(limits: AttemptLimits, trace: AttemptTrace, stop: (error: StreamError) => void): () => void {
  const { headersMs, totalMs, elapsedMs, signal } = limits;
  const onAbort = () => stop(abortedBeforeHeaders(signal?.reason, trace.sent));
  // The headers of a refusal are here, and what it says is worth more than that its body is late.
  const onTime = (kind: TimeoutKind, limitMs: number) =>
    trace.refusal === undefined ? stop(timedOut(kind, limitMs, trace)) : trace.refusal.cutShort();
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const timers = [
    timer(headersMs, headersMs, () => onTime('headers', headersMs)),
    timer(totalMs - elapsedMs, totalMs, () => onTime('total', totalMs)),
  ];
  return () => {
    signal?.removeEventListener('abort', onAbort);
    for (const running of timers) clearTimeout(running);
  };
}

export function abortedBeforeHeaders(reason: unknown, sent: boolean): StreamError {
  const message = sent
    ? 'aborted before the response headers; the function may run'
    : 'aborted before anything was sent';
  const facts = { phase: sent ? 'request' : 'input', invoked: sent ? 'maybe' : 'no', cause: reason } as const;
  return StreamError.of('ABORTED', message, {}, facts);
}

function timedOut(kind: TimeoutKind, limitMs: number, { sent }: AttemptTrace): StreamError {
  const what = sent ? 'no response headers' : 'the request could not be sent, credentials or region did not arrive,';
  const message = `${what} within ${limitMs} ms (timeouts.${kind}Ms)`;
  const facts = { phase: 'request', invoked: sent ? 'maybe' : 'no', retryable: kind === 'headers' } as const;
  return StreamError.of('TIMEOUT', message, { kind, limitMs }, facts);
}

/** Limits of 0 and `Infinity` are none; longer delays than timers count are none either. */
function timer(ms: number, limitMs: number, run: () => void): ReturnType<typeof setTimeout> | undefined {
  const isLimited = limitMs > 0 && ms <= 2_147_483_647;
  return isLimited ? setTimeout(run, Math.max(0, ms)) : undefined;
}

/** Closes a response that nobody will read. */
export function discard(response: RawResponse): void {
  const body = response.body as { destroy?: () => void; cancel?: () => Promise<void> } | undefined;
  if (body?.destroy) body.destroy();
  else body?.cancel?.().catch(() => undefined);
}
