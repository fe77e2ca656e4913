import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnResource, type Stack } from 'aws-cdk-lib/core';
import { findings, fnIn, urlIn } from './findings';

const everyone = { principal: new iam.AnyPrincipal() };

test('everyone, not an organization', () => {
  expect(findings('PublicGrant', (stack) => fnIn(stack).addPermission('P', everyone))).toHaveLength(1);
  const organization = { ...everyone, organizationId: 'o-abcdefghij' };
  expect(findings('PublicGrant', (stack) => fnIn(stack).addPermission('P', organization))).toEqual([]);
});

test('everyone in a ResourcePolicy, not with a condition', () => {
  const policy = (statement: object) => (stack: Stack) => {
    const PolicyDocument = {
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 'lambda:InvokeFunction', ...statement }],
    };
    const properties = { ResourceArn: fnIn(stack).functionArn, PolicyDocument };
    new CfnResource(stack, 'Policy', { type: 'AWS::Lambda::ResourcePolicy', properties });
  };
  expect(findings('PublicGrant', policy({}))).toHaveLength(1);
  expect(findings('PublicGrant', policy({ Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a' } } }))).toEqual([]);
});

test('not the permissions of a public URL, which PublicUrl speaks about', () => {
  expect(findings('PublicGrant', (stack) => urlIn(stack, {}, lambda.FunctionUrlAuthType.NONE))).toEqual([]);
});
