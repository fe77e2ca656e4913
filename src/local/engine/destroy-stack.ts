/** Deletes everything of a deployed stack, dependents first. */

import { findDeployed } from '../resources/registry';
import { resourceError } from './deploy-error';
import type { DeployedStack } from './deployed-stack';
import { type ContextFor, messageOf, type OnProgress, previousOf, requireProvider } from './resource-step';
import { nestedStackId, partitionOf } from './stack-scope';

/** @throws DeployError that names the resource that could not be deleted */
export async function destroyStack(
  stack: DeployedStack,
  stackId: string,
  contextFor: ContextFor,
  onProgress: OnProgress = () => undefined,
): Promise<void> {
  for (const [logicalId, resource] of [...stack.resources].reverse()) {
    const { type, constructPath, physicalId } = resource;
    const tell = (status: string, reason?: string) => onProgress({ logicalId, type, physicalId, status, reason });
    if (resource.retainOnDelete) {
      tell('DELETE_SKIPPED');
      continue;
    }
    const nestedStack = {
      deploy: () => {
        throw new Error('a nested stack is not deployed while it is deleted');
      },
      delete: async () => {
        const nested = stack.nested.get(logicalId);
        if (nested) await destroyNested(nested, contextFor);
      },
    };
    try {
      tell('DELETE_IN_PROGRESS');
      const place = { stackName: stack.stackName, stackId };
      const context = { ...contextFor(place, logicalId, type), nestedStack, undo: () => undefined };
      await requireProvider(findDeployed, type).delete(context, previousOf(resource));
      tell('DELETE_COMPLETE');
    } catch (error) {
      tell('DELETE_FAILED', messageOf(error));
      throw resourceError('destroyed', { stackName: stack.stackName, logicalId, type, constructPath }, error);
    }
  }
}

/** Deletes a nested stack with all that it holds. */
export function destroyNested(stack: DeployedStack, contextFor: ContextFor): Promise<void> {
  const environment = { ...stack, partition: partitionOf(stack.region) };
  return destroyStack(stack, nestedStackId(environment, stack.stackName), contextFor);
}
