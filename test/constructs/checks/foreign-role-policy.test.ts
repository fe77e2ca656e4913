import * as iam from 'aws-cdk-lib/aws-iam';
import { type App, Stack } from 'aws-cdk-lib/core';
import { StreamGrants } from 'cdk-lambda-streaming';
import { ACCOUNT_B, findings, roleIn, stackIn, urlIn } from './findings';

const FOREIGN = `arn:aws:iam::${ACCOUNT_B}:role/Caller`;
const openStack = (app: App) => new Stack(app, 'Open');

test('a policy for a role of another account, in a stack that does not say its own', () => {
  const granted = findings('ForeignRolePolicy', (_, app) => {
    const stack = openStack(app);
    urlIn(stack).alias.grantInvoke(iam.Role.fromRoleArn(stack, 'R', FOREIGN));
  });
  expect(granted).toEqual([expect.stringMatching(/^\/Open\/R\/Policy.*role of account 222222222222/)]);
});

test('not in a stack that says its account, not for streamGrants, and not for roles of the stack', () => {
  const said = (stack: Stack) => urlIn(stack).alias.grantInvoke(iam.Role.fromRoleArn(stack, 'R', FOREIGN));
  expect(findings('ForeignRolePolicy', said)).toEqual([]);
  expect(findings('ForeignRolePolicy', (_, app) => said(stackIn(app, ACCOUNT_B)))).toEqual([]); // the role's own
  const ours = findings('ForeignRolePolicy', (_, app) => {
    const stack = openStack(app);
    StreamGrants.fromFunction(urlIn(stack).alias).invoke(iam.Role.fromRoleArn(stack, 'R', FOREIGN));
  });
  expect(ours).toEqual([]);
  const own = findings('ForeignRolePolicy', (_, app) => {
    const stack = openStack(app);
    urlIn(stack).alias.grantInvoke(roleIn(stack));
  });
  expect(own).toEqual([]);
});
