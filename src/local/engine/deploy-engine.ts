/** Deploys cloud assemblies into the state of this process: several stacks, accounts and regions, one after the other. */

import { requireNoErrors } from '../assembly/annotations';
import { type AssemblyStack, readAssembly } from '../assembly/read-assembly';
import { didYouMean } from '../did-you-mean';
import { DeployError } from '../local-error';
import { type ProviderFinder, providerFinder } from '../resources/registry';
import { checkParameters } from './check-parameters';
import { CodeStore, codeFolders } from './code-store';
import { stackError, withDeployedBefore } from './deploy-error';
import { type DeployedStack, stackKey, withNestedStacks } from './deployed-stack';
import type { ClientChange, Deployment, DeployOptions, StackResult } from './deployment';
import { findStack, unknownStack } from './find-stack';
import { FindingList } from './finding-list';
import { missingContextProblem, requireContext, requireSupported } from './require-supported';
import type { Findings } from './resource-contexts';
import { selectStacks } from './select-stacks';
import { type DeploymentManner, type RollbackRequest, StackChanges, type StackChangesProps } from './stack-changes';
import type { StackHistory } from './stack-history';
import type { StackRecord, StackRequest } from './stack-record';

export interface DeployEngineProps extends StackChangesProps {
  /** Told of every stack that {@link DeployEngine.deployTemplate} has deployed. */
  readonly onDeploy?: ((deployment: Deployment) => void) | undefined;
  /** Told of every stack that {@link DeployEngine.destroyRecorded} has destroyed. */
  readonly onChange?: ((change: ClientChange) => void) | undefined;
  /** Told the temporary folder that holds the code of functions, for whoever removes it when nobody can call `close()`. */
  readonly onCodeFolder?: (folder: string) => void;
}

type Demand = Findings['demand'];

export class DeployEngine {
  private readonly changes: StackChanges;
  private readonly code: CodeStore;
  /** The deployment or destruction that runs, and those that wait for it: each finds what the one before has left. */
  private last: Promise<unknown> = Promise.resolve();

  public constructor(private readonly props: DeployEngineProps) {
    this.code = new CodeStore(props.onCodeFolder, (bucket, key) => props.objects?.fileOf(bucket, key));
    this.changes = new StackChanges(props, this.code);
  }

  /** What CloudFormation tells of the stacks. */
  public get history(): StackHistory {
    return this.changes.history;
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

  /**
   * Refuses a stack that cannot be deployed before anything of it is.
   * @throws Error in the words of CloudFormation, or one that lists what is not played here
   */
  public check(stack: AssemblyStack, demand?: Demand): void {
    this.changes.check(stack, {}, demand);
    requireSupported([stack], this.finder({}));
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
    const begun = this.changes.begin(stack, {}, request);
    return this.inTurn(async () => {
      this.takeStock();
      const accounts = new Set([stack, ...this.stacks()].map((each) => each.account ?? ''));
      const findings = new FindingList();
      const { warn, doesNothing } = findings;
      const told: Findings = { warn, doesNothing, demand };
      const findProvider = this.finder({});
      const result = await this.changes.deploy(begun, stack, {}, findProvider, accounts, told);
      this.props.onDeploy?.({ stacks: [result], ...findings.of([stack], findProvider, true) });
      return result;
    });
  }

  /**
   * Destroys the stack of a record, which tells it when that fails.
   * @param how `retain` names resources that stay
   */
  public destroyRecorded(
    record: StackRecord,
    {
      demand,
      retain,
      token,
    }: { readonly token?: string | undefined; readonly demand?: Demand; readonly retain?: readonly string[] },
  ): Promise<void> {
    record.begin('DELETE_IN_PROGRESS', { token });
    return this.inTurn(async () => {
      const stack = this.resourcesOf(record);
      if (stack === undefined) return record.enter('DELETE_COMPLETE');
      await this.changes.destroy(record, stack, { demand }, retain);
      const { stackName, account, region } = stack;
      this.props.onChange?.({ kind: 'stack-deleted', stackName, account, region });
    });
  }

  /** Takes the stack of a record, which tells how it goes, back to what it was before a deployment that was kept. */
  public rollBackRecorded(
    record: StackRecord,
    { demand, token, ...how }: RollbackRequest & { readonly token?: string | undefined; readonly demand?: Demand },
  ): Promise<void> {
    record.beginRollback(this.changes.wasUpdated(record) || record.status === 'UPDATE_ROLLBACK_FAILED', token);
    return this.inTurn(() => this.changes.rollBack(record, how, { demand }));
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
    return record.isDeleted ? undefined : this.changes.deployed.get(stackKey(record));
  }

  private async deployAll(directory: string, options: DeployOptions): Promise<Deployment> {
    const { stacks: all, missingContext } = readAssembly(directory);
    checkParameters(all, options.parameters);
    const stacks = selectStacks(all, options.stacks);
    const findProvider = this.finder(options);
    requireNoErrors(stacks);
    if (options.strict) requireContext(missingContext);
    requireSupported(stacks, findProvider);
    this.takeStock();
    const accounts = new Set(stacks.map((stack) => this.changes.environmentOf(stack).account));
    for (const { account } of this.stacks()) accounts.add(account);
    const findings = new FindingList();
    const placeholders = missingContextProblem(missingContext);
    if (placeholders !== undefined) findings.warn(placeholders);
    const results: StackResult[] = [];
    try {
      for (const stack of stacks) results.push(await this.deployOne(stack, options, findProvider, accounts, findings));
    } catch (error) {
      throw withDeployedBefore(error, results);
    }
    this.warnOfImages((text) => findings.warn(text));
    return { stacks: results, ...findings.of(stacks, findProvider, options.inertTypes === undefined) };
  }

  /** A misspelt name in `images` plays nothing; what is deployed later may have it. */
  private warnOfImages(warn: (text: string) => void): void {
    const given = Object.keys(this.props.images ?? {});
    if (given.length === 0) return;
    const names = this.allStacks().flatMap(({ resources }) =>
      [...resources.values()].flatMap(({ constructPath, physicalId, type }) =>
        type === 'AWS::Lambda::Function' ? [physicalId, constructPath?.replace(/\/Resource$/, '') ?? physicalId] : [],
      ),
    );
    for (const name of given.filter((each) => !names.includes(each))) {
      warn(`the option 'images' names '${name}', and no deployed function is called so${didYouMean(name, names)}`);
    }
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
    return this.changes.stacks();
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

  private finder(options: DeployOptions): ProviderFinder {
    return providerFinder({ ...options, dynamoDb: this.props.dynamoDb });
  }

  /** Looks again for what an earlier deployment missed. */
  private takeStock(): void {
    this.props.providers?.begin(this.code.refreshPackages());
  }

  private inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.last.then(action);
    this.last = result.catch(() => undefined);
    return result;
  }

  private async deployOne(stack: AssemblyStack, options: DeployOptions, ...manner: DeploymentManner) {
    try {
      this.changes.check(stack, options);
    } catch (error) {
      const isUpdate = this.changes.deployed.has(stackKey({ ...stack, ...this.changes.environmentOf(stack) }));
      throw stackError(isUpdate ? 'updated' : 'created', stack.stackName, error);
    }
    return this.changes.deploy(this.changes.begin(stack, options), stack, options, ...manner);
  }

  private destroyOne(stack: DeployedStack, warn: (message: string) => void): Promise<void> {
    const record = this.history.current(stack) ?? this.history.open(stack);
    record.begin('DELETE_IN_PROGRESS', {});
    return this.changes.destroy(record, stack, { warn });
  }
}
