/** Which function a command means: a name, an ARN, or the output of a stack. */
import { StreamTarget } from '../invoker/target/stream-target';
import type { CallerOptions } from './caller';

/** How a function is named on the command line. */
export interface FunctionOptions extends CallerOptions {
  readonly function: string;
}

export interface FoundFunction extends CallerOptions {
  /** Name or ARN, as the Lambda API takes it. */
  readonly functionName: string;
}

/** `ChatStack.ChatStreamTarget`: names of functions have no dot. */
const STACK_OUTPUT = /^([A-Za-z][A-Za-z0-9-]*)\.([A-Za-z0-9]+)$/;

export async function findFunction({ function: name, region }: FunctionOptions): Promise<FoundFunction> {
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
