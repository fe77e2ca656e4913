import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Stack } from 'aws-cdk-lib/core';
import { StreamGrants, StreamingFunctionReference } from 'cdk-lambda-streaming';
import { A, B, messages, pasted, permissions, role, statementsOf, twoAccounts } from './two-accounts';

const LIVE_ARN = `arn:aws:lambda:us-east-1:${A}:function:prov:live`;
const ON_LIVE = { Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: LIVE_ARN };

describe('the caller’s half', () => {
  test('is on exactly the ARN, and the owner’s half is printed', () => {
    const { b } = twoAccounts();
    StreamingFunctionReference.fromArn(b, 'Fn', LIVE_ARN).callerGrants.invoke(role(b));

    expect(statementsOf(b)).toEqual([ON_LIVE]);
    expect(permissions(b)).toEqual([]);
    const [message = ''] = messages(b, 'Info', 'ResourceHalfElsewhere');
    expect(pasted(message)).toMatchObject({
      Effect: 'Allow',
      Principal: { AWS: expect.stringMatching('Caller') },
      Action: 'lambda:InvokeFunction',
      Resource: LIVE_ARN,
    });
  });

  test.each([
    ['lambda.Function.fromFunctionArn', (s: Stack) => lambda.Function.fromFunctionArn(s, 'Fn', LIVE_ARN)],
    [
      'lambda.Alias.fromAliasAttributes',
      (s: Stack) =>
        lambda.Alias.fromAliasAttributes(s, 'Fn', {
          aliasName: 'live',
          aliasVersion: lambda.Version.fromVersionArn(s, 'V', `arn:aws:lambda:us-east-1:${A}:function:prov:1`),
        }),
    ],
    ['StreamingFunctionReference.fromArn', (s: Stack) => StreamingFunctionReference.fromArn(s, 'Fn', LIVE_ARN)],
  ])('is given by StreamGrants as well, for %s of another account', (_, reference) => {
    const { b } = twoAccounts();
    const grant = StreamGrants.fromFunction(reference(b)).invoke(role(b));

    expect(statementsOf(b)).toEqual([ON_LIVE]);
    expect(permissions(b)).toEqual([]);
    expect(grant.success).toBe(true);
    expect(messages(b, 'Info', 'ResourceHalfElsewhere')).toHaveLength(1);
  });

  test('may be on a version', () => {
    const { b } = twoAccounts();
    const version = lambda.Version.fromVersionArn(b, 'V', `arn:aws:lambda:us-east-1:${A}:function:prov:1`);
    StreamGrants.fromFunction(version).invoke(role(b));
    expect(statementsOf(b)).toEqual([{ ...ON_LIVE, Resource: `arn:aws:lambda:us-east-1:${A}:function:prov:1` }]);
  });

  test('is enough in the same account, and nothing is printed', () => {
    const { a } = twoAccounts();
    StreamingFunctionReference.fromArn(a, 'Fn', LIVE_ARN).callerGrants.invoke(role(a));

    expect(statementsOf(a)).toEqual([ON_LIVE]);
    expect(messages(a, 'Info', 'ResourceHalfElsewhere')).toEqual([]);
  });

  test('over the URL has both actions', () => {
    const { b } = twoAccounts();
    StreamingFunctionReference.fromArn(b, 'Fn', LIVE_ARN).callerGrants.invokeUrl(role(b));
    expect(statementsOf(b)).toEqual([
      expect.objectContaining({ Action: 'lambda:InvokeFunctionUrl', Resource: LIVE_ARN }),
      expect.objectContaining({
        Action: 'lambda:InvokeFunction',
        Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': true } },
      }),
    ]);
  });

  test('of a role that cannot be changed is loud, and never a silent success', () => {
    const { b } = twoAccounts();
    const immutable = iam.Role.fromRoleArn(b, 'R', `arn:aws:iam::${B}:role/R`, { mutable: false });
    const grant = StreamingFunctionReference.fromArn(b, 'Fn', LIVE_ARN).callerGrants.invoke(immutable);

    expect(grant.success).toBe(false);
    expect(messages(b, 'Warning', 'IdentityHalfMissing')).toHaveLength(1);
  });

  test('of an account or a service does not exist', () => {
    const { b } = twoAccounts();
    const { callerGrants } = StreamingFunctionReference.fromArn(b, 'Fn', LIVE_ARN);
    for (const grantee of [new iam.AccountPrincipal(B), new iam.ServicePrincipal('bedrock.amazonaws.com')]) {
      expect(() => callerGrants.invoke(grantee)).toThrow(/callerGrants writes into the policy of one caller/);
    }
  });
});
