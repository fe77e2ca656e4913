import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { type EvaluationRequest, evaluate } from '../../../src/local/iam/evaluate';
import type { Principal } from '../../../src/local/iam/principals';
import type { PolicyDocument, PolicyStatement } from '../../../src/local/state';

/** A request without its policies, and policies as lists of statements. */
interface CaseRequest {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** Of every policy of the case; null for none. */
  readonly version?: string | null;
  readonly context?: Record<string, string | string[]>;
  readonly identity?: PolicyStatement[];
  readonly resourcePolicy?: PolicyStatement[];
  readonly boundary?: PolicyStatement[];
  readonly session?: PolicyStatement[];
  /** One list of statements per level of the organization. */
  readonly scp?: PolicyStatement[][];
}

/** One sentence of AWS's documentation and what follows from it. */
interface Rule {
  /** The sentence in our words; what is `assumed` says what AWS leaves open. */
  readonly says: string;
  readonly doc: string;
  readonly status: string;
  readonly cases: readonly (Partial<CaseRequest> & { readonly name: string; readonly expect: string })[];
}

interface CaseFile {
  readonly about: string;
  readonly request: CaseRequest;
  readonly rules: readonly Rule[];
}

const directory = join(__dirname, '../../iam-cases');

/** A principal as the cases write it. */
function principalNamed(name: string): Principal {
  if (name === 'anonymous') return { kind: 'anonymous' };
  if (!name.startsWith('arn:')) return { kind: 'service', service: name };
  const [, , , , account = '', resource = ''] = name.split(':');
  const [type, roleName] = resource.split('/');
  if (type !== 'assumed-role') return { kind: 'administrator', arn: name, account };
  return { kind: 'assumed-role', arn: name, account, roleArn: `arn:aws:iam::${account}:role/${roleName}` };
}

function documentIn(version: string | null) {
  return (statements: readonly PolicyStatement[]): PolicyDocument => ({
    ...(version !== null && { Version: version }),
    Statement: statements,
  });
}

function requestOf(request: CaseRequest): EvaluationRequest {
  const { principal, action, resource, context = {}, version = '2012-10-17', identity = [], resourcePolicy } = request;
  const { boundary, session, scp } = request;
  const document = documentIn(version);
  return {
    principal: principalNamed(principal),
    action,
    resource,
    context,
    identityPolicies: principal.includes(':iam::')
      ? [{ name: 'admin', document: document([{ Effect: 'Allow', Action: '*', Resource: '*' }]) }]
      : [{ name: 'inline', document: document(identity) }],
    ...(resourcePolicy && { resourcePolicy: document(resourcePolicy) }),
    ...(boundary && { permissionsBoundary: document(boundary) }),
    ...(session && { sessionPolicy: document(session) }),
    ...(scp && { serviceControlPolicies: scp.map(document) }),
  };
}

const files = readdirSync(directory).map((name) => ({
  name: name.replace('.json', ''),
  file: JSON.parse(readFileSync(join(directory, name), 'utf8')) as CaseFile,
}));

for (const { name, file } of files) {
  describe(`${name}: ${file.about}`, () => {
    for (const { says, doc, status, cases } of file.rules) {
      test.each(cases.map((one) => [one.name, one] as const))(`${says} (${status}) %s`, (_name, one) => {
        expect(doc).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/[\w/.#-]+$/);
        expect(['documented', 'assumed']).toContain(status);
        const { expect: expected, ...overrides } = one;
        const decision = evaluate(requestOf({ ...file.request, ...overrides }));
        const { principal, action, resource } = { ...file.request, ...overrides };
        if (expected === 'allowed') {
          expect(decision).toMatchObject({ allowed: true, reason: 'allowed' });
        } else {
          const refusal = `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} ${expected}`;
          expect(decision).toMatchObject({ allowed: false, message: refusal });
        }
      });
    }
  });
}

test('no two cases of a file have one name', () => {
  for (const { name, file } of files) {
    const names = file.rules.flatMap(({ cases }) => cases.map((one) => one.name));
    expect([name, names.filter((one, i) => names.indexOf(one) !== i)]).toEqual([name, []]);
  }
});

test('what is allowed names the statement of an identity-based or a resource-based policy, not of a limit', () => {
  const statement: PolicyStatement = { Effect: 'Allow', Action: '*', Resource: '*' };
  const limits = { boundary: [statement], session: [statement], scp: [[statement]] };
  const request = {
    principal: 'arn:aws:sts::111111111111:assumed-role/Caller/s',
    action: 'lambda:InvokeFunction',
    resource: 'arn:aws:lambda:eu-west-1:111111111111:function:chat',
  };
  const by = (more: Partial<CaseRequest>) => evaluate(requestOf({ ...request, ...limits, ...more }));
  expect(by({ identity: [statement] })).toMatchObject({
    policy: 'identity-based',
    decidingStatement: { policy: 'identity-based', policyName: 'inline' },
  });
  const Principal = { AWS: request.principal };
  expect(by({ resourcePolicy: [{ ...statement, Principal }] })).toMatchObject({
    policy: 'resource-based',
    decidingStatement: { policy: 'resource-based', policyName: request.resource },
  });
});

describe('laws of evaluation', () => {
  const accounts = ['111111111111', '222222222222'];
  const functionArn = fc
    .constantFrom('chat', 'chat:live', 'chat:1')
    .map((name) => `arn:aws:lambda:eu-west-1:${accounts[0]}:function:${name}`);
  const pattern = fc.oneof(functionArn, fc.constantFrom('*', `arn:aws:lambda:eu-west-1:${accounts[0]}:function:chat*`));
  const action = fc.constantFrom('lambda:InvokeFunction', 'lambda:InvokeFunctionUrl');
  const roleArns = accounts.flatMap((account) =>
    ['Caller', 'Other'].map((name) => `arn:aws:iam::${account}:role/${name}`),
  );
  const principal = fc.constantFrom(...accounts).map((account) => `arn:aws:sts::${account}:assumed-role/Caller/s`);
  const condition = fc.option(
    fc.constantFrom<PolicyStatement['Condition']>(
      { StringEquals: { team: 'a' } },
      { StringNotEquals: { team: 'a' } },
      { Null: { team: 'true' } },
      { 'ForAllValues:StringLike': { team: ['a', 'b*'] } },
    ),
    { nil: undefined },
  );
  const statement = (effect: fc.Arbitrary<'Allow' | 'Deny'>) =>
    fc
      .record({ Effect: effect, Action: fc.oneof(action, fc.constant('lambda:*')), Resource: pattern, condition })
      .map(({ condition: Condition, ...rest }): PolicyStatement => (Condition ? { ...rest, Condition } : rest));
  const anyEffect = fc.constantFrom<'Allow' | 'Deny'>('Allow', 'Allow', 'Allow', 'Deny');
  const named = (effect: fc.Arbitrary<'Allow' | 'Deny'>) =>
    fc
      .tuple(statement(effect), fc.constantFrom<unknown>('*', ...[...accounts, ...roleArns].map((AWS) => ({ AWS }))))
      .map(([rest, Principal]): PolicyStatement => ({ ...rest, Principal }));
  const few = <T>(items: fc.Arbitrary<T>) => fc.array(items, { maxLength: 4 });
  const caseRequest = fc.record({
    principal,
    action,
    resource: functionArn,
    context: fc.constantFrom<Record<string, string>>({}, { team: 'a' }, { team: 'bc' }),
    identity: few(statement(anyEffect)),
    resourcePolicy: few(named(anyEffect)),
  });
  const allowed = (request: CaseRequest) => evaluate(requestOf(request)).allowed;

  test('a deny for everything always wins', () => {
    fc.assert(
      fc.property(caseRequest, fc.boolean(), (request, inIdentity) => {
        const deny: PolicyStatement = { Effect: 'Deny', Action: '*', Resource: '*' };
        const denied = inIdentity
          ? { ...request, identity: [...request.identity, deny] }
          : { ...request, resourcePolicy: [{ ...deny, Principal: '*' }, ...request.resourcePolicy] };
        expect(evaluate(requestOf(denied))).toMatchObject({ allowed: false, reason: 'explicit-deny' });
      }),
    );
  });

  test('one more allow never takes access away', () => {
    const allow = fc.constant<'Allow'>('Allow');
    fc.assert(
      fc.property(caseRequest, statement(allow), named(allow), (request, identity, resource) => {
        if (!allowed(request)) return;
        expect(allowed({ ...request, identity: [identity, ...request.identity] })).toBe(true);
        expect(allowed({ ...request, resourcePolicy: [resource, ...request.resourcePolicy] })).toBe(true);
      }),
    );
  });

  test('one more deny never gives access', () => {
    const deny = fc.constant<'Deny'>('Deny');
    fc.assert(
      fc.property(caseRequest, statement(deny), named(deny), (request, identity, resource) => {
        if (allowed(request)) return;
        expect(allowed({ ...request, identity: [...request.identity, identity] })).toBe(false);
        expect(allowed({ ...request, resourcePolicy: [...request.resourcePolicy, resource] })).toBe(false);
      }),
    );
  });

  test('a boundary or a session policy never gives access', () => {
    fc.assert(
      fc.property(caseRequest, few(statement(anyEffect)), (request, limit) => {
        if (allowed(request)) return;
        expect(allowed({ ...request, boundary: limit })).toBe(false);
        expect(allowed({ ...request, session: limit })).toBe(false);
      }),
    );
  });

  test('the order of statements does not matter', () => {
    fc.assert(
      fc.property(caseRequest, (request) => {
        const reversed = {
          ...request,
          identity: [...request.identity].reverse(),
          resourcePolicy: [...request.resourcePolicy].reverse(),
        };
        expect(allowed(reversed)).toBe(allowed(request));
      }),
    );
  });

  test('nobody of another account gets in without both halves', () => {
    fc.assert(
      fc.property(caseRequest, (request) => {
        if (!request.principal.includes(accounts[1] ?? '')) return;
        expect(allowed({ ...request, identity: [] })).toBe(false);
        expect(allowed({ ...request, resourcePolicy: [] })).toBe(false);
      }),
    );
  });
});
