import { Duration } from 'aws-cdk-lib/core';
import { findings, restIn } from './findings';

test('29 seconds by default, before the function ends', () => {
  const fn = { timeout: Duration.minutes(1) };
  expect(findings('RestTimeout', (stack) => restIn(stack, { fn, integration: { timeout: undefined } }))).toEqual([
    expect.stringMatching(/cuts the response after 29 s, .* may run 60 s.*without a timeout of its own/),
  ]);
});

test('more than 15 minutes', () => {
  const integration = { timeout: Duration.minutes(16) };
  expect(findings('RestTimeout', (stack) => restIn(stack, { integration }))).toEqual([
    expect.stringContaining('960000 ms'),
  ]);
});

test('not where the function ends first, also by its 3 seconds of default', () => {
  expect(findings('RestTimeout', (stack) => restIn(stack))).toEqual([]);
  expect(findings('RestTimeout', (stack) => restIn(stack, { integration: { timeout: undefined } }))).toEqual([]);
});
