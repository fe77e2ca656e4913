/**
 * The one shape of a state machine that is played: the waiter of the CDK's provider framework, which asks a function
 * whether a custom resource is complete until it says so, or the time is up (aws-cdk-lib/custom-resources).
 */

import type { WaiterState } from '../state';
import type { FunctionRuns } from './function-runs';

/** Pauses begin short: nobody who tests wants to wait as long as for a real resource. */
const FIRST_PAUSE_MS = 100;

export class Waiters {
  private running = 0;
  private stopped = false;

  public constructor(private readonly runs: FunctionRuns) {}

  public get busy(): boolean {
    return this.running > 0;
  }

  /** @param input of the execution: the event of the custom resource */
  public start(waiter: WaiterState, input: string): void {
    const event: unknown = JSON.parse(input);
    this.running += 1;
    void this.wait(waiter, event).finally(() => {
      this.running -= 1;
    });
  }

  public stop(): void {
    this.stopped = true;
  }

  private async wait(
    { isComplete, onTimeout, intervalSeconds, timeoutSeconds }: WaiterState,
    event: unknown,
  ): Promise<void> {
    const end = Date.now() + timeoutSeconds * 1_000;
    for (let pause = FIRST_PAUSE_MS; !this.stopped; pause = Math.min(pause * 2, intervalSeconds * 1_000)) {
      const { failure, payload } = await this.runs.run(isComplete, event);
      if (failure === undefined) return;
      if (Date.now() + pause > end) {
        await this.runs.run(onTimeout, { Error: 'States.TaskFailed', Cause: payload });
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
