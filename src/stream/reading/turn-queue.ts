/** Answers overlapping calls of an iterator in their order, and at once where nothing has to be waited for. */
import { isPromise } from '../../base/promises';
import { type StreamError, tracedToCaller } from '../errors/stream-error';

/** What one step gives: something now, a promise, or undefined where the network has to be waited for. */
export type Step<T> = IteratorResult<T, undefined> | Promise<IteratorResult<T, undefined>> | undefined;

export class TurnQueue {
  /** Calls that are not settled, and the last of them. */
  private turns = 0;
  private last: Promise<unknown> | undefined;

  /**
   * @param wait resolves when a step that gave undefined may give more
   * @param fail turns what a step threw into what the caller gets
   */
  public constructor(
    private readonly wait: () => Promise<void>,
    private readonly fail: (cause: unknown) => StreamError,
  ) {}

  /** The result of `step`, repeated until it gives one. */
  public take<T>(step: () => Step<T>): Promise<IteratorResult<T, undefined>> {
    let now: Step<T>;
    if (this.turns === 0) {
      try {
        now = step();
      } catch (cause) {
        return Promise.reject(this.fail(cause));
      }
    }
    if (now !== undefined && !isPromise(now)) return Promise.resolve(now);
    const before = this.turns++ === 0 ? undefined : this.last;
    const turn = this.turn(step, now, before);
    this.last = turn;
    return turn;
  }

  /** One call, from its first step that did not give a result at once. */
  private async turn<T>(
    step: () => Step<T>,
    first: Step<T>,
    before: Promise<unknown> | undefined,
  ): Promise<IteratorResult<T, undefined>> {
    try {
      // The call before fails for its own caller.
      await before?.catch(() => undefined);
      let now = before === undefined ? first : step();
      while (now === undefined) {
        await this.wait();
        now = step();
      }
      return await now;
    } catch (cause) {
      const error = this.fail(cause);
      tracedToCaller(error);
      throw error;
    } finally {
      this.turns--;
    }
  }
}
