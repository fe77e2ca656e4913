/** Faults that were asked for while the target runs: each disturbs the next invocations that it fits, then it is used up. */
import { optionProblem, STRING, wholeNumber } from '../../base/option-problem';
import { LocalConfigError } from '../local-error';
import { faultProblem } from './fault';
import type { Fault, FaultRequest, InvocationOptions } from './invocation-options';

/** Which invocations a fault of {@link LocalTarget.injectFault} disturbs. */
export interface InjectFaultOptions {
  /** The function: its name, construct path, logical id or ARN, as for {@link LocalTarget.find}; every alias and version of it. @default - any function */
  readonly functionName?: string;
  /** How many invocations are disturbed. @default 1 */
  readonly times?: number;
}

/** A fault that waits for its invocation. */
export interface PendingFault {
  readonly fault: Fault;
  readonly functionName: string | undefined;
  times: number;
}

export class InjectedFaults {
  private readonly pending = new Set<PendingFault>();

  /**
   * @param onChange told whenever a fault is added, used or taken back
   * @param nameOf gives the name of the function that is meant, and throws a LocalConfigError where there is none
   */
  public constructor(
    private readonly onChange: () => void,
    private readonly nameOf: (asked: string) => string,
  ) {}

  public list(): readonly PendingFault[] {
    return [...this.pending];
  }

  /**
   * @returns what takes the fault back as far as it has not happened
   * @throws a LocalConfigError for what is not a fault
   */
  public add(fault: Fault, options: InjectFaultOptions = {}): () => void {
    const problem = faultProblem(fault) ?? optionProblem(options, { functionName: STRING, times: wholeNumber(1) });
    if (problem !== undefined) throw new LocalConfigError(`injectFault(): ${problem}`);
    if (Object.keys(fault).length === 0) {
      throw new LocalConfigError(
        'injectFault(): a fault must disturb something, for example { throttle: true }, got {}',
      );
    }
    const { functionName: asked, times = 1 } = options;
    // One that never happens would pass for a program that stands it.
    const functionName = asked === undefined ? undefined : this.nameOf(asked);
    const added: PendingFault = { fault, functionName, times };
    this.pending.add(added);
    this.onChange();
    return () => {
      if (this.pending.delete(added)) this.onChange();
    };
  }

  /** Takes the faults in the order they were added; where there is none, `option` decides as ever. */
  public before(option: InvocationOptions['fault']): NonNullable<InvocationOptions['fault']> {
    return (request) => this.take(request) ?? option?.(request);
  }

  private take({ functionName }: FaultRequest): Fault | undefined {
    const found = [...this.pending].find(
      (each) => each.functionName === undefined || each.functionName === functionName,
    );
    if (found === undefined) return undefined;
    found.times -= 1;
    if (found.times === 0) this.pending.delete(found);
    this.onChange();
    return found.fault;
  }
}
