import { Template } from 'aws-cdk-lib/assertions';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { App, NestedStack, Stack, Stage } from 'aws-cdk-lib/core';
import { StreamingDistribution, StreamingRestApi } from 'cdk-lambda-streaming';
import { idBelowStack } from '../../../src/constructs/facts/id-below-stack';
import { streamingFunction } from '../two-accounts';

/** Everything of ours whose id stands for another construct. */
function define(stack: Stack): Stack {
  const fn = streamingFunction(stack);
  new StreamingDistribution(stack, 'Cdn', { url: fn.addStreamUrl() });
  const api = new StreamingRestApi(stack, 'Api');
  api.addStream('GET', '/', fn, { integration: { scopePermissionToMethod: false } });
  new apigateway.CfnAccount(stack, 'Account');
  return stack;
}

/** Deployments and versions are hashed by what is in them. */
const idsOf = (stack: Stack) =>
  Object.keys((Template.fromStack(stack).toJSON() as { Resources: object }).Resources)
    .map((id) => id.replace(/(Deployment[0-9A-F]{8}|CurrentVersion[0-9A-F]{8})[0-9a-f]+$/, '$1'))
    .sort();

test('a stack that moves under a stage, or gets another construct id, keeps its logical ids', () => {
  const before = idsOf(define(new Stack(new App(), 'Shop')));
  const stage = new Stage(new App(), 'Prod');
  expect(idsOf(define(new Stack(stage, 'Shop', { stackName: 'Shop' })))).toEqual(before);
  expect(idsOf(define(new Stack(new App(), 'Renamed', { stackName: 'Shop' })))).toEqual(before);
  expect(before.filter((id) => /StreamAccess|StreamPermission/.test(id)).length).toBeGreaterThan(3);
});

test('a construct in a nested stack has the same id, whatever tokens were made before it', () => {
  const idOf = (tokensBefore: number) => {
    const stack = new Stack(new App(), 'Shop');
    for (let i = 0; i < tokensBefore; i++) new NestedStack(stack, `Before${i}`);
    return idBelowStack(stack, streamingFunction(new NestedStack(stack, 'Nested')));
  };
  expect(idOf(3)).toBe(idOf(0));
});

test('constructs of the same path in two stacks have two ids', () => {
  const app = new App();
  const [one, two] = [new Stack(app, 'One'), new Stack(app, 'Two')];
  const ids = [one, two].map((stack) => idBelowStack(one, streamingFunction(stack)));
  expect(new Set(ids).size).toBe(2);
});
