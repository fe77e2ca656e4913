import * as lambda from 'aws-cdk-lib/aws-lambda';
import { findings, urlIn } from './findings';

test('a public URL once, not one that asks for IAM', () => {
  expect(findings('PublicUrl', (stack) => urlIn(stack, {}, lambda.FunctionUrlAuthType.NONE))).toHaveLength(1);
  expect(findings('PublicUrl', (stack) => urlIn(stack))).toEqual([]);
});
