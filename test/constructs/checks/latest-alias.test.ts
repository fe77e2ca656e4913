import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Stack } from 'aws-cdk-lib/core';
import { findings, fnIn, RESPONSE_STREAM, urlIn } from './findings';

test('an alias on $LATEST behind a streaming front end, not elsewhere', () => {
  const onLatest = (stack: Stack, invokeMode: lambda.InvokeMode) => {
    const alias = new lambda.Alias(stack, 'Live', { aliasName: 'live', version: fnIn(stack).latestVersion });
    alias.addFunctionUrl({ invokeMode });
  };
  expect(findings('LatestAlias', (stack) => onLatest(stack, RESPONSE_STREAM))).toHaveLength(1);
  expect(findings('LatestAlias', (stack) => onLatest(stack, lambda.InvokeMode.BUFFERED))).toEqual([]);
  expect(findings('LatestAlias', (stack) => urlIn(stack))).toEqual([]);
});
