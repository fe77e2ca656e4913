/** Lambda@Edge as the CDK defines it from another region: the signer of bodies that apps put before a function URL. */
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnOutput, Duration } from 'aws-cdk-lib/core';
import { type FrontEndApp, frontEndApp, send } from './front-end-app';

const ECHO = 'async (event) => ({ statusCode: 200, body: JSON.stringify(event) })';
/** Gives CloudFront the hash that it does not make itself, and shows what it has seen. */
const SIGNER = `exports.handler = async ({ Records: [{ cf: { config, request } }] }) => {
  const { body, headers, origin, uri } = request;
  if (uri === '/fail') throw new Error('no luck');
  if (uri === '/nothing') return;
  if (uri === '/encoding') headers['accept-encoding'] = [{ value: 'br' }];
  if (uri === '/id') headers['x-amz-cf-id'] = [{ value: 'mine' }];
  const hash = require('node:crypto').createHash('sha256').update(Buffer.from(body.data, 'base64')).digest('hex');
  headers['x-amz-content-sha256'] = [{ key: 'x-amz-content-sha256', value: hash }];
  const seen = { type: config.eventType, host: headers.host[0].value === origin.custom.domainName, query: request.querystring };
  headers['x-seen'] = [{ key: 'X-Seen', value: JSON.stringify(seen) }];
  request.uri = uri.replace('/old', '/new');
  if (uri === '/replaced') request.body = { action: 'replace', encoding: 'text', data: '' };
  return request;
};`;
const DOOR = `exports.handler = async ({ Records: [{ cf: { request } }] }) => {
  if (request.headers.authorization) return request;
  return { status: '401', statusDescription: 'Unauthorized', headers: { 'www-authenticate': [{ key: 'WWW-Authenticate', value: 'Basic' }] },
    body: Buffer.from('who?').toString('base64'), bodyEncoding: 'base64' };
};`;

/** Changes what it is asked to by the query of the request, and tells what it has seen. */
const AFTER = `exports.handler = async ({ Records: [{ cf: { config, request, response } }] }) => {
  const { headers, status } = response;
  const seen = [config.eventType, request.method, request.uri, status, response.statusDescription, headers['x-amzn-requestid']];
  headers['x-after'] = [{ key: 'X-After', value: JSON.stringify(seen) }];
  delete headers['x-secret'];
  headers['set-cookie'] = [{ value: 'a=1; Secure' }, { value: 'b=2' }];
  const how = new URLSearchParams(request.querystring);
  if (how.has('status')) response.status = how.get('status');
  if (how.has('body')) response.body = how.get('body');
  if (how.has('via')) headers.via = [{ value: 'me' }];
  if (how.has('length')) headers['content-length'] = [{ value: '1' }];
  if (how.has('hidden')) headers['x-cache'] = [{ value: 'Hit' }];
  return how.has('nothing') ? undefined : response;
};`;
/** What the origin is to answer stands in the query. */
const ANSWERS =
  "async ({ queryStringParameters: q }) => ({ statusCode: Number(q?.code ?? 200), headers: { 'x-secret': 's', 'x-own': 'o' }, body: 'from the origin' })";

let app: FrontEndApp;

beforeAll(async () => {
  app = await frontEndApp(({ stack, fn }) => {
    const edge = (id: string, code: string) =>
      new cloudfront.experimental.EdgeFunction(stack, id, {
        runtime: lambda.Runtime.NODEJS_22_X,
        handler: 'index.handler',
        code: lambda.Code.fromInline(code),
        timeout: Duration.seconds(5),
      });
    const echo = fn('Echo', ECHO);
    const origin = origins.FunctionUrlOrigin.withOriginAccessControl(
      echo.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM }),
    );
    const shared = {
      origin,
      allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
      originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    };
    const answers = fn('Answers', ANSWERS);
    const open = new origins.FunctionUrlOrigin(answers.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE }));
    const { ORIGIN_REQUEST, ORIGIN_RESPONSE, VIEWER_REQUEST, VIEWER_RESPONSE } = cloudfront.LambdaEdgeEventType;
    const door = edge('Door', DOOR);
    const after = edge('After', AFTER);
    const distribution = new cloudfront.Distribution(stack, 'Cdn', {
      defaultBehavior: {
        ...shared,
        edgeLambdas: [{ functionVersion: edge('Signer', SIGNER), eventType: ORIGIN_REQUEST, includeBody: true }],
      },
      additionalBehaviors: {
        'door/*': { ...shared, edgeLambdas: [{ functionVersion: door, eventType: VIEWER_REQUEST }] },
        'after/*': { ...shared, origin: open, edgeLambdas: [{ functionVersion: after, eventType: ORIGIN_RESPONSE }] },
        'viewer/*': { ...shared, origin: open, edgeLambdas: [{ functionVersion: after, eventType: VIEWER_RESPONSE }] },
        'else/*': {
          ...shared,
          edgeLambdas: [
            {
              functionVersion: lambda.Version.fromVersionArn(
                stack,
                'Else',
                'arn:aws:lambda:us-east-1:111111111111:function:else:1',
              ),
              eventType: ORIGIN_REQUEST,
            },
          ],
        },
      },
    });
    echo.addPermission('ViaUrl', {
      principal: new iam.ServicePrincipal('cloudfront.amazonaws.com'),
      action: 'lambda:InvokeFunction',
      sourceArn: distribution.distributionArn,
    });
    new CfnOutput(stack, 'Url', { value: `https://${distribution.distributionDomainName}` });
  });
});

afterAll(() => app?.stop());

const ask = (path: string, body?: string, headers: Record<string, string> = {}) =>
  send(`${app.output('Url')}${path}`, { method: 'POST', headers, ...(body !== undefined && { body }) });

test('a function before the origin sees the body and signs for it, and changes what goes on', async () => {
  const { status, json } = await ask('/old/x?a=1', 'hello');
  expect([status, json()['rawPath'], json()['body']]).toEqual([200, '/new/x', Buffer.from('hello').toString('base64')]);
  const headers = json()['headers'] as unknown as Record<string, string>;
  expect(JSON.parse(headers['x-seen'] ?? '')).toEqual({ type: 'origin-request', host: true, query: 'a=1' });
  // The hash is of what it has seen, and no longer of what is sent.
  expect((await ask('/replaced', 'hello')).status).toBe(403);
});

test('one before the cache may answer, and one that fails or returns nothing is 502', async () => {
  const refused = await ask('/door/x', 'hello');
  expect(refused).toMatchObject({ status: 401, body: 'who?', headers: { 'www-authenticate': 'Basic' } });
  expect((await ask('/door/x', undefined, { authorization: 'Basic x' })).status).toBe(200);
  for (const [path, reason] of [
    ['/fail', 'failed: Error: no luck'],
    ['/nothing', 'must return the request or a response, got null'],
    ['/encoding', 'must not change the header accept-encoding of a request'],
    ['/id', 'must not change the header x-amz-cf-id of a request'],
  ] as const) {
    const { status, headers } = await ask(path);
    expect([status, headers['x-local-failure']]).toEqual([502, expect.stringContaining(reason)]);
  }
});

const get = (path: string) => send(`${app.output('Url')}${path}`);

test('a function for what the origin answers changes status, headers and body, of errors too', async () => {
  const plain = await get('/after/x');
  expect(plain).toMatchObject({
    status: 200,
    body: 'from the origin',
    headers: { 'x-own': 'o', 'set-cookie': ['a=1; Secure', 'b=2'] },
  });
  expect(plain.headers['x-secret']).toBeUndefined();
  // The id of the request at the origin is none of its business, and stays.
  expect(JSON.parse(plain.headers['x-after'] as string)).toEqual([
    'origin-response',
    'GET',
    '/after/x',
    '200',
    'OK',
    null,
  ]);
  expect(plain.headers['x-amzn-requestid']).toBeDefined();
  const mended = await get('/after/x?code=500&status=302&body=gone');
  expect(mended).toMatchObject({ status: 302, body: 'gone', headers: { 'content-length': '4' } });
});

test('one for what goes to the viewer changes headers, and never sees an error', async () => {
  const { headers, ...answer } = await get('/viewer/x?status=201&body=other');
  expect(answer).toMatchObject({ status: 200, body: 'from the origin' });
  expect(JSON.parse(headers['x-after'] as string)[0]).toBe('viewer-response');
  const failed = await get('/viewer/x?code=404');
  expect([failed.status, failed.headers['x-secret'], failed.headers['x-after']]).toEqual([404, 's', undefined]);
});

test.each([
  ['/after/x?via', 'must not change the header via'],
  ['/after/x?hidden', 'must not change the header x-cache'],
  ['/viewer/x?length', 'must not change the header content-length'],
  ['/after/x?nothing', 'must return the response, got null'],
  ['/after/x?status=99', 'must return a status of 200 to 599, got 99'],
])('%s is 502: it %s', async (path, reason) => {
  const { status, headers } = await get(path);
  expect([status, headers['x-local-failure']]).toEqual([502, expect.stringContaining(reason)]);
});

test('what is not played refuses by name, and the deployment warns', async () => {
  for (const [path, what] of [
    [
      '/else/x',
      'the Lambda@Edge function arn:aws:lambda:us-east-1:111111111111:function:else:1 (no stack here has this version)',
    ],
  ] as const) {
    const { status, headers } = await ask(path);
    expect([status, headers['x-local-failure']]).toEqual([501, expect.stringContaining(what)]);
    expect(app.warnings.filter((text) => text.includes(what))).toHaveLength(1);
  }
});
