/**
 * Brings one stack from what was deployed before to what its template says, on a copy of the state.
 * Whatever throws here leaves the live state untouched: that is the rollback.
 */

import { conditionHolds, resolveIntrinsics } from '../assembly/resolve-intrinsics';
import { deploymentOrder } from '../assembly/resource-graph';
import type { TemplateResource } from '../assembly/template';
import { checkRules } from '../assembly/template-rules';
import { isAssemblyError, isDeployError } from '../local-error';
import { Properties } from '../resources/properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from '../resources/provider';
import { findDeployed, type ProviderFinder } from '../resources/registry';
import { copyState, replaceState } from '../state';
import { checkNestedStack } from './check-parameters';
import { resourceError, stackError } from './deploy-error';
import type { DeployedResource, DeployedStack } from './deployed-stack';
import type { ResourceChange } from './deployment';
import { destroyNested } from './destroy-stack';
import {
  type ContextFor,
  changedProperties,
  messageOf,
  type OnProgress,
  previousOf,
  requireProvider,
  retains,
  warnOfUnknown,
} from './resource-step';
import { readOutputs } from './stack-outputs';
import type { ResourceProgress } from './stack-record';
import { nestedStackId, StackScope, type StackScopeProps } from './stack-scope';
import { type UndoStep, undoAll, withUndoFailures } from './undo';

export interface DeployStackProps extends Omit<StackScopeProps, 'resources'> {
  readonly previous: DeployedStack | undefined;
  readonly contextFor: ContextFor;
  readonly findProvider: ProviderFinder;
  /** Refuses what the stack would do to others, before the first of its resources is deleted. */
  readonly checkResult: (deployed: DeployedStack) => void;
  /** A text with the addresses of AWS in it replaced by those that answer here. */
  readonly localAddress: (text: string) => string;
  /** Told each step of the stack itself. */
  readonly onProgress?: OnProgress;
  /** Told why resources could not be taken back when the deployment fails, by logical id. */
  readonly onStuck?: (failures: ReadonlyMap<string, string>) => void;
  /** Given what is there when the deployment fails, which then takes back nothing but the resource that failed. */
  readonly keepFailed?: ((kept: DeployedStack) => void) | undefined;
}

export interface StackDeployment {
  readonly deployed: DeployedStack;
  /** What happened to each resource, by logical id; those of nested stacks as `Nested/Resource`. */
  readonly changes: ReadonlyMap<string, ResourceChange>;
}

/** Deploys `stack` over `previous`. @throws DeployError that names the failing resource */
export async function deployStack(props: DeployStackProps): Promise<StackDeployment> {
  const changes = new Map<string, ResourceChange>();
  const cleanUp: (() => Promise<void>)[] = [];
  const undo: UndoStep[] = [];
  const run = new StackDeploymentRun(props, { prefix: '', changes, cleanUp, undo });
  try {
    const deployed = await finish(run, props);
    props.checkResult(deployed);
    for (const step of cleanUp) await step();
    return { deployed, changes };
  } catch (error) {
    if (props.keepFailed) {
      props.keepFailed(run.soFar());
      throw stackError('updated', props.stack.stackName, error);
    }
    const failures = await undoAll(undo);
    props.onStuck?.(failures);
    throw withUndoFailures(stackError('updated', props.stack.stackName, error), failures);
  }
}

/** What a stack shares with those nested in it. */
interface Progress {
  /** Before the logical ids of a nested stack. */
  readonly prefix: string;
  readonly changes: Map<string, ResourceChange>;
  /** What deletes resources at the very end, when the outermost stack and all in it are there, as CloudFormation does. */
  readonly cleanUp: (() => Promise<void>)[];
  readonly undo: UndoStep[];
}

async function finish(run: StackDeploymentRun, props: DeployStackProps): Promise<DeployedStack> {
  try {
    return await run.run();
  } catch (error) {
    throw stackError(props.previous ? 'updated' : 'created', props.stack.stackName, error);
  }
}

/** In the words of CloudFormation, which would have to keep what is replaced. */
const REPLACEMENT_REFUSED = 'Replacement type updates not supported on stack with disable-rollback.';

class StackDeploymentRun {
  private readonly resources = new Map<string, DeployedResource>();
  private readonly nested = new Map<string, DeployedStack>();
  /** What others have taken the place of. */
  private readonly replaced: { readonly logicalId: string; readonly resource: DeployedResource }[] = [];
  private readonly scope: StackScope;
  /** Why a property of a resource that does without it has no value, by logical id. */
  private readonly unresolved = new Map<string, string>();

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
      if (resource) {
        const step = () => this.deployResource(logicalId, resource);
        await this.attempt(logicalId, resource.Type, this.props.keepFailed ? () => this.wholly(step) : step);
      }
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

  /** What is there although not all is: resources that were not reached are as they were. */
  public soFar(): DeployedStack {
    const { environment, previous, stack } = this.props;
    const { account, region } = environment;
    const unreached = [...(previous?.resources ?? [])].filter(([logicalId]) => !this.resources.has(logicalId));
    return {
      stackName: stack.stackName,
      account,
      region,
      resources: new Map([...this.resources, ...unreached]),
      nested: new Map([...(previous?.nested ?? []), ...this.nested]),
      outputs: previous?.outputs ?? {},
      values: previous?.values ?? {},
      exports: previous?.exports ?? new Map(),
      imports: new Set([...(previous?.imports ?? []), ...this.scope.imports]),
    };
  }

  /** A step that leaves nothing of itself when it fails. */
  private async wholly(step: () => Promise<void>): Promise<void> {
    const { state } = this.props;
    const before = copyState(state);
    const done = this.progress.undo.length;
    try {
      await step();
    } catch (error) {
      const failures = await undoAll(this.progress.undo.splice(done));
      replaceState(state, before);
      throw withUndoFailures(error, failures);
    }
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
    const values = this.valuesOf(logicalId, provider, resource.Properties ?? {});
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
    logicalId: string,
    { external, inert, lenient, properties }: ResourceProvider,
    given: Readonly<Record<string, unknown>>,
  ): Record<string, unknown> {
    if (external || lenient) {
      const resolve = (value: unknown) => this.resolved(value, (problem) => this.unresolved.set(logicalId, problem));
      return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, resolve(value)]));
    }
    if (!inert) return resolveIntrinsics(given, this.scope) as Record<string, unknown>;
    return { ...given, ...Object.fromEntries(properties.map((name) => [name, this.resolved(given[name])])) };
  }

  private resolved(value: unknown, onProblem: (problem: string) => void = () => undefined): unknown {
    try {
      return resolveIntrinsics(value, this.scope);
    } catch (error) {
      if (!(isAssemblyError(error) || isDeployError(error))) throw error;
      onProblem(error.message);
      return undefined;
    }
  }

  private async apply(
    logicalId: string,
    provider: ResourceProvider,
    values: Readonly<Record<string, unknown>>,
    previous: DeployedResource | undefined,
  ): Promise<ResourceValues> {
    const context = this.contextFor(logicalId, provider.type);
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
      return previous.didNothing ? this.tryAgain(logicalId, provider, properties, previous) : previous;
    }
    warnOfUnknown(context, provider, values);
    const replacedBy = provider.update ? (provider.replacedBy ?? []) : changed;
    if (provider.update && !changed.some((name) => replacedBy.includes(name))) {
      const { update } = provider;
      this.changed(logicalId, 'updated');
      const step = () => update(context, properties, previousOf(previous));
      const updated = await this.told('UPDATE', logicalId, previous, step);
      if (!provider.external || updated.physicalId === previous.physicalId) return updated;
      this.changed(logicalId, 'replaced');
      this.replaced.push({ logicalId, resource: previous });
      return updated;
    }
    if (this.props.keepFailed) throw new Error(REPLACEMENT_REFUSED);
    this.changed(logicalId, 'replaced');
    this.replaced.push({ logicalId, resource: previous });
    const reason = 'Requested update requires the creation of a new physical resource; hence creating one.';
    return this.told('UPDATE', logicalId, { ...previous, reason }, () => provider.create(context, properties));
  }

  /** What was in the way, such as a package that was not installed, may be gone. */
  private async tryAgain(
    logicalId: string,
    { type, update }: ResourceProvider,
    properties: Properties,
    previous: DeployedResource,
  ): Promise<ResourceValues> {
    const values = await update?.(this.contextFor(logicalId, type), properties, previousOf(previous));
    if (values === undefined || values.didNothing) return previous;
    this.changed(logicalId, 'updated');
    this.tell({ logicalId, type, physicalId: values.physicalId, status: 'UPDATE_COMPLETE' });
    return values;
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

  private contextFor(logicalId: string, type: string): ResourceContext {
    const { stack, stackId, contextFor, previous } = this.props;
    const context = contextFor({ stackName: stack.stackName, stackId, assembly: stack }, logicalId, type);
    const before = previous?.nested.get(logicalId);
    return {
      ...context,
      providers: {
        ...context.providers,
        problem: (serviceToken) => this.unresolved.get(logicalId) ?? context.providers.problem(serviceToken),
      },
      undo: (run) => this.progress.undo.push({ logicalId, run }),
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
          if (before) await destroyNested(before, contextFor);
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
    checkNestedStack(stack);
    const prefix = `${this.progress.prefix}${logicalId}/`;
    const { onProgress: _, keepFailed: __, ...shared } = this.props;
    const stackId = nestedStackId(this.props.environment, stackName);
    const props = { ...shared, stack, stackId, previous, parameters: {} };
    return await finish(new StackDeploymentRun(props, { ...this.progress, prefix }), props);
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

  /**
   * What fails here takes nothing back: everything else is there, and others are deleted for good. As with CloudFormation,
   * the resource stays and is no longer of the stack.
   */
  private async deleteResource(logicalId: string, resource: DeployedResource): Promise<void> {
    const { physicalId, type } = resource;
    const context = this.contextFor(logicalId, type);
    const told = { logicalId, type, physicalId };
    this.tell({ ...told, status: 'DELETE_IN_PROGRESS' });
    try {
      await requireProvider(findDeployed, type).delete(context, previousOf(resource));
      this.tell({ ...told, status: 'DELETE_COMPLETE' });
    } catch (error) {
      const reason = messageOf(error);
      context.warn(`${physicalId} could not be deleted and is no longer part of the stack: ${reason}`);
      if (!this.resources.has(logicalId)) this.changed(logicalId, 'retained');
      this.tell({ ...told, status: 'DELETE_FAILED', reason });
    }
  }

  private tellFailure(logicalId: string, type: string, error: unknown): void {
    const physicalId = this.props.previous?.resources.get(logicalId)?.physicalId;
    const status = physicalId === undefined ? 'CREATE_FAILED' : 'UPDATE_FAILED';
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
