import * as iam from 'aws-cdk-lib/aws-iam';
import { App, PhysicalName, type Stack } from 'aws-cdk-lib/core';
import { StreamGrants } from 'cdk-lambda-streaming';
import { ACCOUNT_A, ACCOUNT_B, allow, findings, findingsIn, fnIn, roleIn, stackIn } from './findings';

test("an imported role of another account, which plain CDK gives the function's half only", () => {
  const imported = (stack: Stack) =>
    fnIn(stack)
      .addAlias('live')
      .grantInvoke(iam.Role.fromRoleArn(stack, 'R', `arn:aws:iam::${ACCOUNT_B}:role/path/Caller`));
  expect(findings('HalfGrant', imported)).toEqual([
    expect.stringMatching(/the role Caller of account 222222222222 .*"Action":"lambda:InvokeFunction"/),
  ]);
});

test('not a role of the same account, and not a whole account, of which nothing more can be known', () => {
  const own = (stack: Stack) =>
    fnIn(stack)
      .addAlias('live')
      .grantInvoke(new iam.ArnPrincipal(`arn:aws:iam::${ACCOUNT_A}:role/Caller`));
  const account = (stack: Stack) => fnIn(stack).addAlias('live').grantInvoke(new iam.AccountPrincipal(ACCOUNT_B));
  expect(findings('HalfGrant', own)).toEqual([]);
  expect(findings('HalfGrant', account)).toEqual([]);
});

test('not where the app gives both halves, and the identity half alone where it does not', () => {
  const across = (both: boolean) =>
    findings('HalfGrant', (stack, app) => {
      const other = stackIn(app, ACCOUNT_B);
      const alias = fnIn(stack, { functionName: 'Provider' }).addAlias('live');
      const role = roleIn(other, 'Caller');
      allow(role, ['lambda:InvokeFunction'], `arn:aws:lambda:eu-west-1:${ACCOUNT_A}:function:Provider:live`);
      if (both) alias.addPermission('P', { principal: new iam.ArnPrincipal(`arn:aws:iam::${ACCOUNT_B}:role/Caller`) });
    });
  expect(across(true)).toEqual([]);
  expect(across(false)).toEqual([
    expect.stringMatching(/^\/Stack2\/.*account 222222222222 .* of account 111111111111/),
  ]);
});

test('not twice: streamGrants reports a half it cannot write by itself', () => {
  const app = new App();
  const stack = stackIn(app, ACCOUNT_A);
  const role = iam.Role.fromRoleArn(stack, 'R', `arn:aws:iam::${ACCOUNT_B}:role/Caller`);
  StreamGrants.fromFunction(fnIn(stack).addAlias('live')).invoke(role);
  const rules = findingsIn(app).map((text) => /\[ack: cdk-lambda-streaming:(\w+)\]/.exec(text)?.[1]);
  expect(rules).toEqual(['IdentityHalfMissing']);
});

test('not for names that CDK generates on both sides', () => {
  expect(
    findings('HalfGrant', (stack, app) => {
      const fn = fnIn(stack, { functionName: PhysicalName.GENERATE_IF_NEEDED });
      fn.addAlias('live').grantInvoke(roleIn(stackIn(app, ACCOUNT_B), PhysicalName.GENERATE_IF_NEEDED));
    }),
  ).toEqual([]);
});
