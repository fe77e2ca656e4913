/** Front ends that change and go, and who tells where they are. */
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { CfnOutput } from 'aws-cdk-lib/core';
import { signedHeaders } from '../http/sign-request';
import { type Definition, ENV, type FrontEndApp, frontEndApp, send } from './front-end-app';

const ECHO = 'async (event) => ({ statusCode: 200, body: event.path ?? event.rawPath })';
/** An API of each kind with one path and one stage, and a distribution in front of the first. */
const doors =
  (path: string, stageName: string) =>
  ({ stack, fn }: Definition) => {
    const echo = fn('Echo', ECHO);
    const rest = new apigateway.RestApi(stack, 'Rest', { cloudWatchRole: false, deployOptions: { stageName } });
    rest.root.addResource(path).addResource('{id}').addMethod('GET', new apigateway.LambdaIntegration(echo));
    const http = new HttpApi(stack, 'Http', { createDefaultStage: false });
    http.addRoutes({ path: `/${path}`, methods: [HttpMethod.GET], integration: new HttpLambdaIntegration('To', echo) });
    http.addStage('Stage', { stageName, autoDeploy: true });
    const cdn = new cloudfront.Distribution(stack, 'Cdn', {
      defaultBehavior: { origin: new origins.RestApiOrigin(rest) },
    });
    new ssm.StringParameter(stack, 'Parameter', { parameterName: '/url', stringValue: rest.url });
    new CfnOutput(stack, 'RestUrl', { value: rest.url });
    new CfnOutput(stack, 'HttpUrl', { value: `${http.apiEndpoint}/${stageName}/` });
    new CfnOutput(stack, 'CdnUrl', { value: `https://${cdn.distributionDomainName}/` });
  };

let app: FrontEndApp;

afterEach(() => app?.stop());

async function statusOf(...urls: string[]): Promise<number[]> {
  const answers = await Promise.all(urls.map((url) => send(url)));
  return answers.map(({ status }) => status);
}

const addresses = (path: string) => [
  `${app.output('RestUrl')}${path}/1`,
  `${app.output('HttpUrl')}${path}`,
  `${app.output('CdnUrl')}${path}/1`,
];

test('a change of path and stage is one of the address, and what was there before answers no more', async () => {
  app = await frontEndApp(doors('old', 'one'));
  const old = addresses('old');
  expect(await statusOf(...old)).toEqual([200, 200, 200]);
  await app.deploy(doors('new', 'two'));
  expect(await statusOf(...addresses('new'))).toEqual([200, 200, 200]);
  expect(await statusOf(...old)).toEqual([403, 404, 403]);
  expect(addresses('new')[2]?.replace('new', 'old')).toBe(old[2]);
});

test('what is destroyed answers no more, and is no address of this target any longer', async () => {
  app = await frontEndApp(doors('path', 'one'));
  const all = addresses('path');
  await app.local.destroy();
  expect(await statusOf(...all)).toEqual([403, 403, 403]);
});

test('a deployment that fails leaves the front ends as they were', async () => {
  app = await frontEndApp(doors('path', 'one'));
  const all = addresses('path');
  const failing = app.deploy((definition) => {
    doors('other', 'two')(definition);
    new apigateway.CfnStage(definition.stack, 'Broken', { restApiId: 'nobody', stageName: 'x' });
  });
  await expect(failing).rejects.toThrow('Invalid API identifier specified 111111111111:nobody');
  expect(await statusOf(...all)).toEqual([200, 200, 200]);
});

test('SSM tells the local address', async () => {
  app = await frontEndApp(doors('path', 'one'));
  const { endpoint, region, credentials } = app.local.clientConfig({ as: `arn:aws:iam::${ENV.account}:root` });
  const body = JSON.stringify({ Name: '/url' });
  const ask = { 'x-amz-target': 'AmazonSSM.GetParameter', 'content-type': 'application/x-amz-json-1.1' };
  const signed = { method: 'POST', body, headers: ask, service: 'ssm' };
  const headers = await signedHeaders(`${endpoint}/`, region, credentials, signed);
  const answer = await send(`${endpoint}/`, { method: 'POST', headers, body });
  expect(answer.json()['Parameter']).toMatchObject({ Value: app.output('RestUrl') });
});
