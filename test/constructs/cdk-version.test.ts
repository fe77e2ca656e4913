import { App, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

/** The second run of these tests, in compat/newest-cdk, says which version it means. */
const EXPECTED = process.env['EXPECTED_CDK_VERSION'] ?? '2.257.0';

test('the constructs are tested with the aws-cdk-lib that is meant, and one copy of constructs', () => {
  expect((require('aws-cdk-lib/package.json') as { version: string }).version).toBe(EXPECTED);
  expect(new Stack(new App(), 'Stack')).toBeInstanceOf(Construct);
});
