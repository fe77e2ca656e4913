import type { Stack } from 'aws-cdk-lib/core';
import { findings, fnIn, RESPONSE_STREAM, urlIn } from './findings';

test('a URL on the function itself, not on its alias', () => {
  const onLatest = (stack: Stack) => fnIn(stack).addFunctionUrl({ invokeMode: RESPONSE_STREAM });
  expect(findings('UnqualifiedFrontEnd', onLatest)).toHaveLength(1);
  expect(findings('UnqualifiedFrontEnd', (stack) => urlIn(stack))).toEqual([]);
});
