/** Asks CloudFormation or Systems Manager where a function is, with the user's own copy of the SDK's client. */

import { once } from '../../base/promises';
import { StreamError } from '../../stream/errors/stream-error';
import { type LoadedPackage, notLoaded } from '../request/load-client-lambda';

interface SdkClient {
  send(command: object): Promise<unknown>;
  destroy(): void;
}
type Constructor<T> = new (input: object) => T;

/** Outputs of a deployed stack. */
export async function describeStack(
  stackName: string,
  region: string | undefined,
): Promise<Readonly<Record<string, string>>> {
  const { CloudFormationClient, DescribeStacksCommand } = sdkOf(
    await loadCloudFormation(),
    '@aws-sdk/client-cloudformation',
  );
  const answer = await ask(CloudFormationClient, DescribeStacksCommand, { StackName: stackName }, stackName, region);
  const { Stacks } = answer as { Stacks?: { Outputs?: { OutputKey?: string; OutputValue?: string }[] }[] };
  const outputs = Stacks?.[0]?.Outputs ?? [];
  return Object.fromEntries(outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
}

/** Value of a Systems Manager parameter. */
export async function readParameter(name: string, region: string | undefined): Promise<string> {
  const { SSMClient, GetParameterCommand } = sdkOf(await loadSystemsManager(), '@aws-sdk/client-ssm');
  const answer = await ask(SSMClient, GetParameterCommand, { Name: name, WithDecryption: true }, name, region);
  const value = (answer as { Parameter?: { Value?: string } }).Parameter?.Value;
  if (value === undefined) throw StreamError.of('CONFIG_INVALID', `the parameter '${name}' has no value`, {}, {});
  return value;
}

/** Neither package is a dependency, so their types are not at hand. */
type SdkPackage = Readonly<Record<string, unknown>>;

const loadCloudFormation = once(async (): Promise<LoadedPackage<SdkPackage>> => {
  try {
    return { sdk: await require('@aws-sdk/client-cloudformation') };
  } catch (cause) {
    return { cause };
  }
});

const loadSystemsManager = once(async (): Promise<LoadedPackage<SdkPackage>> => {
  try {
    return { sdk: await require('@aws-sdk/client-ssm') };
  } catch (cause) {
    return { cause };
  }
});

function sdkOf(loaded: LoadedPackage<SdkPackage>, packageName: string): SdkPackage {
  if ('sdk' in loaded) return loaded.sdk;
  throw notLoaded(packageName, `finding the target needs ${packageName}`, loaded.cause);
}

/** Stacks and parameters may be named by their ARN, which says where they are. */
const ARN = /^arn:[^:]+:[^:]+:([^:]+):/;

async function ask(
  Client: unknown,
  Command: unknown,
  input: object,
  name: string,
  given: string | undefined,
): Promise<unknown> {
  const region = given ?? ARN.exec(name)?.[1];
  const client = new (Client as Constructor<SdkClient>)(region === undefined ? {} : { region });
  try {
    return await client.send(new (Command as Constructor<object>)(input));
  } finally {
    client.destroy();
  }
}
