/**
 * The one shape of a state machine that is played: the waiter of the CDK's provider framework, which asks a function
 * whether a custom resource is complete until it says so, or the time is up (aws-cdk-lib/custom-resources).
 */

import { type PlatformTime, realMs } from '../clock';
import type { WaiterState } from '../state';
import type { FunctionRuns } from './function-runs';

/** Pauses begin short: nobody who tests wants to wait as long as for a real resource. */
const FIRST_PAUSE_MS = 100;

export class Waiters {
  private running = 0;
  private stopped = false;

  public constructor(
    private readonly runs: FunctionRuns,
    private readonly time: PlatformTime,
  ) {}

  public get busy(): boolean {
    return this.running > 0;
  }

  /** @param input of the execution: the event of the custom resource */
  public start(waiter: WaiterState, input: string): void {
    const event: unknown = JSON.parse(input);
    this.running += 1;
    const ended = () => {
      this.running -= 1;
    };
    // A function that is gone meanwhile, with the target for example, fails its request like one that is silent.
    void this.wait(waiter, event).then(ended, ended);
  }

  public stop(): void {
    this.stopped = true;
  }

  private async wait(
    { isComplete, onTimeout, intervalSeconds, timeoutSeconds }: WaiterState,
    event: unknown,
  ): Promise<void> {
    // As on AWS, where attempts are counted, the time of the function itself does not count.
    let left = realMs(this.time, timeoutSeconds * 1_000);
    const longest = realMs(this.time, intervalSeconds * 1_000);
    for (let pause = Math.min(FIRST_PAUSE_MS, longest); !this.stopped; pause = Math.min(pause * 2, longest)) {
      const { failure, payload } = await this.runs.run(isComplete, event, { by: 'Step Functions', what: 'isComplete' });
      if (failure === undefined) return;
      if (pause > left) {
        const timedOut = { Error: 'States.TaskFailed', Cause: payload };
        await this.runs.run(onTimeout, timedOut, { by: 'Step Functions', what: 'onTimeout' });
        return;
      }
      left -= pause;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
