/**
 * The same integration test on this machine and on AWS: deploys a cloud assembly to whichever the environment variable
 * `STREAM_TARGET` names, and gives the outputs and the client configuration either way.
 */

import { nearestName } from '../base/nearest-name';
import { BOOLEAN, OBJECT, oneOf, optionProblem, type Rule, STRING, STRINGS } from '../base/option-problem';
import { type Deployment, type Explanation, type LocalTarget, type StartLocalOptions, startLocal } from '../local';
import {
  type RoleCredentials,
  roleCredentials,
  signerOnAws,
  type TestSigner,
  type TestSigningOptions,
} from './aws-caller';
import { type CdkRun, deployToAws, destroyOnAws } from './cdk-cli';
import { assemblyOf, isTestApp, type StreamTestApp } from './test-assembly';

/** Where a test runs. */
export type TestPlace = 'local' | 'aws';

/** Options of {@link deployStreamTestStack}. */
export interface StreamTestDeploymentOptions {
  /**
   * The app, which is synthesized, and whose folder is removed with the deployment where it is a temporary one; or the
   * folder of a cloud assembly: `cdk.out`, or `app.synth().directory`, which stays.
   */
  readonly assembly: string | StreamTestApp;
  /** Names of the stacks to deploy, as in `cdk deploy`. @default - all stacks */
  readonly stacks?: readonly string[];
  /** Where to deploy. @default - the environment variable `STREAM_TARGET`; `local` when it is not set */
  readonly place?: TestPlace;
  /** How the local target is started. Has no effect on AWS. @default - as `startLocal()` does */
  readonly local?: StartLocalOptions;
  /**
   * Let the local target refuse resource types that it does not play, instead of accepting them as doing nothing. Has no
   * effect on AWS. @default false
   */
  readonly strict?: boolean;
  /** Leave the stacks on AWS when the test stops, for a look or a faster next run. @default false */
  readonly keep?: boolean;
}

/** Spread into an AWS SDK client, or give to the invoker as `clientConfig`. Empty members leave the SDK's defaults. */
export interface TestClientConfig {
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: RoleCredentials | (() => Promise<RoleCredentials>);
}

/** Deployed stacks, here or on AWS. */
export interface StreamTestDeployment extends AsyncDisposable {
  /** Where the stacks are. */
  readonly place: TestPlace;
  /**
   * The local target, for what only it can do: callers whom an identity provider vouches for, faults, logs, `find()`.
   * Undefined on AWS.
   */
  readonly local: LocalTarget | undefined;
  /** Warnings of the local deployment; empty on AWS. */
  readonly warnings: readonly string[];
  /**
   * Why the local target refused a request: its error or response, of any client; `${stack.explain(error)}` is a text with
   * each statement that was looked at, and those that are missing. Undefined on AWS, whose policy simulator says it.
   * @throws an error where no such request was refused
   */
  explain(refusal: unknown): Explanation | undefined;
  /**
   * Outputs of a stack, by output key.
   * @throws an error that lists the stacks when none has this name
   */
  outputs(stackName: string): Readonly<Record<string, string>>;
  /**
   * One output of a stack.
   * @throws an error that lists the outputs when the stack has none of this key
   */
  output(stackName: string, key: string): string;
  /**
   * Client configuration as the role `as`, which must be assumable: locally by its trust policy, on AWS by whoever runs
   * the test. Without `as`: locally an administrator of the only account, on AWS the SDK's own credentials.
   */
  clientConfig(options?: { readonly as?: string; readonly region?: string }): TestClientConfig;
  /**
   * Whose requests to a function URL are signed: `streamFetcher(chat, { url, sign: stack.sign({ as }) })`; to an API of API
   * Gateway with `service: 'execute-api'`. The caller is the role `as`, or without it whoever it is for {@link clientConfig}.
   */
  sign(options?: TestSigningOptions): TestSigner;
  /** Stops the local target, or destroys the stacks on AWS. */
  stop(): Promise<void>;
}

/**
 * Deploys a cloud assembly to the local target or, with `STREAM_TARGET=aws`, to AWS by the `cdk` CLI.
 * Throws when the deployment fails; nothing is left running then.
 */
export async function deployStreamTestStack(options: StreamTestDeploymentOptions): Promise<StreamTestDeployment> {
  checkOptions(options);
  const place = options.place ?? placeFromEnvironment();
  const { directory, remove } = assemblyOf(options.assembly);
  const given = { ...options, assembly: directory };
  try {
    const deployed = await (place === 'aws' ? deployedOnAws(given) : deployedLocally(given));
    const stop = () => deployed.stop().finally(remove);
    return { ...deployed, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    remove();
    throw error;
  }
}

type GivenOptions = StreamTestDeploymentOptions & { readonly assembly: string };

/** By the names of the options, so that the compiler asks for the rule of a new one. */
const OPTIONS: Readonly<Record<keyof StreamTestDeploymentOptions, Rule>> = {
  assembly: {
    allowed: "an app, or the folder of a cloud assembly such as 'cdk.out'",
    fits: (value) => typeof value === 'string' || isTestApp(value),
  },
  stacks: STRINGS,
  place: oneOf('local', 'aws'),
  // Its members are checked by startLocal().
  local: OBJECT,
  strict: BOOLEAN,
  keep: BOOLEAN,
};

function checkOptions(options: StreamTestDeploymentOptions): void {
  const problem = optionProblem(options, OPTIONS);
  if (problem !== undefined) throw new Error(`deployStreamTestStack(): ${problem}`);
  if (options.assembly !== undefined) return;
  throw new Error('deployStreamTestStack() needs an app, or the folder of a cloud assembly: { assembly: app }');
}

function outputOf(outputs: Readonly<Record<string, string>>, stackName: string, key: string): string {
  const value = outputs[key];
  if (value !== undefined) return value;
  const names = Object.keys(outputs);
  const meant = nearestName(key, names);
  const hint = meant === undefined ? '' : ` did you mean '${meant}'?`;
  throw new Error(`the stack '${stackName}' has no output '${key}';${hint} it has: ${names.join(', ') || 'none'}`);
}

type ClientOptions = NonNullable<Parameters<StreamTestDeployment['clientConfig']>[0]>;
const CLIENT_OPTIONS: Readonly<Record<keyof ClientOptions, Rule>> = { as: STRING, region: STRING };
const SIGNING_OPTIONS: Readonly<Record<keyof TestSigningOptions, Rule>> = {
  ...CLIENT_OPTIONS,
  service: oneOf('execute-api', 'lambda'),
};

const checkedClientOptions = (options: ClientOptions = {}) => checked('clientConfig', options, CLIENT_OPTIONS);
const checkedSigningOptions = (options: TestSigningOptions = {}) => checked('sign', options, SIGNING_OPTIONS);

function checked<T extends ClientOptions>(method: string, options: T, rules: Readonly<Record<string, Rule>>): T {
  const problem = optionProblem(options, rules);
  if (problem !== undefined) throw new Error(`${method}(): ${problem}`);
  if (!('as' in options) || options.as !== undefined) return options;
  // A misspelt output is undefined, and leaving it out would make the client an administrator.
  throw new Error(`${method}(): as is undefined; take the role from output(stackName, key), or leave out 'as'`);
}

function placeFromEnvironment(): TestPlace {
  const value = process.env['STREAM_TARGET'];
  if (value === undefined || value === '' || value === 'local') return 'local';
  if (value === 'aws') return value;
  throw new Error(`STREAM_TARGET must be 'local' or 'aws', got '${value}'`);
}

async function deployedLocally({
  assembly,
  stacks,
  strict,
  local: startOptions,
}: GivenOptions): Promise<StreamTestDeployment> {
  const local = await startLocal(startOptions);
  try {
    return localStack(local, await local.deploy(assembly, { ...(stacks && { stacks }), ...(strict && { strict }) }));
  } catch (error) {
    await local.stop();
    throw error;
  }
}

function localStack(local: LocalTarget, deployment: Deployment): StreamTestDeployment {
  const accounts = [...new Set(deployment.stacks.map(({ account }) => account))];
  const stop = () => local.stop();
  return {
    place: 'local',
    local,
    warnings: deployment.warnings,
    explain: (refusal) => local.explain(refusal),
    outputs: (stackName) => local.outputs(stackName),
    output: (stackName, key) => outputOf(local.outputs(stackName), stackName, key),
    clientConfig: (options) => {
      const { as = administrator(accounts), region } = checkedClientOptions(options);
      return local.clientConfig({ as, ...(region && { region }) });
    },
    sign: (options) => {
      const { as = administrator(accounts), ...others } = checkedSigningOptions(options);
      return local.sign({ as, ...others });
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function administrator(accounts: readonly string[]): string {
  const [account, ...others] = accounts;
  if (account === undefined || others.length > 0) {
    throw new Error(
      `say who the client is with { as: … }: the stacks are in the accounts ${accounts.join(', ') || '(none)'}`,
    );
  }
  return `arn:aws:iam::${account}:root`;
}

async function deployedOnAws({ assembly, stacks = [], keep = false }: GivenOptions): Promise<StreamTestDeployment> {
  const run: CdkRun = { assembly, stacks };
  const deployed = await deployToAws(run);
  const outputs = (stackName: string) => {
    const found = deployed[stackName];
    if (found) return found;
    throw new Error(
      `no stack '${stackName}' with outputs was deployed; there are: ${Object.keys(deployed).join(', ')}`,
    );
  };
  const stop = async () => {
    if (!keep) await destroyOnAws(run);
  };
  return {
    place: 'aws',
    local: undefined,
    warnings: [],
    explain: () => undefined,
    outputs,
    output: (stackName, key) => outputOf(outputs(stackName), stackName, key),
    clientConfig: (options) => {
      const { as, region } = checkedClientOptions(options);
      return { ...(region && { region }), ...(as !== undefined && { credentials: roleCredentials(as) }) };
    },
    sign: (options) => signerOnAws(assembly, checkedSigningOptions(options)),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
