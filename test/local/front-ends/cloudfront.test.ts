/** CloudFront distributions as the CDK writes them, deployed and called over HTTP. */
import { createHash } from 'node:crypto';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { CfnOutput, Duration } from 'aws-cdk-lib/core';
import { StreamingDistribution, StreamingFunction } from 'cdk-lambda-streaming';
import { type FrontEndApp, frontEndApp, open, type SendOptions, send, WAIT_FOR } from './front-end-app';

const ECHO = 'async (event) => ({ statusCode: 200, body: JSON.stringify(event) })';
const STREAM = `awslambda.streamifyResponse(async (event, stream) => {
  const out = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { 'content-type': 'text/event-stream' }, cookies: ['a=1', 'b=2'] });
  out.write('first');
  const { how, body = '' } = { ...event.queryStringParameters, body: event.body };
  if (how === 'break') throw new Error('midway');
  if (how === 'wait') await waitFor('second');
  out.write('second' + body);
  out.end();
})`;

const EDGE = `function handler(event) {
  var request = event.request;
  if (request.uri === '/edge/answer') return { statusCode: 302, headers: { location: { value: '/login' } }, cookies: { a: { value: '1' } } };
  if (request.uri === '/edge/fail') throw new Error('no luck');
  if (request.uri === '/edge/loop') while (true);
  if (request.uri === '/edge/nothing') return;
  if (request.uri === '/edge/fresh') return { uri: '/fresh', headers: { 'x-own': { value: JSON.stringify(Object.keys(request.headers)) } } };
  var name = request.uri.split('/edge/set-')[1];
  if (name) request.headers[name] = { value: 'mine' };
  request.headers['x-viewer'] = { value: event.viewer.ip + ' ' + event.context.eventType + ' ' + request.method };
  request.querystring.added = { value: request.cookies.session ? request.cookies.session.value : 'none' };
  request.uri = request.uri.replace('/edge', '/rewritten');
  return request;
}`;
/** For responses. */
const AFTER = `function handler(event) {
  var response = event.response;
  response.headers['x-after'] = { value: [event.context.eventType, response.statusCode, response.statusDescription, event.request.uri].join(' ') };
  response.cookies.seen = { value: '1', attributes: 'Secure; Path=/' };
  response.statusCode = 203;
  return response;
}`;

let app: FrontEndApp;
let cdn: string;
let plain: string;

beforeAll(async () => {
  app = await frontEndApp(({ stack, fn, signals }) => {
    const chat = new StreamingFunction(stack, 'Chat', {
      code: lambda.Code.fromInline(`${WAIT_FOR}\nexports.handler = ${STREAM};`),
      handler: 'index.handler',
      environment: { SIGNALS: signals },
    });
    new CfnOutput(stack, 'CdnUrl', {
      value: `https://${new StreamingDistribution(stack, 'Cdn', { url: chat.addStreamUrl() }).distributionDomainName}/`,
    });
    const echoFunction = fn('Echo', ECHO);
    const url = echoFunction.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });
    const api = new apigateway.LambdaRestApi(stack, 'Api', { handler: fn('Behind', ECHO), cloudWatchRole: false });
    const echo = origins.FunctionUrlOrigin.withOriginAccessControl(url, { customHeaders: { 'x-secret': 'mine' } });
    const all = cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER;
    const closed = fn('Closed', ECHO).addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });
    const distribution = new cloudfront.Distribution(stack, 'Plain', {
      defaultRootObject: 'index.html',
      defaultBehavior: { origin: echo },
      additionalBehaviors: {
        'all/*': { origin: echo, originRequestPolicy: all, allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL },
        'host/*': { origin: echo, originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER },
        'own/*': {
          origin: echo,
          originRequestPolicy: new cloudfront.OriginRequestPolicy(stack, 'Own', {
            headerBehavior: cloudfront.OriginRequestHeaderBehavior.allowList('X-One'),
            queryStringBehavior: cloudfront.OriginRequestQueryStringBehavior.denyList('secret'),
            cookieBehavior: cloudfront.OriginRequestCookieBehavior.allowList('session'),
          }),
        },
        'api/*': { origin: new origins.RestApiOrigin(api), originRequestPolicy: all },
        'closed/*': { origin: origins.FunctionUrlOrigin.withOriginAccessControl(closed) },
        'bucket/*': {
          origin: origins.S3BucketOrigin.withBucketDefaults(s3.Bucket.fromBucketName(stack, 'Bucket', 'else')),
        },
        'after/*': {
          origin: echo,
          functionAssociations: [
            {
              eventType: cloudfront.FunctionEventType.VIEWER_RESPONSE,
              function: new cloudfront.Function(stack, 'After', { code: cloudfront.FunctionCode.fromInline(AFTER) }),
            },
          ],
        },
        'headers/*': {
          origin: echo,
          allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
          responseHeadersPolicy: new cloudfront.ResponseHeadersPolicy(stack, 'Headers', {
            corsBehavior: {
              accessControlAllowCredentials: true,
              accessControlAllowHeaders: ['x-a', 'x-b'],
              accessControlAllowMethods: ['ALL'],
              accessControlAllowOrigins: ['https://*.example.com'],
              accessControlExposeHeaders: ['x-own'],
              accessControlMaxAge: Duration.minutes(1),
              originOverride: true,
            },
            customHeadersBehavior: {
              customHeaders: [
                { header: 'X-Own', value: 'mine', override: true },
                { header: 'Content-Type', value: 'text/plain', override: false },
              ],
            },
            removeHeaders: ['X-Amzn-RequestId'],
            securityHeadersBehavior: {
              contentSecurityPolicy: { contentSecurityPolicy: "default-src 'none'", override: true },
              frameOptions: { frameOption: cloudfront.HeadersFrameOption.DENY, override: true },
              strictTransportSecurity: {
                accessControlMaxAge: Duration.seconds(5),
                includeSubdomains: true,
                preload: true,
                override: true,
              },
              xssProtection: { protection: true, modeBlock: true, override: true },
            },
          }),
        },
        'secure/*': {
          origin: echo,
          responseHeadersPolicy: cloudfront.ResponseHeadersPolicy.CORS_ALLOW_ALL_ORIGINS_AND_SECURITY_HEADERS,
        },
        'edge/*': {
          origin: echo,
          originRequestPolicy: all,
          functionAssociations: [
            {
              eventType: cloudfront.FunctionEventType.VIEWER_REQUEST,
              function: new cloudfront.Function(stack, 'Edge', { code: cloudfront.FunctionCode.fromInline(EDGE) }),
            },
          ],
        },
      },
    });
    // Takes from CloudFront the permission for one function.
    for (const permission of stack.node.findAll()) {
      if (!(permission instanceof lambda.CfnPermission)) continue;
      if (!JSON.stringify(stack.resolve(permission.functionName)).includes('Closed')) continue;
      permission.sourceArn = 'arn:aws:cloudfront::111111111111:distribution/OTHER';
    }
    // Beside InvokeFunctionUrl, which this version of the CDK grants alone.
    echoFunction.addPermission('ViaUrl', {
      principal: new iam.ServicePrincipal('cloudfront.amazonaws.com'),
      action: 'lambda:InvokeFunction',
      invokedViaFunctionUrl: true,
      sourceArn: distribution.distributionArn,
    });
    new CfnOutput(stack, 'PlainUrl', { value: `https://${distribution.distributionDomainName}/` });
    new CfnOutput(stack, 'Domain', { value: distribution.distributionDomainName });
  });
  cdn = app.output('CdnUrl');
  plain = app.output('PlainUrl');
});

afterAll(() => app?.stop());

const sha256 = (body: string) => createHash('sha256').update(body).digest('hex');
const event = async (path: string, options?: SendOptions) =>
  (await send(plain + path, options)).json() as Record<string, never> & {
    readonly headers: Record<string, string>;
    readonly rawPath: string;
    readonly rawQueryString: string;
    readonly cookies?: string[];
    readonly path: string;
  };

test('the outputs hold an address that answers, and the host is understood too', async () => {
  expect(plain).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/cloudfront\/d[a-z0-9]{13}\/$/);
  const host = app.output('Domain');
  expect(host).toMatch(/^d[a-z0-9]{13}\.cloudfront\.localhost:\d+$/);
  const answer = await send(`http://127.0.0.1:${host.split(':')[1]}/all/x`, { headers: { host } });
  expect([answer.status, answer.json()['rawPath']]).toEqual([200, '/all/x']);
});

describe('a response headers policy', () => {
  const across = { origin: 'https://a.example.com' };
  const cors = (headers: object) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')));

  test('adds, keeps, overrides and removes headers', async () => {
    const { headers } = await send(`${plain}headers/x`);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-own': 'mine',
      'content-security-policy': "default-src 'none'",
      'x-frame-options': 'DENY',
      'strict-transport-security': 'max-age=5; includeSubDomains; preload',
      'x-xss-protection': '1; mode=block',
    });
    expect(headers).not.toHaveProperty('x-amzn-requestid');
    expect((await send(plain)).headers).toHaveProperty('x-amzn-requestid');
    expect((await send(`${plain}secure/x`)).headers).toMatchObject({
      'referrer-policy': 'strict-origin-when-cross-origin',
      'x-content-type-options': 'nosniff',
    });
  });

  test('answers requests of the origins it allows, and tells a preflight what it may ask for', async () => {
    const allowed = { 'access-control-allow-origin': across.origin, 'access-control-allow-credentials': 'true' };
    const plainly = await send(`${plain}headers/x`, { headers: across });
    expect(cors(plainly.headers)).toEqual({ ...allowed, 'access-control-expose-headers': 'x-own' });
    const headers = { ...across, 'access-control-request-method': 'PUT' };
    expect(cors((await send(`${plain}headers/x`, { method: 'OPTIONS', headers })).headers)).toEqual({
      ...allowed,
      'access-control-allow-headers': 'x-a, x-b',
      'access-control-allow-methods': 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT',
      'access-control-max-age': '60',
    });
    expect(cors((await send(`${plain}headers/x`)).headers)).toEqual({});
    for (const origin of ['https://example.org', 'http://a.example.com']) {
      expect(cors((await send(`${plain}headers/x`, { headers: { origin } })).headers)).toEqual({});
    }
    const { headers: any } = await send(`${plain}secure/x`, { headers: across });
    expect(cors(any)).toEqual({ 'access-control-allow-origin': '*' });
  });
});

describe('a function URL behind origin access control', () => {
  test('streams: the first chunk is read before the second is written', async () => {
    const response = await open(`${cdn}?how=wait`);
    expect(response).toMatchObject({
      statusCode: 201,
      headers: { 'content-type': 'text/event-stream', 'set-cookie': ['a=1', 'b=2'], via: expect.any(String) },
    });
    const pieces = response[Symbol.asyncIterator]();
    expect(String((await pieces.next()).value)).toBe('first');
    app.signal('second');
    expect(String((await pieces.next()).value)).toBe('second');
    expect((await pieces.next()).done).toBe(true);
  });

  test('is cut where the function fails after its first byte', async () => {
    await expect(send(`${cdn}?how=break`)).rejects.toThrow('aborted');
  });

  test('takes a body with its hash, and no other', async () => {
    const post = (body: string, headers: Record<string, string> = {}) => send(cdn, { method: 'POST', body, headers });
    const whole = await post('{}', { 'x-amz-content-sha256': sha256('{}') });
    expect([whole.status, whole.body]).toEqual([201, expect.stringMatching(/^firstsecond/)]);
    for (const headers of [{}, { 'x-amz-content-sha256': sha256('other') }] as Record<string, string>[]) {
      const answer = await post('{}', headers);
      expect([answer.status, answer.headers['x-amzn-errortype']]).toEqual([403, 'InvalidSignatureException']);
      expect(answer.json()['message']).toMatch(/^The request signature we calculated does not match .* for details\.$/);
      const reason = String(answer.headers['x-local-refusal']);
      expect(reason).toMatch(/for details: .*private-content-restricting-access-to-lambda\.html\)$/);
      expect(reason).toContain(
        headers['x-amz-content-sha256'] === undefined
          ? 'the viewer must send the SHA-256 of it in the header x-amz-content-sha256; use wholeFetch()'
          : `is ${sha256('other')}, and the SHA-256 of the body that arrived is ${sha256('{}')}`,
      );
      const received = [reason, answer.json()['message'], new Response('', { headers: { 'x-local-refusal': reason } })];
      for (const each of [...received, answer.headers['x-amzn-requestid']]) {
        expect(app.local.explain(each)).toMatchObject({ allowed: false, summary: expect.stringContaining(reason) });
      }
    }
    expect((await post('')).status).toBe(201);
  });

  test('sees CloudFront as its caller, whatever the viewer signs with', async () => {
    const { headers } = await event('all/x', { headers: { authorization: 'Bearer x' } });
    expect(headers['authorization']).toBeUndefined();
  });

  test('refuses a distribution that its policy does not name', async () => {
    const answer = await send(`${plain}closed/x`);
    expect(answer.status).toBe(403);
    expect(answer.headers['x-local-refusal']).toMatch(
      /cloudfront\.amazonaws\.com is not authorized to perform: lambda:InvokeFunctionUrl/,
    );
    expect(app.local.explain(String(answer.headers['x-local-refusal'])).details).toContain('aws:SourceArn');
  });
});

describe('what the origin sees', () => {
  const headers = { 'x-one': '1', 'x-two': '2', cookie: 'session=s; other=o', 'user-agent': 'test' };

  test('without an origin request policy: no query, no cookies, no headers', async () => {
    const seen = await event('some/path?q=1', { headers });
    expect(seen).toMatchObject({ rawPath: '/some/path', rawQueryString: '' });
    expect(seen.cookies).toBeUndefined();
    expect(seen.headers).toMatchObject({
      'user-agent': 'Amazon CloudFront',
      'x-secret': 'mine',
      'x-amz-cf-id': expect.any(String),
    });
    expect(seen.headers['x-one']).toBeUndefined();
  });

  test('with AllViewerExceptHostHeader: everything else', async () => {
    const seen = await event('all/x?q=1&q=2', { headers });
    expect(seen).toMatchObject({ rawQueryString: 'q=1&q=2', cookies: ['session=s', 'other=o'] });
    expect(seen.headers).toMatchObject({ 'x-one': '1', 'x-two': '2', 'user-agent': 'test' });
    expect(seen.headers['host']).toMatch(/^[a-z0-9]+\.lambda-url\.eu-west-1\.localhost:\d+$/);
  });

  test('with a policy of its own: what that lists', async () => {
    const seen = await event('own/x?q=1&secret=2', { headers });
    expect(seen).toMatchObject({ rawQueryString: 'q=1', cookies: ['session=s'] });
    expect([seen.headers['x-one'], seen.headers['x-two']]).toEqual(['1', undefined]);
  });

  test('the root object for the root alone, and the stage of an API', async () => {
    expect((await event('')).rawPath).toBe('/index.html');
    expect(await event('api/users')).toMatchObject({
      path: '/api/users',
      headers: { 'X-Amz-Cf-Id': expect.any(String) },
    });
  });
});

describe('a CloudFront Function', () => {
  test('changes the request before it goes on', async () => {
    const seen = await event('edge/x?q=a%20b&q=2', { headers: { cookie: 'session=s', 'x-one': '1' } });
    expect(seen).toMatchObject({
      rawPath: '/rewritten/x',
      rawQueryString: 'q=a%20b&q=2&added=s',
      cookies: ['session=s'],
    });
    expect(seen.headers).toMatchObject({ 'x-viewer': '127.0.0.1 viewer-request GET', 'x-one': '1' });
  });

  test('answers in place of the origin', async () => {
    const answer = await send(`${plain}edge/answer`);
    expect(answer).toMatchObject({ status: 302, headers: { location: '/login', 'set-cookie': ['a=1'] } });
  });

  test.each([
    'host',
    'content-length',
    'transfer-encoding',
    'via',
    'cdn-loop',
    'x-edge-a',
    'X-Amz-Cf-Id',
    'x-amzn-auth',
  ])('that adds or edits %s is a 502', async (name) => {
    const { status, headers } = await send(`${plain}edge/set-${name}`);
    const reason = `must not change the header ${name.toLowerCase()} of a request`;
    expect([status, headers['x-local-failure']]).toEqual([502, expect.stringContaining(reason)]);
  });

  test('does not see some headers, and those that are read-only stay', async () => {
    const { headers } = await event('edge/fresh', {
      headers: { 'cdn-loop': 'a', via: '1.0 a', 'x-real-ip': '::1', 'x-amzn-trace-id': 'Root=1' },
    });
    const seen: unknown = JSON.parse(headers['x-own'] ?? '');
    expect(seen).toEqual(expect.arrayContaining(['host', 'via', 'x-amzn-trace-id']));
    expect(seen).not.toContain('x-real-ip');
    expect(headers['cdn-loop']).toBe('a');
  });

  test.each([
    ['fails', 'no luck'],
    ['loop', 'timed out'],
    ['nothing', 'must return the request or a response, got nothing'],
  ])('that %s is a 503', async (path, why) => {
    const { status, headers } = await send(`${plain}edge/${path.replace('fails', 'fail')}`);
    expect([status, headers['x-local-failure']]).toEqual([503, expect.stringContaining(why)]);
  });
});

test.each([
  ['a method that the behavior does not allow', 'x', { method: 'POST' }, 403, 'allows GET, HEAD, got POST'],
  ['an address of more than 8,192 characters', `x?${'a'.repeat(8_192)}`, {}, 413, 'longer than 8192'],
  [
    'a request line and headers of more than 20,480 bytes',
    `x?${'a'.repeat(8_000)}`,
    { headers: { 'x-long': 'a'.repeat(12_500) } },
    413,
    'bytes, more than 20480',
  ],
  ['a GET with a body', 'all/x', { body: 'x', headers: { 'content-length': '1' } }, 403, 'no GET with a body'],
  ["the viewer's Host for a function URL", 'host/x', {}, 403, 'use AllViewerExceptHostHeader'],
  ['a bucket that is not here', 'bucket/x', {}, 501, 'does not play the origin'],
])('refuses %s and says why', async (_name, path, options, status, why) => {
  const answer = await send(plain + path, options);
  expect(answer.status).toBe(status);
  expect(answer.headers[status < 500 ? 'x-local-refusal' : 'x-local-failure']).toContain(why);
});

test('a CloudFront Function changes what goes to the viewer, and is not asked about errors', async () => {
  const changed = await send(`${plain}after/x`);
  expect(changed).toMatchObject({
    status: 203,
    headers: { 'x-after': 'viewer-response 200 OK /after/x', 'set-cookie': ['seen=1; Secure; Path=/'] },
  });
});
