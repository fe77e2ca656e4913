/** The same app gives the same templates and the same code hashes on any path; unrelated constructs change no id of ours. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { App, CfnParameter, Stack, Token } from 'aws-cdk-lib/core';
import { StreamingAlarms, StreamingDistribution, StreamingFunction, StreamingRestApi } from 'cdk-lambda-streaming';
import { CODE } from '../constructs/support/door-stack';
import { copyOfCheckout, synthesize, templatesIn } from './integ-apps';

let elsewhere: string;
beforeAll(() => {
  elsewhere = copyOfCheckout();
});
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

test.each(['cross-account', 'doors'])('integ.%s is the same on another path, hashes of its code included', (app) => {
  expect(templatesIn(synthesize(app, join(elsewhere, 'integ')))).toEqual(templatesIn(synthesize(app)));
});

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
