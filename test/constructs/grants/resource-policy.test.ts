import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnResource, type Stack } from 'aws-cdk-lib/core';
import { StreamGrants } from 'cdk-lambda-streaming';
import {
  A,
  B,
  deployedBefore,
  LIVE,
  permissions,
  propertiesOf,
  role,
  streamingFunction,
  twoAccounts,
} from '../two-accounts';

const OU = 'o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*';

function policies(stack: Stack): Record<string, unknown>[] {
  return propertiesOf(stack, 'AWS::Lambda::ResourcePolicy');
}

describe('useResourcePolicy', () => {
  test('lets organizational units in by one policy on the alias', () => {
    const { a } = twoAccounts();
    const { streamGrants } = streamingFunction(a);
    streamGrants.useResourcePolicy();
    streamGrants.invokeFromOrganizationPaths(OU);

    expect(policies(a)).toEqual([
      {
        ResourceArn: LIVE,
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Sid: expect.stringMatching(/^Stream[0-9a-f]{12}$/),
              Effect: 'Allow',
              Principal: '*',
              Action: 'lambda:InvokeFunction',
              Resource: LIVE,
              Condition: { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': [OU] } },
            },
          ],
        },
      },
    ]);
    expect(permissions(a)).toEqual([]);
  });

  test('writes accounts, services and any condition into the one document, each once', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    fn.streamGrants.useResourcePolicy();
    const tagged = new iam.AccountPrincipal(B).withConditions({ StringLike: { 'aws:PrincipalTag/team': 'chat-*' } });
    for (const grants of [fn.streamGrants, StreamGrants.fromFunction(fn), StreamGrants.fromFunction(fn.liveAlias)]) {
      grants.useResourcePolicy();
      grants.invoke(tagged);
      grants.invoke(new iam.ServicePrincipal('bedrock.amazonaws.com'));
      grants.invokeUrl(new iam.AccountPrincipal(B));
    }

    expect(policies(a)).toHaveLength(1);
    const [{ PolicyDocument: document } = {}] = policies(a);
    expect(document).toEqual({
      Version: '2012-10-17',
      Statement: [
        expect.objectContaining({
          Principal: { AWS: B },
          Condition: { StringLike: { 'aws:PrincipalTag/team': 'chat-*' } },
        }),
        expect.objectContaining({
          Principal: { Service: 'bedrock.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': A } },
        }),
        expect.objectContaining({
          Principal: { AWS: B },
          Action: 'lambda:InvokeFunctionUrl',
          Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
        }),
        expect.objectContaining({
          Principal: { AWS: B },
          Action: 'lambda:InvokeFunction',
          Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': true } },
        }),
      ],
    });
  });

  test('is one policy for one ARN, whichever construct stands for it', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    const again = lambda.Function.fromFunctionArn(a, 'Again', fn.liveAlias.functionArn);
    fn.streamGrants.useResourcePolicy();
    StreamGrants.fromFunction(again).invoke(new iam.AccountPrincipal(B));

    expect(policies(a)).toHaveLength(1);
    expect(permissions(a)).toEqual([]);
  });

  test('is deployed after a caller role of another account', () => {
    const { app, a, b } = twoAccounts();
    const { streamGrants } = streamingFunction(a);
    streamGrants.useResourcePolicy();
    streamGrants.invoke(role(b));

    expect(deployedBefore(app, a)).toEqual(['Consumer']);
  });

  test('leaves other aliases of the function alone', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    fn.streamGrants.useResourcePolicy();
    fn.streamGrants.invoke(new iam.AccountPrincipal(B));
    StreamGrants.fromFunction(fn.currentVersion).invoke(new iam.AccountPrincipal(B));

    expect(permissions(a)).toEqual([
      expect.objectContaining({ FunctionName: { Ref: expect.stringMatching('CurrentVersion') } }),
    ]);
  });
});

describe('a policy and permissions on one ARN', () => {
  test('are refused at once, where something was granted before', () => {
    const { a } = twoAccounts();
    const { streamGrants } = streamingFunction(a);
    streamGrants.invoke(new iam.AccountPrincipal(B));

    expect(() => streamGrants.useResourcePolicy()).toThrow(
      /Provider\/Chat\/Aliaslive\/Stream\w+ \(AWS::Lambda::Permission\) and .* both write/,
    );
  });

  test.each([
    [
      'a permission of CDK on the alias',
      (_: Stack, alias: lambda.IFunction) => alias.grantInvoke(new iam.AccountPrincipal(B)),
      /Provider\/Chat\/Aliaslive\/\S+ \(AWS::Lambda::Permission\) and Provider\/Chat\/Aliaslive\/StreamResourcePolicy\/Resource/,
    ],
    [
      'a permission anywhere in the app that names the ARN',
      (stack: Stack, alias: lambda.IFunction) =>
        new lambda.CfnPermission(stack, 'Elsewhere', {
          action: 'lambda:InvokeFunction',
          functionName: alias.functionArn,
          principal: B,
        }),
      /Provider\/Elsewhere \(AWS::Lambda::Permission\) and/,
    ],
    [
      'a second policy',
      (stack: Stack, alias: lambda.IFunction) =>
        new CfnResource(stack, 'Second', {
          type: 'AWS::Lambda::ResourcePolicy',
          properties: { ResourceArn: alias.functionArn, PolicyDocument: {} },
        }),
      /Provider\/Second \(AWS::Lambda::ResourcePolicy\) and/,
    ],
  ])('are refused at synth: %s', (_, add, message) => {
    const { app, a } = twoAccounts();
    const fn = streamingFunction(a);
    fn.streamGrants.useResourcePolicy();
    fn.streamGrants.invoke(new iam.AccountPrincipal(B));
    add(a, fn.liveAlias);

    expect(() => app.synth()).toThrow(message);
  });

  test('are no trouble on different qualifiers', () => {
    const { app, a } = twoAccounts();
    const fn = streamingFunction(a);
    fn.streamGrants.useResourcePolicy();
    fn.streamGrants.invoke(new iam.AccountPrincipal(B));
    fn.currentVersion.grantInvoke(new iam.AccountPrincipal(B));

    expect(() => app.synth()).not.toThrow();
  });
});

test('a policy without a statement is refused', () => {
  const { app, a } = twoAccounts();
  streamingFunction(a).streamGrants.useResourcePolicy();
  expect(() => app.synth()).toThrow(/useResourcePolicy\(\) was called, but nothing is granted/);
});

test('organizational units without a policy name the way out', () => {
  const { a } = twoAccounts();
  const { streamGrants } = streamingFunction(a);
  expect(() => streamGrants.invokeFromOrganizationPaths(OU)).toThrow(/call streamGrants.useResourcePolicy\(\)/);
  expect(() => streamGrants.invokeFromOrganizationPaths()).toThrow(/no path was given/);
});

test('the policy of a function of another account is not ours to write', () => {
  const { a } = twoAccounts();
  const foreign = lambda.Function.fromFunctionArn(a, 'F', `arn:aws:lambda:us-east-1:${B}:function:f:live`);
  expect(() => StreamGrants.fromFunction(foreign).useResourcePolicy()).toThrow(
    /call useResourcePolicy\(\) in the app that defines/,
  );
});

test('the document is the same on each synth of the same app', () => {
  const synth = () => {
    const { a } = twoAccounts();
    const { streamGrants } = streamingFunction(a);
    streamGrants.useResourcePolicy();
    streamGrants.invokeFromOrganizationPaths(OU);
    return Template.fromStack(a).toJSON();
  };
  expect(synth()).toEqual(synth());
});
