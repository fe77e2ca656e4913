import { type PolicyUse, policyProblem } from '../../../src/local/iam/policy-problem';

const ALLOW = { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '*' };

function problem(statement: object, use: PolicyUse = 'identity'): string | undefined {
  return policyProblem({ Version: '2012-10-17', Statement: [ALLOW_OF[use], statement] }, use);
}

const ALLOW_OF: Record<PolicyUse, object> = {
  identity: ALLOW,
  resource: { ...ALLOW, Principal: '*' },
  trust: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: '*' },
};

test.each(['2008-10-17', '2012-10-17', undefined])('takes Version %s', (Version) => {
  expect(policyProblem({ ...(Version && { Version }), Statement: ALLOW }, 'identity')).toBeUndefined();
});

test.each<[string, object, string]>([
  ['another version', { Version: '2012-10-18', Statement: ALLOW }, "must have Version '2012-10-17', got '2012-10-18'"],
  ['no statement', { Statement: [] }, 'must have a Statement'],
  ['a statement that is none', { Statement: 'x' }, 'is malformed: statement 0 must be an object'],
  [
    'a statement with a name',
    { Statement: { ...ALLOW, Sid: 'Calls', Effect: 'allow' } },
    "is malformed: statement 0 ('Calls') must have the Effect 'Allow' or 'Deny'",
  ],
])('refuses %s', (_name, document, expected) => {
  expect(policyProblem({ ...document }, 'identity')).toBe(expected);
});

test.each<[string, object, PolicyUse, string]>([
  ['an unknown element', { ...ALLOW, Actions: [] }, 'identity', "has the unknown element 'Actions'"],
  ['an element without a value', { ...ALLOW, Condition: null }, 'identity', 'has no value for Condition'],
  ['two actions', { ...ALLOW, NotAction: 'a:b' }, 'identity', 'must have either Action or NotAction'],
  ['two resources', { ...ALLOW, NotResource: '*' }, 'identity', 'must not have both Resource and NotResource'],
  [
    'two principals',
    { ...ALLOW, Effect: 'Deny', Principal: '*', NotPrincipal: '*' },
    'resource',
    'must not have both Principal and NotPrincipal',
  ],
  ['a principal', { ...ALLOW, Principal: '*' }, 'identity', 'must not have a Principal'],
  ['no principal', ALLOW, 'resource', 'must have a Principal'],
  ['no resource', { Effect: 'Allow', Action: 'a:b' }, 'identity', 'must have either Resource or NotResource'],
  ['a resource', { ...ALLOW, Principal: '*' }, 'trust', 'must not have a Resource'],
  [
    'everybody but somebody',
    { ...ALLOW, NotPrincipal: { AWS: '111111111111' } },
    'resource',
    "must not have NotPrincipal with the Effect 'Allow', which AWS does not support",
  ],
  ['a principal that is text', { ...ALLOW, Principal: 'me' }, 'resource', "must have '*' or an object in Principal"],
  [
    'an unknown type of principal',
    { ...ALLOW, Principal: { Aws: '*' } },
    'resource',
    "has the unknown type 'Aws' in Principal; types are AWS, Service, Federated, CanonicalUser",
  ],
  ['an action that is no text', { ...ALLOW, Action: [1] }, 'identity', 'must have text in Action'],
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
  [
    'an action of no service',
    { ...ALLOW, Effect: 'Deny', Action: 'InvokeFunction' },
    'identity',
    "got 'InvokeFunction'",
  ],
  ['an action without a name', { ...ALLOW, Action: ['a:b', 'lambda:'] }, 'identity', "got 'lambda:'"],
  ['an ARN for an action', { ...ALLOW, NotAction: 'arn:aws:s3', Action: undefined }, 'identity', "got 'arn:aws:s3'"],
  [
    'an action of a trust policy',
    { Effect: 'Allow', Principal: '*', Action: 'AssumeRole' },
    'trust',
    "got 'AssumeRole'",
  ],
  ['no action', { ...ALLOW, Action: [] }, 'identity', 'must have a value in Action'],
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
  ['a name for a resource', { ...ALLOW, Effect: 'Deny', Resource: ['*', 'chat'] }, 'identity', "got 'chat'"],
  ['no resources', { ...ALLOW, Resource: [] }, 'identity', 'must have a value in Resource'],
  ['a condition that is no object', { ...ALLOW, Condition: [] }, 'identity', 'must have an object as its Condition'],
  ['an operator without keys', { ...ALLOW, Condition: { Bool: 'x' } }, 'identity', "under the operator 'Bool'"],
])('refuses %s', (_name, statement, use, expected) => {
  expect(problem(statement, use)).toMatch(/^is malformed: statement 1 /);
  expect(problem(statement, use)).toContain(expected);
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
test('refuses a second statement of one Sid; empty ones are none', () => {
  const twice = (Sid: string) =>
    policyProblem({ Statement: [ALLOW, { ...ALLOW, Sid }, { ...ALLOW, Sid }] }, 'identity');
  expect(twice('Calls')).toMatch(/^is malformed: statement 2 \('Calls'\) has the Sid of another one/);
  expect(twice('')).toBeUndefined();
});

test.each([
  ['StringIs'],
  ['stringequals'],
  ['ForallValues:StringEquals'],
  ['ForAllValues:Null'],
  ['NullIfExists'],
  ['NumericNotLessThan'],
  ['ForAllValues:ForAnyValue:StringEquals'],
])('refuses the operator %s, which IAM does not have', (operator) => {
  expect(problem({ ...ALLOW, Condition: { [operator]: { k: 'true' } } })).toBe(
    `is malformed: statement 1 has a malformed Condition: condition operator '${operator}' does not exist; see IAM's list of condition operators`,
  );
});

const ADDRESS = 'an address or a range such as 203.0.113.0/24 or 2001:db8::/32';
const DATE = 'a date such as 2026-01-31T12:00:00Z, or seconds since 1970';
const NUMBER = 'a number such as 10 or 2.5';

test.each<[string, unknown, string]>([
  ['IpAddress', '10.0.0.0/33', ADDRESS],
  ['NotIpAddress', '2001:db8::/129', ADDRESS],
  ['IpAddress', '10.0.0', ADDRESS],
  ['IpAddress', '10.0.0.0/', ADDRESS],
  ['IpAddress', '10.0.0.0/8/8', ADDRESS],
  ['IpAddress', 'fe80::1%eth0', ADDRESS],
  ['IpAddress', '*', ADDRESS],
  ['NumericNotEquals', 'abc', NUMBER],
  ['NumericEquals', '', NUMBER],
  ['NumericLessThanIfExists', '0x10', NUMBER],
  ['NumericGreaterThan', true, NUMBER],
  ['DateNotEquals', 'soon', DATE],
  ['DateLessThan', '2026-13-01', DATE],
  ['DateLessThan', '2026-01-01T00:00:00', DATE],
  ['DateGreaterThan', '*', DATE],
  ['Bool', 'yes', 'true or false'],
  ['Bool', 1, 'true or false'],
  ['Null', 'null', 'true or false'],
  ['BinaryEquals', 'a', 'base64'],
])('refuses %s %p, which it could not compare', (operator, value, expected) => {
  const statement = { ...ALLOW, Sid: 'Calls', Condition: { [operator]: { 'aws:Key': ['', value].slice(1) } } };
  expect(problem(statement)).toBe(
    `is malformed: statement 1 ('Calls') has a malformed Condition: ${operator} aws:Key must be ${expected}, got '${value}'`,
  );
});

test('says where policy variables work', () => {
  expect(problem({ ...ALLOW, Condition: { Bool: { k: '$' + '{aws:PrincipalTag/x}' } } })).toMatch(
    /must be true or false, got '\$\{aws:PrincipalTag\/x\}'; policy variables work with String and Arn operators only$/,
  );
});

test('refuses a key without values and values that are objects', () => {
  expect(problem({ ...ALLOW, Condition: { StringEquals: { k: [] } } })).toMatch(/StringEquals k must have a value$/);
  expect(problem({ ...ALLOW, Condition: { StringEquals: { k: { a: 1 } } } })).toMatch(
    /StringEquals k must be a string, a number, a boolean or a list of them, got \{"a":1\}$/,
  );
});

test.each<[string, unknown]>([
  ['IpAddress', ['203.0.113.0/24', '2001:DB8:1234:5678::/64', '10.0.0.1', '::1', '0.0.0.0/0']],
  ['NumericEquals', [5, '5', '-1.5', '+2', '1e3', '.5']],
  ['DateLessThan', ['2026', '2026-01', '2026-01-31', '2026-01-31T12:00Z', '2026-01-31T12:00:00.5+01:00', 1767225600]],
  ['BoolIfExists', [true, 'false', 'True']],
  ['Null', [false, 'true']],
  ['BinaryEquals', ['QmluYXJ5', 'YQ==', '']],
  ['ForAnyValue:StringLikeIfExists', ['', 'a*', 5, true]],
  ['ForAllValues:ArnNotLike', '*'],
])('takes %s %p', (operator, value) => {
  expect(problem({ ...ALLOW, Condition: { [operator]: { 'aws:Key': value } } })).toBeUndefined();
});
