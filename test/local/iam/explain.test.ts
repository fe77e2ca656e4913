import { type EvaluationRequest, evaluate } from '../../../src/local/iam/evaluate';
import { explain } from '../../../src/local/iam/explain';
import type { Principal } from '../../../src/local/iam/principals';
import type { PolicyDocument, PolicyStatement } from '../../../src/local/state';

const FN = 'arn:aws:lambda:eu-west-1:111111111111:function:chat:live';
const ROLE = 'arn:aws:iam::222222222222:role/Caller';
const SESSION = 'arn:aws:sts::222222222222:assumed-role/Caller/s';
const caller: Principal = { kind: 'assumed-role', arn: SESSION, account: '222222222222', roleArn: ROLE };

const document = (...statements: PolicyStatement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements,
});
const allow: PolicyStatement = { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: FN };

function explanationOf(request: Partial<EvaluationRequest>) {
  return explain(
    evaluate({ principal: caller, action: 'lambda:InvokeFunction', resource: FN, identityPolicies: [], ...request }),
  );
}

/** Why the only statement of an identity-based policy does not apply. */
function because(statement: PolicyStatement, context: EvaluationRequest['context'] = {}) {
  const { policies } = explanationOf({ identityPolicies: [{ name: 'p', document: document(statement) }], context });
  return policies[0]?.statements[0]?.because;
}

test('a caller of another account misses both halves, and gets a statement for each', () => {
  expect(explanationOf({})).toEqual({
    allowed: false,
    summary: `${SESSION} may not lambda:InvokeFunction on ${FN}: no identity-based policy and no resource-based policy allows it`,
    policies: [],
    missing: [
      { kind: 'identity-based', where: `an identity-based policy of ${ROLE}`, statement: allow },
      {
        kind: 'resource-based',
        where: `the resource-based policy of ${FN}`,
        statement: { ...allow, Principal: { AWS: ROLE } },
      },
    ],
    details: [
      `  missing in an identity-based policy of ${ROLE}, for example:`,
      `    {"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"${FN}"}`,
      `  missing in the resource-based policy of ${FN}, for example:`,
      `    {"Effect":"Allow","Principal":{"AWS":"${ROLE}"},"Action":"lambda:InvokeFunction","Resource":"${FN}"}`,
    ].join('\n'),
  });
});

test('every statement of every policy says whether it applies', () => {
  const { policies, summary, missing, details } = explanationOf({
    identityPolicies: [
      { name: 'first', document: document({ ...allow, Sid: 'Calls' }, { ...allow, Action: ['s3:*', 'sqs:*'] }) },
      { name: 'second', document: document({ ...allow, Effect: 'Deny', Resource: 'arn:aws:s3:::b' }) },
    ],
    resourcePolicy: document({ ...allow, Principal: { AWS: '333333333333' } }),
  });
  expect(summary).toMatch(/: no resource-based policy allows it$/);
  expect(missing.map(({ kind }) => kind)).toEqual(['resource-based']);
  expect(policies).toEqual([
    {
      kind: 'identity-based',
      name: 'first',
      statements: [
        { name: 'Calls', effect: 'Allow', applies: true, because: undefined },
        {
          name: '1',
          effect: 'Allow',
          applies: false,
          because: "Action is 's3:*', 'sqs:*', the request is lambda:InvokeFunction",
        },
      ],
    },
    {
      kind: 'identity-based',
      name: 'second',
      statements: [
        {
          name: '0',
          effect: 'Deny',
          applies: false,
          because: `Resource is 'arn:aws:s3:::b', the request is for ${FN}`,
        },
      ],
    },
    {
      kind: 'resource-based',
      name: FN,
      statements: [
        {
          name: '0',
          effect: 'Allow',
          applies: false,
          because: `Principal is {"AWS":"333333333333"}, the caller is ${SESSION}`,
        },
      ],
    },
  ]);
  expect(details.split('\n').slice(0, 3)).toEqual([
    '  identity-based policy first',
    '    Allow Calls: applies',
    "    Allow 1: Action is 's3:*', 'sqs:*', the request is lambda:InvokeFunction",
  ]);
});

test.each<[string, PolicyStatement, EvaluationRequest['context'], string]>([
  [
    'NotAction',
    { Effect: 'Allow', NotAction: 'lambda:*', Resource: FN },
    {},
    "NotAction is 'lambda:*', the request is lambda:InvokeFunction",
  ],
  [
    'NotResource',
    { Effect: 'Allow', Action: '*', NotResource: '*' },
    {},
    `NotResource is '*', the request is for ${FN}`,
  ],
  [
    'a condition',
    { ...allow, Condition: { StringEquals: { team: ['a', 'b'] } } },
    { team: 'c' },
    "StringEquals team wants 'a', 'b', the request has 'c'",
  ],
  [
    'a condition on a key of several values',
    { ...allow, Condition: { 'ForAllValues:StringLike': { tags: 'a*' } } },
    { tags: ['a', 'c'] },
    "ForAllValues:StringLike tags wants 'a*', the request has 'a', 'c'",
  ],
  [
    'a condition on a missing key',
    { ...allow, Condition: { Bool: { mfa: true } } },
    {},
    "Bool mfa wants 'true', the request has no such key",
  ],
  [
    'a variable',
    { ...allow, Resource: `${FN}/\${aws:PrincipalTag/x}` },
    {},
    `the request has no value for \${aws:PrincipalTag/x} in Resource`,
  ],
  [
    'a variable where AWS has none',
    { Effect: 'Allow', Action: '*', NotResource: `\${aws:PrincipalTag/x}:*` },
    { 'aws:PrincipalTag/x': 'y' },
    `the request has no value for \${aws:PrincipalTag/x} in NotResource`,
  ],
])('%s that does not hold says what it wants and what the request has', (_name, statement, context, expected) => {
  expect(because(statement, context)).toBe(expected);
});

test('a deny names the statement that denies, and nothing to paste', () => {
  const { summary, missing } = explanationOf({
    identityPolicies: [{ name: 'p', document: document({ ...allow, Sid: 'No', Effect: 'Deny' }) }],
  });
  expect(summary).toBe(
    `${SESSION} may not lambda:InvokeFunction on ${FN}: statement 'No' of the identity-based policy p denies it`,
  );
  expect(missing).toEqual([]);
});

test('somebody whom NotPrincipal spares is told', () => {
  const { policies } = explanationOf({
    resourcePolicy: document({ ...allow, Effect: 'Deny', NotPrincipal: { AWS: [ROLE, '222222222222'] } }),
  });
  expect(policies[0]?.statements[0]?.because).toBe(
    `NotPrincipal is {"AWS":["${ROLE}","222222222222"]} and spares ${SESSION}`,
  );
});

test('somebody whom NotPrincipal names without the account is told what it lacks', () => {
  const { summary } = explanationOf({
    resourcePolicy: document({ ...allow, Effect: 'Deny', NotPrincipal: { AWS: ROLE } }),
  });
  expect(summary).toMatch(/ denies it; NotPrincipal spares a role or user that it names together with the account, /);
});

test('what a resource-based policy allows alone names its statement', () => {
  const inOwner = { ...caller, account: '111111111111', roleArn: 'arn:aws:iam::111111111111:role/Caller' };
  const { summary } = explanationOf({
    principal: inOwner,
    identityPolicies: [{ name: 'p', document: document({ ...allow, Action: 's3:*' }) }],
    resourcePolicy: document({ ...allow, Sid: 'Role', Principal: { AWS: inOwner.roleArn } }),
  });
  expect(summary).toMatch(/: statement 'Role' of the resource-based policy arn:\S+ allows it$/);
});

test('what is allowed names the statement that allows', () => {
  const { summary, allowed } = explanationOf({
    identityPolicies: [{ name: 'p', document: document(allow) }],
    resourcePolicy: document({ ...allow, Principal: '*' }),
  });
  expect(allowed).toBe(true);
  expect(summary).toBe(
    `${SESSION} may lambda:InvokeFunction on ${FN}: a statement of the identity-based policy p allows it`,
  );
});

test('a boundary and a session policy are named once, as there is one of each', () => {
  const { details, summary } = explanationOf({
    permissionsBoundary: document({ ...allow, Effect: 'Deny' }),
    sessionPolicy: document(allow),
  });
  expect(summary).toMatch(/: a statement of the permissions boundary denies it$/);
  expect(details).toMatch(/^ {2}permissions boundary$/m);
  expect(details).toMatch(/^ {2}session policy$/m);
});

test('every kind of policy that does not allow is missing, in the order of AWS', () => {
  const nothing = document({ ...allow, Action: 's3:*' });
  const { missing } = explanationOf({
    serviceControlPolicies: [nothing],
    permissionsBoundary: nothing,
    sessionPolicy: nothing,
  });
  expect(missing.map(({ where }) => where)).toEqual([
    'each level of the service control policies of account 222222222222',
    `an identity-based policy of ${ROLE}`,
    `the permissions boundary of ${ROLE}`,
    `the session policy of ${SESSION}`,
    `the resource-based policy of ${FN}`,
  ]);
});

test.each<[string, Partial<EvaluationRequest>, PolicyStatement]>([
  [
    'a service, for the source it acts for',
    {
      principal: { kind: 'service', service: 's3.amazonaws.com' },
      context: { 'aws:SourceArn': 'arn:aws:s3:::b', 'aws:SourceAccount': '111111111111' },
    },
    {
      ...allow,
      Principal: { Service: 's3.amazonaws.com' },
      Condition: {
        ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::b' },
        StringEquals: { 'aws:SourceAccount': '111111111111' },
      },
    },
  ],
  [
    'anybody, on a public function URL',
    {
      principal: { kind: 'anonymous' },
      action: 'lambda:InvokeFunctionUrl',
      context: { 'lambda:FunctionUrlAuthType': 'NONE' },
    },
    {
      ...allow,
      Action: 'lambda:InvokeFunctionUrl',
      Principal: '*',
      Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } },
    },
  ],
  [
    'anybody, through a public function URL',
    { principal: { kind: 'anonymous' }, context: { 'lambda:InvokedViaFunctionUrl': 'true' } },
    { ...allow, Principal: '*', Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } } },
  ],
  [
    'an administrator of another account',
    {
      principal: { kind: 'administrator', arn: 'arn:aws:iam::222222222222:root', account: '222222222222' },
      identityPolicies: [{ name: 'p', document: document({ Effect: 'Allow', Action: '*', Resource: '*' }) }],
    },
    { ...allow, Principal: { AWS: 'arn:aws:iam::222222222222:root' } },
  ],
])('the statement to paste for %s allows just that request', (_name, request, statement) => {
  const [missing, ...more] = explanationOf(request).missing;
  expect(more).toEqual([]);
  expect(missing?.statement).toEqual(statement);
  const pasted = { ...request, resourcePolicy: document(statement) };
  expect(explanationOf(pasted).allowed).toBe(true);
});

test('a trust policy is called that, and its statement has no resource', () => {
  const role = 'arn:aws:iam::111111111111:role/Callee';
  const { missing, summary, details } = explanationOf({
    action: 'sts:AssumeRole',
    resource: role,
    isTrustPolicy: true,
    identityPolicies: [{ name: 'p', document: document({ Effect: 'Allow', Action: '*', Resource: '*' }) }],
    resourcePolicy: document({
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { AWS: ROLE },
      Condition: { StringEquals: { 'sts:ExternalId': 'x' } },
    }),
    context: { 'sts:ExternalId': 'y' },
  });
  expect(summary).toMatch(/: no role trust policy allows it$/);
  expect(missing).toEqual([
    {
      kind: 'resource-based',
      where: `the trust policy of ${role}`,
      statement: {
        Effect: 'Allow',
        Principal: { AWS: ROLE },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'sts:ExternalId': 'y' } },
      },
    },
  ]);
  expect(details).toContain(
    `  role trust policy ${role}\n    Allow 0: StringEquals sts:ExternalId wants 'x', the request has 'y'`,
  );
});

test('as text it is the sentence and the lines below it, and not [object Object]', () => {
  const explanation = explanationOf({ principal: { ...caller, account: '111111111111' } });
  expect(`${explanation}`).toBe(`${explanation.summary}\n${explanation.details}`);
  expect(Object.keys(explanation)).not.toContain('toString');
});

test('where a function is named and its alias is allowed, the summary says how to name that', () => {
  const bare = FN.replace(/:live$/, '');
  const own: Principal = { ...caller, account: '111111111111' };
  const policy = (...resources: string[]) => [{ name: 'p', document: document({ ...allow, Resource: resources }) }];
  const summaryOf = (...resources: string[]) =>
    explanationOf({ principal: own, resource: bare, identityPolicies: policy(...resources) }).summary;
  expect(summaryOf('arn:aws:s3:::b', FN)).toMatch(
    /: no identity-based policy allows it; it allows (\S+:function:chat:live): name that in the call, as the qualifier 'live' or by find\(…\)\.invokeArn$/,
  );
  // Of all its aliases none is the one that is meant; and another function is not it.
  expect(summaryOf(`${bare}:*`, `${bare}ter:live`)).toMatch(/: no identity-based policy allows it$/);
});
