import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Stack } from 'aws-cdk-lib/core';
import { ACCOUNT_B, allow, findings, roleIn, urlIn, without } from './findings';

test('an account that has one of the two permissions, either of them', () => {
  const half = (removed: string) =>
    findings('HalfUrlPermission', (stack) => {
      urlIn(stack).url.grantInvokeUrl(new iam.AccountPrincipal(ACCOUNT_B));
      without(stack, (resource) => resource instanceof lambda.CfnPermission && resource.action === removed);
    });
  expect(half('lambda:InvokeFunction')).toEqual([expect.stringContaining('InvokedViaFunctionUrl: true')]);
  expect(half('lambda:InvokeFunctionUrl')).toHaveLength(1);
  expect(half('nothing')).toEqual([]);
});

test('two callers, and two sources, that have one of the two permissions each', () => {
  const halves = (one: Partial<lambda.Permission>, other: Partial<lambda.Permission>) =>
    findings('HalfUrlPermission', (stack) => {
      const { alias } = urlIn(stack);
      const principal = new iam.AccountPrincipal(ACCOUNT_B);
      alias.addPermission('One', { principal, action: 'lambda:InvokeFunctionUrl', ...one });
      alias.addPermission('Other', {
        principal,
        action: 'lambda:InvokeFunction',
        invokedViaFunctionUrl: true,
        ...other,
      });
    });
  expect(halves({}, { principal: new iam.AccountPrincipal('333333333333') })).toHaveLength(2);
  expect(halves({}, { organizationId: 'o-abcdefghij' })).toHaveLength(2);
  const service = new iam.ServicePrincipal('cloudfront.amazonaws.com');
  const from = (sourceArn: string) => ({ principal: service, sourceArn });
  expect(
    halves(from('arn:aws:cloudfront::1:distribution/A'), from('arn:aws:cloudfront::1:distribution/B')),
  ).toHaveLength(2);
  expect(halves({}, {})).toEqual([]);
});

test('CloudFront, which CDK gives one permission only before 2.273', () => {
  const found = findings('HalfUrlPermission', (stack) => {
    const origin = origins.FunctionUrlOrigin.withOriginAccessControl(urlIn(stack).url);
    new cloudfront.Distribution(stack, 'Cdn', { defaultBehavior: { origin } });
    without(stack, (resource) => resource instanceof lambda.CfnPermission && resource.invokedViaFunctionUrl === true);
  });
  expect(found).toHaveLength(1);
});

test('a role whose policy names one action, unless another statement or policy of it names the other', () => {
  const given = (...actions: string[]) =>
    findings('HalfUrlPermission', (stack) => {
      const { alias } = urlIn(stack);
      for (const action of actions) allow(roleOf(stack), [action], alias.functionArn);
    });
  const roleOf = (stack: Stack) => (stack.node.tryFindChild('Caller') as iam.Role | undefined) ?? roleIn(stack);
  expect(given('lambda:InvokeFunctionUrl')).toHaveLength(1);
  expect(given('lambda:InvokeFunctionUrl', 'lambda:InvokeFunction')).toEqual([]);
  expect(given('lambda:Invoke*')).toEqual([]);
  expect(given('lambda:InvokeFunction')).toEqual([]);
});

test('a role whose missing action another role has', () => {
  const found = findings('HalfUrlPermission', (stack) => {
    const { alias } = urlIn(stack);
    allow(roleIn(stack), ['lambda:InvokeFunctionUrl'], alias.functionArn);
    const other = new iam.Role(stack, 'Other', { assumedBy: new iam.AccountRootPrincipal() });
    allow(other, ['lambda:InvokeFunction'], alias.functionArn);
  });
  expect(found).toEqual([expect.stringMatching(/^\/Stack1\/Caller\//)]);
});

test('not what grantInvokeUrl() gives', () => {
  expect(findings('HalfUrlPermission', (stack) => urlIn(stack).url.grantInvokeUrl(roleIn(stack)))).toEqual([]);
});
