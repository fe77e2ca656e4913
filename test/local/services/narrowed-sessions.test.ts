/** Sessions that `AssumeRole` gives: they may no more than what they were narrowed to. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from '@aws-sdk/nested-clients/sts';
import { type LocalTarget, type StartLocalOptions, startLocal } from 'cdk-lambda-streaming/local';
import { functionResources, removeFolders, writeAssembly } from '../engine/write-assembly';

const ENV = { account: '111111111111', region: 'eu-west-1' };
const arn = (name: string) => `arn:aws:iam::${ENV.account}:role/${name}`;
const document = (...Action: string[]) => ({
  Version: '2012-10-17' as const,
  Statement: [{ Effect: 'Allow' as const, Action, Resource: '*' }],
});
const role = (RoleName: string, AWS: unknown, more: object = {}) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName,
    AssumeRolePolicyDocument: { Statement: { Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' } },
    Policies: [{ PolicyName: 'All', PolicyDocument: document('*') }],
    ...more,
  },
});

let local: LocalTarget;
afterEach(async () => {
  await local.stop();
  removeFolders();
});

async function start(options: StartLocalOptions = {}): Promise<void> {
  local = await startLocal(options);
  const Resources = {
    ...functionResources({ FunctionName: 'chat' }),
    Base: role('Base', ENV.account, { MaxSessionDuration: 7_200 }),
    Next: role('Next', ENV.account, { MaxSessionDuration: 7_200 }),
  };
  await local.deploy(writeAssembly({ S: { ...ENV, template: { Resources } } }));
}

type Become = Parameters<LocalTarget['clientConfig']>[0];

/** A client for `chat`, as the session that one principal gets by assuming a role. */
async function assume(by: Become, input: Partial<AssumeRoleCommandInput> = {}): Promise<LambdaClient> {
  const config = local.clientConfig(by);
  const sts = new STSClient({ ...config, maxAttempts: 1 });
  const request = { RoleArn: arn('Next'), RoleSessionName: 'next', ...input };
  try {
    const { Credentials: keys } = await sts.send(new AssumeRoleCommand(request));
    const credentials = {
      accessKeyId: keys?.AccessKeyId ?? '',
      secretAccessKey: keys?.SecretAccessKey ?? '',
      sessionToken: keys?.SessionToken ?? '',
    };
    return new LambdaClient({ ...config, credentials });
  } finally {
    sts.destroy();
  }
}

async function invoke(client: LambdaClient): Promise<number | undefined> {
  try {
    return (await client.send(new InvokeCommand({ FunctionName: 'chat', InvocationType: 'DryRun' }))).StatusCode;
  } finally {
    client.destroy();
  }
}

const BASE = { as: arn('Base') };

test('a session without a policy may do what its role may', async () => {
  await start();
  expect(await invoke(await assume(BASE))).toBe(204);
});

test('a session is narrowed by the Policy it was assumed with', async () => {
  await start();
  const refused = invoke(await assume(BASE, { Policy: JSON.stringify(document('s3:*')) }));
  await expect(refused).rejects.toThrow('because no session policy allows the lambda:InvokeFunction action');
  const named = invoke(await assume(BASE, { Policy: JSON.stringify(document('lambda:InvokeFunction')) }));
  expect(await named).toBe(204);
});

test('a session that may not assume roles assumes none', async () => {
  await start();
  const narrowed = { ...BASE, sessionPolicy: document('lambda:*') };
  await expect(assume(narrowed)).rejects.toThrow('because no session policy allows the sts:AssumeRole action');
  expect(await invoke(await assume({ ...BASE, sessionPolicy: document('sts:*') }))).toBe(204);
});

test('service control policies bind who assumes a role', async () => {
  const organization = (...Action: string[]) => ({
    organization: {
      id: 'o-exampleorgid',
      paths: {},
      serviceControlPolicies: { [ENV.account]: [document(...Action)] },
    },
  });
  await start(organization('lambda:*'));
  await expect(assume({ as: `arn:aws:iam::${ENV.account}:root` })).rejects.toThrow(
    'because no service control policy allows the sts:AssumeRole action',
  );
  await local.stop();
  await start(organization('lambda:*', 'sts:*'));
  expect(await invoke(await assume({ as: `arn:aws:iam::${ENV.account}:root` }))).toBe(204);
});

test.each<readonly [string, Partial<AssumeRoleCommandInput>, string, RegExp]>([
  ['a policy that is not JSON', { Policy: '{' }, 'MalformedPolicyDocumentException', /Policy is not JSON/],
  ['a policy that is a list', { Policy: '[]' }, 'MalformedPolicyDocumentException', /Policy must be an object/],
  ['a policy without statements', { Policy: '{}' }, 'MalformedPolicyDocumentException', /Policy must have a Statement/],
  [
    'managed policies',
    { PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/X' }] },
    'ValidationError',
    /narrow the session with Policy/,
  ],
  [
    'a session name with a space',
    { RoleSessionName: 'a b' },
    'ValidationError',
    /RoleSessionName must be .*, got 'a b'$/,
  ],
  ['a second', { DurationSeconds: 1 }, 'ValidationError', /DurationSeconds must be 900 to 43200, got '1'/],
  ['a year', { DurationSeconds: 31_536_000 }, 'ValidationError', /DurationSeconds must be 900 to 43200/],
  ['a duration that is none', { DurationSeconds: Number.NaN }, 'ValidationError', /DurationSeconds must be/],
  [
    'more than the role allows',
    { DurationSeconds: 7_201 },
    'ValidationError',
    /exceeds the MaxSessionDuration set for this role/,
  ],
  [
    'two hours by a session',
    { DurationSeconds: 7_200 },
    'ValidationError',
    /exceeds the 1 hour session limit for roles assumed by role chaining/,
  ],
])('%s is refused', async (_, input, name, message) => {
  await start();
  await expect(assume(BASE, input)).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
});

test('an administrator gets a session as long as the role allows', async () => {
  await start();
  const root = { as: `arn:aws:iam::${ENV.account}:root` };
  expect(await invoke(await assume(root, { DurationSeconds: 7_200 }))).toBe(204);
});
