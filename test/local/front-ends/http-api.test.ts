/** HTTP APIs as the CDK writes them, deployed and called over HTTP. */
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import * as authorizers from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import {
  HttpLambdaIntegration,
  HttpUrlIntegration,
  WebSocketLambdaIntegration,
} from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnOutput, Duration } from 'aws-cdk-lib/core';
import type { TokenOptions } from 'cdk-lambda-streaming/local';
import { signedHeaders } from '../http/sign-request';
import { ENV, type FrontEndApp, frontEndApp, type SendOptions, send } from './front-end-app';

const ECHO =
  'async (event) => ({ statusCode: 200, headers: { "access-control-allow-origin": "own" }, cookies: ["a=1", "b=2"], body: JSON.stringify(event) })';
const SCRIPTED = `async (event) => {
  const how = event.queryStringParameters ?? {};
  if (how.fail) throw new Error('no luck');
  if (how.wait) await waitFor(how.wait);
  return JSON.parse(how.answer);
}`;
const STREAM = `awslambda.streamifyResponse(async (event, stream) => { stream.write('first'); stream.write('second'); stream.end(); })`;
const AUTHORIZER = `async (event) => {
  globalThis.calls = (globalThis.calls ?? 0) + 1;
  const [said] = event.identitySource;
  if (said === 'crash') throw new Error('no luck');
  return { isAuthorized: said === 'yes' ? true : said === 'word' ? 'true' : false, context: { calls: globalThis.calls, route: event.routeArn } };
}`;

let app: FrontEndApp;
let api: string;

beforeAll(async () => {
  app = await frontEndApp(({ stack, fn, role }) => {
    const echo = fn('Echo', ECHO);
    const to = (id: string, target: lambda.Function) => new HttpLambdaIntegration(id, target);
    const http = new apigateway.HttpApi(stack, 'Api', {
      corsPreflight: { allowOrigins: ['https://a.example'], allowMethods: [apigateway.CorsHttpMethod.GET] },
    });
    const GET = [apigateway.HttpMethod.GET];
    http.addRoutes({ path: '/users/{id}', methods: GET, integration: to('User', echo) });
    http.addRoutes({ path: '/users/me', integration: to('Me', echo) });
    http.addRoutes({ path: '/files/{proxy+}', integration: to('Files', echo) });
    http.addRoutes({ path: '/scripted', methods: GET, integration: to('Scripted', fn('ScriptedFn', SCRIPTED)) });
    http.addRoutes({ path: '/stream', methods: GET, integration: to('Stream', fn('StreamFn', STREAM)) });
    const slow = new HttpLambdaIntegration('Slow', fn('SlowFn', SCRIPTED), { timeout: Duration.millis(300) });
    http.addRoutes({ path: '/slow', methods: GET, integration: slow });
    http.addRoutes({ path: '/away', methods: GET, integration: new HttpUrlIntegration('Away', 'https://a.example') });
    const [signed] = http.addRoutes({
      path: '/signed/{id}',
      methods: GET,
      integration: to('Signed', echo),
      authorizer: new authorizers.HttpIamAuthorizer(),
    });
    signed?.grantInvoke(role('Visitor'));
    role('Stranger');
    const authorizer = new authorizers.HttpLambdaAuthorizer('Simple', fn('AuthorizerFn', AUTHORIZER), {
      responseTypes: [authorizers.HttpLambdaResponseType.SIMPLE],
    });
    for (const path of ['/one', '/two']) {
      http.addRoutes({ path, methods: GET, integration: to(`At${path.slice(1)}`, echo), authorizer });
    }
    const jwt = new authorizers.HttpJwtAuthorizer('Jwt', 'https://issuer.example', { jwtAudience: ['a', 'b'] });
    http.addRoutes({ path: '/jwt', methods: GET, integration: to('Jwt', echo), authorizer: jwt });
    const authorizationScopes = ['read', 'all'];
    http.addRoutes({
      path: '/scoped',
      methods: GET,
      integration: to('Scoped', echo),
      authorizer: jwt,
      authorizationScopes,
    });
    http.addStage('Beta', { stageName: 'beta', autoDeploy: true });
    const closed = fn('ClosedFn', ECHO);
    http.addRoutes({ path: '/closed', methods: GET, integration: to('Closed', closed) });
    for (const permission of stack.node.findAll()) {
      if (!(permission instanceof lambda.CfnPermission)) continue;
      if (!JSON.stringify(stack.resolve(permission.functionName)).includes('ClosedFn')) continue;
      permission.sourceArn = `arn:aws:execute-api:${ENV.region}:${ENV.account}:other/*`;
    }
    new CfnOutput(stack, 'Url', { value: http.apiEndpoint });
    const sockets = new apigateway.WebSocketApi(stack, 'Sockets', {
      connectRouteOptions: { integration: new WebSocketLambdaIntegration('Connect', echo) },
    });
    new CfnOutput(stack, 'SocketsId', { value: sockets.apiId });
  });
  api = `${app.output('Url')}/`;
});

afterAll(() => app?.stop());

const status = async (path: string, options?: SendOptions) => {
  const answer = await send(api + path, options);
  return [answer.status, answer.json()['message']];
};

describe('routing', () => {
  test.each([
    ['a parameter', 'GET', 'users/7', 'GET /users/{id}', { id: '7' }],
    ['a literal path before it', 'GET', 'users/me', 'ANY /users/me', undefined],
    ['a greedy parameter', 'PUT', 'files/a/b', 'ANY /files/{proxy+}', { proxy: 'a/b' }],
  ])('%s', async (_name, method, path, routeKey, pathParameters) => {
    expect((await send(api + path, { method })).json()).toMatchObject({
      routeKey,
      rawPath: `/${path}`,
      ...(pathParameters && { pathParameters }),
    });
  });

  test('a stage of that name first, which the raw path keeps', async () => {
    expect((await send(`${api}beta/users/7`)).json()).toMatchObject({
      rawPath: '/beta/users/7',
      requestContext: { stage: 'beta' },
    });
  });

  test('404 for a path and for a method that nobody serves', async () => {
    expect(await status('nobody')).toEqual([404, 'Not Found']);
    expect(await status('users/7', { method: 'POST' })).toEqual([404, 'Not Found']);
  });
});

test('the request line and the values of headers have 10,240 bytes at most', async () => {
  const { status, json, headers } = await send(`${api}files/x?${'a'.repeat(5_000)}`, {
    headers: { 'x-long': 'a'.repeat(5_300) },
  });
  expect([status, json()]).toEqual([431, { message: 'Request Header Fields Too Large' }]);
  expect(headers['x-local-refusal']).toContain('API Gateway takes 10240');
});

test('the event is payload format 2.0', async () => {
  const headers = { 'X-Two': ['one', 'two'], cookie: 'c=1; d=2', 'content-type': 'text/plain', 'user-agent': 'test' };
  const answer = await send(`${api}files/x?a=1&a=2`, { method: 'POST', headers, body: 'hello' });
  expect(answer.json()).toEqual({
    version: '2.0',
    routeKey: 'ANY /files/{proxy+}',
    rawPath: '/files/x',
    rawQueryString: 'a=1&a=2',
    cookies: ['c=1', 'd=2'],
    headers: expect.objectContaining({ 'x-two': 'one, two', 'x-forwarded-proto': 'https' }),
    queryStringParameters: { a: '1,2' },
    pathParameters: { proxy: 'x' },
    requestContext: expect.objectContaining({
      accountId: ENV.account,
      http: { method: 'POST', path: '/files/x', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      stage: '$default',
    }),
    body: 'hello',
    isBase64Encoded: false,
  });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const binary = await send(`${api}files/x`, { method: 'POST', headers: form, body: 'a=b' });
  expect(binary.json()).toMatchObject({ body: 'YT1i', isBase64Encoded: true });
  const empty = (await send(`${api}users/7`)).json();
  for (const absent of ['body', 'cookies', 'queryStringParameters', 'stageVariables'])
    expect(empty).not.toHaveProperty(absent);
});

describe('the response', () => {
  const ask = (answer: unknown) => send(`${api}scripted?answer=${encodeURIComponent(JSON.stringify(answer))}`);

  test('is any JSON without a status, and what its members say with one', async () => {
    expect(await ask({ hello: 1 })).toMatchObject({
      status: 200,
      body: '{"hello":1}',
      headers: { 'content-type': 'application/json' },
    });
    const whole = await ask({
      statusCode: 201,
      headers: { 'X-A': 'b' },
      cookies: ['a=1', 'b=2'],
      body: 'AP8=',
      isBase64Encoded: true,
    });
    expect(whole).toMatchObject({ status: 201, headers: { 'x-a': 'b', 'set-cookie': ['a=1', 'b=2'] } });
    expect(whole.bytes).toEqual(Buffer.from([0, 255]));
  });

  test('of a streaming function comes in one piece', async () => {
    const answer = await send(`${api}stream`);
    expect([answer.body, answer.headers['content-length']]).toEqual(['firstsecond', '11']);
  });

  test('is 500 when the function fails or may not be invoked, 503 when it is late', async () => {
    expect(await status('scripted?fail=1')).toEqual([500, 'Internal Server Error']);
    expect(await status('closed')).toEqual([500, 'Internal Server Error']);
    const { headers } = await send(`${api}closed`);
    expect(headers['x-local-failure']).toContain(
      'apigateway.amazonaws.com is not authorized to perform: lambda:InvokeFunction',
    );
    expect(await status('slow?wait=never')).toEqual([503, 'Service Unavailable']);
  });
});

test('the CORS configuration answers preflight and wins over the function', async () => {
  const origin = 'https://a.example';
  const preflight = await send(`${api}users/7`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'GET' },
  });
  expect([preflight.status, preflight.headers['access-control-allow-methods']]).toEqual([204, 'GET']);
  const { headers } = await send(`${api}users/7`, { headers: { origin } });
  expect(headers['access-control-allow-origin']).toBe(origin);
});

test('AWS_IAM lets in whom a policy allows', async () => {
  const as = async (roleName: string) => {
    const sign = app.local.sign({ as: `arn:aws:iam::${ENV.account}:role/${roleName}`, service: 'execute-api' });
    const url = `${api}signed/7`;
    const headers = await signedHeaders(url, sign.region, sign.credentials, { service: 'execute-api' });
    return await send(url, { headers });
  };
  const visitor = await as('Visitor');
  expect(visitor.json()).toMatchObject({
    requestContext: { authorizer: { iam: { userArn: `arn:aws:sts::${ENV.account}:assumed-role/Visitor/local` } } },
  });
  const stranger = await as('Stranger');
  expect([stranger.status, stranger.json()]).toEqual([403, { message: 'Forbidden' }]);
  expect(stranger.headers['x-local-refusal']).toContain('is not authorized to perform: execute-api:Invoke');
  expect(await status('signed/7')).toEqual([403, 'Forbidden']);
});

describe('a Lambda authorizer', () => {
  const tell = (authorization: string, path = 'one') => send(api + path, { headers: { authorization } });

  test('lets in by true and by nothing else', async () => {
    expect(await status('one')).toEqual([401, 'Unauthorized']);
    for (const [said, expected] of Object.entries({ no: 403, word: 403, crash: 500, yes: 200 })) {
      expect([said, (await tell(said)).status]).toEqual([said, expected]);
    }
  });

  test('is asked once for all routes, and its context is in the event', async () => {
    const context = async (path: string) =>
      ((await tell('yes', path)).json()['requestContext'] as { authorizer: { lambda: object } }).authorizer.lambda;
    const first = await context('one');
    expect(first).toMatchObject({ calls: expect.any(Number), route: expect.stringMatching(/\/\$default\/GET\/one$/) });
    expect(await context('two')).toEqual(first);
  });
});

describe('a JWT authorizer', () => {
  const token = (options: Partial<TokenOptions> = {}) =>
    app.local.token({ issuer: 'https://issuer.example', clientId: 'b', ...options });
  const ask = (path: string, sent?: string) =>
    send(api + path, { headers: sent === undefined ? {} : { authorization: `Bearer ${sent}` } });

  test('lets in whoever has a token for its audience, whose claims are in the event', async () => {
    const claims = { sub: 'ada', groups: ['x', 'y'], admin: true };
    const { headers, json, status } = await ask('jwt', token({ claims }));
    expect([status, headers['x-local-failure'], json()['requestContext']]).toMatchObject([
      200,
      undefined,
      { authorizer: { jwt: { claims: { sub: 'ada', aud: 'b', groups: '[x y]', admin: 'true' }, scopes: null } } },
    ]);
    expect((await ask('jwt', token({ claims: { aud: ['z', 'a'] } }))).status).toBe(200);
    expect((await ask('jwt', token({ use: 'access' }))).status).toBe(200);
  });

  test('wants one of the scopes of the route', async () => {
    const { json } = await ask('scoped', token({ claims: { scp: ['read', 'write'] } }));
    expect(json()['requestContext']).toMatchObject({ authorizer: { jwt: { scopes: ['read', 'write'] } } });
    const refused = await ask('scoped', token({ claims: { scope: 'write' } }));
    expect([refused.status, refused.json(), refused.headers['www-authenticate']]).toEqual([
      403,
      { message: 'Forbidden' },
      'Bearer scope="read all" error="insufficient_scope"',
    ]);
  });

  test.each([
    ['no token', undefined, 'the request has no $request.header.Authorization'],
    ['one of another audience', { clientId: 'c' }, "its audience is 'c' and not 'a' or 'b'"],
    ['one of another issuer', { issuer: 'https://other.example' }, "its issuer is 'https://other.example'"],
    ['one that has expired', { expiresInSeconds: -1 }, 'it has expired'],
    ['one of tomorrow', { claims: { nbf: Date.now() } }, 'it is not valid yet'],
  ])('refuses %s with 401', async (_which, options, reason) => {
    const { status, headers, json } = await ask('jwt', options && token(options));
    expect([status, json(), headers['x-local-refusal']]).toEqual([
      401,
      { message: 'Unauthorized' },
      expect.stringContaining(reason),
    ]);
  });
});

test('what is not played refuses its callers by name, and the deployment warns', async () => {
  expect(await status('away')).toEqual([501, 'The local target does not play the integration type HTTP_PROXY']);
  const sockets = await send(api.replace(/execute-api\/\w+/, `execute-api/${app.output('SocketsId')}`));
  expect([sockets.status, sockets.json()['message']]).toEqual([501, 'The local target does not play WebSocket APIs']);
  for (const words of ['HTTP_PROXY', 'WebSocket APIs']) {
    expect(app.warnings.filter((text) => text.includes(words))).toHaveLength(1);
  }
});
