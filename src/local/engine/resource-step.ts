/** What deploying and destroying a stack have in common, resource by resource. */

import type { AssemblyStack } from '../assembly/read-assembly';
import { canonicalJson } from '../canonical-json';
import { requireOwnRole } from '../resources/passed-roles';
import { playedPermissions } from '../resources/played-provider';
import { Properties } from '../resources/properties';
import type { PreviousResource, ResourceContext, ResourceProvider } from '../resources/provider';
import type { ProviderFinder } from '../resources/registry';
import { type ResourceVerb, requiredPermissions } from '../resources/required-permissions';
import type { DeployedResource } from './deployed-stack';
import type { ResourceProgress } from './stack-record';

/** A stack that is deployed or deleted; without its assembly it is only deleted. */
interface StackPlace {
  readonly stackName: string;
  readonly stackId: string;
  readonly assembly?: AssemblyStack;
}

/** Makes the context of one resource, apart from what its stack knows. */
export type ContextFor = (
  stack: StackPlace,
  logicalId: string,
  type: string,
) => Omit<ResourceContext, 'nestedStack' | 'undo'>;

/** Told each step, of one resource. */
export type OnProgress = (progress: ResourceProgress) => void;

export function previousOf({ physicalId, attributes, properties, ranProvider }: DeployedResource): PreviousResource {
  return { physicalId, attributes, properties: new Properties(properties), ...(ranProvider && { ranProvider }) };
}

export function requireProvider(findProvider: ProviderFinder, type: string): ResourceProvider {
  const provider = findProvider(type);
  if (!provider) throw new Error(`resource type ${type} is not supported`);
  return demanding(provider, type);
}

/** The provider, which asks before each step whether whoever deploys may do it. */
function demanding(provider: ResourceProvider, type: string): ResourceProvider {
  const { create, delete: remove, update } = provider;
  const ask = (
    verb: ResourceVerb,
    context: ResourceContext,
    properties: Properties | undefined,
    previous?: PreviousResource,
  ) => {
    const { account, demand } = context;
    if (properties) requireOwnRole(type, properties, account);
    if (demand === undefined) return;
    for (const needed of requiredPermissions(type, verb, context, properties, previous)) demand(needed);
    const told = properties ?? previous?.properties;
    const token = String(told?.values['ServiceToken'] ?? '');
    for (const needed of told ? playedPermissions(type, context, told) : [])
      if (!context.providerMay(token, needed)) demand(needed);
  };
  return {
    ...provider,
    create: (context, properties) => {
      ask('create', context, properties);
      return create(context, properties);
    },
    ...(update && {
      update: (context, properties, previous) => {
        ask('update', context, properties, previous);
        return update(context, properties, previous);
      },
    }),
    delete: (context, previous) => {
      ask('delete', context, undefined, previous);
      return remove(context, previous);
    },
  };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The names of those that are there or have a value that they did not have. */
export function changedProperties(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  // Templates are JSON; the order of an object's members says nothing.
  return [...names].filter((name) => canonicalJson(before[name]) !== canonicalJson(after[name]));
}

/** A property nobody here has heard of may be one that would matter. */
export function warnOfUnknown(
  context: ResourceContext,
  provider: ResourceProvider,
  values: Readonly<Record<string, unknown>>,
): void {
  if (provider.inert || provider.external) return;
  const known = [...provider.properties, ...(provider.withoutEffect ?? [])];
  for (const name of Object.keys(values)) {
    if (!known.includes(name)) context.warn(`the property '${name}' of ${provider.type} has no effect here`);
  }
}

/** Whether a `DeletionPolicy` or `UpdateReplacePolicy` keeps the resource. */
export function retains(policy: string | undefined): boolean {
  return policy === 'Retain' || policy === 'RetainExceptOnCreate';
}
