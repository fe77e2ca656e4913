/**
 * Deploys cloud assemblies into the state of this process: several stacks, accounts and regions, one after the other.
 * Each stack is changed on a copy that replaces the live state in one step when the whole stack is there.
 */

import { requireNoErrors, synthWarnings } from '../assembly/annotations';
import { type AssemblyStack, readAssembly, withNested } from '../assembly/read-assembly';
import { localAddress } from '../http/front-end-address';
import type { Organization } from '../iam/authorize';
import { DeployError } from '../local-error';
import { QUIET_TYPES } from '../resources/inert-types';
import { type ProviderFinder, providerFinder } from '../resources/registry';
import { copyState, hasFrontEnd, type ImageProgram, type LocalState, replaceState } from '../state';
import { checkParameters } from './check-parameters';
import { CodeStore } from './code-store';
import { type ContextFor, deployStack, destroyStack, type ResourceChange } from './deploy-stack';
import { type DeployedStack, stackKey, withNestedStacks } from './deployed-stack';
import { physicalName } from './physical-name';
import { requireSupported } from './require-supported';
import { selectStacks } from './select-stacks';
import { partitionOf, type StackEnvironment } from './stack-scope';
import { urlPolicyProblem } from './url-policy';

/** What a deployment asks of the objects in buckets. */
export interface StoredObjects {
  /** The file with the content of an object, or undefined. */
  fileOf(bucketName: string, key: string): string | undefined;
  hasObjects(bucketId: string): boolean;
}

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
  /** Where what is deployed answers: `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  /** Told the temporary folder that holds the code of functions, for whoever removes it when nobody can call `close()`. */
  readonly onCodeFolder?: (folder: string) => void;
}

export interface DeployOptions {
  /**
   * Names of stacks to deploy, as in `cdk deploy`, with the stacks they depend on; `*` and `?` are wildcards.
   * @default - all stacks
   */
  readonly stacks?: readonly string[];
  /**
   * Refuse resource types that are not played here, and list all of them, instead of accepting them as doing nothing.
   * @default false
   */
  readonly strict?: boolean;
  /**
   * Resource types to accept as doing nothing in a strict deployment, and `AWS::Lambda` and `AWS::IAM` types that are
   * not known here in any; `*` and `?` are wildcards. @default - none
   */
  readonly inertTypes?: readonly string[];
  /** Values of template parameters by `Parameter` or `Stack:Parameter`. @default - those of the assembly */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** What became of one stack. */
export interface StackResult {
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  readonly status: 'created' | 'updated' | 'unchanged';
  readonly outputs: Readonly<Record<string, string>>;
  /** By logical id; those of nested stacks as `Nested/Resource`. */
  readonly changes: Readonly<Record<string, ResourceChange>>;
}

export interface Deployment {
  /** In the order of deployment. */
  readonly stacks: readonly StackResult[];
  /** Findings that did not stop the deployment. */
  readonly warnings: readonly string[];
  /** Resource types of the assembly that do nothing here. */
  readonly inertTypes: readonly string[];
}

export class DeployEngine {
  private readonly deployed = new Map<string, DeployedStack>();
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

  private async deployAll(directory: string, options: DeployOptions): Promise<Deployment> {
    const { stacks: all } = readAssembly(directory);
    checkParameters(all, options.parameters);
    const stacks = selectStacks(all, options.stacks);
    const findProvider = providerFinder(options);
    requireNoErrors(stacks);
    requireSupported(stacks, findProvider);
    const warnings = synthWarnings(stacks);
    const accounts = new Set(stacks.map((stack) => this.environmentOf(stack).account));
    for (const { account } of this.deployed.values()) accounts.add(account);
    const results: StackResult[] = [];
    for (const stack of stacks) {
      results.push(await this.deployOne(stack, options, findProvider, accounts, (text) => warnings.push(text)));
    }
    const types = stacks
      .flatMap(withNested)
      .flatMap(({ template }) => Object.values(template.Resources ?? {}).map(({ Type }) => Type));
    const inert = types.filter((type) => findProvider(type)?.inert).sort();
    const told = inert.filter((type) => !QUIET_TYPES.includes(type));
    if (told.length > 0 && options.inertTypes === undefined) warnings.push(inertSummary(told));
    return { stacks: results, warnings, inertTypes: [...new Set(inert)] };
  }

  private async destroyAll(stackNames: readonly string[] | undefined): Promise<readonly string[]> {
    const unknown = stackNames?.find((name) => !this.stacks().some(({ stackName }) => stackName === name));
    if (unknown !== undefined) throw new DeployError(this.unknownStack(unknown));
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
    const found = this.allStacks().filter((stack) => stack.stackName === stackName || stackKey(stack) === stackName);
    const [only] = found;
    if (only && found.length === 1) return only;
    if (!only) throw new DeployError(this.unknownStack(stackName));
    const keys = found.map(stackKey).join("', '");
    throw new DeployError(`several stacks are called '${stackName}'; name one of '${keys}'`);
  }

  /**
   * Removes the code of functions and versions that are gone, once it has not been used for a whole deployment.
   * @param running folders that execution environments still run
   */
  public removeUnusedCode(running: ReadonlySet<string>): void {
    const { functions, layers } = this.props.state;
    const configurations = [...functions.values()].flatMap(({ versions }) => [...versions.values()]);
    const folders = [
      ...configurations.flatMap(({ codeDirectory, layerDirectories = [] }) => [codeDirectory, ...layerDirectories]),
      ...[...layers.values()].flatMap(({ versions }) => [...versions.values()]),
    ];
    this.code.removeUnused(new Set(folders), running);
  }

  /** Removes temporary files. */
  public close(): void {
    this.code.clear();
  }

  private inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.last.then(action);
    this.last = result.catch(() => undefined);
    return result;
  }

  private async deployOne(
    stack: AssemblyStack,
    options: DeployOptions,
    findProvider: ProviderFinder,
    accounts: ReadonlySet<string>,
    warn: (message: string) => void,
  ): Promise<StackResult> {
    const environment = this.environmentOf(stack);
    const key = stackKey({ ...environment, stackName: stack.stackName });
    const previous = this.deployed.get(key);
    const state = copyState(this.props.state);
    this.deployments += 1;
    const { deployed, changes } = await deployStack({
      stack,
      environment,
      state,
      previous,
      findProvider,
      parameters: options.parameters ?? {},
      ssmParameters: this.props.ssmParameters,
      findExport: (name) => this.findExport(environment, name),
      localAddress: (text) => this.localAddress(text, state),
      contextFor: this.contextFor(environment, state, accounts, warn),
    });
    this.checkExports(deployed, previous);
    replaceState(this.props.state, state);
    this.deployed.set(key, deployed);
    this.checkUrls(deployed, warn);
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

  private async destroyOne(stack: DeployedStack, warn: (message: string) => void): Promise<void> {
    this.checkExports({ ...stack, exports: new Map(), nested: new Map() }, stack);
    const state = copyState(this.props.state);
    const environment = { ...stack, partition: partitionOf(stack.region) };
    await destroyStack(stack, this.contextFor(environment, state, new Set(), warn));
    replaceState(this.props.state, state);
    this.deployed.delete(stackKey(stack));
  }

  private environmentOf({ account, region }: AssemblyStack): StackEnvironment {
    const resolvedRegion = region ?? this.props.defaultRegion;
    return {
      account: account ?? this.props.defaultAccount,
      region: resolvedRegion,
      partition: partitionOf(resolvedRegion),
    };
  }

  private checkUrls(stack: DeployedStack, warn: (message: string) => void): void {
    const { state, organization } = this.props;
    for (const { stackName, resources } of withNestedStacks(stack)) {
      for (const [logicalId, { type, physicalId, attributes }] of resources) {
        if (type !== 'AWS::Lambda::Url') continue;
        const problem = urlPolicyProblem(state, organization, physicalId, attributes['FunctionUrl']);
        if (problem !== undefined) warn(`${stackName}/${logicalId}: ${problem}`);
      }
    }
  }

  private contextFor(
    { account, region, partition }: StackEnvironment,
    state: LocalState,
    accounts: ReadonlySet<string>,
    warn: (message: string) => void,
  ): ContextFor {
    const uniqueness = `${account}/${region}/${this.deployments}`;
    return ({ stackName, assembly: stack }, logicalId) => ({
      state,
      account,
      region,
      partition,
      stackName,
      logicalId,
      warn: (text) => warn(`${stackName}/${logicalId}: ${text}`),
      generateName: (maxLength) => physicalName(stackName, logicalId, uniqueness, maxLength),
      locateCode: (code) => ({
        directory: this.code.locate(code, stack?.assets ?? [], { account, region, partition }),
      }),
      imageProgram: (functionName) => {
        // The construct's path, not that of the CloudFormation resource inside of it.
        const path = stack?.constructPaths.get(logicalId)?.replace(/\/Resource$/, '');
        const { images = {} } = this.props;
        return images[functionName] ?? (path === undefined ? undefined : images[path]);
      },
      localAddress: (text) => this.localAddress(text, state),
      hasObjects: (bucketId) => this.props.objects?.hasObjects(bucketId) ?? false,
      isLocalAccount: (other) => accounts.has(other),
    });
  }

  private localAddress(text: string, state: LocalState): string {
    return localAddress(text, this.props.endpoint, (frontEnd, id) => hasFrontEnd(state, frontEnd, id));
  }

  private findExport(environment: StackEnvironment, name: string): string | undefined {
    const exporting = this.stacksIn(environment).find(({ exports }) => exports.has(name));
    return exporting?.exports.get(name);
  }

  /** An export name belongs to one stack, and a stack keeps the exports that others import. */
  private checkExports(stack: DeployedStack, previous: DeployedStack | undefined): void {
    const tree = withNestedStacks(stack);
    const before = previous ? withNestedStacks(previous) : [];
    const own = new Set([...tree, ...before].map(stackKey));
    const others = this.stacksIn(stack).filter((other) => !own.has(stackKey(other)));
    for (const { stackName, exports } of tree) {
      for (const name of exports.keys()) {
        const owner = others.find((other) => other.exports.has(name));
        if (owner) {
          throw new DeployError(
            `stack '${stackName}' cannot export '${name}': stack '${owner.stackName}' already exports it`,
          );
        }
      }
    }
    for (const { stackName, exports } of before) {
      for (const [name, value] of exports) {
        const importer = others.find(({ imports }) => imports.has(name));
        if (importer && !tree.some((each) => each.exports.get(name) === value)) {
          throw new DeployError(
            `stack '${stackName}' cannot change or remove its export '${name}': stack '${importer.stackName}' imports it`,
          );
        }
      }
    }
  }

  private stacksIn({ account, region }: Pick<StackEnvironment, 'account' | 'region'>): DeployedStack[] {
    return this.allStacks().filter((stack) => stack.account === account && stack.region === region);
  }

  private unknownStack(stackName: string): string {
    const names = this.stacks().map((stack) => `'${stack.stackName}'`);
    return `no stack '${stackName}' is deployed; deployed are: ${names.join(', ') || 'none'}`;
  }
}

/** One line for all of them: an app may have hundreds. */
function inertSummary(types: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1);
  const list = [...counts].map(([type, count]) => (count === 1 ? type : `${type} (${count})`)).join(', ');
  const them =
    types.length === 1
      ? '1 resource does nothing here, and calls to it'
      : `${types.length} resources do nothing here, and calls to them`;
  return `${them} fail: ${list}`;
}
