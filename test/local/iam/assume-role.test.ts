import { administratorOf, decideAssumeRole, sessionOf, trustedCaller } from '../../../src/local/iam/assume-role';
import type { Principal } from '../../../src/local/iam/principals';
import { emptyState, type LocalState, type PolicyDocument, type RoleState } from '../../../src/local/state';

const OWNER = '111111111111';
const OTHER = '222222222222';

function document(...statements: object[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements as PolicyDocument['Statement'] };
}

const trust = (Principal: unknown, more: object = {}) =>
  document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal, ...more });

function role(
  account: string,
  roleName: string,
  trustPolicy: PolicyDocument,
  more: Partial<RoleState> = {},
): RoleState {
  const roleArn = `arn:aws:iam::${account}:role/${roleName}`;
  const policies = new Map<string, PolicyDocument>();
  return { roleArn, account, roleName, roleId: 'AROA', trustPolicy, policies, maxSessionSeconds: 3_600, ...more };
}

function stateOf(...roles: RoleState[]): LocalState {
  const state = emptyState();
  for (const one of roles) state.roles.set(one.roleArn, one);
  return state;
}

const MAY_ASSUME = new Map([['p', document({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' })]]);
const nobody = document({ Effect: 'Deny', Action: 'sts:AssumeRole', Principal: '*' });

function assume(callee: RoleState, by: Principal, state: LocalState, more: object = {}) {
  return decideAssumeRole(state, { role: callee, by, sessionName: 's', ...more });
}

test('a session is of its role, in the partition and account of the role', () => {
  expect(sessionOf(role(OWNER, 'Callee', nobody), 's')).toEqual({
    kind: 'assumed-role',
    arn: `arn:aws:sts::${OWNER}:assumed-role/Callee/s`,
    account: OWNER,
    roleArn: `arn:aws:iam::${OWNER}:role/Callee`,
    roleId: 'AROA',
  });
  const pathed = role(OWNER, 'Callee', nobody, { roleArn: `arn:aws-cn:iam::${OWNER}:role/team/Callee` });
  expect(sessionOf(pathed, 's')).toMatchObject({
    arn: `arn:aws-cn:sts::${OWNER}:assumed-role/Callee/s`,
    roleArn: pathed.roleArn,
  });
});

test('a role of the account that the trust policy names needs no policy of its own', () => {
  const caller = role(OWNER, 'Caller', nobody);
  const callee = role(OWNER, 'Callee', trust({ AWS: caller.roleArn }));
  expect(assume(callee, sessionOf(caller, 's'), stateOf(caller, callee)).allowed).toBe(true);
});

test('a role that the trust policy does not name is refused, whatever its own policies allow', () => {
  const caller = role(OWNER, 'Caller', nobody, { policies: MAY_ASSUME });
  const callee = role(OWNER, 'Callee', trust({ Service: 'lambda.amazonaws.com' }));
  expect(assume(callee, sessionOf(caller, 's'), stateOf(caller, callee))).toMatchObject({
    allowed: false,
    missing: ['resource-based'],
    message: `User: arn:aws:sts::${OWNER}:assumed-role/Caller/s is not authorized to perform: sts:AssumeRole on resource: ${callee.roleArn} because no role trust policy allows the sts:AssumeRole action`,
  });
});

test('a role of a trusted account needs its own policy, within its boundary', () => {
  const callee = role(OWNER, 'Callee', trust({ AWS: OTHER }));
  const caller = (more: Partial<RoleState>) => role(OTHER, 'Caller', nobody, more);
  const decide = (one: RoleState) => assume(callee, sessionOf(one, 's'), stateOf(callee, one));
  expect(decide(caller({}))).toMatchObject({ allowed: false, missing: ['identity-based'] });
  expect(decide(caller({ policies: MAY_ASSUME })).allowed).toBe(true);
  const permissionsBoundary = document({ Effect: 'Allow', Action: 's3:*', Resource: '*' });
  expect(decide(caller({ policies: MAY_ASSUME, permissionsBoundary }))).toMatchObject({
    allowed: false,
    missing: ['permissions-boundary'],
  });
});

test('external id and session name are known to the trust policy', () => {
  const callee = role(
    OWNER,
    'Callee',
    trust({ AWS: OTHER }, { Condition: { StringEquals: { 'sts:ExternalId': 'x', 'sts:RoleSessionName': 's' } } }),
  );
  const by = administratorOf(OTHER);
  expect(assume(callee, by, stateOf(callee)).allowed).toBe(false);
  expect(assume(callee, by, stateOf(callee), { externalId: 'x' }).allowed).toBe(true);
  expect(assume(callee, by, stateOf(callee), { externalId: 'x', sessionName: 't' }).allowed).toBe(false);
});

test('the organization of the caller is known, and its service control policies bind the caller', () => {
  const organization = { id: 'o-a', paths: { [OTHER]: 'o-a/r-b/ou-c/' } };
  const callee = role(
    OWNER,
    'Callee',
    trust({ AWS: OTHER }, { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a' } } }),
  );
  const by = administratorOf(OTHER);
  expect(assume(callee, by, stateOf(callee)).allowed).toBe(false);
  expect(assume(callee, by, stateOf(callee), { organization }).allowed).toBe(true);
  const serviceControlPolicies = { [OTHER]: [document({ Effect: 'Allow', Action: 's3:*', Resource: '*' })] };
  expect(
    assume(callee, by, stateOf(callee), { organization: { ...organization, serviceControlPolicies } }),
  ).toMatchObject({ allowed: false, missing: ['service-control'] });
});

test.each<[string, object, boolean]>([
  ['a tag of the caller', { StringEquals: { 'aws:PrincipalTag/team': 'blue' } }, true],
  ['a tag the caller must not have', { StringNotEquals: { 'aws:PrincipalTag/team': 'blue' } }, false],
  ['a tag of the role', { StringEquals: { 'aws:ResourceTag/stage': 'test' } }, true],
  ['the account of the role', { StringEquals: { 'aws:ResourceAccount': OWNER } }, true],
  ['the time', { DateGreaterThan: { 'aws:CurrentTime': '2026-11-22T11:59:59Z' } }, true],
  ['TLS', { Bool: { 'aws:SecureTransport': 'false' } }, false],
  ['a region, which IAM has none of', { Null: { 'aws:RequestedRegion': 'true' } }, true],
])('a trust policy can ask for %s', (_name, Condition, allowed) => {
  const caller = role(OWNER, 'Caller', nobody, { tags: { team: 'blue' } });
  const callee = role(OWNER, 'Callee', trust({ AWS: caller.roleArn }, { Condition }), { tags: { stage: 'test' } });
  const clock = { now: () => Date.UTC(2026, 10, 22, 12) };
  const request = { role: callee, by: sessionOf(caller, 's'), sessionName: 's' };
  expect(decideAssumeRole(stateOf(caller, callee), request, clock).allowed).toBe(allowed);
});

describe('who may be taken for the caller of a role', () => {
  const trusted = (callee: RoleState, ...others: RoleState[]) =>
    trustedCaller(stateOf(callee, ...others), { role: callee, sessionName: 's' });

  test('is an administrator of the account first', () => {
    expect(trusted(role(OWNER, 'Callee', trust({ AWS: [OTHER, OWNER] })))).toEqual(administratorOf(OWNER));
    expect(administratorOf(OWNER)).toEqual({
      kind: 'administrator',
      arn: `arn:aws:iam::${OWNER}:root`,
      account: OWNER,
    });
  });

  test.each([
    ['an account by its digits', { AWS: OTHER }, administratorOf(OTHER)],
    ['an account by its root', { AWS: `arn:aws:iam::${OTHER}:root` }, administratorOf(OTHER)],
    [
      'a user',
      { AWS: `arn:aws:iam::${OTHER}:user/team/ann` },
      { kind: 'administrator', arn: `arn:aws:iam::${OTHER}:user/team/ann`, account: OTHER },
    ],
    ['a service', { Service: 'lambda.amazonaws.com' }, { kind: 'service', service: 'lambda.amazonaws.com' }],
    [
      'the second of two services',
      { AWS: 'AROADEAD', Service: ['a.amazonaws.com'] },
      { kind: 'service', service: 'a.amazonaws.com' },
    ],
  ])('is %s that the trust policy names', (_name, principal, expected) => {
    expect(trusted(role(OWNER, 'Callee', trust(principal)))).toEqual(expected);
  });

  test('is a role that the trust policy names and that is allowed to', () => {
    const caller = role(OTHER, 'Caller', nobody, { policies: MAY_ASSUME });
    const callee = role(OWNER, 'Callee', trust({ AWS: caller.roleArn }));
    expect(trusted(callee, caller)).toEqual(sessionOf(caller, 'trusted'));
    expect(trusted(callee, role(OTHER, 'Caller', nobody))).toBeUndefined();
    expect(trusted(callee)).toBeUndefined();
  });

  test.each([
    ['a trust policy that denies', nobody],
    [
      'one that denies all but somebody whom it does not allow',
      document({ Effect: 'Deny', Action: 'sts:AssumeRole', NotPrincipal: { AWS: OTHER } }),
    ],
    ['a name that is nobody', trust({ AWS: 'AROADEAD' })],
    ['a role that is not here', trust({ AWS: `arn:aws:iam::${OTHER}:role/Gone` })],
  ])('is nobody for %s', (_name, policy) => {
    expect(trusted(role(OWNER, 'Callee', policy))).toBeUndefined();
  });
});
