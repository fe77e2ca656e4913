/** The clocks of an open stream: until the first byte, between pieces, and in total. */

import { LONGEST_TIMER_MS } from '../../base/timers';
import type { TimeoutKind } from '../errors/stream-error';
import { LONGEST_SILENCE_MS, type StreamTimeouts } from './read-options';

/**
 * How late a timer is that another one follows: a process that stood still, as a function does between invocations and a
 * laptop under its lid, has yet to read what came meanwhile, which it does before its next timer.
 */
const LATE_MS = 1;

/** Says when one of the clocks ran out; once. */
export type OnTimeout = (kind: TimeoutKind, limitMs: number) => void;

export class StreamClock {
  private readonly firstByteMs: number | undefined;
  private idleMs: number;
  private readonly total: Timer | undefined;
  private silence: Timer | undefined;
  private waitingSince: number | undefined;
  private firstByteBy: number | undefined;
  /** The deadline after which the connection is read once more. */
  private overdue: number | undefined;

  /**
   * @param elapsedMs time that has passed since `invoke()` was called
   * @param requestedAt when the request began, on the clock of `performance.now()`
   */
  public constructor(
    timeouts: StreamTimeouts,
    elapsedMs: number,
    requestedAt: number,
    private readonly onTimeout: OnTimeout,
  ) {
    this.firstByteMs = limit(timeouts.firstByteMs);
    this.idleMs = limit(timeouts.idleMs ?? LONGEST_SILENCE_MS) ?? Number.POSITIVE_INFINITY;
    if (this.firstByteMs !== undefined) this.firstByteBy = requestedAt + this.firstByteMs;
    const totalMs = limit(timeouts.totalMs);
    if (totalMs !== undefined) {
      this.total = startTimer(() => this.onTimeout('total', totalMs), Math.max(0, totalMs - elapsedMs));
    }
  }

  /**
   * A reader waits for payload; from the first such call on until it has `arrived()`. Starts a timer only where none
   * runs: at full speed a stream waits very often.
   */
  public wait(): void {
    if (this.waitingSince !== undefined) return;
    this.waitingSince = performance.now();
    const left = this.deadline(this.waitingSince) - this.waitingSince;
    if (this.silence === undefined && left !== Number.POSITIVE_INFINITY) this.silence = startTimer(this.check, left);
  }

  /** The reader has what it waited for. Gives how long that took, in milliseconds; 0 where it did not wait. */
  public arrived(): number {
    if (this.waitingSince === undefined) return 0;
    const waited = performance.now() - this.waitingSince;
    this.waitingSince = undefined;
    return waited;
  }

  /** Something of it has come, and the reader waits on: the silence begins anew. Gives how long it was. */
  public arriving(): number {
    const waited = this.arrived();
    if (waited > 0) this.wait();
    return waited;
  }

  /** Payload has come: from now on only silence counts. */
  public firstByte(): void {
    this.firstByteBy = undefined;
    stopTimer(this.silence);
    this.silence = undefined;
  }

  /** From now on no silence is too long. */
  public allowSilence(): void {
    this.idleMs = Number.POSITIVE_INFINITY;
    stopTimer(this.silence);
    this.silence = undefined;
  }

  public stop(): void {
    stopTimer(this.total);
    stopTimer(this.silence);
    this.waitingSince = undefined;
  }

  private deadline(waitingSince: number): number {
    return this.firstByteBy ?? waitingSince + this.idleMs;
  }

  private readonly check = (): void => {
    this.silence = undefined;
    if (this.waitingSince === undefined) return;
    const deadline = this.deadline(this.waitingSince);
    const left = deadline - performance.now();
    // A timer may fire a fraction of a millisecond early.
    if (left > 0.5) this.silence = startTimer(this.check, left);
    else if (left < -LATE_MS && this.overdue !== deadline) {
      this.overdue = deadline;
      this.silence = startTimer(this.check, 0);
    } else if (this.firstByteBy !== undefined && this.firstByteMs !== undefined)
      this.onTimeout('firstByte', this.firstByteMs);
    else this.onTimeout('idle', this.idleMs);
  };
}

function limit(ms: number | undefined): number | undefined {
  return ms === undefined || ms === 0 || ms === Number.POSITIVE_INFINITY ? undefined : ms;
}

type Timer = ReturnType<typeof setTimeout>;

function startTimer(run: () => void, ms: number): Timer {
  const timer: Timer = setTimeout(run, Math.min(Math.max(0, ms), LONGEST_TIMER_MS));
  // Node only: a clock alone is no reason to keep the process alive; the open connection is.
  (timer as { unref?: () => void }).unref?.();
  return timer;
}

function stopTimer(timer: Timer | undefined): void {
  if (timer !== undefined) clearTimeout(timer);
}
