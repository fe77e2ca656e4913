/**
 * Takes a stack that a failed deployment has left as it was then (`--no-rollback`) back to its last stable state.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html
 */

import { Properties } from '../resources/properties';
import { findDeployed } from '../resources/registry';
import { resourceError } from './deploy-error';
import type { DeployedResource, DeployedStack } from './deployed-stack';
import { destroyNested } from './destroy-stack';
import {
  type ContextFor,
  changedProperties,
  messageOf,
  type OnProgress,
  previousOf,
  requireProvider,
} from './resource-step';

export interface RollbackProps {
  /** What is there. */
  readonly kept: DeployedStack;
  /** What was there before; undefined when nothing ever was. */
  readonly stable: DeployedStack | undefined;
  readonly stackId: string;
  /** Deletes what the failed deployment has created, also where its deletion policy would keep it. */
  readonly retainExceptOnCreate: boolean;
  readonly contextFor: ContextFor;
  readonly onProgress: OnProgress;
}

/** @throws DeployError that names the resource that stays as it is */
export async function rollbackStack(props: RollbackProps): Promise<DeployedStack | undefined> {
  const { kept, stable } = props;
  const restored = new Map(stable?.resources);
  for (const [logicalId, resource] of [...kept.resources].reverse()) {
    const before = stable?.resources.get(logicalId);
    if (before === undefined) await step(props, logicalId, resource, 'DELETE');
    else if (changedProperties(resource.properties, before.properties).length > 0) {
      restored.set(logicalId, { ...before, ...(await step(props, logicalId, resource, 'UPDATE', before)) });
    }
  }
  return stable && { ...stable, resources: restored };
}

async function step(
  { contextFor, kept, onProgress, retainExceptOnCreate, stackId }: RollbackProps,
  logicalId: string,
  resource: DeployedResource,
  verb: 'DELETE' | 'UPDATE',
  before?: DeployedResource,
): Promise<Partial<DeployedResource>> {
  const { constructPath, physicalId, type } = resource;
  const tell = (status: string, reason?: string) => onProgress({ logicalId, type, physicalId, status, reason });
  if (before === undefined && resource.retainOnDelete && !retainExceptOnCreate) {
    tell('DELETE_SKIPPED');
    return {};
  }
  const nestedStack = {
    deploy: () => {
      throw new Error('a nested stack that was changed is not taken back: deploy again with --no-rollback, or destroy');
    },
    delete: async () => {
      const nested = kept.nested.get(logicalId);
      if (nested) await destroyNested(nested, contextFor);
    },
  };
  try {
    tell(`${verb}_IN_PROGRESS`);
    const place = { stackName: kept.stackName, stackId };
    const context = { ...contextFor(place, logicalId, type), nestedStack, undo: () => undefined };
    const provider = requireProvider(findDeployed, type);
    const values =
      before && (await provider.update?.(context, new Properties(before.properties), previousOf(resource)));
    if (before === undefined) await provider.delete(context, previousOf(resource));
    tell(`${verb}_COMPLETE`);
    return values ?? {};
  } catch (error) {
    tell(`${verb}_FAILED`, messageOf(error));
    throw resourceError('rolled back', { stackName: kept.stackName, logicalId, type, constructPath }, error);
  }
}
