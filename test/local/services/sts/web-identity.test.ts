/** Roles assumed over the wire by a token, with the SDK's own provider of credentials, which signs nothing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { fromTokenFile } from '@aws-sdk/credential-provider-web-identity';
import {
  AssumeRoleWithWebIdentityCommand,
  type AssumeRoleWithWebIdentityCommandInput,
  STSClient,
} from '@aws-sdk/nested-clients/sts';
import { type LocalTarget, startLocal, type TokenOptions } from 'cdk-lambda-streaming/local';
import { functionResources, removeFolders, writeAssembly } from '../../engine/write-assembly';

const ENV = { account: '111111111111', region: 'eu-west-1' };
const ISSUER = 'https://token.actions.githubusercontent.com';
const NAME = 'token.actions.githubusercontent.com';
const AWS_AUDIENCE = 'sts.amazonaws.com';
const providerArn = (name: string) => `arn:aws:iam::${ENV.account}:oidc-provider/${name}`;
const roleArn = (name: string) => `arn:aws:iam::${ENV.account}:role/${name}`;

const role = (
  RoleName: string,
  Federated: string,
  Condition: object = {},
  Action: unknown = 'sts:AssumeRoleWithWebIdentity',
) => ({
  Type: 'AWS::IAM::Role',
  DependsOn: 'Provider',
  Properties: {
    RoleName,
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { Federated }, Action, Condition },
    },
    Policies: [
      {
        PolicyName: 'Invoke',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: {
            Effect: 'Allow',
            Action: 'lambda:InvokeFunction',
            Resource: '*',
            Condition: { StringEquals: { 'aws:FederatedProvider': Federated } },
          },
        },
      },
    ],
  },
});

let local: LocalTarget;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'token-'));
  local = await startLocal({ region: ENV.region, issuers: { 'https://real.example': { keys: [] } } });
  const Resources = {
    ...functionResources({ FunctionName: 'chat' }),
    Provider: { Type: 'AWS::IAM::OIDCProvider', Properties: { Url: ISSUER, ClientIdList: [AWS_AUDIENCE] } },
    Nobody: { Type: 'AWS::IAM::OIDCProvider', Properties: { Url: 'https://nobody.example' } },
    Deploy: role('Deploy', providerArn(NAME), { StringLike: { [`${NAME}:sub`]: 'repo:octo/*' } }),
    Tagged: role('Tagged', providerArn(NAME), {}, ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession']),
    Outside: role('Outside', providerArn('outside.example'), { StringEquals: { 'outside.example:aud': 'app' } }),
    Real: role('Real', providerArn('real.example')),
    Closed: role('Closed', providerArn('nobody.example')),
    Google: role('Google', 'accounts.google.com', { StringEquals: { 'accounts.google.com:aud': 'app' } }),
  };
  await local.deploy(writeAssembly({ S: { ...ENV, template: { Resources } } }));
});
afterAll(async () => {
  await local.stop();
  removeFolders();
  rmSync(folder, { recursive: true });
});

const token = (claims: object = {}, more: Partial<TokenOptions> = {}) =>
  local.token({ issuer: ISSUER, claims: { aud: AWS_AUDIENCE, sub: 'repo:octo/chat:ref:main', ...claims }, ...more });

/** As a program without any credentials. */
async function assume(
  name: string,
  WebIdentityToken: string,
  more: Partial<AssumeRoleWithWebIdentityCommandInput> = {},
) {
  const sts = new STSClient({ endpoint: local.endpoint, region: ENV.region, maxAttempts: 1 });
  const request = { RoleArn: roleArn(name), RoleSessionName: 'run-1', WebIdentityToken, ...more };
  try {
    return await sts.send(new AssumeRoleWithWebIdentityCommand(request));
  } finally {
    sts.destroy();
  }
}

test('a token file becomes a session that calls functions, as the same caller of by', async () => {
  const webIdentityTokenFile = join(folder, 'token');
  writeFileSync(webIdentityTokenFile, token());
  const { endpoint } = local;
  const credentials = fromTokenFile({
    webIdentityTokenFile,
    roleArn: roleArn('Deploy'),
    roleSessionName: 'run-1',
    clientConfig: { endpoint, region: ENV.region },
  });
  const by = { provider: providerArn(NAME), claims: { aud: AWS_AUDIENCE, sub: 'repo:octo/chat:ref:main' } };
  const clients = [
    new LambdaClient({ endpoint, region: ENV.region, credentials }),
    new LambdaClient(local.clientConfig({ as: 'Deploy', sessionName: 'run-1', by })),
  ];
  for (const client of clients) {
    // The role's policy asks for the provider that the session came by.
    const { StatusCode } = await client.send(new InvokeCommand({ FunctionName: 'chat', InvocationType: 'DryRun' }));
    expect(StatusCode).toBe(204);
    const refused = client.send(new GetFunctionCommand({ FunctionName: 'chat' }));
    await expect(refused).rejects.toThrow(
      `User: arn:aws:sts::${ENV.account}:assumed-role/Deploy/run-1 is not authorized`,
    );
    client.destroy();
  }
});

test.each<[string, string, () => string]>([
  ['tags', 'Tagged', () => token({ 'https://aws.amazon.com/tags': { principal_tags: { team: ['chat'] } } })],
  [
    'a provider that no stack defines',
    'Outside',
    () => local.token({ issuer: 'https://outside.example', claims: { aud: 'app' } }),
  ],
  [
    'an issuer that every account knows',
    'Google',
    () => local.token({ issuer: 'https://accounts.google.com', claims: { aud: 'app', sub: 'ann' } }),
  ],
])('a role is assumed with %s', async (_, name, made) => {
  const answer = await assume(name, made(), { DurationSeconds: 900 });
  expect(answer.AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${ENV.account}:assumed-role/${name}/run-1`);
  expect(answer.Credentials?.Expiration).toBeInstanceOf(Date);
});

test('the answer says what of the token was read', async () => {
  expect(await assume('Deploy', token())).toMatchObject({
    SubjectFromWebIdentityToken: 'repo:octo/chat:ref:main',
    Audience: AWS_AUDIENCE,
    Provider: ISSUER,
  });
});

/** A token whose last letters are others. */
const forged = (good: string) => `${good.slice(0, -6)}${good.endsWith('AAAAAA') ? 'BBBBBB' : 'AAAAAA'}`;
const unsigned = (claims: object) =>
  `${[{ alg: 'none' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;
const later = () => Math.floor(Date.now() / 1_000) + 3_600;

test.each<[string, string, () => string, Partial<AssumeRoleWithWebIdentityCommandInput>, string, RegExp]>([
  ['has expired', 'Deploy', () => token({}, { expiresInSeconds: -1 }), {}, 'ExpiredTokenException', /^Token expired/],
  [
    'is for somebody else',
    'Deploy',
    () => token({ aud: 'app' }),
    {},
    'InvalidIdentityToken',
    /^Incorrect token audience/,
  ],
  [
    'is for nobody',
    'Deploy',
    () => local.token({ issuer: ISSUER, claims: { sub: 'repo:octo/chat' } }),
    {},
    'InvalidIdentityToken',
    /audience/,
  ],
  [
    'was asked for by the right client, for another',
    'Deploy',
    () => token({ aud: 'app', azp: AWS_AUDIENCE }),
    {},
    'InvalidIdentityToken',
    /audience/,
  ],
  [
    'is of a provider without clients',
    'Closed',
    () => local.token({ issuer: 'https://nobody.example', claims: { aud: 'app' } }),
    {},
    'InvalidIdentityToken',
    /audience/,
  ],
  [
    'is of a provider nobody knows',
    'Deploy',
    () => local.token({ issuer: 'https://evil.example', claims: { aud: AWS_AUDIENCE, sub: 'repo:octo/chat' } }),
    {},
    'InvalidIdentityToken',
    /^No OpenIDConnect provider found in your account for https:\/\/evil\.example/,
  ],
  [
    'is of a provider that another role trusts',
    'Google',
    () => token(),
    {},
    'AccessDenied',
    /^Not authorized to perform sts:AssumeRoleWithWebIdentity/,
  ],
  [
    'has another subject',
    'Deploy',
    () => token({ sub: 'repo:evil/chat' }),
    {},
    'AccessDenied',
    /^Not authorized to perform sts:AssumeRoleWithWebIdentity/,
  ],
  ['is for a role that is not there', 'Gone', () => token(), {}, 'AccessDenied', /no deployed stack defines the role/],
  ['is not signed well', 'Deploy', () => forged(token()), {}, 'InvalidIdentityToken', /its signature is wrong/],
  [
    'is not signed',
    'Deploy',
    () => unsigned({ iss: ISSUER, aud: AWS_AUDIENCE, sub: 'repo:octo/chat', exp: later() }),
    {},
    'InvalidIdentityToken',
    /is/,
  ],
  [
    'is signed here for an issuer whose keys were given',
    'Real',
    () => local.token({ issuer: 'https://real.example', claims: { aud: 'app' } }),
    {},
    'InvalidIdentityToken',
    /its issuer has no key/,
  ],
  ['is no token', 'Deploy', () => 'Atza|IQEBLjAsAhRF', {}, 'InvalidIdentityToken', /not a valid JWT/],
  [
    'wants tags without leave',
    'Deploy',
    () => token({ 'https://aws.amazon.com/tags': { principal_tags: { a: ['b'] } } }),
    {},
    'AccessDenied',
    /TagSession/,
  ],
  [
    'names who is behind it',
    'Deploy',
    () => token({ 'https://aws.amazon.com/source_identity': 'ann' }),
    {},
    'InvalidIdentityToken',
    /does not play the claim/,
  ],
  [
    'wants longer than the role lives',
    'Deploy',
    token,
    { DurationSeconds: 3_601 },
    'ValidationError',
    /MaxSessionDuration/,
  ],
  ['is a token of OAuth', 'Deploy', token, { ProviderId: 'www.amazon.com' }, 'ValidationError', /ProviderId/],
])('nobody gets a session by a token that %s', async (_, name, made, more, type, message) => {
  const refused = assume(name, made(), more);
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.toMatchObject({ name: expect.stringMatching(type.replace(/Exception$/, '')) });
});

test.each([
  [
    'AssumeRoleWithSAML',
    `Version=2011-06-15&PrincipalArn=arn:aws:iam::${ENV.account}:saml-provider/Okta&RoleArn=${roleArn('Deploy')}&SAMLAssertion=PHNhbWw`,
    /<Code>ValidationError<.*by: \{ provider: &#39;arn:aws:iam::111111111111:saml-provider\/Okta&#39;/,
  ],
  ['GetCallerIdentity', 'Version=2011-06-15', /<Code>MissingAuthenticationToken/],
  ['GetSessionToken', 'Version=2011-06-15', /<Code>LocalServiceUnavailable<.*GetSessionToken of sts/],
  ['SendMessage', 'Version=2012-11-05', /<Code>LocalServiceUnavailable</],
])('%s by somebody who does not sign is refused as an SDK can read it', async (action, rest, expected) => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await fetch(local.endpoint, { method: 'POST', headers, body: `Action=${action}&${rest}` });
  expect(answer.headers.get('content-type')).toBe('text/xml');
  expect(await answer.text()).toMatch(expected);
});
