/** Who may call a REST API: IAM, resource policies, Lambda authorizers and keys, as the CDK writes them. */
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CfnOutput, Duration } from 'aws-cdk-lib/core';
import { StreamingRestApi } from 'cdk-lambda-streaming';
import type { TokenOptions } from 'cdk-lambda-streaming/local';
import { signedHeaders } from '../http/sign-request';
import { ENV, type FrontEndApp, frontEndApp, type SendOptions, send } from './front-end-app';

const WHO = `async ({ headers, requestContext }) => ({
  body: JSON.stringify({ headers, authorizer: requestContext.authorizer, identity: requestContext.identity }),
})`;
const STREAM = `awslambda.streamifyResponse(async (event, stream) => {
  const out = awslambda.HttpResponseStream.from(stream, { statusCode: 200 });
  out.write(event.requestContext.identity.userArn);
  out.end();
})`;
/** What the token says: the effect of its policy, or how the authorizer fails; counts its calls. */
const AUTHORIZER = `async (event) => {
  globalThis.calls = (globalThis.calls ?? 0) + 1;
  const said = event.authorizationToken ?? event.headers['x-token'];
  if (said === 'unauthorized') throw new Error('Unauthorized');
  if (said === 'crash') throw new Error('no luck');
  if (said === 'malformed') return { principalId: 'p' };
  if (said === 'long') event.methodArn += 'a'.repeat(512);
  const Resource = said === 'all' ? event.methodArn.replace(/prod.*/, '*') : event.methodArn;
  const Effect = said === 'deny' ? 'Deny' : 'Allow';
  return {
    principalId: 'user-1',
    policyDocument: { Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect, Resource: said === 'other' ? 'arn:aws:execute-api:*:*:other/*' : Resource }] },
    context: { calls: globalThis.calls, path: event.path, type: event.type, flag: true },
    usageIdentifierKey: 'a-key-that-is-long-enough',
  };
}`;

let app: FrontEndApp;
const url = (name: string, path: string) => `${app.output(`${name}Url`)}${path}`;

beforeAll(async () => {
  app = await frontEndApp(({ stack, fn, role }) => {
    const who = new apigateway.LambdaIntegration(fn('Who', WHO));
    const open = new apigateway.RestApi(stack, 'Open', { cloudWatchRole: false });
    const streams = new StreamingRestApi(stack, 'Streams');
    const chat = streams.addStream('POST', '/chat/{room}', fn('Stream', STREAM), {
      authorizationType: apigateway.AuthorizationType.IAM,
    });
    const visitor = role('Visitor');
    visitor.addToPolicy(
      new iam.PolicyStatement({
        actions: ['execute-api:Invoke'],
        resources: [streams.arnForExecuteApi('POST', '/chat/green', 'prod')],
      }),
    );
    chat.grantExecute(role('Everywhere'));
    role('Stranger');

    const token = new apigateway.TokenAuthorizer(stack, 'Token', {
      handler: fn('TokenFunction', AUTHORIZER),
      validationRegex: '[a-z]+',
    });
    const request = new apigateway.RequestAuthorizer(stack, 'Request', {
      handler: fn('RequestFunction', AUTHORIZER),
      identitySources: [apigateway.IdentitySource.header('x-token'), apigateway.IdentitySource.queryString('tenant')],
      resultsCacheTtl: Duration.seconds(0),
    });
    for (const path of ['one', 'two']) {
      open.root.addResource(path).addMethod('GET', who, { authorizer: token });
    }
    open.root.addResource('request').addResource('{id}').addMethod('GET', who, { authorizer: request });
    const pool = new cognito.UserPool(stack, 'Pool');
    const cognitoAuthorizer = new apigateway.CognitoUserPoolsAuthorizer(stack, 'Cognito', { cognitoUserPools: [pool] });
    const byPool = open.root.addResource('cognito');
    byPool.addMethod('GET', who, { authorizer: cognitoAuthorizer });
    byPool.addMethod('PUT', who, { authorizer: cognitoAuthorizer, authorizationScopes: ['rooms/write', 'rooms/all'] });
    new CfnOutput(stack, 'PoolId', { value: pool.userPoolId });
    const keyed = open.root.addResource('keyed').addMethod('GET', who, { apiKeyRequired: true });
    const plan = open.addUsagePlan('Plan', { apiStages: [{ api: open, stage: open.deploymentStage, throttle: [] }] });
    plan.addApiKey(open.addApiKey('Key', { value: 'a-key-that-is-long-enough' }));
    open.addApiKey('Unplanned', { value: 'a-key-that-has-no-plan-here' });
    expect(keyed).toBeDefined();

    const guarded = new apigateway.RestApi(stack, 'Guarded', {
      cloudWatchRole: false,
      policy: new iam.PolicyDocument({
        statements: [
          new iam.PolicyStatement({
            principals: [new iam.AnyPrincipal()],
            actions: ['execute-api:Invoke'],
            resources: ['execute-api:/*/GET/open', 'execute-api:/*/GET/token'],
          }),
          new iam.PolicyStatement({
            effect: iam.Effect.DENY,
            principals: [new iam.AnyPrincipal()],
            actions: ['execute-api:Invoke'],
            resources: ['execute-api:/*/GET/denied'],
          }),
        ],
      }),
    });
    const guard = new apigateway.TokenAuthorizer(stack, 'GuardToken', { handler: fn('GuardFunction', AUTHORIZER) });
    for (const path of ['open', 'closed']) guarded.root.addResource(path).addMethod('GET', who);
    for (const path of ['token', 'denied']) guarded.root.addResource(path).addMethod('GET', who, { authorizer: guard });
    for (const [name, api] of Object.entries({ Open: open, Streams: streams, Guarded: guarded })) {
      new CfnOutput(stack, `${name}Url`, { value: api.url });
    }
  });
});

afterAll(() => app?.stop());

describe('AWS_IAM', () => {
  async function chat(
    room: string,
    as?: string,
    { body = '{}', ...more }: SendOptions & { service?: 'execute-api' | 'lambda' } = {},
  ) {
    const address = url('Streams', `chat/${room}`);
    const { service = 'execute-api' } = more;
    const sign =
      as === undefined ? undefined : app.local.sign({ as: `arn:aws:iam::${ENV.account}:role/${as}`, service });
    const signed = { method: 'POST', body: '{}', service };
    const headers = sign ? await signedHeaders(address, sign.region, sign.credentials, signed) : {};
    return await send(address, { method: 'POST', headers, body });
  }

  test('lets in whom a policy allows the path that is called', async () => {
    expect(await chat('green', 'Visitor')).toMatchObject({
      status: 200,
      body: `arn:aws:sts::${ENV.account}:assumed-role/Visitor/local`,
    });
    expect((await chat('red', 'Everywhere')).status).toBe(200);
  });

  test.each([
    ['another path', 'red', 'Visitor'],
    ['anything', 'green', 'Stranger'],
  ])('refuses %s in the words of IAM, which can be explained', async (_name, room, as) => {
    const answer = await chat(room, as);
    expect([answer.status, answer.headers['x-amzn-errortype']]).toEqual([403, 'AccessDeniedException']);
    expect(answer.json()['Message']).toMatch(
      new RegExp(
        `assumed-role/${as}/local is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:${ENV.account}:\\w+/prod/POST/chat/${room}`,
      ),
    );
    expect(app.local.explain(answer.body).missing[0]?.statement).toMatchObject({ Action: 'execute-api:Invoke' });
  });

  test('refuses who does not sign, signs another body or for another service', async () => {
    const unsigned = await chat('green');
    expect([unsigned.status, unsigned.json()]).toEqual([403, { message: 'Missing Authentication Token' }]);
    for (const changes of [{ body: 'changed' }, { service: 'lambda' }] as const) {
      const answer = await chat('green', 'Visitor', changes);
      expect([answer.status, answer.headers['x-amzn-errortype']]).toEqual([403, 'InvalidSignatureException']);
    }
  });
});

describe('a Lambda authorizer', () => {
  const call = (path: string, headers: Record<string, string> = {}) => send(url('Open', path), { headers });
  const withToken = (authorization: string, path = 'one') => call(path, { authorization });

  test.each([
    ['no token', () => call('one'), 401, { message: 'Unauthorized' }],
    ['a token of another form', () => withToken('123'), 401, { message: 'Unauthorized' }],
    ['the word Unauthorized', () => withToken('unauthorized'), 401, { message: 'Unauthorized' }],
    ['a failure', () => withToken('crash'), 500, { message: null }],
    ['an answer without a policy', () => withToken('malformed'), 500, { message: null }],
    ['a Resource of more than 512 characters', () => withToken('long'), 500, { message: null }],
    [
      'a policy that denies',
      () => withToken('deny'),
      403,
      { Message: 'User is not authorized to access this resource with an explicit deny' },
    ],
    [
      'a policy about something else',
      () => withToken('other'),
      403,
      { Message: 'User is not authorized to access this resource' },
    ],
  ])('refuses %s', async (_name, ask, status, body) => {
    const answer = await ask();
    expect([answer.status, answer.json()]).toEqual([status, body]);
  });

  test('gives its context to the event, as strings, and how long it took', async () => {
    const { authorizer, headers } = (await withToken('any')).json() as Record<string, Record<string, string>>;
    expect(authorizer).toEqual({
      principalId: 'user-1',
      calls: expect.stringMatching(/^\d+$/),
      type: 'TOKEN',
      flag: 'true',
      integrationLatency: expect.any(Number),
    });
    expect(headers?.['Authorization']).toBe('any');
    expect((await withToken('any')).json()['authorizer']).toEqual({ ...authorizer, integrationLatency: 0 });
  });

  test('is asked once for a token; its policy decides anew for each method', async () => {
    const calls = async (token: string, path: string) => {
      const { status, json } = await withToken(token, path);
      return [status, (json()['authorizer'] as { calls?: string } | undefined)?.calls];
    };
    const [, first] = await calls('all', 'one');
    expect(await calls('all', 'two')).toEqual([200, first]);
    // One that allows only the method it was asked about.
    expect((await calls('narrow', 'two'))[0]).toBe(200);
    expect((await calls('narrow', 'one'))[0]).toBe(403);
    expect((await calls('narrow', 'two'))[0]).toBe(200);
  });

  test('of the type REQUEST sees the request, and is always asked with a TTL of 0', async () => {
    const ask = async (path: string) =>
      (await call(path, { 'x-token': 'all' })).json()['authorizer'] as Record<string, string>;
    const first = await ask('request/7?tenant=a');
    expect(first).toMatchObject({ path: '/request/7', type: 'REQUEST' });
    const second = await ask('request/7?tenant=a');
    expect(Number(second['calls'])).toBe(Number(first['calls']) + 1);
    expect((await call('request/7', { 'x-token': 'all' })).status).toBe(401);
  });
});

describe('a resource policy', () => {
  const call = (path: string, authorization?: string) =>
    send(url('Guarded', path), { headers: authorization === undefined ? {} : { authorization } });

  test('lets in to open methods whom it allows, and nobody else', async () => {
    expect((await call('open')).status).toBe(200);
    const { status, json } = await call('closed');
    expect([status, json()['Message']]).toEqual([
      403,
      expect.stringContaining('anonymous is not authorized to perform: execute-api:Invoke'),
    ]);
  });

  test('or the authorizer allows, and its denies win', async () => {
    expect((await call('token', 'other')).status).toBe(200);
    expect((await call('token', 'deny')).status).toBe(403);
    expect((await call('denied', 'all')).status).toBe(403);
  });
});

test('a required key must be enabled and in a plan of the stage', async () => {
  const call = (headers: Record<string, string> = {}) => send(url('Open', 'keyed'), { headers });
  for (const headers of [{}, { 'x-api-key': 'nobody' }, { 'x-api-key': 'a-key-that-has-no-plan-here' }]) {
    const answer = await call(headers as Record<string, string>);
    expect([answer.status, answer.json()]).toEqual([403, { message: 'Forbidden' }]);
  }
  const { status, json } = await call({ 'x-api-key': 'a-key-that-is-long-enough' });
  expect([status, json()['identity']]).toEqual([
    200,
    expect.objectContaining({ apiKey: 'a-key-that-is-long-enough', apiKeyId: expect.stringMatching(/^[a-z0-9]{10}$/) }),
  ]);
});

describe('a Cognito authorizer', () => {
  const ask = (token: string | undefined, method = 'GET') =>
    send(url('Open', 'cognito'), { method, headers: token === undefined ? {} : { authorization: token } });
  const token = (options: Partial<TokenOptions> = {}) =>
    app.local.token({ userPool: app.output('PoolId'), ...options });

  test('lets in a user with an ID token of its pool, whose claims are in the event', async () => {
    const claims = { email: 'ada@example.com', 'cognito:groups': ['admins', 'users'] };
    const { status, json } = await ask(`Bearer ${token({ clientId: 'client', claims })}`);
    expect([status, json()['authorizer']]).toMatchObject([
      200,
      {
        claims: {
          email: 'ada@example.com',
          'cognito:groups': 'admins,users',
          aud: 'client',
          token_use: 'id',
          iss: `https://cognito-idp.eu-west-1.amazonaws.com/${app.output('PoolId')}`,
        },
      },
    ]);
    expect(app.warnings.filter((text) => text.includes('refused'))).toEqual([]);
  });

  test('wants an access token with a scope where the method has scopes', async () => {
    const claims = { scope: 'rooms/read rooms/write' };
    expect((await ask(token({ use: 'access', claims }), 'PUT')).status).toBe(200);
    const refused = await ask(token({ use: 'access', claims: { scope: 'rooms/read' } }), 'PUT');
    expect([refused.status, refused.headers['x-local-refusal']]).toEqual([
      401,
      'the token is not good: it has none of the scopes rooms/write, rooms/all',
    ]);
    expect((await ask(token(), 'PUT')).headers['x-local-refusal']).toContain("its token_use is 'id' and not 'access'");
  });

  test('refuses everybody else with 401, and says why', async () => {
    const good = token();
    const cases: readonly (readonly [string | undefined, string, string])[] = [
      [undefined, 'Unauthorized', 'the request has no method.request.header.Authorization'],
      ['x.y.z', 'Unauthorized', 'it is no JSON Web Token'],
      [`${good.slice(0, -6)}AAAAAA`, 'Unauthorized', 'its signature is wrong'],
      [token({ use: 'access' }), 'Unauthorized', "its token_use is 'access' and not 'id'"],
      [
        token({ userPool: 'eu-west-1_other' }),
        'Unauthorized',
        "its issuer is 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_other'",
      ],
      [token({ expiresInSeconds: -1 }), 'The incoming token has expired', 'it has expired'],
    ];
    for (const [sent, message, reason] of cases) {
      const { status, headers, json } = await ask(sent);
      expect([status, json()['message'], headers['x-local-refusal']]).toEqual([
        401,
        message,
        expect.stringContaining(reason),
      ]);
    }
  });
});
