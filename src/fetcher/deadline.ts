/** Stops what comes before the response headers: by clock or by the caller's signal. */
import { createDeferred } from '../invoker/deferred';
import { StreamError } from '../invoker/stream-error';

export interface DeadlineLimits {
  /** Milliseconds; 0 and `Infinity` are no limit. */
  readonly headersMs: number;
  /** Milliseconds for the whole call; 0 and `Infinity` are no limit. */
  readonly totalMs: number;
  /** Milliseconds of that which have passed. */
  readonly elapsedMs: number;
  readonly signal?: AbortSignal;
}

/** Longest delay that timers count; they take a longer one for none at all. */
const LONGEST_TIMER_MS = 2_147_483_647;

export class Deadline {
  /** Aborts the fetch. */
  public readonly control = new AbortController();
  /** Whether the request was handed to fetch. */
  public sent = false;
  private readonly stopped = createDeferred<never>();
  private readonly timers: readonly (ReturnType<typeof setTimeout> | undefined)[];

  public constructor(private readonly limits: DeadlineLimits) {
    const { headersMs, totalMs, elapsedMs, signal } = limits;
    this.timers = [
      timer(headersMs, 0, () => this.stop(this.timedOut('headers', headersMs))),
      timer(totalMs, elapsedMs, () => this.stop(this.timedOut('total', totalMs))),
    ];
    if (signal?.aborted) this.onAbort();
    signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  /** As `work`, unless the deadline stops it first. Not left to fetch: a credentials provider knows no signal. */
  public race<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.stopped.promise]);
  }

  /** The clocks and the signal are not watched any more. */
  public release(): void {
    this.limits.signal?.removeEventListener('abort', this.onAbort);
    for (const running of this.timers) clearTimeout(running);
  }

  private readonly onAbort = (): void => {
    const { sent } = this;
    const message = sent
      ? 'aborted before the response headers; the function may run'
      : 'aborted before anything was sent';
    const cause: unknown = this.limits.signal?.reason;
    this.stop(StreamError.of('ABORTED', message, {}, { ...this.facts(), cause }));
  };

  private timedOut(kind: 'headers' | 'total', limitMs: number): StreamError {
    const what = this.sent
      ? 'no response headers'
      : 'the request could not be made, headers or credentials did not arrive,';
    const message = `${what} within ${limitMs} ms (timeouts.${kind}Ms)`;
    return StreamError.of('TIMEOUT', message, { kind, limitMs }, { ...this.facts(), retryable: kind === 'headers' });
  }

  private facts() {
    return this.sent ? ({ phase: 'request', invoked: 'maybe' } as const) : ({ phase: 'input', invoked: 'no' } as const);
  }

  private stop(error: StreamError): void {
    this.stopped.reject(error);
    this.control.abort(error);
  }
}

function timer(limitMs: number, elapsedMs: number, run: () => void): ReturnType<typeof setTimeout> | undefined {
  const left = Math.max(0, limitMs - elapsedMs);
  return limitMs > 0 && left <= LONGEST_TIMER_MS ? setTimeout(run, left) : undefined;
}
