/** Stops what comes before the response headers: by clock or by the caller's signal. */

import { createDeferred } from '../../base/promises';
import { LONGEST_TIMER_MS } from '../../base/timers';
import { type Invoked, StreamError, type StreamErrorFacts, type TimeoutKind } from '../errors/stream-error';
import { firstByteLimit, LONGEST_SILENCE_MS, type StreamTimeouts } from '../reading/read-options';
import { onAbort } from './abort-listeners';

export interface DeadlineLimits {
  /** In milliseconds; 0 and `Infinity` are no limit. Of these, `headersMs`, `firstByteMs` and `totalMs` count here. */
  readonly timeouts: StreamTimeouts;
  /** Milliseconds of `totalMs` that have passed. */
  readonly elapsedMs: number;
  readonly signal: AbortSignal | undefined;
}

const DEFAULT_HEADERS_MS = LONGEST_SILENCE_MS;

/** How far the work has come. */
export interface DeadlineState {
  /** The request was handed to the connection. */
  readonly sent: boolean;
  /** The headers of a refusal are here, and what it says is worth more than that its body is late. */
  readonly refusal?: { cutShort(): void };
}

/** What has not come when a clock runs out. */
const AWAITED: Readonly<Record<TimeoutKind, string>> = {
  connect: 'no connection',
  headers: 'no response headers',
  firstByte: 'no first byte of the payload',
  idle: 'no payload',
  total: 'no response headers',
};

export class Deadline {
  /** Aborted when the work is stopped. */
  public readonly control = new AbortController();
  /** Why the work was stopped. */
  public error: StreamError | undefined;
  private readonly stopped = createDeferred<never>();
  private readonly timers: readonly (ReturnType<typeof setTimeout> | undefined)[];
  private readonly stopListening: () => void;

  /** @param awaited what is waited for before the request, for a message */
  public constructor(
    { timeouts, elapsedMs, signal }: DeadlineLimits,
    private readonly state: DeadlineState,
    private readonly awaited: string,
  ) {
    const { headersMs = DEFAULT_HEADERS_MS, totalMs = 0 } = timeouts;
    const firstByte = firstByteLimit(timeouts);
    this.timers = [
      startTimer(headersMs, 0, () => this.timeOut('headers', headersMs)),
      firstByte && startTimer(firstByte.limitMs, 0, () => this.timeOut(firstByte.kind, firstByte.limitMs)),
      startTimer(totalMs, elapsedMs, () => this.timeOut('total', totalMs)),
    ];
    this.stopListening = onAbort(signal, () => this.stop(abortedBeforeHeaders(signal?.reason, state.sent)));
  }

  /** As `work`, unless the deadline stops it first. Not left to the work: a credentials provider knows no signal. */
  public race<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.stopped.promise]);
  }

  /** The clocks and the signal are not watched any more. */
  public release(): void {
    this.stopListening();
    for (const running of this.timers) clearTimeout(running);
  }

  private timeOut(kind: TimeoutKind, limitMs: number): void {
    const { sent, refusal } = this.state;
    if (refusal !== undefined) {
      refusal.cutShort();
      return;
    }
    const what = sent ? AWAITED[kind] : `the request could not be made, ${this.awaited} did not arrive,`;
    const message = `${what} within ${limitMs} ms (timeouts.${kind}Ms)`;
    const facts = { ...factsOf(sent), retryable: true };
    this.stop(StreamError.of('TIMEOUT', message, { kind, limitMs }, facts));
  }

  private stop(error: StreamError): void {
    this.error ??= error;
    this.stopped.reject(error);
    this.control.abort(error);
  }
}

/** As `work`, which comes before the request, as long as the call may last and no longer than a request may take. */
export async function within<T>(limits: DeadlineLimits, awaited: string, work: PromiseLike<T>): Promise<T> {
  const { headersMs = DEFAULT_HEADERS_MS, totalMs } = limits.timeouts;
  const deadline = new Deadline({ ...limits, timeouts: { headersMs, totalMs } }, { sent: false }, awaited);
  try {
    return await deadline.race(Promise.resolve(work));
  } finally {
    deadline.release();
  }
}

export function abortedBeforeHeaders(reason: unknown, sent: boolean): StreamError {
  const message = sent
    ? 'aborted before the response headers; the function may run'
    : 'aborted before anything was sent';
  return StreamError.of('ABORTED', message, {}, { ...factsOf(sent), cause: reason });
}

/**
 * Waits before another attempt, unless the caller aborts.
 * @param invoked whether an earlier attempt may have run the function
 */
export function pause(ms: number, signal: AbortSignal | undefined, invoked: Invoked): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stopListening = onAbort(signal, () => {
      clearTimeout(timer);
      const ran = invoked === 'no' ? 'the function was not invoked' : 'the function may run';
      const message = `aborted while waiting for another attempt; ${ran}`;
      reject(StreamError.of('ABORTED', message, {}, { phase: 'request', invoked, cause: signal?.reason }));
    });
    if (signal?.aborted) return;
    timer = setTimeout(() => {
      stopListening();
      resolve();
    }, ms);
  });
}

function factsOf(sent: boolean): Pick<StreamErrorFacts, 'phase' | 'invoked'> {
  return sent ? { phase: 'request', invoked: 'maybe' } : { phase: 'input', invoked: 'no' };
}

function startTimer(limitMs: number, elapsedMs: number, run: () => void): ReturnType<typeof setTimeout> | undefined {
  const left = Math.max(0, limitMs - elapsedMs);
  return limitMs > 0 && left <= LONGEST_TIMER_MS ? setTimeout(run, left) : undefined;
}
