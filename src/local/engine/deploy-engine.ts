/**
 * Deploys cloud assemblies into the state of this process: several stacks, accounts and regions, one after the other.
 * Each stack is changed on a copy that replaces the live state in one step when the whole stack is there.
 */

import { requireNoErrors } from '../assembly/annotations';
import { type AssemblyStack, readAssembly } from '../assembly/read-assembly';
import { localAddress } from '../http/front-end-address';
import type { Organization } from '../iam/authorize';
import { DeployError } from '../local-error';
import { type ProviderFinder, providerFinder } from '../resources/registry';
import { copyState, hasFrontEnd, type ImageProgram, type LocalState, replaceState } from '../state';
import { checkParameters } from './check-parameters';
import { CodeStore, codeFolders } from './code-store';
import { deployStack } from './deploy-stack';
import { type DeployedStack, stackKey, withNestedStacks } from './deployed-stack';
import type { Deployment, DeployOptions, StackResult } from './deployment';
import { destroyStack } from './destroy-stack';
import { findStack, unknownStack } from './find-stack';
import { FindingList } from './finding-list';
import { requireSupported } from './require-supported';
import { contextsFor, type Findings, type ProviderRuns, type StoredObjects } from './resource-contexts';
import { type ContextFor, messageOf } from './resource-step';
import { rollbackStack } from './rollback-stack';
import { selectStacks } from './select-stacks';
import { checkExports, exportedValue } from './stack-exports';
import { StackHistory } from './stack-history';
import type { ResourceProgress, StackRecord, StackRequest } from './stack-record';
import { parameterValue, partitionOf, type StackEnvironment } from './stack-scope';
import { warnOfUrls } from './url-policy';

export interface DeployEngineProps {
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
  /** Runs the providers of custom resources. @default - none runs, and custom resources do nothing */
  readonly providers?: ProviderRuns;
  /** Where what is deployed answers: `http://127.0.0.1:<port>`. */
  readonly endpoint: () => string;
  /** Told of every stack that {@link DeployEngine.deployTemplate} has deployed. */
  readonly onDeploy?: ((deployment: Deployment) => void) | undefined;
  /** Told the temporary folder that holds the code of functions, for whoever removes it when nobody can call `close()`. */
  readonly onCodeFolder?: (folder: string) => void;
}

/** A deployment whose record says that it is under way. */
interface Begun {
  readonly record: StackRecord;
  readonly request: StackRequest;
}

/** What all stacks of one deployment share. */
type How = readonly [findProvider: ProviderFinder, accounts: ReadonlySet<string>, told: Findings];

type Demand = Findings['demand'];

const NOBODY: Findings = { warn: () => undefined, doesNothing: () => undefined };

export class DeployEngine {
  /** What CloudFormation tells of the stacks. */
  public readonly history = new StackHistory();
  private readonly deployed = new Map<string, DeployedStack>();
  /** Of stacks that a failed deployment has left as they were then: what they were before, if anything. */
  private readonly paused = new Map<string, DeployedStack | undefined>();
  private readonly code: CodeStore;
  /** The deployment or destruction that runs, and those that wait for it: each finds what the one before has left. */
  private last: Promise<unknown> = Promise.resolve();
  /** Counts deployments, so that a resource defined anew gets another generated name. */
  private deployments = 0;

  public constructor(private readonly props: DeployEngineProps) {
    this.code = new CodeStore(props.onCodeFolder, (bucket, key) => props.objects?.fileOf(bucket, key));
  }

  /**
   * Deploys the stacks of the cloud assembly in `directory`. Stacks deployed
   * before the one that failed stay, as with CloudFormation.
   * @throws DeployError or AssemblyError
   */
  public deploy(directory: string, options: DeployOptions = {}): Promise<Deployment> {
    return this.inTurn(() => this.deployAll(directory, options));
  }

  /** Destroys all stacks, or those named; the last deployed goes first. Retained resources stay. Gives the warnings. */
  public destroy(stackNames?: readonly string[]): Promise<readonly string[]> {
    return this.inTurn(() => this.destroyAll(stackNames));
  }

  /** @throws DeployError that lists what of a stack is not played here */
  public requireSupported(stack: AssemblyStack): void {
    requireSupported([stack], providerFinder({}));
  }

  /**
   * Deploys one stack from its template, as CloudFormation is asked to.
   * @throws DeployError or AssemblyError; the record tells it, too
   */
  public deployTemplate(
    stack: AssemblyStack,
    request: Omit<StackRequest, 'parameters'>,
    demand?: Demand,
  ): Promise<StackResult> {
    // Whoever asks before its turn has come must see that it is under way.
    const begun = this.begin(stack, {}, request);
    return this.inTurn(async () => {
      this.takeStock();
      const accounts = new Set([stack, ...this.deployed.values()].map((each) => each.account ?? ''));
      const findings = new FindingList();
      const { warn, doesNothing } = findings;
      const told: Findings = { warn, doesNothing, demand };
      const result = await this.deployBegun(begun, stack, {}, providerFinder({}), accounts, told);
      this.props.onDeploy?.({ stacks: [result], ...findings.of([stack], {}) });
      return result;
    });
  }

  /** Destroys the stack of a record, which tells it when that fails. */
  public destroyRecorded(record: StackRecord, token?: string, demand?: Demand): Promise<void> {
    record.begin('DELETE_IN_PROGRESS', { token });
    return this.inTurn(async () => {
      const stack = this.deployed.get(stackKey(record));
      if (stack) await this.destroyBegun(record, stack, { ...NOBODY, demand });
      else record.enter('DELETE_COMPLETE');
    });
  }

  /** Takes the stack of a record, which tells how it goes, back to what it was before a deployment that was kept. */
  public rollBackRecorded(
    record: StackRecord,
    retainExceptOnCreate: boolean,
    token?: string,
    demand?: Demand,
  ): Promise<void> {
    const key = stackKey(record);
    const stable = this.paused.get(key);
    record.beginRollback(stable !== undefined, token);
    return this.inTurn(async () => {
      const kept = this.deployed.get(key);
      if (!kept) return record.endRollback(false);
      const state = copyState(this.props.state);
      const environment = { ...kept, partition: partitionOf(kept.region) };
      const contextFor = this.contextFor(environment, state, new Set([kept.account]), { ...NOBODY, demand });
      const onProgress = (progress: ResourceProgress) => record.tell(progress);
      const place = { kept, stable, stackId: record.stackId };
      try {
        const restored = await rollbackStack({ ...place, retainExceptOnCreate, contextFor, onProgress });
        replaceState(this.props.state, state);
        if (restored) this.deployed.set(key, restored);
        else this.deployed.delete(key);
      } catch (error) {
        record.endRollback(stable !== undefined, messageOf(error));
        throw error;
      }
      this.paused.delete(key);
      record.endRollback(stable !== undefined);
    });
  }

  /** The folder of code that a function is given outside of a deployment. */
  public locateCode(code: { readonly zip: Buffer } | { readonly bucket: string; readonly key: string }): string {
    if ('zip' in code) return this.code.archiveFolder(code.zip, 'ZipFile');
    const folder = this.code.objectFolder(code.bucket, code.key);
    if (folder !== undefined) return folder;
    throw new DeployError(`no object '${code.key}' is in the bucket '${code.bucket}'`);
  }

  /** What is deployed of a record; undefined where nothing is. */
  public resourcesOf(record: StackRecord): DeployedStack | undefined {
    return record.isDeleted ? undefined : this.deployed.get(stackKey(record));
  }

  private async deployAll(directory: string, options: DeployOptions): Promise<Deployment> {
    const { stacks: all } = readAssembly(directory);
    checkParameters(all, options.parameters);
    const stacks = selectStacks(all, options.stacks);
    const findProvider = providerFinder(options);
    requireNoErrors(stacks);
    requireSupported(stacks, findProvider);
    this.takeStock();
    const accounts = new Set(stacks.map((stack) => this.environmentOf(stack).account));
    for (const { account } of this.deployed.values()) accounts.add(account);
    const findings = new FindingList();
    const results: StackResult[] = [];
    for (const stack of stacks) results.push(await this.deployOne(stack, options, findProvider, accounts, findings));
    return { stacks: results, ...findings.of(stacks, options) };
  }

  private async destroyAll(stackNames: readonly string[] | undefined): Promise<readonly string[]> {
    const unknown = stackNames?.find((name) => !this.stacks().some(({ stackName }) => stackName === name));
    if (unknown !== undefined) throw unknownStack(unknown, this.stacks());
    const warnings: string[] = [];
    for (const stack of this.stacks().reverse()) {
      const named = !stackNames || stackNames.includes(stack.stackName);
      if (named) await this.destroyOne(stack, (text) => warnings.push(text));
    }
    return warnings;
  }

  /** The deployed stacks, in the order of deployment, without those nested in them. */
  public stacks(): DeployedStack[] {
    return [...this.deployed.values()];
  }

  /** The deployed stacks, each followed by those nested in it. */
  public allStacks(): DeployedStack[] {
    return this.stacks().flatMap(withNestedStacks);
  }

  /** The one deployed stack called `stackName`; `account/region/name` tells stacks of the same name apart. */
  public stack(stackName: string): DeployedStack {
    return findStack(stackName, this.stacks());
  }

  /**
   * Removes the code of functions and versions that are gone, once it has not been used for a whole deployment.
   * @param running folders that execution environments still run
   */
  public removeUnusedCode(running: ReadonlySet<string>): void {
    this.code.removeUnused(codeFolders(this.props.state), running);
  }

  /** Removes temporary files. */
  public close(): void {
    this.code.clear();
  }

  /** Looks again for what an earlier deployment missed. */
  private takeStock(): void {
    this.code.refreshPackages();
    this.props.providers?.begin();
  }

  private inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.last.then(action);
    this.last = result.catch(() => undefined);
    return result;
  }

  private deployOne(stack: AssemblyStack, options: DeployOptions, ...how: How): Promise<StackResult> {
    return this.deployBegun(this.begin(stack, options), stack, options, ...how);
  }

  private begin(stack: AssemblyStack, options: DeployOptions, request?: Omit<StackRequest, 'parameters'>): Begun {
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

  private async deployBegun({ record, request }: Begun, ...what: [AssemblyStack, DeployOptions, ...How]) {
    const key = stackKey(record);
    const isUpdate = this.deployed.has(key);
    // What is paused has no state that a failure could go back to.
    const isKept = request.disableRollback === true || this.paused.has(key);
    try {
      const result = await this.changeStack(record, isKept, ...what);
      this.paused.delete(key);
      record.complete(request);
      return result;
    } catch (error) {
      record[isKept ? 'pause' : 'rollBack'](isUpdate, messageOf(error));
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
    isKept: boolean,
    stack: AssemblyStack,
    options: DeployOptions,
    ...[findProvider, accounts, told]: How
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

  private destroyOne(stack: DeployedStack, warn: (message: string) => void): Promise<void> {
    const record = this.history.current(stack) ?? this.history.open(stack);
    record.begin('DELETE_IN_PROGRESS', {});
    return this.destroyBegun(record, stack, { ...NOBODY, warn });
  }

  private async destroyBegun(record: StackRecord, stack: DeployedStack, told: Findings): Promise<void> {
    const before = copyState(this.props.state);
    try {
      checkExports({ ...stack, exports: new Map(), nested: new Map() }, stack, this.stacksIn(stack));
      const state = copyState(this.props.state);
      const environment = { ...stack, partition: partitionOf(stack.region) };
      const contextFor = this.contextFor(environment, state, new Set(), told);
      await destroyStack(stack, record.stackId, contextFor, (progress) => record.tell(progress));
      replaceState(this.props.state, state);
    } catch (error) {
      replaceState(this.props.state, before);
      record.enter('DELETE_FAILED', messageOf(error));
      throw error;
    }
    this.deployed.delete(stackKey(stack));
    this.paused.delete(stackKey(stack));
    record.enter('DELETE_COMPLETE');
  }

  private environmentOf({ account, region }: AssemblyStack): StackEnvironment {
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
    const { images, objects, organization, providers, state: live } = this.props;
    const uniqueness = `${environment.account}/${environment.region}/${this.deployments}`;
    const localAddress = (text: string) => this.localAddress(text, state);
    const shared = { code: this.code, images, objects, organization, providers, localAddress };
    return contextsFor({ environment, state, live, accounts, told, strict, uniqueness, ...shared });
  }

  private localAddress(text: string, state: LocalState): string {
    return localAddress(text, this.props.endpoint(), (frontEnd, id) => hasFrontEnd(state, frontEnd, id));
  }

  private stacksIn({ account, region }: Pick<StackEnvironment, 'account' | 'region'>): DeployedStack[] {
    return this.allStacks().filter((stack) => stack.account === account && stack.region === region);
  }
}
