/** How a stream has ended: once, and the same for everybody who asks. */

import { createDeferred } from '../../base/promises';
import type { StreamError } from '../errors/stream-error';

export class StreamOutcome<Final> {
  private readonly deferred = createDeferred<Final>();
  private settled: 'whole' | StreamError | undefined;

  /** @param onSettled called once, before anybody is told */
  public constructor(private readonly onSettled: () => void) {}

  /** Resolves with the final value when the stream is whole; rejects with what went wrong. Never unhandled. */
  public get promise(): Promise<Final> {
    return this.deferred.promise;
  }

  public get isSettled(): boolean {
    return this.settled !== undefined;
  }

  /** What a reader gets after the end: nothing more, or the error. */
  public step(): IteratorResult<never, undefined> {
    if (this.settled !== undefined && this.settled !== 'whole') throw this.settled;
    return { done: true, value: undefined };
  }

  /** @param final checked against the contract, or waived by the caller: the only place where it gets its type */
  public succeed(final: unknown): IteratorResult<never, undefined> {
    if (this.settled === undefined) {
      this.settled = 'whole';
      this.onSettled();
      this.deferred.resolve(final as Final);
    }
    return this.step();
  }

  /** Fails with `error`, unless something else was the first to fail: that is what all readers get, and what this gives. */
  public fail(error: StreamError): StreamError {
    if (this.settled === undefined) {
      this.settled = error;
      this.onSettled();
      this.deferred.reject(error);
    }
    return this.settled === 'whole' ? error : this.settled;
  }
}
