/**
 * Takes a stack that a failed deployment has left as it was then (`--no-rollback`) back to its last stable state.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html
 */

import { Properties } from '../resources/properties';
import type { ResourceValues } from '../resources/provider';
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
import { nestedStackId, partitionOf } from './stack-scope';

export interface RollbackProps {
  /** What is there. */
  readonly kept: DeployedStack;
  /** What was there before; undefined when nothing ever was. */
  readonly stable: DeployedStack | undefined;
  readonly stackId: string;
  /** Deletes what the failed deployment has created, also where its deletion policy would keep it. @default false */
  readonly retainExceptOnCreate?: boolean | undefined;
  /** Resources that stay as they are, by logical id. @default - none */
  readonly skip?: readonly string[] | undefined;
  readonly contextFor: ContextFor;
  readonly onProgress: OnProgress;
}

/** @throws DeployError that names the resource that stays as it is */
export async function rollbackStack(props: RollbackProps): Promise<DeployedStack | undefined> {
  const { kept, skip = [], stable } = props;
  const restored = new Map(stable?.resources);
  const nested = new Map(stable?.nested);
  for (const [logicalId, resource] of [...kept.resources].reverse()) {
    const before = stable?.resources.get(logicalId);
    if (skip.includes(logicalId)) continue;
    if (before === undefined) await step(props, logicalId, resource, nested);
    else if (changedProperties(resource.properties, before.properties).length > 0) {
      restored.set(logicalId, { ...before, ...(await step(props, logicalId, resource, nested, before)) });
    }
  }
  return stable && { ...stable, resources: restored, nested };
}

/** @param before undefined for what is deleted */
async function step(
  props: RollbackProps,
  logicalId: string,
  resource: DeployedResource,
  nested: Map<string, DeployedStack>,
  before?: DeployedResource,
): Promise<Partial<DeployedResource>> {
  const { contextFor, kept, onProgress, retainExceptOnCreate = false, stackId } = props;
  const { constructPath, physicalId, type } = resource;
  const verb = before === undefined ? 'DELETE' : 'UPDATE';
  const tell = (status: string, reason?: string) => onProgress({ logicalId, type, physicalId, status, reason });
  if (before === undefined && resource.retainOnDelete && !retainExceptOnCreate) {
    tell('DELETE_SKIPPED');
    return {};
  }
  const nestedStack = {
    deploy: () => rollBackNested(props, logicalId, resource, nested),
    delete: async () => {
      const inner = kept.nested.get(logicalId);
      if (inner) await destroyNested(inner, contextFor);
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

/** A nested stack was changed as a whole: one that fails on its way leaves nothing. */
async function rollBackNested(
  props: RollbackProps,
  logicalId: string,
  { attributes, physicalId }: DeployedResource,
  nested: Map<string, DeployedStack>,
): Promise<ResourceValues> {
  const kept = props.kept.nested.get(logicalId);
  const stable = props.stable?.nested.get(logicalId);
  if (!kept || !stable) return { physicalId, attributes };
  const stackId = nestedStackId({ ...kept, partition: partitionOf(kept.region) }, kept.stackName);
  const restored = await rollbackStack({ ...props, kept, stable, stackId, skip: [], onProgress: () => undefined });
  if (restored) nested.set(logicalId, restored);
  const outputs = Object.entries(stable.values).map(([output, value]) => [`Outputs.${output}`, value]);
  return { physicalId, attributes: Object.fromEntries(outputs) };
}
