import * as iam from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { App, Stack } from 'aws-cdk-lib/core';
import { A, LIVE, permissions, role, streamingFunction, twoAccounts } from '../two-accounts';

const AGENT = `arn:aws:bedrock:us-east-1:${A}:agent/AGENT`;
const BEDROCK = new iam.ServicePrincipal('bedrock.amazonaws.com');
const INVOKE = { Action: 'lambda:InvokeFunction', FunctionName: LIVE, Principal: 'bedrock.amazonaws.com' };

describe('a service', () => {
  test('may call for the source that was said', () => {
    const { a } = twoAccounts();
    streamingFunction(a).streamGrants.invoke(BEDROCK, { sourceArn: AGENT, sourceAccount: A });

    expect(permissions(a)).toEqual([{ ...INVOKE, SourceAccount: A, SourceArn: AGENT }]);
  });

  test('may call for the function’s account only, where no source was said', () => {
    const { a } = twoAccounts();
    streamingFunction(a).streamGrants.invoke(BEDROCK);

    expect(permissions(a)).toEqual([{ ...INVOKE, SourceAccount: A }]);
  });

  test('may call for the account it is deployed to, where the stack does not say its account', () => {
    const stack = new Stack(new App(), 'Provider');
    streamingFunction(stack).streamGrants.invoke(BEDROCK);

    expect(permissions(stack)).toEqual([{ ...INVOKE, SourceAccount: { Ref: 'AWS::AccountId' } }]);
  });

  test('needs no account next to an ARN that has one', () => {
    const { a } = twoAccounts();
    streamingFunction(a).streamGrants.invoke(BEDROCK, { sourceArn: AGENT });

    expect(permissions(a)).toEqual([{ ...INVOKE, SourceArn: AGENT }]);
  });

  test('gets the account next to the ARN of a bucket, which has none', () => {
    const { a } = twoAccounts();
    const bucketArn = Bucket.fromBucketName(a, 'Bucket', 'photos').bucketArn;
    streamingFunction(a).streamGrants.invoke(new iam.ServicePrincipal('s3.amazonaws.com'), { sourceArn: bucketArn });

    expect(permissions(a)).toEqual([expect.objectContaining({ SourceAccount: A, SourceArn: expect.anything() })]);
  });

  test.each(['ArnLike', 'ArnEquals'])('takes its source from a condition %s', (operator) => {
    const { a } = twoAccounts();
    const conditions = { [operator]: { 'aws:SourceArn': AGENT } };
    streamingFunction(a).streamGrants.invoke(new iam.ServicePrincipal('bedrock.amazonaws.com', { conditions }));

    expect(permissions(a)).toEqual([{ ...INVOKE, SourceArn: AGENT }]);
  });

  test('gets a permission per source, over the API and over the URL', () => {
    const { a } = twoAccounts();
    const { streamGrants } = streamingFunction(a);
    for (const sourceArn of [AGENT, `${AGENT}2`, AGENT]) {
      streamGrants.invoke(BEDROCK, { sourceArn });
      streamGrants.invokeUrl(BEDROCK, { sourceArn });
    }
    const all = permissions(a);
    expect(
      all.filter((each) => each['InvokedViaFunctionUrl'] === undefined && !each['FunctionUrlAuthType']),
    ).toHaveLength(2);
    expect(all.filter((each) => each['FunctionUrlAuthType'] === 'AWS_IAM')).toHaveLength(2);
    expect(all.filter((each) => each['InvokedViaFunctionUrl'] === true)).toHaveLength(2);
    expect(all).toHaveLength(6);
  });

  test('grants succeed, and can be waited for', () => {
    const { a } = twoAccounts();
    const grant = streamingFunction(a).streamGrants.invoke(BEDROCK, { sourceArn: AGENT });
    expect(() => grant.assertSuccess()).not.toThrow();
  });
});

test('a source for a role is a misunderstanding, and says so', () => {
  const { a } = twoAccounts();
  const { streamGrants } = streamingFunction(a);
  expect(() => streamGrants.invoke(role(a), { sourceArn: AGENT })).toThrow(
    /sourceArn and sourceAccount say for whom a service calls, but the grantee is .*Caller; pass an iam.ServicePrincipal/,
  );
});
