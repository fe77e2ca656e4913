import { createAuthorize, principalContext } from '../../../src/local/iam/authorize';
import type { Principal } from '../../../src/local/iam/principals';
import type { RestApiState } from '../../../src/local/rest-api-state';
import { emptyState, type FunctionState, type LocalState, type PolicyStatement } from '../../../src/local/state';

const ROLE_ARN = 'arn:aws:iam::222222222222:role/Caller';
const FN_ARN = 'arn:aws:lambda:eu-west-1:111111111111:function:chat';
const caller: Principal = {
  kind: 'assumed-role',
  arn: 'arn:aws:sts::222222222222:assumed-role/Caller/s',
  account: '222222222222',
  roleArn: ROLE_ARN,
  issuedAt: Date.UTC(2026, 10, 22, 11),
};
const clock = { now: () => Date.UTC(2026, 10, 22, 12) };
const organization = {
  id: 'o-a',
  paths: { '111111111111': 'o-a/r-b/ou-owner/', '222222222222': 'o-a/r-b/ou-caller/' },
};

const REST_API: RestApiState = {
  apiId: 'abcdefghij',
  account: '111111111111',
  region: 'eu-west-1',
  partition: 'aws',
  name: 'chat',
  rootResourceId: 'root',
  policy: undefined,
  binaryMediaTypes: [],
  endpointType: 'REGIONAL',
  disabled: false,
  apiKeySource: 'HEADER',
  unplayed: undefined,
  resources: new Map(),
  methods: new Map(),
  stages: new Map(),
  authorizers: new Map(),
  validators: new Map(),
  gatewayResponses: new Map(),
};

/** A state in which `condition` stands in the caller's policy, or the resource's. */
function stateWith(condition: PolicyStatement['Condition'], half: 'identity' | 'resource' = 'identity'): LocalState {
  const state = emptyState();
  const allow: PolicyStatement = { Effect: 'Allow', Action: '*', Resource: '*' };
  const conditioned = condition ? { ...allow, Condition: condition } : allow;
  state.roles.set(ROLE_ARN, {
    roleArn: ROLE_ARN,
    account: '222222222222',
    roleName: 'Caller',
    roleId: 'AROACALLER',
    trustPolicy: { Statement: [] },
    policies: new Map([['p', { Version: '2012-10-17', Statement: half === 'identity' ? conditioned : allow }]]),
    maxSessionSeconds: 3_600,
    tags: { team: 'blue' },
  });
  const resource = { ...(half === 'resource' ? conditioned : allow), Principal: '*' };
  const fn: FunctionState = {
    functionArn: FN_ARN,
    account: '111111111111',
    region: 'eu-west-1',
    functionName: 'chat',
    versions: new Map(),
    aliases: new Map(),
    urls: [],
    resourcePolicies: new Map([[`${FN_ARN}:live`, { Version: '2012-10-17', Statement: [resource] }]]),
    lastVersion: 0,
    tags: { team: 'blue' },
  };
  state.functions.set(FN_ARN, fn);
  return state;
}

function isAllowed(state: LocalState, request: object = {}): boolean {
  const authorize = createAuthorize(state, clock, organization);
  return authorize({ principal: caller, action: 'lambda:InvokeFunction', resource: `${FN_ARN}:live`, ...request })
    .allowed;
}

describe('the conditions of a request to Lambda', () => {
  test.each<[string, string, string]>([
    ['StringEquals', 'aws:PrincipalAccount', '222222222222'],
    ['ArnEquals', 'aws:PrincipalArn', ROLE_ARN],
    ['StringEquals', 'aws:PrincipalType', 'AssumedRole'],
    ['Bool', 'aws:PrincipalIsAWSService', 'false'],
    ['StringEquals', 'aws:PrincipalOrgID', 'o-a'],
    ['ForAnyValue:StringLike', 'aws:PrincipalOrgPaths', 'o-a/*/ou-caller/*'],
    ['StringEquals', 'aws:PrincipalTag/team', 'blue'],
    ['StringEquals', 'aws:userid', 'AROACALLER:s'],
    ['DateEquals', 'aws:TokenIssueTime', '2026-11-22T11:00:00Z'],
    ['StringEquals', 'aws:ResourceAccount', '111111111111'],
    ['StringEquals', 'aws:ResourceOrgID', 'o-a'],
    ['ForAnyValue:StringLike', 'aws:ResourceOrgPaths', 'o-a/*/ou-owner/*'],
    ['StringEquals', 'aws:ResourceTag/team', '$' + '{aws:PrincipalTag/team}'],
    ['StringEquals', 'aws:RequestedRegion', 'eu-west-1'],
    ['Bool', 'aws:SecureTransport', 'true'],
    ['IpAddress', 'aws:SourceIp', '127.0.0.0/8'],
    ['DateGreaterThan', 'aws:CurrentTime', '2026-11-22T11:59:59Z'],
    ['NumericLessThan', 'aws:EpochTime', '1795348801'],
  ])('%s %s is known in both halves', (operator, key, value) => {
    for (const half of ['identity', 'resource'] as const) {
      expect(isAllowed(stateWith({ [operator]: { [key]: value } }, half))).toBe(true);
      expect(isAllowed(stateWith({ Null: { [key]: 'true' } }, half))).toBe(false);
    }
  });

  test('include those the data plane adds', () => {
    const state = stateWith({ Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } });
    expect(isAllowed(state)).toBe(false);
    expect(isAllowed(state, { context: { 'lambda:InvokedViaFunctionUrl': 'true' } })).toBe(true);
  });

  test('include the ARN of the function for the action of function URLs', () => {
    const state = stateWith({ ArnLike: { 'lambda:FunctionArn': `${FN_ARN}:*` } });
    expect(isAllowed(state, { action: 'lambda:InvokeFunctionUrl' })).toBe(true);
    expect(isAllowed(state)).toBe(false);
  });
});

describe('the condition keys of', () => {
  const role = 'arn:aws:iam::222222222222:role/Caller';
  test.each<[string, Principal, object]>([
    ['nobody', { kind: 'anonymous' }, { 'aws:PrincipalIsAWSService': 'false', 'aws:PrincipalType': 'Anonymous' }],
    [
      'a service',
      { kind: 'service', service: 's3.amazonaws.com' },
      { 'aws:PrincipalIsAWSService': 'true', 'aws:PrincipalServiceName': 's3.amazonaws.com' },
    ],
    [
      'a session: the ARN is that of its role',
      caller,
      {
        'aws:PrincipalIsAWSService': 'false',
        'aws:PrincipalType': 'AssumedRole',
        'aws:PrincipalArn': role,
        'aws:PrincipalAccount': '222222222222',
        'aws:PrincipalOrgID': 'o-a',
        'aws:PrincipalOrgPaths': ['o-a/r-b/ou-caller/'],
      },
    ],
    ...(['root', 'user/ann'] as const).map((name): [string, Principal, object] => [
      `${name} of an account outside of the organization`,
      { kind: 'administrator', arn: `arn:aws:iam::333333333333:${name}`, account: '333333333333' },
      {
        'aws:PrincipalIsAWSService': 'false',
        'aws:PrincipalType': name === 'root' ? 'Account' : 'User',
        'aws:PrincipalArn': `arn:aws:iam::333333333333:${name}`,
        'aws:PrincipalAccount': '333333333333',
        ...(name === 'root' ? { 'aws:userid': '333333333333' } : { 'aws:username': 'ann' }),
      },
    ]),
  ])('%s', (_name, principal, expected) => {
    expect(principalContext(principal, organization)).toEqual(expected);
  });
});

describe('the policies of a request', () => {
  test('are read anew each time', () => {
    const state = stateWith(undefined);
    const authorize = createAuthorize(state, clock);
    const request = { principal: caller, action: 'lambda:InvokeFunction', resource: `${FN_ARN}:live` };
    expect(authorize(request).allowed).toBe(true);
    state.functions.get(FN_ARN)?.resourcePolicies.clear();
    expect(authorize(request)).toMatchObject({ allowed: false, policy: 'resource-based' });
  });

  test('are those of the exact ARN', () => {
    const state = stateWith(undefined);
    for (const resource of [FN_ARN, `${FN_ARN}:1`, `${FN_ARN}:live2`])
      expect(isAllowed(state, { resource })).toBe(false);
  });

  test('are those of the REST API that the path of the request belongs to', () => {
    const state = stateWith(undefined);
    const policy = {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: '*', Resource: '*', Principal: '*' },
    } as const;
    state.restApis.set('abcdefghij', { ...REST_API, policy });
    const request = { principal: { kind: 'anonymous' }, action: 'execute-api:Invoke' };
    const pathOf = (api: string) => `arn:aws:execute-api:eu-west-1:111111111111:${api}/prod/GET/chat`;
    expect(isAllowed(state, { ...request, resource: pathOf('abcdefghij') })).toBe(true);
    expect(isAllowed(state, { ...request, resource: pathOf('abcdefghix') })).toBe(false);
    expect(
      isAllowed(state, { ...request, action: 'execute-api:ManageConnections', resource: pathOf('abcdefghij') }),
    ).toBe(false);
  });

  test('are found whatever the letter case of the action', () => {
    const state = stateWith(undefined);
    const deny = { Effect: 'Deny', Action: '*', Resource: '*', Principal: '*' } as const;
    const policy = { Version: '2012-10-17', Statement: deny };
    const owned = { account: '222222222222', region: 'eu-west-1' };
    state.buckets.set('box', { ...owned, bucketName: 'box', bucketId: 'b', createdAt: 0, policy });
    state.restApis.set('abcdefghij', { ...REST_API, ...owned, policy });
    const api = 'arn:aws:execute-api:eu-west-1:222222222222:abcdefghij/prod/GET/chat';
    for (const action of ['s3:GetObject', 'S3:GETOBJECT'])
      expect(isAllowed(state, { action, resource: 'arn:aws:s3:::box/key' })).toBe(false);
    for (const action of ['execute-api:Invoke', 'EXECUTE-API:INVOKE'])
      expect(isAllowed(state, { action, resource: api })).toBe(false);
  });

  test('are none for a role that is gone', () => {
    const state = stateWith(undefined);
    state.roles.clear();
    expect(isAllowed(state)).toBe(false);
  });

  test('name the statement that decided', () => {
    const decision = createAuthorize(
      stateWith(undefined),
      clock,
    )({ principal: caller, action: 'a:b', resource: `${FN_ARN}:live` });
    expect(decision.decidingStatement).toMatchObject({ policy: 'identity-based', policyName: 'p' });
  });
});
