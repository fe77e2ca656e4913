import { Size } from 'aws-cdk-lib/core';
import { findings, REGIONAL, restIn } from './findings';

test('an API that compresses, and a stage that caches', () => {
  const compressing = { ...REGIONAL, minCompressionSize: Size.bytes(100) };
  const caching = { ...REGIONAL, deployOptions: { cachingEnabled: true } };
  expect(findings('RestBuffering', (stack) => restIn(stack, { api: compressing }))).toHaveLength(1);
  expect(findings('RestBuffering', (stack) => restIn(stack, { api: caching }))).toHaveLength(1);
  expect(findings('RestBuffering', (stack) => restIn(stack))).toEqual([]);
});
