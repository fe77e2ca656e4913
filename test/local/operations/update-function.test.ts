/** Who may change functions with the Lambda API, and into what. One target for all, asked by signed requests of the SDK. */
import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type UpdateFunctionConfigurationCommandInput,
} from '@aws-sdk/client-lambda';
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { alias, version } from '../engine/engine-fixture';
import { functionResources, removeFolders, TRUST, writeAssembly } from '../engine/write-assembly';

const A = { account: '111111111111', region: 'eu-west-1' };
const B = { account: '222222222222', region: 'eu-west-1' };
const roleArn = (name: string, account = A.account) => `arn:aws:iam::${account}:role/${name}`;
const CHAT = `arn:aws:lambda:${A.region}:${A.account}:function:chat`;
const statement = (Effect: 'Allow' | 'Deny', Action: unknown, Resource: unknown = '*') => ({
  Effect,
  Action,
  Resource,
});
const callerRole = (RoleName: string, ...Statement: object[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName,
    AssumeRolePolicyDocument: {
      Statement: { Effect: 'Allow', Principal: { AWS: A.account }, Action: 'sts:AssumeRole' },
    },
    Policies: [{ PolicyName: 'Own', PolicyDocument: { Statement } }],
  },
});
const lambdaRole = (RoleName: string, Service = 'lambda.amazonaws.com') => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName,
    AssumeRolePolicyDocument: { Statement: [{ ...TRUST.Statement[0], Principal: { Service } }] },
  },
});
const bucket = (BucketName: string) => ({ Type: 'AWS::S3::Bucket', Properties: { BucketName } });

let local: LocalTarget;
const clients: LambdaClient[] = [];
const as = (arn: string) => {
  const client = new LambdaClient({ ...local.clientConfig({ as: arn, region: A.region }), maxAttempts: 1 });
  clients.push(client);
  return client;
};
beforeAll(async () => {
  local = await startLocal();
  const Resources = {
    ...functionResources({ FunctionName: 'chat' }),
    V1: version(),
    Live: alias('V1'),
    Power: lambdaRole('Power'),
    Other: lambdaRole('Other', 'ec2.amazonaws.com'),
    Changer: callerRole('Changer', statement('Allow', 'lambda:*')),
    Passer: callerRole('Passer', statement('Allow', 'lambda:*'), {
      ...statement('Allow', 'iam:PassRole', roleArn('Power')),
      Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
    }),
    Denied: callerRole('Denied', statement('Allow', '*'), statement('Deny', 'lambda:*', CHAT)),
    OfAlias: callerRole('OfAlias', statement('Allow', 'lambda:*', `${CHAT}:live`)),
    Bucket: bucket('code-of-a'),
  };
  await local.deploy(
    writeAssembly({
      A: { ...A, template: { Resources } },
      B: { ...B, template: { Resources: { Power: lambdaRole('Power'), Bucket: bucket('code-of-b') } } },
    }),
  );
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await local.stop();
  removeFolders();
});

const configure = (arn: string, input: Partial<UpdateFunctionConfigurationCommandInput>) =>
  as(arn).send(new UpdateFunctionConfigurationCommand({ FunctionName: 'chat', ...input }));
const ROOT = `arn:aws:iam::${A.account}:root`;

test('a role is given by those who may pass it to Lambda, and Lambda must be able to assume it', async () => {
  await expect(configure(roleArn('Changer'), { Role: roleArn('Power') })).rejects.toThrow(
    `is not authorized to perform: iam:PassRole on resource: ${roleArn('Power')} because no identity-based policy allows the iam:PassRole action`,
  );
  expect((await configure(roleArn('Passer'), { Role: roleArn('Power') })).Role).toBe(roleArn('Power'));
  const refused: [string, string][] = [
    [roleArn('Other'), 'The role defined for the function cannot be assumed by Lambda.'],
    [roleArn('None'), 'The role defined for the function cannot be assumed by Lambda.'],
    [roleArn('Power', B.account), 'Cross-account pass role is not allowed.'],
    [ROOT, "Value 'arn:aws:iam::111111111111:root' at 'role' failed to satisfy constraint"],
  ];
  for (const [Role, message] of refused) await expect(configure(ROOT, { Role })).rejects.toThrow(message);
});

test('what is denied on a function is denied by every name of it', async () => {
  const denied = as(roleArn('Denied'));
  const ofAlias = as(roleArn('OfAlias'));
  for (const FunctionName of ['chat', 'chat:live', 'chat:$LATEST', 'chat:none', `${CHAT}:live`]) {
    const calls = (client: LambdaClient) => [
      client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 9 })),
      client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: Buffer.from('x') })),
      client.send(new PublishVersionCommand({ FunctionName })),
      client.send(new UpdateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' })),
      client.send(new GetAliasCommand({ FunctionName, Name: 'live' })),
      client.send(new ListVersionsByFunctionCommand({ FunctionName })),
    ];
    for (const call of calls(denied)) await expect(call).rejects.toThrow(/on resource: \S+:chat with an explicit deny/);
    for (const call of calls(ofAlias)) await expect(call).rejects.toThrow(/on resource: \S+:chat because no identity-/);
  }
  await expect(configure(ROOT, { FunctionName: 'chat:live' })).rejects.toThrow(
    "UpdateFunctionConfiguration takes the name of a function without a version or alias, got 'chat:live'",
  );
});

test('code in a bucket is for those who may read the object', async () => {
  const update = (arn: string, S3Bucket: string) =>
    as(arn).send(new UpdateFunctionCodeCommand({ FunctionName: 'chat', S3Bucket, S3Key: 'c.zip' }));
  await expect(update(roleArn('Changer'), 'code-of-a')).rejects.toThrow(
    's3:GetObject on resource: arn:aws:s3:::code-of-a/c.zip because no identity-based policy',
  );
  await expect(update(ROOT, 'code-of-b')).rejects.toThrow('because no resource-based policy allows the s3:GetObject');
  await expect(update(ROOT, 'code-of-a')).rejects.toThrow("no object 'c.zip' is in the bucket 'code-of-a'");
  const elsewhere = 'cdk-hnb659fds-assets-111111111111-us-east-1';
  const redirect = 'Code: PermanentRedirect. S3 Error Message: The bucket is in this region: us-east-1.';
  await expect(update(ROOT, elsewhere)).rejects.toThrow(redirect);
  const ofAsset = { Code: { S3Bucket: elsewhere, S3Key: 'code.zip' } };
  const assembly = writeAssembly(
    { Far: { ...A, template: { Resources: functionResources(ofAsset) } } },
    { 'asset/index.js': 'exports.handler = async () => 1' },
    { code: { path: 'asset', packaging: 'zip' } },
  );
  await expect(local.deploy(assembly)).rejects.toThrow(redirect);
});

test('a configuration is checked, and changed by whoever has seen the last one', async () => {
  const refused: [Partial<UpdateFunctionConfigurationCommandInput>, string][] = [
    [{ RevisionId: 'wrong' }, 'The RevisionId provided does not match the latest Lambda function version'],
    [{ Handler: '' }, "Value '' at 'handler' failed to satisfy constraint"],
    [{ Handler: 'x'.repeat(129) }, 'Member must have length less than or equal to 128'],
    [{ Runtime: 'cobol1' as 'nodejs24.x' }, "Value cobol1 at 'runtime' failed to satisfy constraint"],
    [{ Environment: { Variables: { AWS_REGION: 'x' } } }, 'Reserved keys used in this request: AWS_REGION'],
    [{ Environment: { Variables: { '1bad': 'x' } } }, "got '1bad'"],
    [{ Environment: { Variables: { BIG: 'x'.repeat(4_096) } } }, 'exceeded the 4KB limit'],
  ];
  for (const [input, message] of refused) await expect(configure(ROOT, input)).rejects.toThrow(message);
  const { RevisionId } = await as(ROOT).send(new GetFunctionConfigurationCommand({ FunctionName: 'chat' }));
  expect((await configure(ROOT, { RevisionId, Timeout: 8 })).Timeout).toBe(8);
});

test('an alias shares requests between two published versions', async () => {
  const update = (input: object) =>
    as(ROOT).send(new UpdateAliasCommand({ FunctionName: 'chat', Name: 'live', ...input }));
  const { Version = '' } = await as(ROOT).send(new PublishVersionCommand({ FunctionName: 'chat' }));
  const weights = (of: Record<string, number>) => ({ RoutingConfig: { AdditionalVersionWeights: of } });
  const refused: [object, string][] = [
    [weights({ [Version]: 2 }), 'Member must have value between 0.0 and 1.0'],
    [weights({ [Version]: -1 }), 'Member must have value between 0.0 and 1.0'],
    [weights({ '1': 0.5 }), 'Function version 1 is already included in routing configuration.'],
    [{ FunctionVersion: '$LATEST', ...weights({ '1': 0.5 }) }, '$LATEST is not supported for an alias'],
    [{ FunctionVersion: Version, RevisionId: 'wrong' }, 'The RevisionId provided does not match the latest alias'],
  ];
  for (const [input, message] of refused) await expect(update(input)).rejects.toThrow(message);
  const { RevisionId } = await as(ROOT).send(new GetAliasCommand({ FunctionName: 'chat', Name: 'live' }));
  expect(await update({ RevisionId, ...weights({ [Version]: 0.5 }) })).toMatchObject(weights({ [Version]: 0.5 }));
});
