/** Where a deployed function is: the record that `exportStreamTarget()` wrote, from wherever it is kept. */
import { readFileSync } from 'node:fs';
import { parseFunctionName } from '../wire/function-name';
import { parseStreamTargetRecord, type StreamTargetRecord } from '../wire/stream-target';
import { describeStack, readParameter } from './load-target-clients';
import { StreamError } from './stream-error';

/** Which of several targets of one stack. */
export interface TargetSelection {
  /**
   * Part of the output's logical id, for example the function's construct id. Needed where the stack exports several.
   * @default - the only one
   */
  readonly output?: string;
}

/** A stack's outputs by their keys, as a function or an SDK call gives them. */
export type StackOutputs = Readonly<Record<string, string>>;

export class StreamTarget {
  private found: Promise<StreamTargetRecord> | undefined;

  private constructor(private readonly find: () => Promise<StreamTargetRecord>) {}

  /** From the file that `cdk deploy --outputs-file` writes. It is read when the invoker is first used. */
  public static fromOutputsFile(path: string, stackName: string, selection?: TargetSelection): StreamTarget {
    return new StreamTarget(async () =>
      selectTarget(readOutputsFile(path, stackName), selection, `stack '${stackName}' in ${path}`),
    );
  }

  /** From the outputs of one stack. */
  public static fromOutputs(outputs: StackOutputs, selection?: TargetSelection): StreamTarget {
    return new StreamTarget(async () => selectTarget(outputs, selection, 'the outputs given'));
  }

  /**
   * From a deployed stack, asking CloudFormation: with `@aws-sdk/client-cloudformation` where that is installed, or with
   * a function of yours that gives the outputs.
   */
  public static fromStack(
    stackName: string,
    selection: TargetSelection & {
      readonly region?: string;
      readonly describe?: (stackName: string) => Promise<StackOutputs>;
    } = {},
  ): StreamTarget {
    const { region, describe = (name: string) => describeStack(name, region) } = selection;
    return new StreamTarget(async () => selectTarget(await describe(stackName), selection, `stack '${stackName}'`));
  }

  /**
   * From a Systems Manager parameter that holds the record or an ARN: with `@aws-sdk/client-ssm` where that is installed,
   * or with a function of yours that gives its value.
   */
  public static fromParameter(
    parameterName: string,
    options: { readonly region?: string; readonly read?: (parameterName: string) => Promise<string> } = {},
  ): StreamTarget {
    const { region, read = (name: string) => readParameter(name, region) } = options;
    return new StreamTarget(async () => {
      const value = await read(parameterName);
      return parseStreamTargetRecord(value) ?? recordOfArn(value);
    });
  }

  /** From the ARN of a function, with its alias or version. */
  public static fromArn(functionArn: string): StreamTarget {
    const record = recordOfArn(functionArn);
    return new StreamTarget(async () => record);
  }

  /** Looks again when it is next asked, whatever becomes of a lookup that is under way. */
  public forget(): void {
    this.found = undefined;
  }

  /** The record. A failure is not kept: the next call looks again. */
  public resolve(): Promise<StreamTargetRecord> {
    if (this.found !== undefined) return this.found;
    const found = this.find().catch((cause) => {
      if (this.found === found) this.found = undefined;
      throw cause;
    });
    this.found = found;
    return found;
  }
}

function refuse(message: string, cause?: unknown): never {
  throw StreamError.of('INPUT_INVALID', message, {}, { cause });
}

function recordOfArn(functionArn: string): StreamTargetRecord {
  let region: string | undefined;
  let cause: unknown;
  try {
    region = functionArn.startsWith('arn:') ? parseFunctionName(functionArn).region : undefined;
  } catch (error) {
    cause = error;
  }
  if (region === undefined) refuse(`a stream target must be the ARN of a Lambda function, got '${functionArn}'`, cause);
  return { streamTarget: 1, functionArn, region };
}

function readOutputsFile(path: string, stackName: string): StackOutputs {
  let stacks: Readonly<Record<string, StackOutputs>>;
  try {
    stacks = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const { message } = cause as Error;
    return refuse(
      `the outputs file cannot be read: ${message}; write it with cdk deploy --outputs-file ${path}`,
      cause,
    );
  }
  const outputs = stacks[stackName];
  if (outputs === undefined) refuse(`${path} has no stack '${stackName}', only ${list(Object.keys(stacks))}`);
  return outputs;
}

function selectTarget(
  outputs: StackOutputs,
  selection: TargetSelection | undefined,
  where: string,
): StreamTargetRecord {
  const found = Object.entries(outputs).flatMap(([key, value]) => {
    const record = parseStreamTargetRecord(value);
    return record === undefined ? [] : [{ key, record }];
  });
  const { output } = selection ?? {};
  const chosen = output === undefined ? found : found.filter(({ key }) => key.includes(output));
  const [only, ...more] = chosen;
  if (only !== undefined && more.length === 0) return only.record;
  const keys = list(found.map(({ key }) => key));
  if (found.length === 0)
    return refuse(`${where} exports no stream target; call exportStreamTarget() on the function and deploy`);
  if (only === undefined)
    return refuse(`${where} has no stream target whose output contains '${output}', only ${keys}`);
  return refuse(`${where} exports several stream targets, ${keys}; name one with { output: '…' }`);
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `'${name}'`).join(', ');
}
