/** Knows which function an invoker invokes: as it was told, or by its target, which is looked up once. */

import { type DeadlineLimits, within } from '../stream/call/deadline';
import { type FunctionAddress, readAddress } from './invoke-request';
import type { StreamTarget } from './target/stream-target';

/** The one or the other is given. */
interface Named {
  readonly target?: StreamTarget;
  readonly functionName?: string;
  readonly qualifier?: string;
}

export class FunctionFinder {
  private found: FunctionAddress | undefined;
  private readonly target: StreamTarget | undefined;

  /** @throws StreamError `INPUT_INVALID` for a name or qualifier that cannot be */
  public constructor({ target, functionName = '', qualifier }: Named) {
    this.target = target;
    if (target === undefined) this.found = readAddress(functionName, qualifier);
  }

  /** Without a promise where it is known: that is what nearly every call finds. */
  public find(limits: () => DeadlineLimits): FunctionAddress | Promise<FunctionAddress> {
    return this.found ?? this.lookUp(this.target as StreamTarget, limits());
  }

  private async lookUp(target: StreamTarget, limits: DeadlineLimits): Promise<FunctionAddress> {
    try {
      const { functionArn } = await within(limits, "the target's address", target.resolve());
      this.found = readAddress(functionArn);
      return this.found;
    } catch (error) {
      // A lookup that hangs would hold the next call, too.
      target.forget();
      throw error;
    }
  }
}
