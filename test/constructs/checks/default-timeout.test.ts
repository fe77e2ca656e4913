import { Duration } from 'aws-cdk-lib/core';
import { findings, fnIn, restIn, urlIn } from './findings';

test('a streaming function without a timeout of its own, once, at the function', () => {
  expect(findings('DefaultTimeout', (stack) => urlIn(stack))).toEqual([
    expect.stringMatching(/^\/Stack1\/Fn\/Resource: the function Stack1\/Fn has no timeout .* ends it after 3 s/),
  ]);
  expect(findings('DefaultTimeout', (stack) => restIn(stack))).toHaveLength(1);
});

test('not with a timeout, and not a function that streams nowhere', () => {
  expect(findings('DefaultTimeout', (stack) => urlIn(stack, { timeout: Duration.seconds(30) }))).toEqual([]);
  expect(findings('DefaultTimeout', (stack) => fnIn(stack).addFunctionUrl())).toEqual([]);
});
