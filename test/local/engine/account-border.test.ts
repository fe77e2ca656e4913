/** What a stack cannot do to another account, and what that one may let it do. */
import { AssemblyError, DeployError } from '../../../src/local/local-error';
import { A, B, deploy, permission, stack, state } from './engine-fixture';
import { functionResources, TRUST } from './write-assembly';

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
