/** What the front ends do where few apps go: one deployment for all of it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnOutput, Fn } from 'aws-cdk-lib/core';
import { signedHeaders } from '../http/sign-request';
import { type FrontEndApp, frontEndApp, send } from './front-end-app';

const ECHO = `async (event, context) => ({ statusCode: 200, body: JSON.stringify({ ...event, tenantId: context.tenantId ?? null }) })`;

let app: FrontEndApp;
let endless: Server;

beforeAll(async () => {
  endless = createServer((_, response) => {
    const timer = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
  app = await frontEndApp(({ stack, fn }) => {
    const echo = fn('Echo', ECHO);
    const rest = new apigateway.LambdaRestApi(stack, 'Api', {
      handler: echo,
      proxy: false,
      cloudWatchRole: false,
      deployOptions: { variables: { target: echo.functionName } },
    });
    rest.root.addResource('method').addMethod('PUT');
    const named = lambda.Function.fromFunctionArn(
      stack,
      'Named',
      Fn.join('', ['arn:aws:lambda:eu-west-1:111111111111:function:', '$', '{stageVariables.target}']),
    );
    rest.root.addResource('variable').addMethod('GET', new apigateway.LambdaIntegration(named));
    // Nobody knows at synth whom the variable names.
    echo.addPermission('Variable', { principal: new iam.ServicePrincipal('apigateway.amazonaws.com') });
    const mapped = (header: string) => ({
      requestParameters: { [`integration.request.header.${header}`]: 'method.request.header.x-who' },
    });
    const asked = { requestParameters: { 'method.request.header.x-who': false } };
    rest.root
      .addResource('tenant')
      .addMethod('GET', new apigateway.LambdaIntegration(echo, mapped('X-Amz-Tenant-Id')), asked);
    rest.root
      .addResource('unmappable')
      .addMethod('GET', new apigateway.LambdaIntegration(echo, mapped('Connection')), asked);
    const pool = new cognito.UserPool(stack, 'Pool');
    const guarded = new apigateway.RestApi(stack, 'Guarded', {
      endpointTypes: [apigateway.EndpointType.REGIONAL],
      cloudWatchRole: false,
      policy: new iam.PolicyDocument({
        statements: [
          new iam.PolicyStatement({
            principals: [new iam.AnyPrincipal()],
            actions: ['execute-api:Invoke'],
            resources: ['execute-api:/*/GET/open'],
          }),
        ],
      }),
    });
    const authorizer = new apigateway.CognitoUserPoolsAuthorizer(stack, 'Users', { cognitoUserPools: [pool] });
    guarded.root.addResource('files').addProxy({ defaultIntegration: new apigateway.LambdaIntegration(echo) });
    for (const path of ['open', 'closed']) {
      guarded.root.addResource(path).addMethod('GET', new apigateway.LambdaIntegration(echo), { authorizer });
    }
    const { port } = endless.address() as AddressInfo;
    const origin = new origins.HttpOrigin('localhost', {
      protocolPolicy: cloudfront.OriginProtocolPolicy.HTTP_ONLY,
      httpPort: port,
    });
    const limited = new cloudfront.Distribution(stack, 'Limited', { defaultBehavior: { origin } });
    (limited.node.defaultChild as cloudfront.CfnDistribution).addPropertyOverride(
      'DistributionConfig.Origins.0.ResponseCompletionTimeout',
      1,
    );
    const disabled = new cloudfront.Distribution(stack, 'Disabled', { defaultBehavior: { origin }, enabled: false });
    const timed = fn('Timed', `async () => ({ statusCode: 200, headers: { 'Server-Timing': 'db;dur=53' } })`);
    const timedUrl = timed.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE });
    // The construct for policies takes a rate of 0 for none.
    const rated = (name: string, samplingRate: number): cloudfront.BehaviorOptions => {
      const serverTimingHeadersConfig = { enabled: true, samplingRate };
      const policy = new cloudfront.CfnResponseHeadersPolicy(stack, name, {
        responseHeadersPolicyConfig: { name, serverTimingHeadersConfig },
      });
      return {
        origin: new origins.FunctionUrlOrigin(timedUrl),
        responseHeadersPolicy: cloudfront.ResponseHeadersPolicy.fromResponseHeadersPolicyId(
          stack,
          `${name}Id`,
          policy.ref,
        ),
      };
    };
    const timings = new cloudfront.Distribution(stack, 'Timings', {
      defaultBehavior: rated('Always', 100),
      additionalBehaviors: { never: rated('Never', 0) },
    });
    const signedFunction = fn('Signed', ECHO);
    const signedUrl = signedFunction.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });
    const signed = (signing: cloudfront.Signing): cloudfront.BehaviorOptions => ({
      origin: origins.FunctionUrlOrigin.withOriginAccessControl(signedUrl, {
        originAccessControl: new cloudfront.FunctionUrlOriginAccessControl(stack, `Oac${signing.behavior}`, {
          signing,
        }),
      }),
      originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    });
    const signing = new cloudfront.Distribution(stack, 'Signing', {
      defaultBehavior: signed(cloudfront.Signing.SIGV4_NO_OVERRIDE),
      additionalBehaviors: { never: signed(cloudfront.Signing.NEVER) },
    });
    // Beside InvokeFunctionUrl, which this version of the CDK grants alone.
    signedFunction.addPermission('ViaUrl', {
      principal: new iam.ServicePrincipal('cloudfront.amazonaws.com'),
      action: 'lambda:InvokeFunction',
      sourceArn: signing.distributionArn,
    });
    new CfnOutput(stack, 'SigningUrl', { value: `https://${signing.distributionDomainName}/` });
    new CfnOutput(stack, 'TimingsUrl', { value: `https://${timings.distributionDomainName}/` });
    new CfnOutput(stack, 'RestUrl', { value: rest.url });
    new CfnOutput(stack, 'GuardedUrl', { value: guarded.url });
    new CfnOutput(stack, 'PoolId', { value: pool.userPoolId });
    new CfnOutput(stack, 'LimitedUrl', { value: `https://${limited.distributionDomainName}/` });
    new CfnOutput(stack, 'DisabledUrl', { value: `https://${disabled.distributionDomainName}/` });
  });
});

afterAll(async () => {
  await app?.stop();
  endless.closeAllConnections();
  endless.close();
});

const ask = (output: string, path: string, headers: Record<string, string> = {}) =>
  send(`${app.output(output)}${path}`, { headers });

test('a header changes the method of a REST API', async () => {
  expect((await ask('RestUrl', 'method')).status).toBe(403);
  const { status, json } = await ask('RestUrl', 'method', { 'X-HTTP-Method-Override': 'PUT' });
  expect([status, json()['httpMethod']]).toEqual([200, 'PUT']);
});

describe('a REST API takes no more than', () => {
  const URI = 'Request URI too long';
  const HEADERS = 'Request Header Fields Too Large';

  test.each([
    ['a URL of 8,192 characters, optimized for the edge', 'RestUrl', `variable?${'a'.repeat(8_130)}`, '', 414, URI],
    ['a URL of 10,240 characters in a region', 'GuardedUrl', `open?${'a'.repeat(10_180)}`, '', 414, URI],
    ['10,240 bytes of values of headers', 'RestUrl', 'variable', 'a'.repeat(10_240), 431, HEADERS],
    ['1,600 bytes in the ARN of a method it asks about', 'GuardedUrl', `files/${'a'.repeat(1_600)}`, '', 414, URI],
  ])('%s', async (_name, output, target, value, status, message) => {
    const answer = await ask(output, target, { 'x-long': value });
    expect([answer.status, answer.json()]).toEqual([status, { message }]);
    expect(answer.headers['x-local-refusal']).toMatch(/(characters|bytes)/);
  });

  test('that, and takes what is just as long, in one request too', async () => {
    const long = await ask('RestUrl', `variable?${'a'.repeat(8_000)}`, { 'x-long': 'a'.repeat(10_100) });
    expect(long.status).toBe(200);
    expect((await ask('GuardedUrl', `open?${'a'.repeat(10_000)}`)).status).toBe(401);
    expect((await ask('GuardedUrl', `files/${'a'.repeat(1_500)}`)).status).toBe(403);
  });
});

test('a function behind an edge-optimized API sees headers of CloudFront, and not those that the viewer made up', async () => {
  const headers = { 'cloudfront-viewer-country': 'FR', 'x-amz-cf-id': 'mine', via: '1.1 proxy.example' };
  const seen = (await ask('RestUrl', 'variable', headers)).json()['headers'];
  expect(seen).toMatchObject({
    'CloudFront-Forwarded-Proto': 'https',
    'CloudFront-Is-Desktop-Viewer': 'true',
    'CloudFront-Is-Mobile-Viewer': 'false',
    'CloudFront-Is-SmartTV-Viewer': 'false',
    'CloudFront-Is-Tablet-Viewer': 'false',
    'CloudFront-Viewer-ASN': '16509',
    'CloudFront-Viewer-Country': 'US',
    Via: '1.1 proxy.example, 1.1 local.cloudfront.net (CloudFront)',
    'X-Amz-Cf-Id': expect.any(String),
  });
  expect(Object.keys(seen ?? {})).not.toContain('cloudfront-viewer-country');
  expect(Object.keys(seen ?? {})).not.toContain('x-amz-cf-id');
});

describe('in the query of a REST API', () => {
  test.each(['|', '{', '}'])('a %s must be encoded', async (character) => {
    const { status, headers } = await ask('RestUrl', `variable?a=${character}`);
    expect([status, headers['x-local-refusal']]).toEqual([
      400,
      `the query has a '${character}' that is not encoded; write '${encodeURIComponent(character)}'`,
    ]);
    const encoded = await ask('RestUrl', `variable?a=${encodeURIComponent(character)}`);
    expect(encoded.json()['queryStringParameters']).toEqual({ a: character });
  });

  test('a semicolon parts parameters', async () => {
    const { json } = await ask('RestUrl', 'variable?a=1;b=2&c=%3B');
    expect(json()['queryStringParameters']).toEqual({ a: '1', b: '2', c: ';' });
  });
});

test('TestInvokeMethod is refused by name', async () => {
  const { credentials, endpoint, region } = app.local.clientConfig({ as: 'arn:aws:iam::111111111111:root' });
  const url = `${endpoint}/restapis/abc/resources/def/methods/GET`;
  const how = {
    method: 'POST',
    body: '{}',
    service: 'apigateway',
    headers: { 'x-amz-user-agent': 'api/api-gateway#3.1' },
  };
  const headers = await signedHeaders(url, region, credentials, how);
  const { status, json } = await send(url, { method: 'POST', headers, body: '{}' });
  expect([status, json()]).toEqual([
    400,
    {
      __type: 'LocalServiceUnavailable',
      message: expect.stringContaining(
        'does not play api-gateway, which was asked for POST /restapis/abc/resources/def/methods/GET',
      ),
    },
  ]);
});

test('a stage variable names the function', async () => {
  const { status, json } = await ask('RestUrl', 'variable');
  expect([status, json()['path']]).toEqual([200, '/variable']);
});

test('a mapping gives the tenant, and sets no header of the connection', async () => {
  expect((await ask('RestUrl', 'tenant', { 'x-who': 'blue' })).json()['tenantId']).toBe('blue');
  const { status, headers } = await ask('RestUrl', 'unmappable', { 'x-who': 'close' });
  expect([status, headers['x-local-failure']]).toEqual([
    500,
    expect.stringContaining('cannot set the header connection'),
  ]);
});

test('a resource policy decides beside a user pool', async () => {
  const authorization = app.local.token({ userPool: app.output('PoolId') });
  expect((await ask('GuardedUrl', 'open', { authorization })).status).toBe(200);
  expect((await ask('GuardedUrl', 'open')).status).toBe(401);
  expect((await ask('GuardedUrl', 'closed', { authorization })).status).toBe(403);
});

test('a distribution that is disabled refuses everybody', async () => {
  const { status, headers } = await ask('DisabledUrl', '');
  expect([status, headers['x-local-refusal']]).toEqual([403, 'the distribution is disabled']);
});

test('a response that takes too long as a whole is cut', async () => {
  await expect(ask('LimitedUrl', '')).rejects.toThrow('aborted');
});

test('a policy adds the times of CloudFront to those of the origin, for a share of responses and on request', async () => {
  const timing = async (path: string, headers?: Record<string, string>) =>
    (await ask('TimingsUrl', path, headers)).headers['server-timing'];
  const whole =
    /^db;dur=53,cdn-upstream-layer;desc="EDGE",cdn-upstream-dns;dur=0,cdn-upstream-connect;dur=0,cdn-upstream-fbl;dur=\d+,cdn-cache-miss,cdn-pop;desc="LOCAL50-C1",cdn-rid;desc="[\w-]{56}",cdn-downstream-fbl;dur=\d+$/;
  expect(await timing('')).toMatch(whole);
  expect(await timing('never')).toBe('db;dur=53');
  expect(await timing('never', { pragma: 'server-timing' })).toMatch(whole);
});

test("CloudFront signs not at all, or where the viewer's Authorization would not be overridden", async () => {
  expect((await ask('SigningUrl', '')).status).toBe(200);
  expect((await ask('SigningUrl', '', { authorization: 'Bearer x' })).status).toBe(403);
  expect((await ask('SigningUrl', 'never')).status).toBe(403);
});
