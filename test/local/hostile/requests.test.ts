/** Requests that no SDK makes: each gets an answer of the service, none gets what it may not have, and the target goes on. */
import { rmSync } from 'node:fs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { temporaryFolder } from '../engine/write-assembly';
import { signedHeaders } from '../http/sign-request';
import { streamOf } from '../operations/local-lambda';
import { type HostileTarget, REGION, startTarget, synthesize } from './hostile-fixture';

let target: HostileTarget;
const folder = temporaryFolder();
beforeAll(async () => {
  target = await startTarget(synthesize(folder));
});
afterEach(() => target.expectAlive());
afterAll(async () => {
  await target.end();
  rmSync(folder, { recursive: true, force: true });
});

interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly region?: string;
  readonly service?: string;
  readonly at?: Date;
  /** What becomes of the signed headers on their way. */
  readonly forge?: (headers: Record<string, string>) => Record<string, string>;
  readonly to?: 'api' | 'services';
}

const INVOKE = '/2015-03-31/functions/echo/invocations';

async function send({
  path = INVOKE,
  method = 'POST',
  body = '{}',
  headers = {},
  region = REGION,
  service = 'lambda',
  at = new Date(),
  forge = (signed) => signed,
  to = 'api',
}: Sent): Promise<{ readonly status: number; readonly type: string | null; readonly text: string }> {
  const url = `http://127.0.0.1:${target.ports[to]}${path}`;
  const options = { method, body: body.toString(), headers, service, at };
  const signed = await signedHeaders(url, region, target.credentials, options);
  const { host: _, ...sent } = forge({ ...signed });
  const answer = await fetch(url, { method, headers: sent, ...(method !== 'GET' && { body }) });
  return { status: answer.status, type: answer.headers.get('x-amzn-errortype'), text: await answer.text() };
}

const MINUTE = 60_000;
const later = (minutes: number) => new Date(Date.now() + minutes * MINUTE);
const edited = (edit: (authorization: string) => string) => (headers: Record<string, string>) => ({
  ...headers,
  authorization: edit(headers['authorization'] ?? ''),
});
const without =
  (...names: readonly string[]) =>
  (headers: Record<string, string>) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));

describe('a signature', () => {
  test('that is right is let in, also four minutes early or late', async () => {
    for (const minutes of [0, -4, 4]) expect((await send({ at: later(minutes) })).status).toBe(200);
  });

  test.each<readonly [string, Sent, number, string]>([
    ['six minutes old', { at: later(-6) }, 403, 'InvalidSignatureException'],
    ['six minutes early', { at: later(6) }, 403, 'InvalidSignatureException'],
    ['for another service', { service: 's3' }, 403, 'InvalidSignatureException'],
    ['for another region', { region: 'us-west-2' }, 404, 'ResourceNotFoundException'],
    [
      'for a payload that it does not cover',
      { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } },
      403,
      'InvalidSignatureException',
    ],
    ['for another host', { forge: edited((text) => text.replace('host;', '')) }, 400, 'IncompleteSignatureException'],
    [
      'at a time that does not exist',
      { forge: (headers) => ({ ...headers, 'x-amz-date': '20269999T999999Z' }) },
      400,
      'IncompleteSignatureException',
    ],
    [
      'with half a day',
      { forge: edited((text) => text.replace(/\/\d{8}\//, '/2026/')) },
      403,
      'InvalidSignatureException',
    ],
    ['in capitals', { forge: edited((text) => text.toUpperCase()) }, 400, 'IncompleteSignatureException'],
    [
      'of zeros',
      { forge: edited((text) => text.replace(/[0-9a-f]{64}/, '0'.repeat(64))) },
      403,
      'InvalidSignatureException',
    ],
    ['without a session token', { forge: without('x-amz-security-token') }, 403, 'UnrecognizedClientException'],
    [
      'with another token',
      { forge: (headers) => ({ ...headers, 'x-amz-security-token': 'x' }) },
      403,
      'UnrecognizedClientException',
    ],
    ['without a time', { forge: without('x-amz-date') }, 400, 'IncompleteSignatureException'],
    [
      'of an unknown key',
      { forge: edited((text) => text.replace(/ASIA\w+/, 'ASIAUNKNOWN')) },
      403,
      'UnrecognizedClientException',
    ],
    ['that is none', { forge: without('authorization') }, 403, 'MissingAuthenticationTokenException'],
    ['of another kind', { forge: edited(() => 'Basic dXNlcjpwYXNz') }, 400, 'IncompleteSignatureException'],
    [
      'of kilobytes',
      { forge: edited(() => `AWS4-HMAC-SHA256 ${'a='.repeat(3_000)}`) },
      400,
      'IncompleteSignatureException',
    ],
  ])('%s is refused', async (_, sent, status, type) => {
    expect(await send(sent)).toMatchObject({ status, type });
  });

  test('of another body is refused', async () => {
    const signed = await signedHeaders(`${target.endpoint}${INVOKE}`, REGION, target.credentials, {
      method: 'POST',
      body: '{}',
    });
    const answer = await fetch(`${target.endpoint}${INVOKE}`, { method: 'POST', headers: signed, body: '{"more":1}' });
    expect(answer.status).toBe(403);
  });

  test.each([
    ['another path', '/2015-03-31/functions/echo2/invocations'],
    ['a query', `${INVOKE}?Qualifier=closed`],
    ['dots in the path', '/2015-03-31/functions/x/../other/invocations'],
  ])('of %s is refused', async (_, path) => {
    const headers = await signedHeaders(`${target.endpoint}${INVOKE}`, REGION, target.credentials, { method: 'POST' });
    expect([400, 403, 404]).toContain((await fetch(`${target.endpoint}${path}`, { method: 'POST', headers })).status);
  });
});

const context = (text: string) => ({ 'x-amz-client-context': Buffer.from(text).toString('base64') });

describe('an invocation', () => {
  test.each<readonly [string, Sent, number]>([
    ['a name of another script', { path: `/2015-03-31/functions/${encodeURIComponent('функция')}/invocations` }, 400],
    ['a name with NUL', { path: '/2015-03-31/functions/echo%00/invocations' }, 400],
    ['a name that leads elsewhere', { path: '/2015-03-31/functions/..%2f..%2fecho/invocations' }, 400],
    ['a name of a kilobyte', { path: `/2015-03-31/functions/${'a'.repeat(1_000)}/invocations` }, 400],
    ['an escape that is none', { path: '/2015-03-31/functions/%zz/invocations' }, 400],
    ['the name of a member of every object', { path: '/2015-03-31/functions/constructor/invocations' }, 404],
    ['a qualifier of a kilobyte', { path: `${INVOKE}?Qualifier=${'a'.repeat(1_000)}` }, 400],
    ['a qualifier of every object', { path: `${INVOKE}?Qualifier=__proto__` }, 404],
    ['an event that is cut', { body: '{"a":' }, 400],
    ['an event of bytes', { body: Buffer.from([0x7b, 0x22]) }, 400],
    ['an event that is deep', { body: `${'['.repeat(100_000)}${']'.repeat(100_000)}` }, 200],
    ['an event that names the prototype', { body: '{"__proto__":{"polluted":true}}' }, 200],
    ['an unknown kind', { headers: { 'x-amz-invocation-type': 'Maybe' } }, 400],
    ['a client context that is not JSON', { headers: context('{') }, 400],
    ['a client context that is a list', { headers: context('[1]') }, 400],
    ['a client context that is not base64', { headers: { 'x-amz-client-context': '%%%' } }, 400],
    ['a client context too long', { headers: { 'x-amz-client-context': 'A'.repeat(3_600) } }, 400],
    ['a client context of every language', { headers: context('{"custom":{"ключ":"\\u2028 😀 \\ud800"}}') }, 200],
    ['a client context that is deep', { headers: context(`{"custom":${'['.repeat(1_200)}${']'.repeat(1_200)}}`) }, 200],
    [
      'a trace of other bytes',
      { headers: { 'x-amzn-trace-id': 'Root=\u00ff\u00e9' }, forge: (headers) => headers },
      200,
    ],
  ])('with %s is answered', async (_, sent, status) => {
    expect(await send(sent)).toMatchObject({ status });
  });

  test('of more than 6 MB is refused', async () => {
    expect(await send({ body: `"${'x'.repeat(6_291_456)}"` })).toMatchObject({ status: 413 });
  });
});

const json = (operation: string, service: string, input: string): Sent => ({
  path: '/',
  service,
  body: input,
  to: 'services',
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': operation },
});
const ssm = (input: string) => json('AmazonSSM.GetParameter', 'ssm', input);
const sts = (input: Record<string, string>): Sent => ({
  path: '/',
  service: 'sts',
  body: new URLSearchParams(input).toString(),
  to: 'services',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
});

describe('another service', () => {
  test('answers a parameter that was given', async () => {
    expect(await send(ssm('{"Name":"/given"}'))).toMatchObject({
      status: 200,
      text: expect.stringContaining('"value"'),
    });
  });

  test.each<readonly [string, Sent, RegExp]>([
    ['an input that is cut', ssm('{"Name":'), /SerializationException/],
    ['an input that is null', ssm('null'), /SerializationException/],
    ['an input that is a list', ssm('[]'), /SerializationException/],
    ['a parameter of every object', ssm('{"Name":"constructor"}'), /ParameterNotFound/],
    ['a parameter named like the prototype', ssm('{"Name":"__proto__"}'), /ParameterNotFound/],
    [
      'a parameter of another account',
      ssm('{"Name":"arn:aws:ssm:eu-west-1:999999999999:parameter/given"}'),
      /ParameterNotFound|AccessDenied/,
    ],
    ['an operation of every object', json('AmazonSSM.constructor', 'ssm', '{}'), /LocalServiceUnavailable/],
    ['a service of every object', json('X.Y', 'constructor', '{}'), /LocalServiceUnavailable/],
    [
      'a path of every object',
      { ...json('X.Y', 'x', '{}'), path: '/_services/constructor' },
      /LocalServiceUnavailable/,
    ],
    ['the prototype as a path', { ...json('X.Y', 'x', '{}'), path: '/_services/__proto__' }, /LocalServiceUnavailable/],
    ['a handler that throws', { ...json('X.Y', 'x', '{}'), path: '/_services/throwing' }, /no answer/],
    ['a handler that answers nonsense', { ...json('X.Y', 'x', '{}'), path: '/_services/odd' }, /the handler of/],
    ['a role that nobody has', sts({ Action: 'AssumeRole', RoleArn: 'x', RoleSessionName: 'session' }), /AccessDenied/],
    ['a role without a name', sts({ Action: 'AssumeRole' }), /ValidationError|AccessDenied/],
  ])('that is asked with %s says what is wrong', async (_, sent, words) => {
    const { status, text } = await send(sent);
    expect(text).toMatch(words);
    expect(status).toBeGreaterThanOrEqual(400);
  });
});

describe('a front end', () => {
  const PATHS = [
    '/../../../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/%00',
    '/%zz?%zz=%',
    '/__proto__/constructor?__proto__=1&constructor=2',
    '/ünïcödé/😀',
    `/${'a/'.repeat(3_000)}`,
    '//evil.example/x',
    '/prod/\\..\\x',
    '/?a=1&a=2&a[]=3&=&&',
    '/;x=y',
  ];

  test.each(['Open', 'Signed', 'RestApi', 'HttpApi', 'Distribution'])('%s answers every path', async (name) => {
    const base = (target.outputs[name] ?? '').replace(/\/$/, '');
    for (const path of PATHS) {
      const answer = await fetch(`${base}${path}`);
      const text = await answer.text();
      expect([path, text]).not.toEqual([path, expect.stringContaining('root:')]);
      expect([path, answer.status]).not.toEqual([path, 500]);
    }
  });

  test('that nobody has answers too', async () => {
    for (const path of [
      '/lambda-url/x/',
      '/execute-api/constructor/',
      '/cloudfront/__proto__/',
      '/_services/',
      '/lambda-url//',
    ]) {
      expect((await fetch(`${target.endpoint}${path}`)).status).toBeGreaterThanOrEqual(400);
    }
  });

  test('refuses an unsigned call where IAM decides', async () => {
    for (const name of ['Signed', 'Distribution']) {
      const { status } = await fetch(target.outputs[name] ?? '', { method: 'POST', body: '{}' });
      expect([name, status]).toEqual([name, 403]);
    }
  });
});

test('deployments at once, and during invocations and streams, disturb nobody', async () => {
  const client = new LambdaClient({ endpoint: target.endpoint, region: REGION, credentials: target.credentials });
  const calls = Array.from({ length: 10 }, () => streamOf(client, { FunctionName: 'echo', event: { a: 1 } }));
  await Promise.all([target.tell('deploy'), ...calls]);
  for (const { text } of await Promise.all(calls)) expect(JSON.parse(text)).toEqual({ event: { a: 1 } });
  client.destroy();
});
