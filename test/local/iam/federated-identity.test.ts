import { becomePrincipal } from '../../../src/local/credentials';
import { createAuthorize } from '../../../src/local/iam/authorize';
import type { FederatedIdentity } from '../../../src/local/iam/federated-identity';
import { emptyState, type PolicyStatement } from '../../../src/local/state';

const ACCOUNT = '111111111111';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/Web`;
const FN = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:chat`;
const COGNITO = 'cognito-identity.amazonaws.com';
const GITHUB = 'token.actions.githubusercontent.com';
const GITHUB_ARN = `arn:aws:iam::${ACCOUNT}:oidc-provider/${GITHUB}`;
const SAML_ARN = `arn:aws:iam::${ACCOUNT}:saml-provider/Okta`;
const clock = { now: () => Date.UTC(2026, 10, 28) };

type Condition = PolicyStatement['Condition'];

interface World {
  readonly provider: string;
  readonly action?: string | string[];
  /** Of the trust policy. */
  readonly trust?: Condition;
  /** Of the role's own policy. */
  readonly own?: Condition;
  /** Another statement of the trust policy. */
  readonly more?: PolicyStatement;
}

function stateOf({ provider, action = 'sts:AssumeRoleWithWebIdentity', trust, own, more }: World) {
  const state = emptyState();
  state.roles.set(ROLE, {
    roleArn: ROLE,
    account: ACCOUNT,
    roleName: 'Web',
    roleId: 'AROAWEB',
    trustPolicy: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: provider },
          Action: action,
          ...(trust && { Condition: trust }),
        },
        ...(more ? [more] : []),
      ],
    },
    policies: new Map([
      [
        'p',
        {
          Version: '2012-10-17',
          Statement: { Effect: 'Allow', Action: 'lambda:*', Resource: '*', ...(own && { Condition: own }) },
        },
      ],
    ]),
    maxSessionSeconds: 3_600,
  });
  return state;
}

const become = (world: World, by?: FederatedIdentity) =>
  becomePrincipal(stateOf(world), { as: 'Web', ...(by && { by }) });

/** Whether the session may what the role's policy allows under its condition. */
function mayInvoke(world: World, by?: FederatedIdentity): boolean {
  const state = stateOf(world);
  const principal = becomePrincipal(state, { as: 'Web', ...(by && { by }) });
  return createAuthorize(state, clock)({ principal, action: 'lambda:InvokeFunction', resource: FN }).allowed;
}

/** As the CDK's IdentityPool writes it. */
const POOL: World = {
  provider: COGNITO,
  trust: {
    StringEquals: { [`${COGNITO}:aud`]: 'eu-west-1:pool' },
    'ForAnyValue:StringLike': { [`${COGNITO}:amr`]: 'authenticated' },
  },
};
const ACTIONS: World = {
  provider: GITHUB_ARN,
  trust: {
    StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com' },
    StringLike: { [`${GITHUB}:sub`]: 'repo:octo/*' },
  },
};

describe('a role is assumed by whom an identity provider vouches for', () => {
  test.each<[string, World, FederatedIdentity]>([
    ['an identity pool', POOL, { provider: COGNITO, claims: { aud: 'eu-west-1:pool', amr: ['authenticated', 'x'] } }],
    [
      'a workflow',
      ACTIONS,
      { provider: GITHUB_ARN, claims: { aud: 'sts.amazonaws.com', sub: 'repo:octo/chat:ref:refs/heads/main' } },
    ],
    [
      'a company with SAML',
      {
        provider: SAML_ARN,
        action: 'sts:AssumeRoleWithSAML',
        trust: { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } },
      },
      { provider: SAML_ARN, claims: { aud: 'https://signin.aws.amazon.com/saml' } },
    ],
    [
      'a client on behalf of another',
      {
        provider: 'accounts.google.com',
        trust: { StringEquals: { 'accounts.google.com:aud': 'app', 'accounts.google.com:oaud': 'server' } },
      },
      { provider: 'accounts.google.com', claims: { aud: 'server', azp: 'app' } },
    ],
  ])('%s, by its claims or by what the trust policy wants', (_, world, by) => {
    expect(become(world, by)).toMatchObject({ kind: 'assumed-role', roleArn: ROLE });
    expect(become(world)).toMatchObject({ kind: 'assumed-role', roleArn: ROLE });
  });

  test.each<[string, World, FederatedIdentity]>([
    ['another pool', POOL, { provider: COGNITO, claims: { aud: 'eu-west-1:other', amr: ['authenticated'] } }],
    ['a guest', POOL, { provider: COGNITO, claims: { aud: 'eu-west-1:pool', amr: ['unauthenticated'] } }],
    ['nobody in particular', POOL, { provider: COGNITO }],
    ['another provider', POOL, { provider: GITHUB_ARN, claims: { aud: 'eu-west-1:pool', amr: ['authenticated'] } }],
    [
      'a claim that is no condition key',
      { provider: GITHUB_ARN, trust: { StringEquals: { [`${GITHUB}:roles`]: 'admin' } } },
      { provider: GITHUB_ARN, claims: { roles: 'admin' } },
    ],
    [
      'somebody whom everybody is kept from',
      {
        provider: COGNITO,
        more: { Effect: 'Deny', Principal: { AWS: '*' }, Action: 'sts:AssumeRoleWithWebIdentity' },
      },
      { provider: COGNITO, claims: { aud: 'a' } },
    ],
    [
      'a claim that is nothing',
      { provider: COGNITO, trust: { StringLike: { [`${COGNITO}:sub`]: '*' } } },
      { provider: COGNITO, claims: { sub: null } },
    ],
    ['the wrong action', { ...ACTIONS, action: 'sts:AssumeRole' }, { provider: GITHUB_ARN }],
    [
      'tags that may not be passed',
      { provider: COGNITO },
      { provider: COGNITO, claims: { 'https://aws.amazon.com/tags': { principal_tags: { team: ['blue'] } } } },
    ],
  ])('and by nobody else: %s', (_, world, by) => {
    expect(() => become(world, by)).toThrow(/^User: .* is not authorized to perform: sts:/);
  });

  test('nor by a list in a list, nor by a provider that was deleted', () => {
    expect(() => become(POOL, { provider: COGNITO, claims: { amr: [['authenticated']] } })).toThrow(
      "the claim 'amr' must be a string, a number, true, false, or a list of them",
    );
    const state = stateOf(ACTIONS);
    state.formerProviders.set(GITHUB_ARN, 'AWS::IAM::OIDCProvider');
    const problem = `the provider ${GITHUB_ARN} was deleted; deploy a stack that defines it again`;
    expect(() => becomePrincipal(state, { as: 'Web', by: { provider: GITHUB_ARN } })).toThrow(problem);
    expect(() => becomePrincipal(state, { as: 'Web' })).toThrow('nobody can assume');
  });

  test('nor by tags that the next session would have to keep', () => {
    const tags = { principal_tags: { team: ['blue'] }, transitive_tag_keys: ['team'] };
    expect(() => become(POOL, { provider: COGNITO, claims: { 'https://aws.amazon.com/tags': tags } })).toThrow(
      "the local target does not play transitive_tag_keys of the claim 'https://aws.amazon.com/tags'; leave them out",
    );
  });

  test('a refusal tells what was asked for, and no statement that would let in every other pool', () => {
    const by = { provider: COGNITO, claims: { aud: 'eu-west-1:other', amr: ['authenticated'] } };
    const told = `StringEquals ${COGNITO}:aud wants 'eu-west-1:pool', the request has 'eu-west-1:other'`;
    expect(() => become(POOL, by)).toThrow(told);
    expect(() => become(POOL, by)).toThrow(
      'has a statement for it that asks for more: change the request, or what it asks',
    );
    expect(() => become(POOL, by)).not.toThrow('"Effect"');
  });
});

test.each<[string, World, FederatedIdentity, string]>([
  [
    'a provider of another account',
    ACTIONS,
    { provider: `arn:aws:iam::222222222222:oidc-provider/${GITHUB}` },
    `the provider arn:aws:iam::222222222222:oidc-provider/${GITHUB} is none of account ${ACCOUNT}, whose role it is`,
  ],
  [
    'no provider',
    POOL,
    { provider: 'constructor' },
    "'constructor' is no identity provider; expected accounts.google.com,",
  ],
  [
    'a claim that no token has',
    POOL,
    { provider: COGNITO, claims: { sub: { name: 'ann' } } },
    "the claim 'sub' must be a string, a number, true, false, or a list of them",
  ],
])('%s is told', (_, world, by, message) => {
  expect(() => become(world, by)).toThrow(message);
});

test.each<[string, World]>([
  [
    'a claim that AWS makes no key of',
    { provider: GITHUB_ARN, trust: { StringEquals: { [`${GITHUB}:repository_owner`]: 'octo' } } },
  ],
  ['a token without an audience', { provider: COGNITO, trust: { Null: { [`${COGNITO}:aud`]: 'true' } } }],
  ['a provider of another account', { provider: `arn:aws:iam::222222222222:oidc-provider/${GITHUB}` }],
])('nobody comes in by default where the trust policy wants %s', (_, world) => {
  expect(() => become(world)).toThrow('nobody can assume');
});

describe('its session', () => {
  test.each<[string, boolean, World, FederatedIdentity]>([
    [
      'has the subject of its identity',
      true,
      { provider: COGNITO, own: { StringEquals: { [`${COGNITO}:sub`]: 'eu-west-1:ann' } } },
      { provider: COGNITO, claims: { sub: 'eu-west-1:ann' } },
    ],
    [
      'has its provider',
      true,
      { provider: GITHUB_ARN, own: { StringEquals: { 'aws:FederatedProvider': GITHUB_ARN } } },
      { provider: GITHUB_ARN },
    ],
    [
      'has not every key of the trust policy',
      false,
      { provider: GITHUB_ARN, own: { StringEquals: { [`${GITHUB}:repository`]: 'octo/chat' } } },
      { provider: GITHUB_ARN, claims: { repository: 'octo/chat' } },
    ],
    [
      'has the tags of its token',
      true,
      {
        provider: COGNITO,
        action: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'],
        own: { StringEquals: { 'aws:PrincipalTag/team': 'blue' } },
      },
      { provider: COGNITO, claims: { 'https://aws.amazon.com/tags': { principal_tags: { team: ['blue'] } } } },
    ],
    [
      'of SAML has the subject and no provider',
      true,
      {
        provider: SAML_ARN,
        action: 'sts:AssumeRoleWithSAML',
        own: { StringEquals: { 'saml:sub': 'ann' }, Null: { 'aws:FederatedProvider': 'true', 'saml:iss': 'true' } },
      },
      { provider: SAML_ARN, claims: { sub: 'ann', iss: 'https://okta.example' } },
    ],
  ])('%s', (_, expected, world, by) => {
    expect(mayInvoke(world, by)).toBe(expected);
  });
});
