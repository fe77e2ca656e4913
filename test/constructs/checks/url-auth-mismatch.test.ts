import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Stack } from 'aws-cdk-lib/core';
import { ACCOUNT_B, findings, urlIn } from './findings';

const { AWS_IAM, NONE } = lambda.FunctionUrlAuthType;

test('a grant on a public URL, as plain CDK gives it', () => {
  const granted = (authType: lambda.FunctionUrlAuthType) => (stack: Stack) =>
    urlIn(stack, {}, authType).url.grantInvokeUrl(new iam.AccountPrincipal(ACCOUNT_B));
  expect(findings('UrlAuthMismatch', granted(NONE))).toHaveLength(1);
  expect(findings('UrlAuthMismatch', granted(AWS_IAM))).toEqual([]);
});
