import * as iam from 'aws-cdk-lib/aws-iam';
import { App, Stack, Stage } from 'aws-cdk-lib/core';
import { StreamGrants, StreamingRestApi } from 'cdk-lambda-streaming';
import { ACCOUNT_A, ACCOUNT_B, findings, fnIn, stackIn } from './findings';

const routes = (stack: Stack, count: number, integration = {}) => {
  const api = new StreamingRestApi(stack, 'Api');
  const alias = fnIn(stack).addAlias('live');
  for (let i = 0; i < count; i++) api.addStream('POST', `/things/number${i}/stream`, alias, { integration });
};

const grantsToOthers = (stack: Stack, count: number) => {
  const grants = StreamGrants.fromFunction(fnIn(stack).addAlias('live'));
  for (let i = 0; i < count; i++) {
    const arn = `arn:aws:iam::${ACCOUNT_B}:role/a-caller-with-a-name-of-usual-length-${i}`;
    grants.invoke(iam.Role.fromRoleArn(stack, `Caller${i}`, arn));
  }
};

test('90 routes on one function are told of, with the option that lets them share a permission', () => {
  expect(findings('PolicyTooLarge', (stack) => routes(stack, 90))).toEqual([
    expect.stringMatching(/^\/Stack1\/Fn\/Resource: 90 permissions .* 20480, .*scopePermissionToMethod: false/),
  ]);
});

test('45 routes fit, and so do 90 that share one permission', () => {
  expect(findings('PolicyTooLarge', (stack) => routes(stack, 45))).toEqual([]);
  expect(findings('PolicyTooLarge', (stack) => routes(stack, 90, { scopePermissionToMethod: false }))).toEqual([]);
});

test('80 grants to roles of another account are told of, with another way out, also without StreamingChecks', () => {
  const app = new App();
  const stack = stackIn(app, ACCOUNT_A);
  grantsToOthers(stack, 80);
  const texts = app
    .synth()
    .getStackByName('Stack1')
    .messages.map(({ entry }) => String(entry.data));
  expect(texts.filter((text) => text.includes('PolicyTooLarge'))).toEqual([
    expect.stringMatching(/80 permissions .*organization/),
  ]);
});

test('inside a stage, too', () => {
  const app = new App();
  const stack = new Stack(new Stage(app, 'Prod', { env: { account: ACCOUNT_A, region: 'eu-west-1' } }), 'Shop');
  grantsToOthers(stack, 80);
  const [nested] = app.synth().nestedAssemblies;
  const messages = nested?.nestedAssembly.stacks.flatMap((artifact) => artifact.messages) ?? [];
  expect(messages.filter(({ entry }) => String(entry.data).includes('PolicyTooLarge'))).toHaveLength(1);
});
