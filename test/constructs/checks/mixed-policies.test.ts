import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnResource, type Stack } from 'aws-cdk-lib/core';
import { ACCOUNT_B, findings, urlIn } from './findings';

const policyOn = (stack: Stack, id: string, arn: string) =>
  new CfnResource(stack, id, {
    type: 'AWS::Lambda::ResourcePolicy',
    properties: { ResourceArn: arn, PolicyDocument: {} },
  });

test('a ResourcePolicy beside a Permission, and two for one alias', () => {
  const beside = (stack: Stack) => {
    const { alias } = urlIn(stack);
    policyOn(stack, 'Policy', alias.functionArn);
    alias.grantInvoke(new iam.AccountPrincipal(ACCOUNT_B));
  };
  const twice = (stack: Stack) => {
    const { alias } = urlIn(stack);
    policyOn(stack, 'One', alias.functionArn);
    policyOn(stack, 'Two', alias.functionArn);
  };
  expect(findings('MixedPolicies', beside)).toHaveLength(1);
  expect(findings('MixedPolicies', twice)).toEqual([expect.stringMatching(/^\/Stack1\/Two: .*Stack1\/One/)]);
});

test('not on different qualifiers, which have policies of their own', () => {
  const apart = (stack: Stack) => {
    const { fn, alias } = urlIn(stack);
    policyOn(stack, 'Policy', alias.functionArn);
    fn.grantInvoke(new iam.AccountPrincipal(ACCOUNT_B));
  };
  expect(findings('MixedPolicies', apart)).toEqual([]);
});
