import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, CfnOutput, NestedStack, Stack } from 'aws-cdk-lib/core';
import { StreamTarget } from 'cdk-lambda-streaming/invoker';
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';

let folder: string;
let local: LocalTarget;

const fn = (scope: Stack, id: string) =>
  new lambda.Function(scope, id, {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => { console.log("asked for it"); return "1"; };'),
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'find-'));
  local = await startLocal();
  const app = new App({ outdir: folder });
  const stack = new Stack(app, 'Shop', { env: { account: '111111111111', region: 'eu-west-1' } });
  const chat = fn(stack, 'Chat');
  const url = chat.addAlias('live').addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE });
  fn(new NestedStack(stack, 'Inner'), 'Chat');
  const api = new apigateway.LambdaRestApi(stack, 'Api', { handler: chat });
  new cloudfront.Distribution(stack, 'Cdn', { defaultBehavior: { origin: new origins.RestApiOrigin(api) } });
  new CfnOutput(stack, 'Url', { value: url.url });
  await local.deploy(app.synth().directory);
});

afterAll(async () => {
  await local.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a resource is found by its construct path, logical id, physical id and ARN, and says where it answers', async () => {
  const chat = local.find('Shop/Chat');
  expect(chat).toEqual({
    stackName: 'Shop',
    account: '111111111111',
    region: 'eu-west-1',
    logicalId: expect.stringMatching(/^Chat\w{8}$/),
    constructPath: 'Shop/Chat',
    type: 'AWS::Lambda::Function',
    physicalId: expect.stringMatching(/^Shop-Chat/),
    arn: `arn:aws:lambda:eu-west-1:111111111111:function:${chat.physicalId}`,
    invokeArn: `${chat.arn}:live`,
    url: local.outputs('Shop')['Url'],
  });
  expect(local.find(chat.physicalId)).toEqual(chat);
  expect(local.find(chat.arn ?? '')).toEqual(chat);
  expect(local.find(`${chat.arn}:live`)).toMatchObject({ type: 'AWS::Lambda::Alias', url: chat.url });
  expect(await (await fetch(local.find('Shop/Chat/Aliaslive/FunctionUrl').url ?? '')).text()).toBe('1');
  expect(local.find('Shop/Inner/Chat')).toMatchObject({ logicalId: chat.logicalId, url: undefined });
  expect(local.find('Shop/Inner/Chat').invokeArn).toBe(local.find('Shop/Inner/Chat').arn);
  expect((await fetch(local.find('Shop/Api').url ?? '')).status).toBe(502); // no proxy answer
  expect((await fetch(local.find('Shop/Cdn').url ?? '')).status).toBe(502);
  const { functionArn } = await StreamTarget.fromArn(chat).resolve();
  expect(functionArn).toBe(chat.invokeArn);
});

test.each([
  [
    'Shop/Chatt',
    "no deployed resource has the construct path, logical id, physical id or ARN 'Shop/Chatt'; did you mean 'Shop/Chat'?",
  ],
  ['nothing-like-it', "'nothing-like-it'; its functions are 'Shop/Chat', 'Shop/Inner/Chat'"],
  [
    'Shop/Inner',
    "'Shop/Inner' is a construct of several resources; name one of 'Shop/Inner/Chat/ServiceRole', 'Shop/Inner/Chat'",
  ],
])('a name that is not one, %s, is told what is there', (name, message) => {
  expect(() => local.find(name)).toThrow(message);
});

test('a name that several have is told their paths', () => {
  const { logicalId } = local.find('Shop/Chat');
  expect(() => local.find(logicalId)).toThrow(
    `several resources are called '${logicalId}'; name one of 'Shop/Chat', 'Shop/Inner/Chat'`,
  );
});

test('logs are there afterwards, of one function or of all', async () => {
  await fetch(local.find('Shop/Chat').url ?? '');
  const lines = local.logs('Shop/Chat').map(({ message }) => message);
  expect(lines.filter((line) => line.includes('asked for it')).length).toBeGreaterThan(0);
  expect(lines.some((line) => line.startsWith('REPORT'))).toBe(true);
  expect(local.logs()).toEqual(local.logs('Shop/Chat'));
  expect(local.logs('Shop/Inner/Chat')).toEqual([]);
  expect(local.logs()[0]?.at).toBeGreaterThan(Date.now() - 600_000);
  expect(() => local.logs('Shop/Api')).toThrow(
    "logs() takes the name of a function; 'Shop/Api' is a resource of type AWS::ApiGateway::RestApi",
  );
});
