/** Where a deployed function is: the record that `exportStreamTarget()` wrote, from wherever it is kept. */

import { readFileSync } from 'node:fs';
import { isObject } from '../../base/is-object';
import { show } from '../../base/option-problem';
import { StreamError } from '../../stream/errors/stream-error';
import { describe } from '../../stream/errors/system-error';
import { parseFunctionName } from '../../wire/function-name';
import { parseStreamTargetRecord, type StreamTargetRecord } from '../../wire/stream-target';
import { describeStack, readParameter } from './load-target-clients';
import { targetLookupError } from './target-lookup-error';

/** Which of several targets of one stack. */
export interface TargetSelection {
  /**
   * Part of the output's logical id, for example the function's construct id. Needed where the stack exports several.
   * @default - the only one
   */
  readonly output?: string | undefined;
}

/** A stack's outputs by their keys, as a function or an SDK call gives them. */
export type StackOutputs = Readonly<Record<string, string>>;

export class StreamTarget {
  private found: Promise<StreamTargetRecord> | undefined;

  /** @param where what is looked at, for a message */
  private constructor(
    private readonly where: string,
    private readonly find: () => Promise<StreamTargetRecord>,
  ) {}

  /** From the file that `cdk deploy --outputs-file` writes. It is read when the invoker is first used. */
  public static fromOutputsFile(path: string, stackName: string, selection?: TargetSelection): StreamTarget {
    const where = `stack '${stackName}' in ${path}`;
    return new StreamTarget(where, async () => selectTarget(readOutputsFile(path, stackName), selection, where));
  }

  /**
   * From the outputs of one stack. They are looked at now, since all of them are here.
   * @throws StreamError `CONFIG_INVALID` where they have no stream target, or several and none is chosen
   */
  public static fromOutputs(outputs: StackOutputs, selection?: TargetSelection): StreamTarget {
    const where = 'the outputs object';
    const record = selectTarget(outputs, selection, where);
    return new StreamTarget(where, async () => record);
  }

  /**
   * From a deployed stack, asking CloudFormation: with `@aws-sdk/client-cloudformation` where that is installed, or with
   * a function of yours that gives the outputs.
   */
  public static fromStack(
    stackName: string,
    selection: TargetSelection & {
      readonly region?: string | undefined;
      readonly describe?: (stackName: string) => Promise<StackOutputs>;
    } = {},
  ): StreamTarget {
    const { region, describe: find = (name: string) => describeStack(name, region) } = selection;
    const where = `stack '${stackName}'`;
    return new StreamTarget(where, async () => selectTarget(await find(stackName), selection, where));
  }

  /**
   * From a Systems Manager parameter that holds the record or an ARN: with `@aws-sdk/client-ssm` where that is installed,
   * or with a function of yours that gives its value.
   */
  public static fromParameter(
    parameterName: string,
    options: { readonly region?: string | undefined; readonly read?: (parameterName: string) => Promise<string> } = {},
  ): StreamTarget {
    const { region, read = (name: string) => readParameter(name, region) } = options;
    return new StreamTarget(`parameter '${parameterName}'`, async () => {
      const value: unknown = await read(parameterName);
      if (typeof value !== 'string') return refuse(`parameter '${parameterName}' must be a string, got ${show(value)}`);
      return parseStreamTargetRecord(value) ?? recordOfArn(value);
    });
  }

  /** From the ARN of a function, with its alias or version, or from what `find()` of the local target gave of one. */
  public static fromArn(found: string | { readonly invokeArn: string | undefined }): StreamTarget {
    const functionArn = isObject(found) ? (found as { readonly invokeArn?: string }).invokeArn : found;
    const record = recordOfArn(functionArn);
    return new StreamTarget(record.functionArn, async () => record);
  }

  /** Looks again when it is next asked, whatever becomes of a lookup that is under way. */
  public forget(): void {
    this.found = undefined;
  }

  /**
   * The record. A failure is not kept: the next call looks again.
   * @throws StreamError for whatever kept it from being found
   */
  public resolve(): Promise<StreamTargetRecord> {
    if (this.found !== undefined) return this.found;
    const found = this.find().catch((cause) => {
      if (this.found === found) this.found = undefined;
      throw targetLookupError(cause, this.where);
    });
    this.found = found;
    return found;
  }
}

function refuse(message: string, cause?: unknown): never {
  throw StreamError.of('CONFIG_INVALID', message, {}, { cause });
}

function recordOfArn(functionArn: string | undefined): StreamTargetRecord {
  let region: string | undefined;
  let cause: unknown;
  try {
    region = functionArn?.startsWith?.('arn:') ? parseFunctionName(functionArn).region : undefined;
  } catch (error) {
    cause = error;
  }
  if (region === undefined || functionArn === undefined) {
    return refuse(`a stream target must be the ARN of a Lambda function, got '${functionArn}'`, cause);
  }
  return { streamTarget: 1, functionArn, region };
}

function readOutputsFile(path: string, stackName: string): StackOutputs {
  let stacks: unknown;
  try {
    stacks = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    return refuse(
      `the outputs file cannot be read: ${describe(cause)}; write it with cdk deploy --outputs-file ${path}`,
      cause,
    );
  }
  if (!isObject(stacks)) return refuse(`${path} must hold an object of stacks, as cdk deploy --outputs-file writes it`);
  if (!Object.hasOwn(stacks, stackName)) {
    return refuse(`${path} has no stack '${stackName}', only ${list(Object.keys(stacks))}`);
  }
  return stacks[stackName] as StackOutputs;
}

function selectTarget(
  outputs: StackOutputs,
  selection: TargetSelection | undefined,
  where: string,
): StreamTargetRecord {
  if (!isObject(outputs)) return refuse(`${where} must be an object of outputs by their keys, got ${show(outputs)}`);
  const found = Object.entries<unknown>(outputs).flatMap(([key, value]) => {
    const record = typeof value === 'string' ? parseStreamTargetRecord(value) : undefined;
    return record === undefined ? [] : [{ key, record }];
  });
  const { output } = selection ?? {};
  const chosen = output === undefined ? found : found.filter(({ key }) => key.includes(output));
  const [only, ...more] = chosen;
  if (only !== undefined && more.length === 0) return only.record;
  const keys = list(found.map(({ key }) => key));
  if (found.length === 0) {
    const has = `its outputs: ${list(Object.keys(outputs))}`;
    return refuse(`${where} exports no stream target (${has}); call exportStreamTarget() on the function and deploy`);
  }
  if (only === undefined)
    return refuse(`${where} has no stream target whose output contains '${output}', only ${keys}`);
  const several = `several stream targets${output === undefined ? '' : ` whose output contains '${output}'`}`;
  return refuse(`${where} has ${several}, ${list(chosen.map(({ key }) => key))}; name one with { output: '…' }`);
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `'${name}'`).join(', ');
}
