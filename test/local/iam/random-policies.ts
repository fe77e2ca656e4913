/** Requests and policies at random, drawn from few words so that they often meet. */
import fc from 'fast-check';
import { type EvaluationRequest, evaluate } from '../../../src/local/iam/evaluate';
import type { Principal } from '../../../src/local/iam/principals';
import type { PolicyDocument, PolicyStatement } from '../../../src/local/state';
import { referenceVerdict, type Verdict } from './reference-evaluator';

const OWNER = '111111111111';
const OTHER = '222222222222';
const FN = `arn:aws:lambda:eu-west-1:${OWNER}:function:chat`;

const session = (account: string, role: string, name: string): Principal => ({
  kind: 'assumed-role',
  arn: `arn:aws:sts::${account}:assumed-role/${role}/${name}`,
  account,
  roleArn: `arn:aws:iam::${account}:role/${role}`,
});

const principal = fc.oneof(
  { weight: 6, arbitrary: fc.constant(session(OWNER, 'Caller', 's')) },
  { weight: 4, arbitrary: fc.constant(session(OTHER, 'Caller', 's')) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Principal>(
      { kind: 'user', arn: `arn:aws:iam::${OWNER}:user/ann`, account: OWNER, userId: 'AIDAANN' },
      { kind: 'administrator', arn: `arn:aws:iam::${OWNER}:user/ann`, account: OWNER },
      { kind: 'administrator', arn: `arn:aws:iam::${OWNER}:root`, account: OWNER },
      { kind: 'service', service: 's3.amazonaws.com' },
      { kind: 'anonymous' },
    ),
  },
);

/** A policy variable, as a policy writes it. */
const variableOf = (key: string) => `\${${key}}`;

const few = <T>(one: fc.Arbitrary<T>, max: number) => fc.array(one, { minLength: 1, maxLength: max });
/** One value, alone or in a list, or several. */
const oneOrMore = <T>(one: fc.Arbitrary<T>) => fc.oneof<[fc.Arbitrary<T>, fc.Arbitrary<T[]>]>(one, few(one, 3));

const action = fc.constantFrom('lambda:InvokeFunction', 'lambda:InvokeFunctionUrl', 'lambda:GetFunction');
const actionPattern = fc.constantFrom(
  '*',
  '*',
  'lambda:*',
  'lambda:InvokeFunction',
  'LAMBDA:invoke*',
  'lambda:Invoke*Url',
  'lambda:?etFunction',
  's3:*',
);

const resource = fc.constantFrom(FN, `${FN}:live`, `${FN}:1`, `arn:aws:lambda:us-east-1:${OTHER}:function:chat:live`);
const variable = fc.constantFrom(
  variableOf('aws:PrincipalTag/team'),
  variableOf('AWS:principaltag/TEAM'),
  variableOf('aws:PrincipalTag/none'),
  variableOf("aws:PrincipalTag/none, 'chat'"),
  variableOf('aws:PrincipalAccount'),
  variableOf('tags'),
  variableOf('*'),
  variableOf('?'),
);
const segment = (...texts: string[]) =>
  fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...texts) }, { weight: 1, arbitrary: variable });
const arnPattern = fc
  .tuple(
    fc.constantFrom('arn:aws', 'arn:*', 'arn:a?s', '*'),
    fc.constantFrom('lambda', '*', 'lamb*', 'l*a'),
    segment('eu-west-1', '*', 'eu-*', 'e*-1', 'us-east-?'),
    segment(OWNER, OTHER, '*', '1*', '?11111111111'),
    fc.constantFrom('function', 'function', 'func*', '*', 'f?nction'),
    segment('chat', '*', 'ch*', 'ch?t', 'chat:*', 'chat:live', 'chat*live', 'chat?live'),
    fc.constantFrom('', ':live', ':1', ':*', '*', ':?', ':l*e'),
    fc.integer({ min: 1, max: 14 }),
  )
  .map(([start, service, region, account, type, name, qualifier, length]) => {
    const segments = [start, service, region, account, type, name + qualifier];
    return segments.slice(0, length > 6 ? 6 : length).join(':');
  });
const resourcePattern = fc.oneof(
  fc.constantFrom('*', FN, `${FN}:live`, `${FN}*`, 'arn:aws:lambda:*', 'arn:aws:lambda:*:function:chat:live'),
  arnPattern,
);

const values: Record<string, fc.Arbitrary<unknown>> = {
  String: fc.oneof(fc.constantFrom('chat', 'Chat', 'ch*', '*', '', 'a', 'b', 'c?at', '*a*', OWNER), variable),
  Arn: fc.constantFrom(
    `arn:aws:iam::${OWNER}:role/Caller`,
    'arn:aws:iam::*:role/*',
    '*',
    'arn:aws:iam:*',
    `arn:aws:iam::${variableOf('aws:PrincipalAccount')}:role/Caller`,
    `arn:aws:iam::${variableOf('aws:PrincipalTag/none')}:role/Caller`,
    'arn:*:*:*:*:*ller',
  ),
  Numeric: fc.constantFrom<unknown>('5', 5, '10', '-1', '5.0'),
  Date: fc.constantFrom<unknown>(
    '2026-01-01T00:00:00Z',
    '2026',
    '1767225600',
    '2026-01-02',
    '2025-12-31T23:00:00-01:00',
  ),
  Bool: fc.constantFrom<unknown>(true, 'false', 'True'),
  Binary: fc.constantFrom('YQ==', 'YWI='),
  Ip: fc.constantFrom('10.0.0.0/8', '10.1.2.3', '::/0', '2001:db8::/32', '0.0.0.0/0', '10.1.0.0/15'),
};
const operators: Record<string, readonly string[]> = {
  String: [
    ...['StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase'],
    ...['StringLike', 'StringNotLike'],
  ],
  Arn: ['ArnEquals', 'ArnNotEquals', 'ArnLike', 'ArnNotLike', 'StringLike'],
  Numeric: ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].map(
    (o) => `Numeric${o}`,
  ),
  Date: ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].map(
    (o) => `Date${o}`,
  ),
  Bool: ['Bool', 'Null'],
  Binary: ['BinaryEquals'],
  Ip: ['IpAddress', 'NotIpAddress'],
};
const keys: Record<string, readonly string[]> = {
  String: ['aws:PrincipalTag/team', 'AWS:PRINCIPALTAG/TEAM', 'tags', 'aws:PrincipalTag/none', 'aws:PrincipalAccount'],
  Arn: ['aws:PrincipalArn', 'AWS:principalARN', 'aws:SourceArn'],
  Numeric: ['n'],
  Date: ['aws:CurrentTime', 'aws:EpochTime'],
  Bool: ['aws:SecureTransport', 'tags', 'none'],
  Binary: ['binary'],
  Ip: ['aws:SourceIp'],
};
const context = fc.record(
  {
    'aws:PrincipalTag/team': fc.constantFrom('chat', 'a', 'ch*', ''),
    'aws:PrincipalAccount': fc.constant(OWNER),
    'aws:PrincipalArn': fc.constantFrom(`arn:aws:iam::${OWNER}:role/Caller`, `arn:aws:iam::${OTHER}:role/Caller`),
    'aws:SourceArn': fc.constantFrom('arn:aws:s3:::bucket', `arn:aws:iam::${OWNER}:role/a:b/Caller`),
    tags: fc.oneof(fc.constant<string[]>([]), few(fc.constantFrom('a', 'b', 'chat', ''), 3)),
    n: fc.constantFrom('5', '7', '-3', '10'),
    'aws:CurrentTime': fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01T12:00:00.000Z'),
    'aws:EpochTime': fc.constantFrom('1767225600', '1767312000'),
    'aws:SecureTransport': fc.constantFrom('true', 'false'),
    binary: fc.constantFrom('YQ==', 'YQ='),
    'aws:SourceIp': fc.constantFrom('10.1.2.3', '2001:db8::1', '192.0.2.1'),
  },
  { requiredKeys: ['aws:PrincipalAccount'] },
);

const condition = fc
  .constantFrom('String', 'String', 'Arn', 'Numeric', 'Date', 'Bool', 'Binary', 'Ip')
  .chain((kind) =>
    fc.tuple(
      fc.constantFrom('', '', '', 'ForAllValues:', 'ForAnyValue:'),
      fc.constantFrom(...(operators[kind] ?? [])),
      fc.constantFrom('', '', 'IfExists'),
      fc.constantFrom(...(keys[kind] ?? [])),
      oneOrMore(values[kind] ?? fc.constant('')),
    ),
  )
  .map(([set, name, ifExists, key, expected]) =>
    name === 'Null' ? { Null: { [key]: expected } } : { [`${set}${name}${ifExists}`]: { [key]: expected } },
  );
const conditions = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: condition },
  { weight: 1, arbitrary: fc.tuple(condition, condition).map(([one, other]) => ({ ...one, ...other })) },
);

const statement = (denies: number): fc.Arbitrary<PolicyStatement> =>
  fc
    .record({
      denied: fc.integer({ min: 1, max: denies }).map((drawn) => drawn === 1),
      actions: oneOrMore(actionPattern),
      notAction: fc.integer({ max: 7, min: 0 }),
      resources: oneOrMore(resourcePattern),
      notResource: fc.integer({ max: 5, min: 0 }),
      Condition: conditions,
    })
    .map(({ denied, actions, notAction, resources, notResource, Condition }) => ({
      Effect: denied ? 'Deny' : 'Allow',
      ...(notAction === 0 ? { NotAction: actions } : { Action: actions }),
      ...(notResource === 0 ? { NotResource: resources } : { Resource: resources }),
      Condition,
    }));

const name = fc.constantFrom(
  '*',
  OWNER,
  OTHER,
  ...[OWNER, OTHER].flatMap((account) => [
    `arn:aws:iam::${account}:root`,
    `arn:aws:iam::${account}:role/Caller`,
    `arn:aws:iam::${account}:role/Other`,
    `arn:aws:sts::${account}:assumed-role/Caller/s`,
    `arn:aws:sts::${account}:assumed-role/Caller/other`,
  ]),
  `arn:aws:iam::${OWNER}:user/ann`,
);
const principals = fc.oneof(
  { weight: 2, arbitrary: fc.constant<unknown>('*') },
  { weight: 8, arbitrary: oneOrMore(name).map((AWS) => ({ AWS })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom({ Service: 's3.amazonaws.com' }, { Service: ['sns.amazonaws.com'], AWS: '*' }),
  },
);
const resourceStatement = fc
  .tuple(statement(8), principals, fc.boolean())
  .map(([rest, names, spares]): PolicyStatement => {
    return rest.Effect === 'Deny' && spares ? { ...rest, NotPrincipal: names } : { ...rest, Principal: names };
  });

const document = (one: fc.Arbitrary<PolicyStatement>, min = 0): fc.Arbitrary<PolicyDocument> =>
  fc
    .tuple(
      fc.constantFrom('2012-10-17', '2012-10-17', '2012-10-17', '2008-10-17', undefined),
      fc.array(one, { minLength: min, maxLength: 3 }),
    )
    .map(([Version, Statement]) => ({ ...(Version !== undefined && { Version }), Statement }));
/** Mostly absent: each limit makes an allowed request rarer. */
const seldom = <T>(one: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: one });

export const evaluationRequest: fc.Arbitrary<EvaluationRequest> = fc
  .record({
    principal,
    action,
    resource,
    context,
    identity: fc.array(document(statement(8), 1), { maxLength: 2 }),
    resourcePolicy: fc.option(document(resourceStatement, 1), { nil: undefined }),
    permissionsBoundary: seldom(document(statement(12), 1)),
    sessionPolicy: seldom(document(statement(12), 1)),
    serviceControlPolicies: seldom(fc.array(document(statement(12), 1), { maxLength: 2 })),
  })
  .map(({ identity, ...request }) => ({
    ...request,
    identityPolicies: identity.map((policy, i) => ({ name: `p${i}`, document: policy })),
  }));

/** Throws where the evaluator and its reference differ; otherwise counts the verdicts of so many requests. */
export function compareEvaluators(numRuns: number, seed?: number): Readonly<Record<Verdict, number>> {
  const tally = { allowed: 0, 'explicit-deny': 0, 'implicit-deny': 0 };
  fc.assert(
    fc.property(evaluationRequest, (request) => {
      const { reason, allowed } = evaluate(request);
      tally[reason] += 1;
      return reason === referenceVerdict(request) && allowed === (reason === 'allowed');
    }),
    { numRuns, ...(seed !== undefined && { seed }) },
  );
  return tally;
}
