/**
 * Brings one stack from what was deployed before to what its template says, on a copy of the state.
 * Whatever throws here leaves the live state untouched: that is the rollback.
 */

import type { AssemblyStack } from '../assembly/read-assembly';
import { conditionHolds, resolveIntrinsics } from '../assembly/resolve-intrinsics';
import { deploymentOrder } from '../assembly/resource-graph';
import type { TemplateResource } from '../assembly/template';
import { checkRules } from '../assembly/template-rules';
import { canonicalJson } from '../canonical-json';
import { isAssemblyError } from '../local-error';
import { Properties } from '../resources/properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from '../resources/provider';
import { type ProviderFinder, providerFinder } from '../resources/registry';
import { resourceError, stackError } from './deploy-error';
import type { DeployedResource, DeployedStack } from './deployed-stack';
import { readOutputs } from './stack-outputs';
import type { ResourceProgress } from './stack-record';
import { nestedStackId, StackScope, type StackScopeProps } from './stack-scope';

/** A stack that is deployed or deleted; without its assembly it is only deleted. */
export interface StackPlace {
  readonly stackName: string;
  readonly assembly?: AssemblyStack;
}

/** Makes the context of one resource, apart from what its stack knows. */
export type ContextFor = (stack: StackPlace, logicalId: string) => Omit<ResourceContext, 'nestedStack'>;

export interface DeployStackProps extends Omit<StackScopeProps, 'resources'> {
  readonly previous: DeployedStack | undefined;
  readonly contextFor: ContextFor;
  readonly findProvider: ProviderFinder;
  /** A text with the addresses of AWS in it replaced by those that answer here. */
  readonly localAddress: (text: string) => string;
  /** Told each step of the stack itself. */
  readonly onProgress?: OnProgress;
}

/** Told each step, of one resource. */
export type OnProgress = (progress: ResourceProgress) => void;

export interface StackDeployment {
  readonly deployed: DeployedStack;
  /** What happened to each resource, by logical id; those of nested stacks as `Nested/Resource`. */
  readonly changes: ReadonlyMap<string, ResourceChange>;
}

export type ResourceChange = 'created' | 'updated' | 'replaced' | 'deleted' | 'retained' | 'unchanged';

/** Deploys `stack` over `previous`. @throws DeployError that names the failing resource */
export async function deployStack(props: DeployStackProps): Promise<StackDeployment> {
  const changes = new Map<string, ResourceChange>();
  const cleanUp: (() => Promise<void>)[] = [];
  const deployed = await deployWithin(props, { prefix: '', changes, cleanUp });
  try {
    for (const step of cleanUp) await step();
  } catch (error) {
    throw stackError('updated', props.stack.stackName, error);
  }
  return { deployed, changes };
}

/** What a stack shares with those nested in it. */
interface Progress {
  /** Before the logical ids of a nested stack. */
  readonly prefix: string;
  readonly changes: Map<string, ResourceChange>;
  /** What deletes resources at the very end, when the outermost stack and all in it are there, as CloudFormation does. */
  readonly cleanUp: (() => Promise<void>)[];
}

async function deployWithin(props: DeployStackProps, progress: Progress): Promise<DeployedStack> {
  try {
    return await new StackDeploymentRun(props, progress).run();
  } catch (error) {
    throw stackError(props.previous ? 'updated' : 'created', props.stack.stackName, error);
  }
}

class StackDeploymentRun {
  private readonly resources = new Map<string, DeployedResource>();
  private readonly nested = new Map<string, DeployedStack>();
  /** What others have taken the place of. */
  private readonly replaced: { readonly logicalId: string; readonly resource: DeployedResource }[] = [];
  private readonly scope: StackScope;

  public constructor(
    private readonly props: DeployStackProps,
    private readonly progress: Progress,
  ) {
    this.scope = new StackScope({ ...props, resources: this.resources });
  }

  public async run(): Promise<DeployedStack> {
    const { stack, environment } = this.props;
    checkRules(stack.template, this.scope);
    const defined = this.definedResources();
    for (const logicalId of deploymentOrder(defined)) {
      const resource = defined[logicalId];
      if (resource) await this.attempt(logicalId, resource.Type, () => this.deployResource(logicalId, resource));
    }
    this.progress.cleanUp.push(() => this.deleteLeftovers());
    const { outputs, values, exports } = readOutputs(stack.template, this.scope, this.props.localAddress);
    const { account, region } = environment;
    return {
      stackName: stack.stackName,
      account,
      region,
      resources: this.resources,
      nested: this.nested,
      outputs,
      values,
      exports,
      imports: this.scope.imports,
    };
  }

  /** The resources whose condition holds; what depends on another one by name only goes without it. */
  private definedResources(): Record<string, TemplateResource> {
    const all = Object.entries(this.props.stack.template.Resources ?? {});
    return Object.fromEntries(
      all.filter(([, { Condition }]) => Condition === undefined || conditionHolds(Condition, this.scope)),
    );
  }

  private async deployResource(logicalId: string, resource: TemplateResource): Promise<void> {
    const provider = requireProvider(this.props.findProvider, resource.Type);
    const values = this.valuesOf(provider, resource.Properties ?? {});
    const previous = this.props.previous?.resources.get(logicalId);
    if (previous && previous.type !== resource.Type) {
      throw new Error(`its type cannot change from ${previous.type} to ${resource.Type}; give it a new logical id`);
    }
    const deployed = await this.apply(logicalId, provider, values, previous);
    this.resources.set(logicalId, {
      ...deployed,
      type: resource.Type,
      properties: values,
      constructPath: this.props.stack.constructPaths.get(logicalId),
      retainOnDelete: retains(resource.DeletionPolicy),
      retainOnReplace: retains(resource.UpdateReplacePolicy),
    });
  }

  /** Of an inert resource only the names are read: what else it holds may need what is not here. */
  private valuesOf(
    { inert, properties }: ResourceProvider,
    given: Readonly<Record<string, unknown>>,
  ): Record<string, unknown> {
    if (!inert) return resolveIntrinsics(given, this.scope) as Record<string, unknown>;
    return { ...given, ...Object.fromEntries(properties.map((name) => [name, this.resolved(given[name])])) };
  }

  private resolved(value: unknown): unknown {
    try {
      return resolveIntrinsics(value, this.scope);
    } catch (error) {
      if (isAssemblyError(error)) return undefined;
      throw error;
    }
  }

  private async apply(
    logicalId: string,
    provider: ResourceProvider,
    values: Readonly<Record<string, unknown>>,
    previous: DeployedResource | undefined,
  ): Promise<ResourceValues> {
    const context = this.contextFor(logicalId);
    const properties = new Properties(values);
    if (!previous) {
      this.changed(logicalId, 'created');
      warnOfUnknown(context, provider, values);
      return this.told('CREATE', logicalId, { type: provider.type }, () => provider.create(context, properties));
    }
    const changed = changedProperties(previous.properties, values);
    if (changed.length === 0) {
      const nested = this.props.previous?.nested.get(logicalId);
      if (nested) this.nested.set(logicalId, nested);
      this.changed(logicalId, 'unchanged');
      return previous;
    }
    warnOfUnknown(context, provider, values);
    const replacedBy = provider.update ? (provider.replacedBy ?? []) : changed;
    if (provider.update && !changed.some((name) => replacedBy.includes(name))) {
      const { update } = provider;
      this.changed(logicalId, 'updated');
      return this.told('UPDATE', logicalId, previous, () => update(context, properties, previousOf(previous)));
    }
    this.changed(logicalId, 'replaced');
    this.replaced.push({ logicalId, resource: previous });
    const reason = 'Requested update requires the creation of a new physical resource; hence creating one.';
    return this.told('UPDATE', logicalId, { ...previous, reason }, () => provider.create(context, properties));
  }

  /** Tells the beginning and the end of a step; its failure is told where it is caught. */
  private async told(
    verb: 'CREATE' | 'UPDATE',
    logicalId: string,
    { physicalId = '', reason, type }: Pick<ResourceProgress, 'type'> & Partial<ResourceProgress>,
    step: () => ResourceValues | Promise<ResourceValues>,
  ): Promise<ResourceValues> {
    this.tell({ logicalId, type, physicalId, status: `${verb}_IN_PROGRESS`, reason });
    const values = await step();
    this.tell({ logicalId, type, physicalId: values.physicalId, status: `${verb}_COMPLETE` });
    return values;
  }

  private tell(progress: ResourceProgress): void {
    this.props.onProgress?.(progress);
  }

  private changed(logicalId: string, change: ResourceChange): void {
    this.progress.changes.set(`${this.progress.prefix}${logicalId}`, change);
  }

  private contextFor(logicalId: string): ResourceContext {
    const { stack, contextFor, previous } = this.props;
    const context = contextFor({ stackName: stack.stackName, assembly: stack }, logicalId);
    const before = previous?.nested.get(logicalId);
    return {
      ...context,
      nestedStack: {
        deploy: async (parameters, physicalId) => {
          const name = before?.stackName ?? context.generateName(128);
          const nested = await this.deployNested(logicalId, name, parameters, before);
          this.nested.set(logicalId, nested);
          const outputs = Object.entries(nested.values).map(([output, value]) => [`Outputs.${output}`, value]);
          return {
            physicalId: physicalId ?? nestedStackId(this.props.environment, name),
            attributes: Object.fromEntries(outputs),
          };
        },
        delete: async () => {
          if (before) await destroyStack(before, contextFor);
        },
      },
    };
  }

  private async deployNested(
    logicalId: string,
    stackName: string,
    parameters: Readonly<Record<string, string>>,
    previous: DeployedStack | undefined,
  ): Promise<DeployedStack> {
    const assembly = this.props.stack.nested.get(logicalId);
    if (!assembly)
      throw new Error('its template is no asset of the cloud assembly: let it be a NestedStack of the CDK');
    const stack = { ...assembly, stackName, parameters };
    checkNestedParameters(stack);
    const prefix = `${this.progress.prefix}${logicalId}/`;
    const { onProgress: _, ...shared } = this.props;
    const stackId = nestedStackId(this.props.environment, stackName);
    return await deployWithin({ ...shared, stack, stackId, previous, parameters: {} }, { ...this.progress, prefix });
  }

  /** Deletes replaced resources and those that left the template, dependents first. */
  private async deleteLeftovers(): Promise<void> {
    for (const { logicalId, resource } of this.replaced.reverse()) {
      if (!resource.retainOnReplace) await this.deleteResource(logicalId, resource);
    }
    for (const [logicalId, resource] of [...(this.props.previous?.resources ?? [])].reverse()) {
      if (this.resources.has(logicalId)) continue;
      this.changed(logicalId, resource.retainOnDelete ? 'retained' : 'deleted');
      if (!resource.retainOnDelete) await this.deleteResource(logicalId, resource);
    }
  }

  private async deleteResource(logicalId: string, resource: DeployedResource): Promise<void> {
    const { physicalId, type } = resource;
    await this.attempt(logicalId, type, async () => {
      this.tell({ logicalId, type, physicalId, status: 'DELETE_IN_PROGRESS' });
      await requireProvider(findDeployed, type).delete(this.contextFor(logicalId), previousOf(resource));
      this.tell({ logicalId, type, physicalId, status: 'DELETE_COMPLETE' });
    });
  }

  private tellFailure(logicalId: string, type: string, error: unknown): void {
    const physicalId = this.props.previous?.resources.get(logicalId)?.physicalId;
    const change = this.progress.changes.get(`${this.progress.prefix}${logicalId}`);
    const verb = physicalId === undefined ? 'CREATE' : change === 'deleted' ? 'DELETE' : 'UPDATE';
    const status = `${verb}_FAILED`;
    this.tell({ logicalId, type, physicalId: physicalId ?? '', status, reason: messageOf(error) });
  }

  private async attempt(logicalId: string, type: string, step: () => void | Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.tellFailure(logicalId, type, error);
      const { stackName, constructPaths } = this.props.stack;
      const constructPath =
        constructPaths.get(logicalId) ?? this.props.previous?.resources.get(logicalId)?.constructPath;
      throw resourceError(
        this.props.previous ? 'updated' : 'created',
        { stackName, logicalId, type, constructPath },
        error,
      );
    }
  }
}

/** The parameters of a nested stack come from the resource that it is, in the words of CloudFormation. */
function checkNestedParameters({ template: { Parameters = {} }, parameters }: AssemblyStack): void {
  const unknown = Object.keys(parameters).filter((name) => !Object.hasOwn(Parameters, name));
  if (unknown.length > 0) throw new Error(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  const missing = Object.keys(Parameters).filter(
    (name) => !Object.hasOwn(parameters, name) && Parameters[name]?.Default === undefined,
  );
  if (missing.length > 0) throw new Error(`Parameters: [${missing.join(', ')}] must have values`);
}

/** Deletes everything of a deployed stack, dependents first. */
export async function destroyStack(
  stack: DeployedStack,
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
        if (nested) await destroyStack(nested, contextFor);
      },
    };
    try {
      tell('DELETE_IN_PROGRESS');
      const context = { ...contextFor(stack, logicalId), nestedStack };
      await requireProvider(findDeployed, type).delete(context, previousOf(resource));
      tell('DELETE_COMPLETE');
    } catch (error) {
      tell('DELETE_FAILED', messageOf(error));
      throw resourceError('destroyed', { stackName: stack.stackName, logicalId, type, constructPath }, error);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whatever was deployed can be deleted, also when it is no longer accepted as inert. */
const findDeployed = providerFinder({ inertTypes: ['*'] });

function previousOf(resource: DeployedResource) {
  const { physicalId, attributes, properties } = resource;
  return { physicalId, attributes, properties: new Properties(properties) };
}

function requireProvider(findProvider: ProviderFinder, type: string): ResourceProvider {
  const provider = findProvider(type);
  if (!provider) throw new Error(`resource type ${type} is not supported`);
  return provider;
}

/** A property nobody here has heard of may be one that would matter. */
function warnOfUnknown(
  context: ResourceContext,
  provider: ResourceProvider,
  values: Readonly<Record<string, unknown>>,
): void {
  if (provider.inert) return;
  const known = [...provider.properties, ...(provider.withoutEffect ?? [])];
  for (const name of Object.keys(values)) {
    if (!known.includes(name)) context.warn(`the property '${name}' of ${provider.type} has no effect here`);
  }
}

function changedProperties(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !sameValue(before[name], after[name]));
}

/** Templates are JSON; the order of an object's members says nothing. */
function sameValue(left: unknown, right: unknown): boolean {
  return canonicalJson(left) === canonicalJson(right);
}

function retains(policy: string | undefined): boolean {
  return policy === 'Retain' || policy === 'RetainExceptOnCreate';
}
