import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Stack } from 'aws-cdk-lib/core';
import { ACCOUNT_A, findings, fnIn } from './findings';

test('a service without a source, not with one', () => {
  const invoke = (options: Partial<lambda.Permission>) => (stack: Stack) =>
    fnIn(stack).addPermission('P', { principal: new iam.ServicePrincipal('bedrock.amazonaws.com'), ...options });
  expect(findings('BareService', invoke({}))).toEqual([expect.stringContaining('bedrock.amazonaws.com')]);
  expect(findings('BareService', invoke({ sourceAccount: ACCOUNT_A }))).toEqual([]);
  expect(findings('BareService', invoke({ sourceArn: 'arn:aws:bedrock:eu-west-1:111111111111:agent/x' }))).toEqual([]);
});
