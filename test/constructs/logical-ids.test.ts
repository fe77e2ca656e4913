/** Logical ids are contract: a change replaces resources. The path of the checkout is covered by test-slow/constructs/. */
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { App, CfnParameter, Stack, Token } from 'aws-cdk-lib/core';
import { StreamingAlarms, StreamingDistribution, StreamingFunction, StreamingRestApi } from 'cdk-lambda-streaming';
import { CODE } from './support/front-end-stack';

/** Everything of ours in one stack, after `noise` constructs and tokens that have nothing to do with it. */
function idsOf(noise: number): string[] {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  for (let index = 0; index < noise; index++) {
    new CfnParameter(stack, `Noise${index}`);
    Token.asString({ resolve: () => index });
  }
  const account = new CfnParameter(stack, 'Account').valueAsString;
  const fn = new StreamingFunction(stack, 'Fn', { code: CODE });
  fn.streamGrants.invoke(new iam.AccountPrincipal(account));
  const url = fn.addStreamUrl();
  url.grantInvokeUrl(new iam.AccountPrincipal(account));
  new StreamingDistribution(stack, 'Cdn', { url });
  new StreamingRestApi(stack, 'Api').addStream('POST', '/chat', fn);
  new StreamingAlarms(stack, 'Alarms', { function: fn });
  const ids = Object.keys(Template.fromStack(stack).toJSON().Resources);
  return ids.sort();
}

test('adding unrelated constructs and tokens changes no logical id of ours', () => {
  const ids = idsOf(0);
  expect(ids.length).toBeGreaterThan(20);
  expect(idsOf(17)).toEqual(ids);
});
