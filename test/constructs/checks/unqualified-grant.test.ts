import * as iam from 'aws-cdk-lib/aws-iam';
import type { Stack } from 'aws-cdk-lib/core';
import { ACCOUNT_B, allow, findings, fnIn, roleIn, urlIn } from './findings';

test('a permission on the function while its front end opens on an alias', () => {
  const onFunction = (stack: Stack) => urlIn(stack).fn.grantInvoke(new iam.AccountPrincipal(ACCOUNT_B));
  expect(findings('UnqualifiedGrant', onFunction)).toEqual([expect.stringContaining("the alias 'live'")]);
});

test('a statement that names the function without its qualifiers', () => {
  const named = (stack: Stack) => allow(roleIn(stack), ['lambda:InvokeFunction'], urlIn(stack).fn.functionArn);
  expect(findings('UnqualifiedGrant', named)).toHaveLength(1);
  expect(findings('UnqualifiedGrant', (stack) => urlIn(stack).fn.grantInvoke(roleIn(stack)))).toEqual([]);
});

test('not on the alias, not without a streaming front end, and not for services that deliver events', () => {
  const account = new iam.AccountPrincipal(ACCOUNT_B);
  const events = new iam.ServicePrincipal('events.amazonaws.com', {
    conditions: { ArnLike: { 'aws:SourceArn': 'arn:aws:events:eu-west-1:111111111111:rule/r' } },
  });
  expect(findings('UnqualifiedGrant', (stack) => urlIn(stack).alias.grantInvoke(account))).toEqual([]);
  expect(findings('UnqualifiedGrant', (stack) => fnIn(stack).grantInvoke(account))).toEqual([]);
  expect(findings('UnqualifiedGrant', (stack) => urlIn(stack).fn.grantInvoke(events))).toEqual([]);
});
