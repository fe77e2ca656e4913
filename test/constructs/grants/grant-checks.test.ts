import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, NestedStack, Stack } from 'aws-cdk-lib/core';
import { StreamGrants } from 'cdk-lambda-streaming';
import {
  A,
  B,
  CODE,
  permissions,
  propertiesOf,
  role,
  statementsOf,
  streamingFunction,
  twoAccounts,
} from '../two-accounts';

describe('names across accounts', () => {
  test('a role whose name only CloudFormation would know is refused at once', () => {
    const { a, b } = twoAccounts();
    const nameless = new iam.Role(b, 'Caller', { assumedBy: new iam.AccountRootPrincipal() });
    expect(() => streamingFunction(a).streamGrants.invoke(nameless)).toThrow(
      /\[Provider\/Chat\/Aliaslive\] Consumer\/Caller is named in a policy of another account or region, .*give it a roleName of your own or PhysicalName.GENERATE_IF_NEEDED/,
    );
  });

  test('so is one within a nested stack, for which CDK would make up a broken name', () => {
    const { a, b } = twoAccounts();
    const nested = role(new NestedStack(b, 'Nested'));
    expect(() => streamingFunction(a).streamGrants.invoke(nested)).toThrow(
      /cannot generate a name within a nested stack/,
    );
  });

  test('a function that calls another account needs a role with a name', () => {
    const { a, b } = twoAccounts();
    const { streamGrants } = streamingFunction(a);
    expect(() => streamGrants.invoke(streamingFunction(b, 'Nameless'))).toThrow(
      /Consumer\/Nameless\/ServiceRole is named .*a function that calls others a role that has one/,
    );
    streamGrants.invoke(streamingFunction(b, 'Named', { role: role(b) }));
    expect(permissions(a)).toHaveLength(1);
  });

  test('across regions of one account only the function needs a name', () => {
    const app = new App();
    const [east, west] = ['us-east-1', 'us-west-2'].map(
      (region) => new Stack(app, region, { env: { account: A, region } }),
    );
    const caller = new iam.Role(west, 'Caller', { assumedBy: new iam.AccountRootPrincipal() });
    streamingFunction(east).streamGrants.invoke(caller);
    expect(JSON.stringify(statementsOf(west))).toMatch(/lambda:us-east-1:111111111111:function:[\w-]+:live/);

    const plain = new lambda.Function(east, 'Plain', {
      code: CODE,
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_22_X,
    });
    expect(() => StreamGrants.fromFunction(plain).invoke(caller)).toThrow(
      /us-east-1\/Plain is named in a policy of another/,
    );
  });

  test('so is a plain function', () => {
    const { a, b } = twoAccounts();
    const plain = new lambda.Function(a, 'Plain', {
      code: CODE,
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_22_X,
    });
    expect(() => StreamGrants.fromFunction(plain).invoke(role(b))).toThrow(
      /Provider\/Plain is named in a policy of another account or region, .*give it a functionName of your own or PhysicalName.GENERATE_IF_NEEDED/,
    );
  });
});

describe('principals that Lambda refuses', () => {
  test.each([
    [new iam.ArnPrincipal(`arn:aws:iam::${B}:role/chat-*`), /cannot hold wildcards, .*ArnLike: { 'aws:PrincipalArn'/],
    [new iam.ArnPrincipal(`arn:aws:iam::${B}:group/chat`), /a resource-based policy cannot name groups/],
    [new iam.AccountPrincipal('1234'), /an account id of 12 digits or the ARN of a role or user, got '1234'/],
  ])('%s', (principal, message) => {
    const { a } = twoAccounts();
    const { streamGrants } = streamingFunction(a);
    expect(() => streamGrants.invoke(principal)).toThrow(message);
  });

  test('a group of another account', () => {
    const { a, b } = twoAccounts();
    const group = new iam.Group(b, 'Group', { groupName: 'chat' });
    expect(() => streamingFunction(a).streamGrants.invoke(group)).toThrow(/cannot name groups; grant to a role/);
  });
});

describe('policies as grantees', () => {
  const inSameAccount: [string, (scope: ReturnType<typeof twoAccounts>['a']) => iam.IGrantable, string][] = [
    ['a managed policy', (scope) => new iam.ManagedPolicy(scope, 'Mine'), 'AWS::IAM::ManagedPolicy'],
    [
      'an inline policy',
      (scope) => new iam.Policy(scope, 'Mine', { users: [new iam.User(scope, 'U')] }),
      'AWS::IAM::Policy',
    ],
  ];

  test.each(inSameAccount)('%s of the same account gets the statement', (_, policy, type) => {
    const { a } = twoAccounts();
    const grant = streamingFunction(a).streamGrants.invoke(policy(a));
    expect(grant.success).toBe(true);
    expect(JSON.stringify(propertiesOf(a, type))).toContain('"Action":"lambda:InvokeFunction"');
    expect(permissions(a)).toEqual([]);
  });

  test('one of another account cannot be named by the function', () => {
    const { a, b } = twoAccounts();
    const policy = new iam.ManagedPolicy(b, 'Mine');
    expect(() => streamingFunction(a).streamGrants.invoke(policy)).toThrow(/a policy is not a principal/);
  });
});

describe('everyone, with conditions', () => {
  test.each([
    [{ Bool: { 'aws:SecureTransport': 'true' } }],
    [{ StringNotEquals: { 'aws:PrincipalAccount': B } }],
    [{ StringEqualsIfExists: { 'aws:SourceVpce': 'vpce-1' } }],
    [{ 'ForAllValues:StringLike': { 'aws:PrincipalOrgPaths': 'o-a1b2c3d4e5/*' } }],
    [{ StringLike: { 'aws:PrincipalOrgID': '*' } }],
  ])('%j leaves it public, and is refused', (conditions) => {
    const { a } = twoAccounts();
    const { streamGrants } = streamingFunction(a);
    streamGrants.useResourcePolicy();
    expect(() => streamGrants.invoke(new iam.StarPrincipal().withConditions(conditions))).toThrow(/allowPublic: true/);
  });

  test.each([
    [{ StringEquals: { 'aws:SourceVpce': 'vpce-1' } }],
    [{ IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }],
    [{ ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${A}:role/chat-*` } }],
  ])('%j narrows it', (conditions) => {
    const { a } = twoAccounts();
    const { streamGrants } = streamingFunction(a);
    streamGrants.useResourcePolicy();
    streamGrants.invoke(new iam.StarPrincipal().withConditions(conditions));
    const [policy] = propertiesOf(a, 'AWS::Lambda::ResourcePolicy');
    expect(policy).toMatchObject({ PolicyDocument: { Statement: [{ Principal: '*', Condition: conditions }] } });
  });
});

test.each([
  [{ sourceArn: 'my-bucket' }, /sourceArn must be an ARN, .*got 'my-bucket'/],
  [{ sourceAccount: '1234' }, /sourceAccount must be an account id of 12 digits, got '1234'/],
])('a malformed source %j is refused', (source, message) => {
  const { a } = twoAccounts();
  const { streamGrants } = streamingFunction(a);
  expect(() => streamGrants.invoke(new iam.ServicePrincipal('s3.amazonaws.com'), source)).toThrow(message);
});
