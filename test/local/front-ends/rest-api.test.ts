/** REST APIs as the CDK writes them, deployed and called over HTTP. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { CfnOutput, CfnResource, Duration } from 'aws-cdk-lib/core';
import { StreamingRestApi } from 'cdk-lambda-streaming';
import { type FrontEndApp, frontEndApp, open, send } from './front-end-app';

const ECHO = '(event) => Promise.resolve({ statusCode: 200, body: JSON.stringify(event) })';
/** What a query asks for. */
const SCRIPTED = `async (event) => {
  const how = event.queryStringParameters ?? {};
  if (how.fail) throw new Error('no luck');
  if (how.wait) await waitFor(how.wait);
  return JSON.parse(how.answer ?? '{}');
}`;
const STREAM = `awslambda.streamifyResponse(async (event, stream) => {
  const { how = '' } = event.queryStringParameters ?? {};
  if (how === 'fail') throw new Error('no luck');
  if (how === 'bare') { stream.setContentType('text/plain'); stream.write('no prelude'); return stream.end(); }
  if (how === 'large') { stream.setContentType('text/plain'); stream.write(JSON.stringify({ headers: { x: 'x'.repeat(17000) } }) + '\\0'.repeat(8) + 'body'); return stream.end(); }
  const out = awslambda.HttpResponseStream.from(stream, {
    statusCode: 201, headers: { 'content-type': 'text/event-stream', 'Content-Length': '3' }, cookies: ['a=1', 'b=2'],
  });
  out.write('first');
  if (how === 'break') throw new Error('midway');
  if (how === 'wait') await waitFor(event.path === '/short' ? 'never' : 'second');
  out.write('second');
  out.end();
})`;

let app: FrontEndApp;
let api: string;
let streaming: string;

beforeAll(async () => {
  app = await frontEndApp(({ stack, fn }) => {
    const echo = fn('Echo', ECHO);
    const rest = new apigateway.LambdaRestApi(stack, 'Api', {
      handler: echo,
      proxy: false,
      endpointTypes: [apigateway.EndpointType.REGIONAL],
      deployOptions: { variables: { colour: 'blue', target: echo.functionName } },
      binaryMediaTypes: ['image/png'],
      cloudWatchRole: true,
    });
    const users = rest.root.addResource('users');
    users.addMethod('GET');
    const user = users.addResource('{id}');
    user.addMethod('ANY');
    users.addResource('me').addMethod('PATCH');
    rest.root.addResource('files').addProxy();
    const scripted = new apigateway.LambdaIntegration(fn('Scripted', SCRIPTED));
    rest.root.addResource('scripted').addMethod('GET', scripted);
    const slow = new apigateway.LambdaIntegration(fn('Slow', SCRIPTED), { timeout: Duration.millis(300) });
    rest.root.addResource('slow').addMethod('GET', slow);
    const closed = rest.root
      .addResource('closed')
      .addMethod('GET', new apigateway.LambdaIntegration(fn('Closed', ECHO)));
    for (const child of closed.node.findAll()) {
      if (child instanceof CfnResource && child.cfnResourceType === 'AWS::Lambda::Permission') {
        child.addPropertyOverride('SourceArn', `arn:aws:execute-api:eu-west-1:111111111111:other/*`);
      }
    }
    rest.root
      .addResource('cors')
      .addCorsPreflight({ allowOrigins: ['https://a.example'], maxAge: Duration.minutes(1) });
    rest.root.addResource('origins').addCorsPreflight({ allowOrigins: ['https://a.example', 'https://b.example'] });
    const checked = rest.root.addResource('checked');
    checked.addMethod('GET', new apigateway.LambdaIntegration(echo), {
      requestParameters: { 'method.request.querystring.q': true, 'method.request.header.x-must': true },
      requestValidatorOptions: { validateRequestParameters: true },
    });
    rest.root
      .addResource('table')
      .addMethod('GET', new apigateway.AwsIntegration({ service: 'dynamodb', action: 'Scan' }));
    rest.addGatewayResponse('Timeouts', {
      type: apigateway.ResponseType.INTEGRATION_TIMEOUT,
      statusCode: '599',
      responseHeaders: { 'Access-Control-Allow-Origin': "'*'" },
      templates: { 'application/json': '{"why":$context.error.messageString,"path":"$context.resourcePath"}' },
    });
    const streams = new StreamingRestApi(stack, 'Streams', { handler: fn('Stream', STREAM) });
    streams.addStream('GET', '/short', fn('Short', STREAM), { integration: { timeout: Duration.seconds(1) } });
    streams.addStream('GET', '/buffered', fn('Buffered', ECHO));
    new CfnOutput(stack, 'Streaming', { value: streams.url });
    fn('Client', `async () => [process.env.API, process.env.HOST]`, {
      functionName: 'client',
      environment: { API: rest.url, HOST: `${rest.restApiId}.execute-api.${stack.region}.${stack.urlSuffix}` },
    });
  });
  api = app.output('ApiEndpoint4F160690');
  streaming = app.output('Streaming');
});

afterAll(() => app?.stop());

const path = (answer: { json(): Record<string, unknown> }) => [
  answer.json()['resource'],
  answer.json()['pathParameters'],
];

test('the outputs hold an address that answers, and the host is understood too', async () => {
  expect(api).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/execute-api\/[a-z0-9]{10}\/prod\/$/);
  expect((await send(`${api}users`)).status).toBe(200);
  const [, port = '', id = ''] = /:(\d+)\/execute-api\/(\w+)\//.exec(api) ?? [];
  const host = `${id}.execute-api.eu-west-1.localhost:${port}`;
  expect((await send(`http://127.0.0.1:${port}/prod/users`, { headers: { host } })).status).toBe(200);
});

test('the environment of a function holds it too, and a host alone becomes one of this machine', async () => {
  const client = new LambdaClient(app.local.clientConfig({ as: 'arn:aws:iam::111111111111:root' }));
  const { Payload } = await client.send(new InvokeCommand({ FunctionName: 'client' }));
  const [, port = '', id = ''] = /:(\d+)\/execute-api\/(\w+)\//.exec(api) ?? [];
  const host = `${id}.execute-api.eu-west-1.localhost:${port}`;
  expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toEqual([api, host]);
  client.destroy();
});

describe('routing', () => {
  test.each([
    ['a literal path', 'GET', 'users', ['/users', null]],
    ['a slash at its end', 'GET', 'users/', ['/users', null]],
    ['a parameter', 'DELETE', 'users/a%20b', ['/users/{id}', { id: 'a b' }]],
    ['a literal before a parameter', 'PATCH', 'users/me', ['/users/me', null]],
    ['a parameter where the literal has no such method', 'GET', 'users/me', ['/users/{id}', { id: 'me' }]],
    ['a greedy parameter', 'PUT', 'files/a/b.txt/', ['/files/{proxy+}', { proxy: 'a/b.txt' }]],
  ])('%s', async (_name, method, target, expected) => {
    expect(path(await send(api + target, { method }))).toEqual(expected);
  });

  test.each([
    ['a path nobody serves', 'GET', 'nobody'],
    ['a method nobody serves', 'POST', 'users'],
    ['a greedy parameter without a value', 'GET', 'files'],
    ['HEAD where there is GET only', 'HEAD', 'users'],
  ])('%s is 403 Missing Authentication Token', async (_name, method, target) => {
    const answer = await send(api + target, { method });
    expect(answer).toMatchObject({
      status: 403,
      headers: { 'x-amzn-errortype': 'MissingAuthenticationTokenException', 'content-type': 'application/json' },
    });
    if (method !== 'HEAD') expect(answer.json()).toEqual({ message: 'Missing Authentication Token' });
  });

  test('says another thing where an Authorization header is there and no signature', async () => {
    const { body, status } = await send(`${api}nobody`, { headers: { authorization: 'Bearer x' } });
    expect([status, body]).toEqual([403, expect.stringContaining('Invalid key=value pair (missing equal-sign)')]);
  });

  test('an unknown stage and an unknown API are 403 Forbidden', async () => {
    for (const url of [api.replace('/prod/', '/beta/'), api.replace(/execute-api\/\w+/, 'execute-api/nothing123')]) {
      const answer = await send(url);
      expect([answer.status, answer.json()]).toEqual([403, { message: 'Forbidden' }]);
    }
  });
});

describe('the event', () => {
  test('is payload format 1.0', async () => {
    const answer = await send(`${api}users/7?a=1&a=2&b=%20x`, {
      method: 'POST',
      headers: [
        'Host',
        '127.0.0.1',
        'X-Two',
        'one',
        'X-Two',
        'two',
        'user-agent',
        'test',
        'authorization',
        'Bearer x',
        'Content-Type',
        'text/plain',
        'Content-Length',
        '5',
      ],
      body: 'hello',
    });
    expect(answer.json()).toEqual({
      resource: '/users/{id}',
      path: '/users/7',
      httpMethod: 'POST',
      headers: {
        Host: '127.0.0.1',
        'X-Two': 'two',
        'User-Agent': 'test',
        Authorization: 'Bearer x',
        'Content-Type': 'text/plain',
        'X-Amzn-Trace-Id': expect.stringMatching(/^Root=1-/),
        'X-Forwarded-For': '127.0.0.1',
        'X-Forwarded-Port': '443',
        'X-Forwarded-Proto': 'https',
      },
      multiValueHeaders: expect.objectContaining({ 'X-Two': ['one', 'two'] }),
      queryStringParameters: { a: '2', b: ' x' },
      multiValueQueryStringParameters: { a: ['1', '2'], b: [' x'] },
      pathParameters: { id: '7' },
      stageVariables: { colour: 'blue', target: expect.stringMatching(/^Doors-Echo/) },
      requestContext: {
        resourceId: expect.stringMatching(/^[a-z0-9]{6}$/),
        resourcePath: '/users/{id}',
        httpMethod: 'POST',
        extendedRequestId: expect.any(String),
        requestTime: expect.stringMatching(/^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        path: '/prod/users/7',
        accountId: '111111111111',
        protocol: 'HTTP/1.1',
        stage: 'prod',
        domainPrefix: expect.stringMatching(/^[a-z0-9]{10}$/),
        requestTimeEpoch: expect.any(Number),
        requestId: answer.headers['x-amzn-requestid'],
        identity: expect.objectContaining({ sourceIp: '127.0.0.1', userAgent: 'test', userArn: null, accessKey: null }),
        domainName: expect.stringMatching(/^[a-z0-9]{10}\.execute-api\.eu-west-1\.amazonaws\.com$/),
        deploymentId: expect.any(String),
        apiId: expect.any(String),
      },
      body: 'hello',
      isBase64Encoded: false,
    });
  });

  test('has null for what is absent', async () => {
    expect((await send(`${api}users`)).json()).toMatchObject({
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
      body: null,
      isBase64Encoded: false,
    });
  });

  test('has a body of a binary type in base64', async () => {
    const headers = { 'content-type': 'Image/PNG; q=1' };
    const { body } = await send(`${api}users/7`, { method: 'PUT', headers, body: Buffer.from([0, 255]) });
    expect(JSON.parse(body)).toMatchObject({ body: 'AP8=', isBase64Encoded: true });
  });
});

describe('a buffered response', () => {
  const ask = (answer: unknown, headers: Record<string, string> = {}) =>
    send(`${api}scripted?answer=${encodeURIComponent(JSON.stringify(answer))}`, { headers });

  test.each<[string, unknown, number, string]>([
    ['nothing at all', {}, 200, ''],
    ['a number in a text', { statusCode: '201', body: 'x' }, 201, 'x'],
    ['null for body and headers', { statusCode: 202, body: null, headers: null }, 202, ''],
  ])('may hold %s', async (_name, answer, status, body) => {
    expect(await ask(answer)).toMatchObject({ status, body, headers: { 'content-type': 'application/json' } });
  });

  test.each<[string, unknown, string]>([
    ['a member that nobody knows', { statusCode: 200, cookies: ['a=1'] }, "the member 'cookies'"],
    ['a body that is no text', { statusCode: 200, body: { a: 1 } }, 'use JSON.stringify()'],
    ['no object', [1], 'must answer an object'],
    ['a status that is none', { statusCode: 'ok' }, "got 'ok'"],
    ['a header that HTTP does not allow', { headers: { 'x y': '1' } }, 'HTTP does not allow'],
  ])('is 502 with %s', async (_name, answer, why) => {
    const { status, headers, json } = await ask(answer);
    expect([status, json()]).toEqual([502, { message: 'Internal server error' }]);
    expect(headers['x-local-failure']).toContain(why);
  });

  test('merges headers, and gives names of the gateway another name', async () => {
    const { headers } = await ask({
      headers: { 'X-A': 'solo', Date: 'today', server: 'mine', 'x-flag': true },
      multiValueHeaders: { 'x-a': ['multi', 'solo'], 'Set-Cookie': ['a=1', 'b=2'] },
    });
    expect(headers).toMatchObject({
      'x-a': 'multi, solo',
      'x-flag': 'true',
      'set-cookie': ['a=1', 'b=2'],
      'x-amzn-remapped-date': 'today',
      'x-amzn-remapped-server': 'mine',
      'x-amzn-requestid': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'x-amz-apigw-id': expect.any(String),
    });
  });

  test('is decoded only where the first type that is asked for is binary', async () => {
    const answer = { body: 'AP8=', isBase64Encoded: true };
    expect((await ask(answer, { accept: 'image/png, */*' })).bytes).toEqual(Buffer.from([0, 255]));
    expect((await ask(answer, { accept: '*/*' })).body).toBe('AP8=');
  });

  test('is 502 when the function fails, and 500 when it may not be invoked', async () => {
    const failing = await send(`${api}scripted?fail=1`);
    expect([failing.status, failing.json()]).toEqual([502, { message: 'Internal server error' }]);
    expect(failing.headers['x-local-failure']).toBe('Error: no luck');
    const closed = await send(`${api}closed`);
    expect([closed.status, closed.json()]).toEqual([500, { message: 'Internal server error' }]);
    expect(closed.headers['x-local-failure']).toMatch(
      /apigateway\.amazonaws\.com is not authorized to perform: lambda:InvokeFunction/,
    );
    expect(app.local.explain(String(closed.headers['x-local-failure'])).details).toContain('aws:SourceArn');
  });

  test('that is late is answered by the gateway, in the words of the API', async () => {
    const answer = await send(`${api}slow?wait=never`);
    expect([answer.status, answer.json()]).toEqual([599, { why: 'Endpoint request timed out', path: '/slow' }]);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
  });
});

describe('what the gateway answers itself', () => {
  test('CORS preflight, as the CDK writes it', async () => {
    const { status, headers, body } = await send(`${api}cors`, { method: 'OPTIONS' });
    expect([status, body]).toEqual([204, '']);
    expect(headers).toMatchObject({
      'access-control-allow-origin': 'https://a.example',
      'access-control-allow-methods': 'OPTIONS,GET,PUT,POST,DELETE,PATCH,HEAD',
      'access-control-max-age': '60',
    });
  });

  test.each([
    ['https://b.example', 'https://b.example'],
    ['https://c.example', 'https://a.example'],
  ])('of several origins, %s gets %s', async (origin, allowed) => {
    const { headers, status } = await send(`${api}origins`, { method: 'OPTIONS', headers: { origin } });
    expect([status, headers['access-control-allow-origin']]).toEqual([204, allowed]);
  });

  test('400 for parameters that must be there', async () => {
    const { status, json } = await send(`${api}checked`);
    expect([status, json()]).toEqual([400, { message: 'Missing required request parameters: [q, x-must]' }]);
    expect((await send(`${api}checked?q=1`, { headers: { 'X-Must': '1' } })).status).toBe(200);
  });

  test('413 for a body of more than 10 MB, and 500 where Lambda takes no event so large', async () => {
    const put = (size: number) => send(`${api}users/7`, { method: 'PUT', body: Buffer.alloc(size, 'x') });
    expect((await put(10_485_761)).status).toBe(413);
    const { status, headers } = await put(7_000_000);
    expect([status, headers['x-local-failure']]).toEqual([500, expect.stringContaining('Lambda takes 6291456')]);
  });

  test('501 that names an integration which is not played, and a warning at deployment', async () => {
    const { status, json } = await send(`${api}table`);
    expect([status, json()]).toEqual([501, { message: 'The local target does not play the integration type AWS' }]);
    expect(app.warnings.filter((text) => text.includes('does not play the integration type AWS'))).toHaveLength(1);
  });
});

describe('a streamed response', () => {
  test('arrives while it is written, with the status, headers and cookies of the prelude', async () => {
    const response = await open(`${streaming}?how=wait`);
    expect(response).toMatchObject({
      statusCode: 201,
      headers: { 'content-type': 'text/event-stream', 'set-cookie': ['a=1', 'b=2'], 'transfer-encoding': 'chunked' },
    });
    const pieces = response[Symbol.asyncIterator]();
    expect(String((await pieces.next()).value)).toBe('first');
    app.signal('second'); // only now the handler writes on
    expect(String((await pieces.next()).value)).toBe('second');
    expect((await pieces.next()).done).toBe(true);
  });

  test('goes through the greedy route too', async () => {
    expect(await send(`${streaming}any/path`, { method: 'POST', body: '{}' })).toMatchObject({
      status: 201,
      body: 'firstsecond',
    });
  });

  test.each([
    ['fails before its first byte', '?how=fail', 'no luck'],
    ['has no prelude', '?how=bare', 'without a prelude'],
    ['has a prelude of more than 16 KB', '?how=large', 'none within 16384 bytes'],
    ['is not streamed', 'buffered', 'did not stream'],
  ])('is 502 where the function %s', async (_name, target, why) => {
    const { status, headers, json } = await send(streaming + target);
    expect([status, json()]).toEqual([502, { message: 'Internal server error' }]);
    expect(headers['x-local-failure']).toContain(why);
  });

  test('is cut where the function fails after its first byte', async () => {
    await expect(send(`${streaming}?how=break`)).rejects.toThrow('aborted');
  });

  test('is cut at the timeout of the integration, which bounds the whole of it', async () => {
    await send(`${streaming}short`); // so that none of its time goes to a cold start
    const response = await open(`${streaming}short?how=wait`);
    expect(response.statusCode).toBe(201);
    const pieces = response[Symbol.asyncIterator]();
    expect(String((await pieces.next()).value)).toBe('first');
    await expect(pieces.next()).rejects.toThrow('aborted');
  });
});
