/** Which function an invoker invokes: as it was told, or by its target, which is looked up once. */
import { type DeadlineLimits, within } from '../stream/call/deadline';
import { StreamError } from '../stream/errors/stream-error';
import { describe } from '../stream/errors/system-error';
import { parseFunctionName } from '../wire/function-name';
import type { StreamTarget } from './target/stream-target';

/** A function as the API takes it. */
export interface FunctionAddress {
  readonly functionName: string;
  readonly qualifier: string | undefined;
  /** Region in the ARN, where there is one. */
  readonly region: string | undefined;
}

/** @throws StreamError `CONFIG_INVALID` for a name or qualifier that Lambda would refuse */
function readAddress(functionName: string, qualifier?: string): FunctionAddress {
  try {
    return { functionName, qualifier, region: parseFunctionName(functionName, qualifier).region };
  } catch (cause) {
    throw StreamError.of('CONFIG_INVALID', describe(cause), {}, { cause });
  }
}

/** The one or the other is given. */
interface Named {
  readonly target?: StreamTarget | undefined;
  readonly functionName?: string | undefined;
  readonly qualifier?: string | undefined;
}

export class FunctionFinder {
  private found: FunctionAddress | undefined;
  private readonly target: StreamTarget | undefined;

  /** @throws StreamError `CONFIG_INVALID` for a name or qualifier that Lambda would refuse */
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
