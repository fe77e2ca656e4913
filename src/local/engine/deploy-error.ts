/** The errors of a deployment: what failed, in the words of its cause. */

import { DeployError, type FailedResource, isDeployError } from '../local-error';
import type { StackResult } from './deployment';

/** The error for one resource, in the words of its cause. */
export function resourceError(action: string, resource: FailedResource, cause: unknown): DeployError {
  const { stackName, logicalId, type, constructPath } = resource;
  const where = constructPath === undefined ? type : `${type} at ${constructPath}`;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DeployError(`stack '${stackName}' could not be ${action}: resource ${logicalId} (${where}): ${reason}`, {
    cause,
    // Of a nested stack, the resource in it.
    resource: isDeployError(cause) ? (cause.resource ?? resource) : resource,
  });
}

/** The error for a whole stack; one that already names its stack stays as it is. */
export function stackError(action: string, stackName: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || isDeployError(cause)) return cause;
  return new DeployError(`stack '${stackName}' could not be ${action}: ${cause.message}`, { cause });
}

/** `error` with what the same deployment has deployed before it, which stays. */
export function withDeployedBefore(error: unknown, stacks: readonly StackResult[]): unknown {
  if (stacks.length === 0 || !isDeployError(error)) return error;
  const { cause, message, resource } = error;
  const list = stacks.map(({ stackName, status }) => `'${stackName}' (${status})`).join(', ');
  return new DeployError(`${message}; deployed before it: ${list}`, { cause, ...(resource && { resource }) });
}
