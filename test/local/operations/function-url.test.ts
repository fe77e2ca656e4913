import { existsSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { join } from 'node:path';
import type { AuthorizationRequest } from '../../../src/local/iam/authorize';
import type { FunctionUrlState } from '../../../src/local/state';
import { signedHeaders } from '../http/sign-request';
import {
  ACCOUNT,
  ALLOWED,
  type LocalLambda,
  type LocalLambdaOptions,
  PRINCIPAL,
  REGION,
  refusal,
  SECRET,
  startLocalLambda,
  TESTER,
} from './local-lambda';

// A guard against hanging on a busy machine, not a measure.
const asked: AuthorizationRequest[] = [];
let denied: string | undefined;
let lambda: LocalLambda;
let ids = 0;

beforeAll(async () => {
  lambda = await start();
});
beforeEach(() => {
  asked.length = 0;
  denied = undefined;
});
afterAll(() => lambda.stop());

function start(options: LocalLambdaOptions = {}): Promise<LocalLambda> {
  return startLocalLambda({
    ...options,
    authorize: (question) => {
      asked.push(question);
      return question.action === denied ? refusal(`not authorized to perform: ${denied}`) : ALLOWED;
    },
  });
}

function defineUrl(source: string, settings: Partial<FunctionUrlState> = {}, plane = lambda) {
  const definition = plane.define(source);
  ids += 1;
  const urlId = `url${ids}`;
  const url = `${plane.url}/lambda-url/${urlId}/`;
  definition.urls.push({ urlId, qualifier: 'live', authType: 'NONE', invokeMode: 'RESPONSE_STREAM', url, ...settings });
  return { ...definition, id: urlId, url };
}

const streaming = (body: string) =>
  `export const handler = awslambda.streamifyResponse(async (event, stream) => {${body}});`;
const preludeOf = (prelude: unknown) =>
  streaming(
    `const http = awslambda.HttpResponseStream.from(stream, ${JSON.stringify(prelude)}); http.write('x'); http.write('y'); http.end();`,
  );
const ECHO = 'export const handler = async (event) => event;';

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

function http(url: string, options: RequestOptions & { readonly body?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, options, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: Buffer.concat(parts).toString('utf8'),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

test('streams the body and takes status, headers and cookies from the prelude', async () => {
  const { url } = defineUrl(
    streaming(`
      const http = awslambda.HttpResponseStream.from(stream, {
        statusCode: 201, headers: { 'Content-Type': 'text/plain', 'X-Own': 'yes' }, cookies: ['a=1', 'b=2; Secure'] });
      http.write('hello '); http.write('wörld'); http.end();`),
  );
  const { status, headers, body } = await http(url);
  expect({ status, body }).toEqual({ status: 201, body: 'hello wörld' });
  expect(headers).toMatchObject({
    'content-type': 'text/plain',
    'x-own': 'yes',
    'set-cookie': ['a=1', 'b=2; Secure'],
    'transfer-encoding': 'chunked',
  });
});

test('streams with status 200 and the content type of the function where there is no prelude', async () => {
  const { url } = defineUrl(streaming("stream.setContentType('text/csv'); stream.write('a,b'); stream.end();"));
  expect(await http(url)).toMatchObject({ status: 200, body: 'a,b', headers: { 'content-type': 'text/csv' } });
});

test('the first byte arrives while the handler still runs', async () => {
  const gate = join(lambda.folder, 'url-gate');
  const { url } = defineUrl(`
    import { existsSync } from 'node:fs';
    ${streaming(`
      const http = awslambda.HttpResponseStream.from(stream, { statusCode: 200 });
      http.write('first');
      while (!existsSync(event.rawQueryString)) await new Promise((r) => setTimeout(r, 5));
      http.write('second'); http.end();`)}`);
  const response = await fetch(`${url}?${gate}`);
  const seen: string[] = [];
  for await (const part of response.body ?? []) {
    seen.push(Buffer.from(part).toString());
    if (seen.length === 1) {
      expect(existsSync(gate)).toBe(false);
      writeFileSync(gate, '');
    }
  }
  expect(seen).toEqual(['first', 'second']);
});

test('passes the request on in payload format 2.0', async () => {
  const { url, id } = defineUrl(ECHO, { invokeMode: 'BUFFERED' });
  const { body, status } = await http(`${url}a%20b/c?x=1&x=2&y=%C3%A9`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Cookie: 'k=v; l=w', 'X-Twice': ['1', '2'], 'User-Agent': 'test' },
    body: '{"ü":1}',
  });
  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({
    version: '2.0',
    routeKey: '$default',
    rawPath: '/a%20b/c',
    rawQueryString: 'x=1&x=2&y=%C3%A9',
    cookies: ['k=v', 'l=w'],
    headers: expect.objectContaining({
      'content-type': 'application/json',
      'x-twice': '1, 2',
      'x-forwarded-proto': 'https',
    }),
    queryStringParameters: { x: '1,2', y: 'é' },
    requestContext: {
      accountId: 'anonymous',
      apiId: id,
      domainName: `${id}.lambda-url.${REGION}.on.aws`,
      domainPrefix: id,
      http: { method: 'POST', path: '/a%20b/c', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      routeKey: '$default',
      stage: '$default',
      time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      timeEpoch: expect.any(Number),
    },
    body: '{"ü":1}',
    isBase64Encoded: false,
  });
});

test('passes a binary body on as base64', async () => {
  const { url } = defineUrl(ECHO, { invokeMode: 'BUFFERED' });
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const event = JSON.parse((await http(url, { method: 'POST', headers, body: 'a=b' })).body);
  expect(event).toMatchObject({ body: 'YT1i', isBase64Encoded: true });
});

test('is reached by host label as well', async () => {
  const { id } = defineUrl(ECHO, { invokeMode: 'BUFFERED' });
  const headers = { host: `${id}.lambda-url.${REGION}.localhost:${lambda.port}` };
  expect(JSON.parse((await http(`${lambda.url}/where?q`, { headers })).body)).toMatchObject({
    rawPath: '/where',
    rawQueryString: 'q',
  });
  // Whatever the path looks like.
  expect(JSON.parse((await http(`${lambda.url}/2015-03-31/functions/x`, { headers })).body)).toMatchObject({
    rawPath: '/2015-03-31/functions/x',
  });
});

test.each([
  ['a response object', '{ statusCode: 418, headers: { "x-a": "b" }, cookies: ["c=d"], body: "tea" }', 418, 'tea'],
  ['a base64 body', '{ statusCode: 200, body: "aGk=", isBase64Encoded: true }', 200, 'hi'],
  ['a plain string', '"text"', 200, 'text'],
  ['an object without status', '{ a: 1 }', 200, '{"a":1}'],
  ['nothing', 'undefined', 200, 'null'],
])('a buffered handler may return %s', async (_, value, status, body) => {
  for (const invokeMode of ['BUFFERED', 'RESPONSE_STREAM'] as const) {
    const { url } = defineUrl(`export const handler = async () => (${value});`, { invokeMode });
    expect(await http(url)).toMatchObject({ status, body });
  }
});

test('BUFFERED waits for the end of a streaming handler', async () => {
  const { url } = defineUrl(
    streaming(
      "const http = awslambda.HttpResponseStream.from(stream, { statusCode: 202 }); http.write('a'); http.write('b'); http.end();",
    ),
    { invokeMode: 'BUFFERED' },
  );
  expect(await http(url)).toMatchObject({ status: 202, body: 'ab' });
});

describe.each(['BUFFERED', 'RESPONSE_STREAM'] as const)(
  '%s: a function that fails before its first byte',
  (invokeMode) => {
    test.each([
      ['by throwing', streaming("throw new Error('no');")],
      ['by throwing from a buffered handler', "export const handler = async () => { throw new Error('no'); };"],
      ['while loading', "throw new Error('no');"],
      ['by exiting', streaming('process.exit(1);')],
      ['by a status HTTP does not have', preludeOf({ statusCode: 1000 })],
      ['by a header HTTP does not allow', preludeOf({ statusCode: 200, headers: { 'x-a': 'b\nc: d' } })],
      ['by a header name HTTP does not allow', preludeOf({ statusCode: 200, headers: { 'x a': 'b' } })],
      [
        'by an incomplete prelude',
        streaming(
          "stream.setContentType('application/vnd.awslambda.http-integration-response'); stream.write('{'); stream.end();",
        ),
      ],
      [
        'by a prelude that is not JSON',
        streaming(
          "stream.setContentType('application/vnd.awslambda.http-integration-response'); stream.write('no\\0\\0\\0\\0\\0\\0\\0\\0'); stream.end();",
        ),
      ],
    ])('%s answers 502', async (_, source) => {
      const { url } = defineUrl(source, { invokeMode });
      expect(await http(url)).toMatchObject({
        status: 502,
        body: 'Internal Server Error',
        headers: { 'x-local-failure': expect.stringMatching(/\w{4,}/) },
      });
    });
  },
);

test.each([
  ['throws', "throw new Error('late');"],
  ['exits', 'setTimeout(() => process.exit(1), 20); await new Promise(() => {});'],
])('a function that %s in the middle of its stream cuts the connection', async (_, ending) => {
  const { url } = defineUrl(streaming(`await new Promise((sent) => stream.write('prefix', sent)); ${ending}`));
  const response = await fetch(url);
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow();
});

test('a public URL passes on the authorization header, which is the business of the function', async () => {
  const { url } = defineUrl(ECHO, { invokeMode: 'BUFFERED' });
  const { body } = await http(url, { headers: { authorization: 'Bearer token' } });
  expect(JSON.parse(body).headers.authorization).toBe('Bearer token');
});

describe('AWS_IAM', () => {
  test('needs both permissions on the alias, with their condition keys', async () => {
    const { url, functionArn } = defineUrl(ECHO, { authType: 'AWS_IAM', invokeMode: 'BUFFERED' });
    const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: SECRET };
    const target = `${url}path?q=1`;
    const { status, body } = await http(target, { headers: await signedHeaders(target, REGION, credentials) });
    expect(status).toBe(200);
    const event = JSON.parse(body);
    expect(event.requestContext).toMatchObject({ accountId: ACCOUNT, authorizer: { iam: { userArn: PRINCIPAL } } });
    expect(event.headers).not.toHaveProperty('authorization');
    const common = { principal: TESTER, resource: `${functionArn}:live`, requestId: expect.any(String) };
    expect(asked).toMatchObject([
      { ...common, action: 'lambda:InvokeFunctionUrl', context: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
      { ...common, action: 'lambda:InvokeFunction', context: { 'lambda:InvokedViaFunctionUrl': 'true' } },
    ]);
  });

  test.each(['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'])('refuses a caller without %s', async (action) => {
    const { url } = defineUrl(ECHO, { authType: 'AWS_IAM' });
    denied = action;
    const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: SECRET };
    const answer = await http(url, { headers: await signedHeaders(url, REGION, credentials) });
    expect(answer).toMatchObject({
      status: 403,
      body: '{"Message":"Forbidden"}',
      headers: {
        'x-amzn-errortype': 'AccessDeniedException',
        'x-local-refusal': `not authorized to perform: ${action}`,
      },
    });
  });

  test('refuses an unsigned request and a wrong signature without asking IAM', async () => {
    const { url } = defineUrl(ECHO, { authType: 'AWS_IAM' });
    expect(await http(url)).toMatchObject({
      status: 403,
      headers: {
        'x-local-refusal': expect.stringMatching(
          /^Missing Authentication Token: the request is not signed, .*aws:amz:<region>:lambda.*urls-auth\.html\)$/,
        ),
      },
    });
    const wrong = { accessKeyId: 'AKIATEST', secretAccessKey: 'wrong' };
    const answer = await http(url, { headers: await signedHeaders(url, REGION, wrong) });
    expect(answer).toMatchObject({ status: 403, headers: { 'x-amzn-errortype': 'InvalidSignatureException' } });
    expect(answer.body).toMatch(/^\{"message":"The request signature we calculated does not match/);
    expect(asked).toEqual([]);
  });
});

test('the trace that the function sees is in its event and in the head of the response', async () => {
  const { url } = defineUrl(
    'export const handler = async ({ headers }) => [headers["x-amzn-trace-id"], process.env._X_AMZN_TRACE_ID];',
  );
  const own = await http(url);
  const trace = own.headers['x-amzn-trace-id'];
  expect(trace).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/);
  expect(JSON.parse(own.body)).toEqual([trace, trace]);
  const given = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
  const passedOn = await http(url, { headers: { 'x-amzn-trace-id': given } });
  expect(passedOn.headers['x-amzn-trace-id']).toBe(given);
  expect(JSON.parse(passedOn.body)).toEqual([given, given]);
});

test('NONE still needs a policy that lets everybody in', async () => {
  const { url } = defineUrl(ECHO);
  denied = 'lambda:InvokeFunctionUrl';
  expect((await http(url)).status).toBe(403);
  expect(asked).toMatchObject([
    { principal: { kind: 'anonymous' }, context: { 'lambda:FunctionUrlAuthType': 'NONE' } },
    { principal: { kind: 'anonymous' }, context: { 'lambda:InvokedViaFunctionUrl': 'true' } },
  ]);
});

describe('CORS', () => {
  const cors = {
    AllowOrigins: ['https://*.example.com'],
    AllowMethods: ['GET', 'POST'],
    AllowHeaders: ['*'],
    ExposeHeaders: ['x-own'],
    AllowCredentials: true,
    MaxAge: 60,
  };

  test('answers a preflight itself', async () => {
    const { url } = defineUrl('process.exit(1);', { cors });
    const headers = {
      origin: 'https://app.example.com',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-a,x-b',
    };
    expect(await http(url, { method: 'OPTIONS', headers })).toMatchObject({
      status: 200,
      headers: {
        'access-control-allow-origin': 'https://app.example.com',
        'access-control-allow-methods': 'GET,POST',
        'access-control-allow-headers': 'x-a,x-b',
        'access-control-allow-credentials': 'true',
        'access-control-max-age': '60',
      },
    });
  });

  test('marks the response for an allowed origin, over what the function says, and for no other', async () => {
    const { url } = defineUrl(
      'export const handler = async () => ({ statusCode: 200, headers: { "Access-Control-Allow-Origin": "*" } });',
      { cors },
    );
    const allowed = await http(url, { headers: { origin: 'https://app.example.com' } });
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example.com',
      'access-control-expose-headers': 'x-own',
    });
    const other = await http(url, { headers: { origin: 'https://example.org' } });
    expect(other.headers['access-control-expose-headers']).toBeUndefined();
  });
});

test('an unknown id, a body that is too large and a throttled function say so', async () => {
  expect(await http(`${lambda.url}/lambda-url/nothing/`)).toMatchObject({ status: 404, body: '{"Message":null}' });
  const { url } = defineUrl(ECHO);
  expect((await http(url, { method: 'POST', body: 'x'.repeat(6_291_457) })).status).toBe(413);
  const throttled = await start({ fault: () => ({ throttle: true }) });
  try {
    expect((await http(defineUrl(ECHO, {}, throttled).url)).status).toBe(429);
  } finally {
    await throttled.stop();
  }
});
