/** A deployment that fails and is kept (`--no-rollback`), through CloudFormation as clients ask it. */
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { signedHeaders } from '../http/sign-request';
import { alias, version } from './engine-fixture';
import { functionResources, removeFolders, writeAssembly } from './write-assembly';

const ENV = { account: '111111111111', region: 'eu-west-1' };
const AS = `arn:aws:iam::${ENV.account}:root`;

let local: LocalTarget;
let client: LambdaClient;
beforeAll(async () => {
  local = await startLocal();
  client = new LambdaClient(local.clientConfig({ as: AS, region: ENV.region }));
});
afterAll(async () => {
  client.destroy();
  await local.stop();
  removeFolders();
});

async function ask(Action: string, StackName: string, more: Record<string, string> = {}): Promise<string> {
  const body = `${new URLSearchParams({ Action, Version: '2010-05-15', StackName, ...more })}`;
  const { credentials, region } = local.clientConfig({ as: AS, region: ENV.region });
  const headers = await signedHeaders(`${local.endpoint}/`, region, credentials, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    service: 'cloudformation',
  });
  return (await fetch(local.endpoint, { method: 'POST', headers, body })).text();
}

interface Wanted {
  readonly isBroken?: boolean;
  readonly name?: string;
  readonly timeout?: number;
}

/** A function with its role; broken, it also has a version, and an alias of a version that is not there. */
function template({ isBroken = false, name = 'kept', timeout = 3 }: Wanted = {}): Record<string, string> {
  const live = alias('V1');
  const Resources = {
    ...functionResources({ FunctionName: name, Timeout: timeout }),
    ...(isBroken && { V1: version(), Bad: { ...live, Properties: { ...live.Properties, FunctionVersion: '99' } } }),
  };
  return { TemplateBody: JSON.stringify({ Resources }), 'Capabilities.member.1': 'CAPABILITY_NAMED_IAM' };
}

/** Status of a stack with its resources, and the timeouts of all functions. */
async function now(stackName: string) {
  const [, status] = /<StackStatus>(\w+)</.exec(await ask('DescribeStacks', stackName)) ?? [];
  const listed = await ask('ListStackResources', stackName);
  const resources = [...listed.matchAll(/<LogicalResourceId>(\w+)</g)].map(([, id]) => id);
  const { Functions = [] } = await client.send(new ListFunctionsCommand({}));
  return [status, resources.join(), Functions.map(({ Timeout }) => Timeout).join()];
}

const KEEP = { DisableRollback: 'true' };
const RETRY = 'please use the disable-rollback parameter with update-stack API';

test('keeps what a failed creation has made, until it is rolled back or repaired', async () => {
  await ask('CreateStack', 'Made', { ...template({ isBroken: true }), ...KEEP });
  expect(await now('Made')).toEqual(['CREATE_FAILED', 'Role,Fn,V1', '3']);
  const described = await ask('DescribeStacks', 'Made');
  expect(described).toContain('The following resource(s) failed to create: [Bad]. <');
  expect(described).toContain('<DisableRollback>true<');
  expect(await ask('UpdateStack', 'Made', template())).toContain(`non-terminal [CREATE_FAILED] state`);

  await ask('RollbackStack', 'Made', { ClientRequestToken: 'back' });
  expect(await now('Made')).toEqual(['ROLLBACK_COMPLETE', '', '']);
  const events = await ask('DescribeStackEvents', 'Made');
  expect([...events.matchAll(/<LogicalResourceId>(\w+)<.*?<ResourceStatus>DELETE_COMPLETE</gs)]).toHaveLength(3);
  expect(await ask('RollbackStack', 'Made')).toContain('is in ROLLBACK_COMPLETE state and can not be rolled back');

  await ask('DeleteStack', 'Made');
  await ask('CreateStack', 'Made', { ...template({ isBroken: true }), ...KEEP });
  await ask('UpdateStack', 'Made', { ...template({ timeout: 4 }), ...KEEP });
  expect(await now('Made')).toEqual(['UPDATE_COMPLETE', 'Role,Fn', '4']);
});

test('keeps what a failed update has changed, and goes back to what was there before', async () => {
  await ask('UpdateStack', 'Made', { ...template({ timeout: 5, isBroken: true }), ...KEEP });
  expect(await now('Made')).toEqual(['UPDATE_FAILED', 'Role,Fn,V1', '5']);
  expect(await ask('UpdateStack', 'Made', template())).toContain(RETRY);
  await ask('UpdateStack', 'Made', { ...template({ timeout: 6, isBroken: true }), ...KEEP });
  expect(await now('Made')).toEqual(['UPDATE_FAILED', 'Role,Fn,V1', '6']);

  await ask('RollbackStack', 'Made');
  expect(await now('Made')).toEqual(['UPDATE_ROLLBACK_COMPLETE', 'Role,Fn', '4']);
  await ask('UpdateStack', 'Made', { ...template({ name: 'other' }), ...KEEP });
  expect(await ask('DescribeStackEvents', 'Made')).toContain(
    'Replacement type updates not supported on stack with disable-rollback.',
  );
  await ask('RollbackStack', 'Made');
  await ask('UpdateStack', 'Made', template({ timeout: 7 }));
  expect(await now('Made')).toEqual(['UPDATE_COMPLETE', 'Role,Fn', '7']);
});

test('what a deployment of this process does to a stack that is kept is kept, too', async () => {
  await ask('CreateStack', 'Both', { ...template({ isBroken: true, name: 'both', timeout: 8 }), ...KEEP });
  const broken = JSON.parse(template({ isBroken: true, name: 'both', timeout: 9 })['TemplateBody'] ?? '');
  await expect(local.deploy(writeAssembly({ Both: { ...ENV, template: broken } }))).rejects.toThrow('resource Bad');
  expect(await now('Both')).toEqual(['UPDATE_FAILED', 'Role,Fn,V1', '7,9']);
  await ask('DeleteStack', 'Both');
  expect(await now('Made')).toEqual(['UPDATE_COMPLETE', 'Role,Fn', '7']);
});
