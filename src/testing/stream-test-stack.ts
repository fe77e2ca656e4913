/**
 * The same integration test on this machine and on AWS: deploys a cloud assembly to whichever the environment variable
 * `STREAM_TARGET` names, and gives the outputs and the client configuration either way.
 */

import { BOOLEAN, OBJECT, oneOf, optionProblem, type Rule, STRING, STRINGS } from '../base/option-problem';
import { type Deployment, type LocalTarget, type StartLocalOptions, startLocal } from '../local';
import { assumeRole, type RoleCredentials } from './assume-role';
import { type CdkRun, deployToAws, destroyOnAws } from './cdk-cli';

/** Where a test runs. */
export type StreamTargetName = 'local' | 'aws';

/** Options of {@link deployStreamTestStack}. */
export interface StreamTestStackOptions {
  /** Folder of the cloud assembly: `cdk.out`, or `app.synth().directory`. */
  readonly assembly: string;
  /** Names of the stacks to deploy, as in `cdk deploy`. @default - all stacks */
  readonly stacks?: readonly string[];
  /** Where to deploy. @default - the environment variable `STREAM_TARGET`; `local` when it is not set */
  readonly target?: StreamTargetName;
  /** How the local target is started. Has no effect on AWS. @default - as `startLocal()` does */
  readonly local?: StartLocalOptions;
  /**
   * Resource types the local target accepts as doing nothing, for example `['AWS::CloudFront::*']`. Has no effect on AWS.
   * @default - only those listed in docs/local.md
   */
  readonly inertTypes?: readonly string[];
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
export interface StreamTestStack extends AsyncDisposable {
  readonly target: StreamTargetName;
  /** Warnings of the local deployment; empty on AWS. */
  readonly warnings: readonly string[];
  /** Outputs of a stack, by output key. Throws when there is no such stack. */
  outputs(stackName: string): Readonly<Record<string, string>>;
  /**
   * Client configuration as the role `as`, which must be assumable: locally by its trust policy, on AWS by whoever runs
   * the test. Without `as`: locally an administrator of the only account, on AWS the SDK's own credentials.
   */
  clientConfig(options?: { readonly as?: string; readonly region?: string }): TestClientConfig;
  /** Stops the local target, or destroys the stacks on AWS. */
  stop(): Promise<void>;
}

/**
 * Deploys a cloud assembly to the local target or, with `STREAM_TARGET=aws`, to AWS by the `cdk` CLI.
 * Throws when the deployment fails; nothing is left running then.
 */
export async function deployStreamTestStack(options: StreamTestStackOptions): Promise<StreamTestStack> {
  checkOptions(options);
  const target = options.target ?? targetFromEnvironment();
  return target === 'aws' ? deployedOnAws(options) : deployedLocally(options);
}

/** By the names of the options, so that the compiler asks for the rule of a new one. */
const OPTIONS: Readonly<Record<keyof StreamTestStackOptions, Rule>> = {
  assembly: STRING,
  stacks: STRINGS,
  target: oneOf('local', 'aws'),
  // Its members are checked by startLocal().
  local: OBJECT,
  inertTypes: STRINGS,
  keep: BOOLEAN,
};

function checkOptions(options: StreamTestStackOptions): void {
  const problem = optionProblem(options, OPTIONS);
  if (problem !== undefined) throw new Error(`deployStreamTestStack(): ${problem}`);
  if (options.assembly !== undefined) return;
  throw new Error(
    'deployStreamTestStack() needs the directory of a cloud assembly: { assembly: app.synth().directory }',
  );
}

type ClientOptions = NonNullable<Parameters<StreamTestStack['clientConfig']>[0]>;
const CLIENT_OPTIONS: Readonly<Record<keyof ClientOptions, Rule>> = { as: STRING, region: STRING };

function checkedClientOptions(options: ClientOptions = {}): ClientOptions {
  const problem = optionProblem(options, CLIENT_OPTIONS);
  if (problem !== undefined) throw new Error(`clientConfig(): ${problem}`);
  return options;
}

function targetFromEnvironment(): StreamTargetName {
  const value = process.env['STREAM_TARGET'];
  if (value === undefined || value === '' || value === 'local') return 'local';
  if (value === 'aws') return value;
  throw new Error(`STREAM_TARGET must be 'local' or 'aws', got '${value}'`);
}

async function deployedLocally({
  assembly,
  stacks,
  inertTypes,
  local: startOptions,
}: StreamTestStackOptions): Promise<StreamTestStack> {
  const local = await startLocal(startOptions);
  try {
    return localStack(
      local,
      await local.deploy(assembly, { ...(stacks && { stacks }), ...(inertTypes && { inertTypes }) }),
    );
  } catch (error) {
    await local.stop();
    throw error;
  }
}

function localStack(local: LocalTarget, deployment: Deployment): StreamTestStack {
  const accounts = [...new Set(deployment.stacks.map(({ account }) => account))];
  const stop = () => local.stop();
  return {
    target: 'local',
    warnings: deployment.warnings,
    outputs: (stackName) => local.outputs(stackName),
    clientConfig: (options) => {
      const { as = administrator(accounts), region } = checkedClientOptions(options);
      return local.clientConfig({ as, ...(region && { region }) });
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

async function deployedOnAws({
  assembly,
  stacks = [],
  keep = false,
}: StreamTestStackOptions): Promise<StreamTestStack> {
  const run: CdkRun = { assembly, stacks };
  const outputs = await deployToAws(run);
  const stop = async () => {
    if (!keep) await destroyOnAws(run);
  };
  return {
    target: 'aws',
    warnings: [],
    outputs: (stackName) => {
      const found = outputs[stackName];
      if (found) return found;
      throw new Error(
        `no stack "${stackName}" with outputs was deployed; there are: ${Object.keys(outputs).join(', ')}`,
      );
    },
    clientConfig: (options) => {
      const { as, region } = checkedClientOptions(options);
      return { ...(region && { region }), ...(as !== undefined && { credentials: () => assumeRole(as) }) };
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
