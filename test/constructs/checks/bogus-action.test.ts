import * as iam from 'aws-cdk-lib/aws-iam';
import { ACCOUNT_B, allow, findings, fnIn, roleIn } from './findings';

const bogus = ['lambda:InvokeWithResponseStream'];

test('in a policy, an inline policy, a managed policy and a permission', () => {
  const statement = new iam.PolicyStatement({ actions: bogus, resources: ['*'] });
  const found = findings('BogusAction', (stack) => {
    allow(roleIn(stack), bogus, '*');
    const inlinePolicies = { inline: new iam.PolicyDocument({ statements: [statement] }) };
    new iam.Role(stack, 'Inline', { assumedBy: new iam.AccountRootPrincipal(), inlinePolicies });
    new iam.ManagedPolicy(stack, 'Managed', { statements: [statement] });
    fnIn(stack).addPermission('P', { principal: new iam.AccountPrincipal(ACCOUNT_B), action: bogus[0] });
  });
  expect(found).toHaveLength(4);
});

test('not in the pattern lambda:*, which allows invoking', () => {
  expect(findings('BogusAction', (stack) => allow(roleIn(stack), ['lambda:*'], '*'))).toEqual([]);
});
