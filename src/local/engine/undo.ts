/** Takes back what a deployment that failed has changed outside of the state. */

import { DeployError, isDeployError } from '../local-error';
import { messageOf } from './resource-step';

/** What takes back a change. */
export interface UndoStep {
  readonly logicalId: string;
  readonly run: () => Promise<void>;
}

/** Takes back the latest change first; one that stays keeps no other from it. Gives what went wrong, by logical id. */
export async function undoAll(steps: readonly UndoStep[]): Promise<ReadonlyMap<string, string>> {
  const failures = new Map<string, string>();
  for (const { logicalId, run } of [...steps].reverse()) {
    try {
      await run();
    } catch (error) {
      failures.set(logicalId, messageOf(error));
    }
  }
  return failures;
}

/** `error` with what could not be undone after it. */
export function withUndoFailures(error: unknown, failures: ReadonlyMap<string, string>): unknown {
  if (failures.size === 0 || !isDeployError(error)) return error;
  const { cause, message, resource } = error;
  const stuck = [...failures].map(([logicalId, reason]) => `resource ${logicalId} could not be undone: ${reason}`);
  return new DeployError([message, ...stuck].join('; '), { cause, ...(resource && { resource }) });
}
