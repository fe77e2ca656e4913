import { Duration } from 'aws-cdk-lib/core';
import { findings, fnIn, urlIn } from './findings';

test('a durable function behind a streaming URL, not behind a buffered one', () => {
  const durable = { durableConfig: { executionTimeout: Duration.hours(1) } };
  expect(findings('DurableStream', (stack) => urlIn(stack, durable))).toHaveLength(1);
  expect(findings('DurableStream', (stack) => fnIn(stack, durable).addFunctionUrl())).toEqual([]);
});
