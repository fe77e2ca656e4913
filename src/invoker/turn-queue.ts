/** Answers overlapping calls of an iterator in their order, and at once where nothing has to be waited for. */

/** What one step gives: something now, a promise, or undefined where the network has to be waited for. */
export type Step<T> = IteratorResult<T, undefined> | Promise<IteratorResult<T, undefined>> | undefined;

export class TurnQueue {
  /** Calls that are not settled, and the last of them. */
  private turns = 0;
  private last: Promise<unknown> = Promise.resolve();

  /**
   * @param wait resolves when a step that gave undefined may give more
   * @param fail turns what a step threw into what the caller gets
   */
  public constructor(
    private readonly wait: () => Promise<void>,
    private readonly fail: (cause: unknown) => Error,
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
    this.turns++;
    const turn = (now ?? this.last.then(() => this.repeat(step))).finally(() => this.turns--);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async repeat<T>(step: () => Step<T>): Promise<IteratorResult<T, undefined>> {
    try {
      for (;;) {
        const now = step();
        if (now !== undefined) return await now;
        await this.wait();
      }
    } catch (cause) {
      throw this.fail(cause);
    }
  }
}

/** By shape: a schema may answer with a promise of another realm. */
export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
