/** What a stack cannot do to another account, and what that one may let it do. */
import { systemClock } from '../../../src/local/clock';
import { sessionOf } from '../../../src/local/iam/assume-role';
import { createAuthorize } from '../../../src/local/iam/authorize';
import { AssemblyError, DeployError } from '../../../src/local/local-error';
import { sendDelivery } from '../../../src/local/services/send-delivery';
import { A, B, deploy, engine, permission, stack, state } from './engine-fixture';
import { functionResources, TRUST, writeAssembly } from './write-assembly';

const FN = `arn:aws:lambda:${B.region}:${B.account}:function:bfn`;
const ROLE = `arn:aws:iam::${B.account}:role/b-role`;
const SECRET = () => [...state.secrets.keys()][0] ?? '';
const ofB = (more: Record<string, { Type: string; Properties: Record<string, unknown> }> = {}) => ({
  Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'b-role', AssumeRolePolicyDocument: TRUST } },
  Fn: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'bfn',
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: { ZipFile: 'exports.handler = async () => 1' },
    },
  },
  Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'b-bucket' } },
  Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'same', SecretString: 'of B' } },
  ...more,
});
const everything = (Resource: unknown) => ({
  Statement: [{ Effect: 'Allow', Principal: { AWS: A.account }, Action: '*', Resource }],
});
const refusedByB = (action: string) =>
  new RegExp(`not authorized to perform: ${action} on resource: .* because no resource-based policy`);
const resource = (Type: string, Properties: Record<string, unknown>) => ({ Type, Properties });

test('a stack does nothing with the resources of another account that has granted nothing', async () => {
  await deploy({ B: stack(ofB(), {}, B) });
  const cases: [string, ReturnType<typeof resource>, RegExp][] = [
    ['role', functionResources({ Role: ROLE }).Fn, /Cross-account pass role is not allowed\./],
    // Nobody deploys to that account: whose role it is says its ARN all the same.
    ['elsewhere', functionResources({ Role: ROLE.replace(B.account, '999999999999') }).Fn, /Cross-account pass role/],
    ['permission', permission(A.account, FN), refusedByB('lambda:AddPermission')],
    [
      'policy',
      resource('AWS::Lambda::ResourcePolicy', { ResourceArn: FN, PolicyDocument: everything(FN) }),
      refusedByB('lambda:PutResourcePolicy'),
    ],
    [
      'url',
      resource('AWS::Lambda::Url', { TargetFunctionArn: FN, AuthType: 'NONE' }),
      refusedByB('lambda:CreateFunctionUrlConfig'),
    ],
    ['version', resource('AWS::Lambda::Version', { FunctionName: FN }), refusedByB('lambda:PublishVersion')],
    [
      'alias',
      resource('AWS::Lambda::Alias', { FunctionName: FN, Name: 'mine', FunctionVersion: '$LATEST' }),
      refusedByB('lambda:CreateAlias'),
    ],
    [
      'retries',
      resource('AWS::Lambda::EventInvokeConfig', { FunctionName: FN, Qualifier: '$LATEST', MaximumRetryAttempts: 0 }),
      refusedByB('lambda:PutFunctionEventInvokeConfig'),
    ],
    [
      'bucket policy',
      resource('AWS::S3::BucketPolicy', { Bucket: 'b-bucket', PolicyDocument: everything('arn:aws:s3:::b-bucket') }),
      refusedByB('s3:PutBucketPolicy'),
    ],
    ['provider', resource('Custom::Thing', { ServiceToken: FN }), refusedByB('lambda:InvokeFunction')],
    [
      'emptying',
      resource('Custom::S3AutoDeleteObjects', { ServiceToken: FN, BucketName: 'b-bucket' }),
      refusedByB('s3:DeleteObject'),
    ],
    [
      'code',
      resource('AWS::Lambda::LayerVersion', { Content: { S3Bucket: 'b-bucket', S3Key: 'c.zip' } }),
      refusedByB('s3:GetObject'),
    ],
    [
      'secret',
      resource('AWS::SSM::Parameter', { Type: 'String', Value: `{{resolve:secretsmanager:${SECRET()}}}` }),
      refusedByB('secretsmanager:GetSecretValue'),
    ],
    [
      'secret by name',
      resource('AWS::SSM::Parameter', { Type: 'String', Value: '{{resolve:secretsmanager:same}}' }),
      /no stack has defined the secret 'same' in 111111111111\/eu-west-1/,
    ],
  ];
  for (const [name, it, message] of cases) {
    const refusal: unknown = await deploy({ Other: stack({ [name.replace(/\W/g, '')]: it }) }).then(
      () => `${name} was deployed`,
      (error: unknown) => error,
    );
    expect(refusal).toEqual(expect.any(Error));
    expect(refusal instanceof DeployError || refusal instanceof AssemblyError).toBe(true);
    expect(String(refusal)).toMatch(message);
  }
  expect(state.functions.get(FN)?.resourcePolicies.size).toBe(0);
});

test('another account lets a stack in with the policies of its resources', async () => {
  const document = everything(FN);
  const policies = {
    OfFn: resource('AWS::Lambda::ResourcePolicy', {
      ResourceArn: { 'Fn::GetAtt': ['Fn', 'Arn'] },
      PolicyDocument: document,
    }),
    OfBucket: resource('AWS::S3::BucketPolicy', {
      Bucket: { Ref: 'Bucket' },
      PolicyDocument: everything(['arn:aws:s3:::b-bucket', 'arn:aws:s3:::b-bucket/*']),
    }),
  };
  await deploy({ B: stack(ofB(policies), {}, B) });
  await deploy({
    Other: stack({
      V: resource('AWS::Lambda::Version', { FunctionName: FN }),
      Empty: resource('Custom::S3AutoDeleteObjects', { ServiceToken: FN, BucketName: 'b-bucket' }),
    }),
  });
  expect([...(state.functions.get(FN)?.versions.keys() ?? [])]).toEqual(['$LATEST', '1']);
});

test('functions of another region are not reached', async () => {
  await deploy({ B: stack(ofB(), {}, B) });
  const there = stack({ V: resource('AWS::Lambda::Version', { FunctionName: FN }) }, {}, { ...B, region: 'us-east-1' });
  await expect(deploy({ There: there })).rejects.toThrow(
    "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
  );
});

test('a secret named alone is that of the account and region', async () => {
  await deploy({ B: stack({ Secret: ofB().Secret }, {}, B) });
  const own = { Secret: resource('AWS::SecretsManager::Secret', { Name: 'same', SecretString: 'of A' }) };
  await deploy({ Own: stack(own) });
  const P = resource('AWS::SSM::Parameter', { Name: '/p', Type: 'String', Value: '{{resolve:secretsmanager:same}}' });
  await deploy({ Reader: stack({ P }) });
  expect([...state.parameters.values()]).toEqual(['of A']);
  await expect(deploy({ There: stack({ P }, {}, { ...A, region: 'us-east-1' }) })).rejects.toThrow(
    "no stack has defined the secret 'same' in 111111111111/us-east-1",
  );
});

test('queues, topics and secrets of another account let in whom their policies name, and a role that may, too', async () => {
  const statement = (Action: string, Resource: unknown, Principal?: object) => ({
    Statement: [{ Effect: 'Allow', Action, Resource, ...(Principal && { Principal }) }],
  });
  const [queue, topic] = [`arn:aws:sqs:${B.region}:${B.account}:q`, `arn:aws:sns:${B.region}:${B.account}:t`];
  const sender = (RoleName: string, Resource: unknown, Action = '*') => ({
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName,
      AssumeRolePolicyDocument: TRUST,
      Policies: [{ PolicyName: 'P', PolicyDocument: statement(Action, Resource) }],
    },
  });
  await deploy({ A: stack({ All: sender('All', '*'), Reads: sender('Reads', '*', 's3:GetObject') }) });
  const ofRole = (name: string) => {
    const role = state.roles.get(`arn:aws:iam::${A.account}:role/${name}`);
    if (!role) throw new Error(`no role ${name}`);
    return sessionOf(role, 'f');
  };
  const may = (action: string, on: string, name = 'All') =>
    createAuthorize(state, systemClock)({ principal: ofRole(name), action, resource: on }).allowed;
  const secrets = () => [...state.secrets.keys()][0] ?? '';
  const send = (destination: string) =>
    sendDelivery(
      {
        endpoint: () => 'http://127.0.0.1:1',
        services: {},
        keysFor: () => ({ accessKeyId: 'a', secretAccessKey: 's', sessionToken: 't' }),
        sessionFor: () => ofRole('All'),
        authorize: createAuthorize(state, systemClock),
      },
      { destination, sender: { functionArn: FN, roleArn: ROLE }, functionArn: FN, isSuccess: true, body: '{}' },
    );
  const things = {
    Q: resource('AWS::SQS::Queue', { QueueName: 'q' }),
    T: resource('AWS::SNS::Topic', { TopicName: 't' }),
    S: resource('AWS::SecretsManager::Secret', { Name: 's', SecretString: 'of B' }),
  };
  const AWS = { AWS: `arn:aws:iam::${A.account}:role/All` };
  const policies = {
    OfQ: resource('AWS::SQS::QueuePolicy', {
      Queues: [{ Ref: 'Q' }],
      PolicyDocument: statement('sqs:SendMessage', { 'Fn::GetAtt': ['Q', 'Arn'] }, AWS),
    }),
    OfT: resource('AWS::SNS::TopicPolicy', {
      Topics: [{ Ref: 'T' }],
      PolicyDocument: statement('sns:Publish', '*', AWS),
    }),
    OfS: resource('AWS::SecretsManager::ResourcePolicy', {
      SecretId: { Ref: 'S' },
      ResourcePolicy: statement('secretsmanager:GetSecretValue', '*', AWS),
    }),
  };
  const asked = () => [
    may('sqs:SendMessage', queue),
    may('sns:Publish', topic),
    may('secretsmanager:GetSecretValue', secrets()),
  ];
  await deploy({ B: stack(things, {}, B) });
  expect(asked()).toEqual([false, false, false]);
  await expect(send(queue)).rejects.toThrow(/no resource-based policy allows .*AWS::SQS::QueuePolicy.* deployed here$/);
  await deploy({ B: stack({ ...things, ...policies }, {}, B) });
  expect(asked()).toEqual([true, true, true]);
  // The other half is needed all the same.
  expect([may('sqs:SendMessage', queue, 'Reads'), may('sqs:DeleteMessage', queue)]).toEqual([false, false]);
  for (const to of [queue, topic]) await expect(send(to)).rejects.toThrow('fetch failed');
  await expect(send(`arn:aws:events:${B.region}:${B.account}:event-bus/b`)).rejects.toThrow('no resource-based policy');
  const grabs = resource('AWS::SQS::QueuePolicy', {
    Queues: [`https://sqs.${B.region}.amazonaws.com/${B.account}/q`],
    PolicyDocument: statement('*', '*', AWS),
  });
  await expect(deploy({ Thief: stack({ grabs }) })).rejects.toThrow(refusedByB('sqs:SetQueueAttributes'));
  await deploy({ B: stack(things, {}, B) });
  expect(asked()).toEqual([false, false, false]);
});

test('a layer is for functions of accounts that it lets in, and of its region', async () => {
  const layer = {
    Role: ofB().Role,
    L: resource('AWS::Lambda::LayerVersion', { LayerName: 'l', Content: { S3Bucket: 'assets', S3Key: 'l.zip' } }),
  };
  const permission = (Principal: string) => ({
    P: resource('AWS::Lambda::LayerVersionPermission', {
      Action: 'lambda:GetLayerVersion',
      LayerVersionArn: { Ref: 'L' },
      Principal,
    }),
  });
  const ofLayer = (more: object = {}) =>
    engine.deploy(
      writeAssembly(
        { B: stack({ ...layer, ...more } as never, {}, B) },
        { 'layer/nodejs/a.js': '' },
        { l: { path: 'layer', packaging: 'zip' } },
      ),
    );
  const uses = (env: { account: string; region: string } = A) =>
    deploy({
      Uses: stack(
        functionResources({ Layers: [`arn:aws:lambda:${B.region}:${B.account}:layer:l:1`] }) as never,
        {},
        env,
      ),
    });
  await ofLayer();
  await expect(uses()).rejects.toThrow(refusedByB('lambda:GetLayerVersion'));
  await ofLayer(permission('333333333333'));
  await expect(uses()).rejects.toThrow(refusedByB('lambda:GetLayerVersion'));
  await ofLayer(permission(A.account));
  await uses();
  await expect(uses({ ...A, region: 'us-east-1' })).rejects.toThrow("Layers from 'eu-west-1' are not reachable");
  await ofLayer();
  expect(state.resourcePolicies.size).toBe(0);
});
