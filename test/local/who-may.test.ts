/** Who may call a function, asked of a target without a call. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, Stack } from 'aws-cdk-lib/core';
import { StreamingFunction } from 'cdk-lambda-streaming';
import { type LocalTarget, startLocal, type WhoMayQuestion } from 'cdk-lambda-streaming/local';

const role = (name: string) => `arn:aws:iam::111111111111:role/${name}`;
const ALIAS = 'arn:aws:lambda:eu-west-1:111111111111:function:chat:live';
const folder = mkdtempSync(join(tmpdir(), 'who-may-'));
let local: LocalTarget;

beforeAll(async () => {
  const app = new App({ outdir: folder });
  const stack = new Stack(app, 'S', { env: { account: '111111111111', region: 'eu-west-1' } });
  const fn = new StreamingFunction(stack, 'Fn', {
    functionName: 'chat',
    code: lambda.Code.fromInline('exports.handler = 1'),
    role: new iam.Role(stack, 'Own', { roleName: 'Own', assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }),
  });
  const assumedBy = new iam.AccountRootPrincipal();
  const caller = new iam.Role(stack, 'Caller', { roleName: 'Caller', assumedBy });
  fn.streamGrants.invoke(caller);
  fn.addStreamUrl().grantInvokeUrl(caller);
  const denied = new iam.Role(stack, 'Denied', { roleName: 'Denied', assumedBy });
  fn.streamGrants.invoke(denied);
  const assume = new iam.PolicyStatement({ actions: ['sts:AssumeRole'], resources: [role('Own'), role('Caller')] });
  caller.addToPrincipalPolicy(assume);
  denied.addToPrincipalPolicy(new iam.PolicyStatement({ effect: iam.Effect.DENY, actions: ['*'], resources: ['*'] }));
  local = await startLocal();
  await local.deploy(app.synth().directory);
});
afterAll(async () => {
  await local?.stop();
  rmSync(folder, { recursive: true });
});

test('every role of the stacks, also one that only a service assumes, with what it lacks', () => {
  const decisions = local.whoMay({ action: 'lambda:InvokeFunction', resource: ALIAS });
  const seen = decisions.map(({ as, allowed, missing }) => [as, allowed, missing.map(({ kind }) => kind)]);
  expect(Object.fromEntries(seen.map(([as, ...rest]) => [as, rest]))).toEqual({
    [role('Own')]: [false, ['identity-based']],
    [role('Caller')]: [true, []],
    [role('Denied')]: [false, []],
  });
  const lacks = decisions.find(({ as }) => as === role('Own'))?.missing[0];
  expect(lacks?.statement).toEqual({ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: ALIAS });
  expect(decisions.find(({ as }) => as === role('Denied'))?.summary).toMatch(/may not .*a statement of .* denies it/);
});

test('one principal, and another function than the one that was granted', () => {
  const question = { action: 'lambda:InvokeFunction', resource: ALIAS };
  expect(local.whoMay({ ...question, as: 'arn:aws:iam::111111111111:root' })).toMatchObject([{ allowed: true }]);
  const latest = ALIAS.replace(':live', '');
  expect(local.whoMay({ ...question, resource: latest, as: role('Caller') })).toMatchObject([
    { as: role('Caller'), allowed: false },
  ]);
});

test('a caller of its URL, with what a call of it tells', () => {
  const question = { action: 'lambda:InvokeFunctionUrl', resource: ALIAS };
  expect(local.whoMay({ ...question, as: role('Caller') })).toMatchObject([{ allowed: true }]);
  expect(local.whoMay({ ...question, as: role('Own') })).toMatchObject([{ allowed: false }]);
});

test.each(['sts:AssumeRole', 'STS:assumerole'])('%s, which the trust policy of the role decides, too', (action) => {
  const question = { action, as: role('Caller') };
  expect(local.whoMay({ ...question, resource: role('Caller') })).toMatchObject([{ allowed: true }]);
  expect(local.whoMay({ ...question, resource: role('Own') })).toMatchObject([{ allowed: false }]);
});

test('what was not asked of a call is not remembered as a refusal', () => {
  const [decision] = local.whoMay({ action: 'lambda:InvokeFunction', resource: ALIAS, as: role('Own') });
  expect(decision?.allowed).toBe(false);
  const words = `User: arn:aws:sts::111111111111:assumed-role/Own/local is not authorized to perform: lambda:InvokeFunction`;
  expect(() => local.explain(words)).toThrow(/explain\(\) takes an error/);
});

test.each([
  [{ action: 'lambda:InvokeFunction' }, /whoMay\(\) needs an action and a resource, such as/],
  [{ action: 1, resource: ALIAS }, /whoMay\(\): action must be a non-empty string, got 1/],
  [{ action: 'lambda:Invoke', resource: ALIAS }, /name of an API operation.* allowed by lambda:InvokeFunction$/],
  [{ action: 'sts:AssumeRole', resource: role('Gone') }, /needs the ARN of a deployed role as resource, got '.*Gone'/],
  [
    { action: 'sts:AssumeRoleWithSAML', resource: role('Own') },
    /answers 'sts:AssumeRole' .*, got 'sts:AssumeRoleWithSAML'/,
  ],
  [{ action: 'a:b', resource: ALIAS, who: 'x' }, /whoMay\(\): there is no option 'who'/],
  [{ action: 'a:b', resource: ALIAS, as: role('Nobody') }, /no deployed stack defines the role .*Nobody; known roles/],
])('%j is refused', (question, message) => {
  expect(() => local.whoMay(question as WhoMayQuestion)).toThrow(message);
});
