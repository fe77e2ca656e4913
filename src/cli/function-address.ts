/** Which function a command means: a name, an ARN, or the output of a stack. */
import { StreamTarget } from '../invoker/target/stream-target';
import type { CallerOptions } from './caller';
import { ask } from './control';
import type { Terminal } from './terminal';
import { UsageError } from './usage-error';

/** How a function is named on the command line. */
export interface FunctionOptions extends CallerOptions {
  readonly function: string;
  /** Whether the local target of this folder is asked. */
  readonly local?: boolean;
  /** Version or alias; else that of the name. */
  readonly qualifier?: string;
}

export interface FoundFunction extends CallerOptions {
  /** Name or ARN, as the Lambda API takes it. */
  readonly functionName: string;
}

/** `ChatStack.ChatStreamTarget`: names of functions have no dot. */
const STACK_OUTPUT = /^([A-Za-z][A-Za-z0-9-]*)\.([A-Za-z0-9]+)$/;

export async function findFunction(options: FunctionOptions, terminal: Terminal): Promise<FoundFunction> {
  const { function: name, region, local, endpoint, as, qualifier } = options;
  if (local) {
    if (endpoint !== undefined) throw new UsageError('--local and --endpoint exclude each other; give one');
    const { functionName, client } = await ask('call', { function: name, as, qualifier }, terminal);
    // The credentials are the role's already.
    return { functionName, ...client, as: undefined };
  }
  if (name.includes('/')) {
    throw new UsageError(
      `a construct path needs --local; on AWS give the name, the ARN, or Stack.Output of a stream target, got '${name}'`,
    );
  }
  const [, stackName, output] = STACK_OUTPUT.exec(name) ?? [];
  if (stackName === undefined) return { functionName: name, ...regionOf(name, region) };
  const target = StreamTarget.fromStack(stackName, { output, ...(region !== undefined && { region }) });
  const { functionArn, region: found } = await target.resolve();
  return { functionName: functionArn, region: found };
}

/** The SDK would send an ARN of one region to another. */
function regionOf(name: string, region: string | undefined): { readonly region?: string } {
  const found = /^arn:[^:]+:lambda:([^:]+):/.exec(name)?.[1] ?? region;
  return found === undefined ? {} : { region: found };
}
