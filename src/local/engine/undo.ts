/** Takes back what a deployment that failed has changed outside of the state. */

import { DeployError, isDeployError } from '../local-error';

/** What takes back a change. */
export interface UndoStep {
  readonly logicalId: string;
  readonly run: () => Promise<void>;
}

/** Takes back the latest change first; one that stays keeps no other from it. Gives what went wrong. */
export async function undoAll(steps: readonly UndoStep[]): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const { logicalId, run } of [...steps].reverse()) {
    try {
      await run();
    } catch (error) {
      failures.push(`resource ${logicalId} could not be undone: ${(error as Error).message}`);
    }
  }
  return failures;
}

/** `error` with what could not be undone after it. */
export function withUndoFailures(error: unknown, failures: readonly string[]): unknown {
  if (failures.length === 0 || !isDeployError(error)) return error;
  const { cause, message, resource } = error;
  return new DeployError([message, ...failures].join('; '), { cause, ...(resource && { resource }) });
}
