/**
 * Changes one stack at a time: on a copy of the state, which takes the place of the live one in one step when the whole
 * stack is there. Its record tells how it goes, whichever way the change was asked for.
 */

import { checkChosenResources, checkTemplateRules } from '../assembly/check-template';
import type { AssemblyStack } from '../assembly/read-assembly';
import { checkRules } from '../assembly/template-rules';
import { localAddress } from '../http/front-end-address';
import type { Organization } from '../iam/authorize';
import { isDeployError } from '../local-error';
import type { DynamoDbCaller } from '../resources/provider';
import type { ProviderFinder } from '../resources/registry';
import { copyState, hasFrontEnd, type ImageProgram, type LocalState, replaceState } from '../state';
import type { CodeStore } from './code-store';
import { stackError } from './deploy-error';
import { deployStack } from './deploy-stack';
import { type DeployedResource, type DeployedStack, stackKey, withNestedStacks } from './deployed-stack';
import type { DeployOptions, StackResult } from './deployment';
import { destroyStack } from './destroy-stack';
import { contextsFor, type Findings, type ProviderRuns, type StoredObjects } from './resource-contexts';
import { type ContextFor, messageOf } from './resource-step';
import { rollbackStack } from './rollback-stack';
import { checkExports, exportedValue } from './stack-exports';
import { StackHistory } from './stack-history';
import type { ResourceProgress, StackRecord, StackRequest } from './stack-record';
import { parameterValue, partitionOf, type StackEnvironment, StackScope } from './stack-scope';
import { warnOfUrls } from './url-policy';

export interface StackChangesProps {
  readonly state: LocalState;
  /** Account of environment-agnostic stacks. */
  readonly defaultAccount: string;
  /** Region of environment-agnostic stacks. */
  readonly defaultRegion: string;
  /** Values of SSM parameters that no stack defines, by name. */
  readonly ssmParameters?: Readonly<Record<string, string>> | undefined;
  /** What plays container images, by construct path or name of the function. */
  readonly images?: Readonly<Record<string, ImageProgram>> | undefined;
  /** The organization of the accounts, which conditions of policies may ask for. */
  readonly organization?: Organization | undefined;
  /** The objects of buckets. @default - there are none */
  readonly objects?: StoredObjects | undefined;
  /** Makes tables, as an account in a region. @default - nobody plays DynamoDB */
  readonly dynamoDb?: DynamoDbCaller | undefined;
  /** Runs the providers of custom resources. @default - none runs, and custom resources do nothing */
  readonly providers?: ProviderRuns;
  /** Where what is deployed answers: `http://127.0.0.1:<port>`. */
  readonly endpoint: () => string;
}

/** A deployment whose record says that it is under way. */
export interface BegunDeployment {
  readonly record: StackRecord;
  readonly request: StackRequest;
}

/** How a deployment that was kept is taken back. */
export interface RollbackRequest {
  /** Deletes what the failed deployment has created, also where its deletion policy would keep it. @default false */
  readonly retainExceptOnCreate?: boolean;
  /** Resources that stay as they are and count as rolled back, by logical id. @default - none */
  readonly skip?: readonly string[];
}

/** What all stacks of one deployment share. */
export type DeploymentManner = readonly [findProvider: ProviderFinder, accounts: ReadonlySet<string>, told: Findings];

const NOBODY: Findings = { warn: () => undefined, doesNothing: () => undefined };

export class StackChanges {
  /** What CloudFormation tells of the stacks. */
  public readonly history = new StackHistory();
  /** By {@link stackKey}, in the order of deployment. */
  public readonly deployed = new Map<string, DeployedStack>();
  /** Of stacks that a failed deployment has left as they were then: what they were before, if anything. */
  private readonly paused = new Map<string, DeployedStack | undefined>();
  /** Counts deployments, so that a resource defined anew gets another generated name. */
  private deployments = 0;

  public constructor(
    private readonly props: StackChangesProps,
    private readonly code: CodeStore,
  ) {}

  /** The deployed stacks, in the order of deployment, without those nested in them. */
  public stacks(): DeployedStack[] {
    return [...this.deployed.values()];
  }

  /** Whether the stack is as a failed deployment has left it, and was another one before. */
  public wasUpdated(record: StackRecord): boolean {
    return this.paused.get(stackKey(record)) !== undefined;
  }

  /**
   * Refuses what CloudFormation refuses before it makes or changes a stack, in its words.
   * @throws Error
   */
  public check(stack: AssemblyStack, options: DeployOptions, demand?: Findings['demand']): void {
    checkTemplateRules(stack.template, stack.templateBytes);
    const environment = this.environmentOf(stack);
    const { organization, ssmParameters, state } = this.props;
    const surroundings = { environment, stackId: '', state, ssmParameters, organization, demand };
    const findExport = () => undefined;
    const parameters = options.parameters ?? {};
    const scope = new StackScope({ stack, parameters, resources: new Map(), findExport, ...surroundings });
    checkRules(stack.template, scope);
    checkChosenResources(stack.template, scope);
  }

  /** Says that the stack of `stack` is being deployed: whoever asks before its turn has come must see it. */
  public begin(
    stack: AssemblyStack,
    options: DeployOptions,
    request?: Omit<StackRequest, 'parameters'>,
  ): BegunDeployment {
    const { account, region } = this.environmentOf(stack);
    const { stackName } = stack;
    const isUpdate = this.deployed.has(stackKey({ account, region, stackName }));
    const record = this.recordFor({ account, region, stackName }, isUpdate);
    const given = { stack, parameters: options.parameters ?? {} };
    const names = Object.keys(stack.template.Parameters ?? {});
    const recorded = {
      templateText: JSON.stringify(stack.template),
      ...request,
      parameters: Object.fromEntries(names.map((name) => [name, String(parameterValue(given, name) ?? '')])),
    };
    record.begin(isUpdate ? 'UPDATE_IN_PROGRESS' : 'CREATE_IN_PROGRESS', recorded);
    return { record, request: recorded };
  }

  /** @throws DeployError or AssemblyError; the record tells it, too */
  public async deploy(
    { record, request }: BegunDeployment,
    ...what: [AssemblyStack, DeployOptions, ...DeploymentManner]
  ): Promise<StackResult> {
    const key = stackKey(record);
    const isUpdate = this.deployed.has(key);
    // What is paused has no state that a failure could go back to.
    const isKept = request.disableRollback === true || this.paused.has(key);
    let stuck: ReadonlyMap<string, string> | undefined;
    const onStuck = (failures: ReadonlyMap<string, string>) => {
      stuck = failures;
    };
    try {
      const result = await this.changeStack(record, { isKept, onStuck }, ...what);
      this.paused.delete(key);
      record.complete(request);
      return result;
    } catch (error) {
      const reason = reasonOf(error);
      if (isKept) record.pause(isUpdate, reason);
      else record.rollBack(isUpdate, reason, stuck);
      throw error;
    }
  }

  /** That of the stack that is there, or a new one where there is none or its creation failed. */
  private recordFor(place: Parameters<StackHistory['open']>[0], isUpdate: boolean): StackRecord {
    const current = this.history.current(place);
    if (current && (isUpdate || current.status === 'REVIEW_IN_PROGRESS')) return current;
    current?.begin('DELETE_IN_PROGRESS', {});
    current?.enter('DELETE_COMPLETE');
    return this.history.open(place);
  }

  private async changeStack(
    record: StackRecord,
    {
      isKept,
      onStuck,
    }: { readonly isKept: boolean; readonly onStuck: (failures: ReadonlyMap<string, string>) => void },
    stack: AssemblyStack,
    options: DeployOptions,
    ...[findProvider, accounts, told]: DeploymentManner
  ): Promise<StackResult> {
    const environment = this.environmentOf(stack);
    const key = stackKey(record);
    const previous = this.deployed.get(key);
    const before = copyState(this.props.state);
    const state = copyState(before);
    this.deployments += 1;
    let kept: DeployedStack | undefined;
    const what = { stack, environment, state, previous, findProvider };
    const deployment = deployStack({
      ...what,
      stackId: record.stackId,
      parameters: options.parameters ?? {},
      ssmParameters: this.props.ssmParameters,
      organization: this.props.organization,
      findExport: (name) => exportedValue(this.stacksIn(environment), name),
      localAddress: (text) => this.localAddress(text, state),
      onProgress: (progress) => record.tell(progress),
      onStuck,
      demand: told.demand,
      contextFor: this.contextFor(environment, state, accounts, told, options.strict),
      checkResult: (deployed) => checkExports(deployed, previous, this.stacksIn(deployed)),
      ...(isKept && {
        keepFailed: (soFar) => {
          kept = soFar;
        },
      }),
    });
    const { deployed, changes } = await deployment.catch((error: unknown) => {
      // Providers of custom resources saw the stack half done.
      replaceState(this.props.state, kept ? state : before);
      if (kept && !this.paused.has(key)) this.paused.set(key, previous);
      if (kept) this.deployed.set(key, kept);
      throw error;
    });
    replaceState(this.props.state, state);
    this.deployed.set(key, deployed);
    warnOfUrls(this.props, deployed, told.warn);
    const changed = [...changes.values()].some((change) => change !== 'unchanged');
    return {
      stackName: stack.stackName,
      account: environment.account,
      region: environment.region,
      status: previous ? (changed ? 'updated' : 'unchanged') : 'created',
      outputs: deployed.outputs,
      changes: Object.fromEntries(changes),
    };
  }

  /**
   * @param retain resources that stay, by logical id
   * @throws DeployError, which the record tells, too
   */
  public async destroy(
    record: StackRecord,
    stack: DeployedStack,
    told: Partial<Findings>,
    retain: readonly string[] = [],
  ): Promise<void> {
    try {
      checkExports({ ...stack, exports: new Map(), nested: new Map() }, stack, this.stacksIn(stack));
    } catch (error) {
      record.cancelDeletion(messageOf(error));
      throw stackError('destroyed', stack.stackName, error);
    }
    const before = copyState(this.props.state);
    try {
      const state = copyState(this.props.state);
      const environment = { ...stack, partition: partitionOf(stack.region) };
      const contextFor = this.contextFor(environment, state, new Set(), { ...NOBODY, ...told });
      const kept = [...stack.resources].map(([logicalId, resource]): [string, DeployedResource] => [
        logicalId,
        { ...resource, retainOnDelete: resource.retainOnDelete || retain.includes(logicalId) },
      ]);
      const onProgress = (progress: ResourceProgress) => record.tell(progress);
      await destroyStack({ ...stack, resources: new Map(kept) }, record.stackId, contextFor, onProgress);
      replaceState(this.props.state, state);
    } catch (error) {
      replaceState(this.props.state, before);
      const failed = isDeployError(error) ? error.resource?.logicalId : undefined;
      const reason = failed && `The following resource(s) failed to delete: [${failed}]. `;
      record.enter('DELETE_FAILED', reason ?? messageOf(error));
      throw error;
    }
    this.deployed.delete(stackKey(stack));
    this.paused.delete(stackKey(stack));
    record.enter('DELETE_COMPLETE');
  }

  /**
   * Takes the stack of a record back to what it was before a deployment that was kept.
   * @throws DeployError, which the record tells, too
   */
  public async rollBack(record: StackRecord, how: RollbackRequest, told: Partial<Findings>): Promise<void> {
    const key = stackKey(record);
    const stable = this.paused.get(key);
    const kept = this.deployed.get(key);
    // What a deployment could not take back it has left behind; the stack is what it was before.
    if (!kept || !this.paused.has(key)) return record.endRollback(kept !== undefined);
    const state = copyState(this.props.state);
    const environment = { ...kept, partition: partitionOf(kept.region) };
    const contextFor = this.contextFor(environment, state, new Set([kept.account]), { ...NOBODY, ...told });
    const onProgress = (progress: ResourceProgress) => record.tell(progress);
    const place = { kept, stable, stackId: record.stackId };
    try {
      const restored = await rollbackStack({ ...place, ...how, contextFor, onProgress });
      replaceState(this.props.state, state);
      if (restored) this.deployed.set(key, restored);
      else this.deployed.delete(key);
    } catch (error) {
      record.endRollback(stable !== undefined, messageOf(error));
      throw error;
    }
    this.paused.delete(key);
    record.endRollback(stable !== undefined);
  }

  public environmentOf({ account, region }: AssemblyStack): StackEnvironment {
    const resolvedRegion = region ?? this.props.defaultRegion;
    const partition = partitionOf(resolvedRegion);
    return { account: account ?? this.props.defaultAccount, region: resolvedRegion, partition };
  }

  private contextFor(
    environment: StackEnvironment,
    state: LocalState,
    accounts: ReadonlySet<string>,
    told: Findings,
    strict = false,
  ): ContextFor {
    const { dynamoDb, images, objects, organization, providers, state: live } = this.props;
    const uniqueness = `${environment.account}/${environment.region}/${this.deployments}`;
    const localAddress = (text: string) => this.localAddress(text, state);
    const shared = { code: this.code, dynamoDb, images, objects, organization, providers, localAddress };
    return contextsFor({ environment, state, live, accounts, told, strict, uniqueness, ...shared });
  }

  private localAddress(text: string, state: LocalState): string {
    return localAddress(text, this.props.endpoint(), (frontEnd, id) => hasFrontEnd(state, frontEnd, id));
  }

  private stacksIn({ account, region }: Pick<StackEnvironment, 'account' | 'region'>): DeployedStack[] {
    return this.stacks()
      .flatMap(withNestedStacks)
      .filter((stack) => stack.account === account && stack.region === region);
  }
}

/** Why a deployment failed, as CloudFormation tells it: without the words that name the stack here. */
function reasonOf(error: unknown): string {
  const isWrapped = isDeployError(error) && error.resource === undefined && error.cause instanceof Error;
  return messageOf(isWrapped ? error.cause : error);
}
