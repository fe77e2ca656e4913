import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { type EvaluationRequest, evaluate } from '../../../src/local/iam/evaluate';
import { principalFromArn } from '../../../src/local/iam/principals';
import type { PolicyDocument, PolicyStatement } from '../../../src/local/state';

/** A request without its policies, and policies as lists of statements. */
interface CaseRequest {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly context?: Record<string, string | string[]>;
  readonly identity?: PolicyStatement[];
  readonly resourcePolicy?: PolicyStatement[];
  readonly boundary?: PolicyStatement[];
  readonly session?: PolicyStatement[];
  /** One list of statements per level of the organization. */
  readonly scp?: PolicyStatement[][];
}

interface CaseFile {
  readonly about: string;
  readonly request: CaseRequest;
  readonly cases: readonly (Partial<CaseRequest> & { readonly name: string; readonly expect: string })[];
}

const directory = join(__dirname, '../../iam-cases');

function document(statements: readonly PolicyStatement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements };
}

function requestOf(request: CaseRequest): EvaluationRequest {
  const { principal, action, resource, context = {}, identity = [], resourcePolicy, boundary, session, scp } = request;
  return {
    principal: principalFromArn(principal, []),
    action,
    resource,
    context,
    identityPolicies: principal.includes(':iam::')
      ? [{ name: 'admin', document: document([{ Effect: 'Allow', Action: '*', Resource: '*' }]) }]
      : [{ name: 'inline', document: document(identity) }],
    resourcePolicy,
    ...(boundary && { permissionsBoundary: document(boundary) }),
    ...(session && { sessionPolicy: document(session) }),
    ...(scp && { serviceControlPolicies: scp.map(document) }),
  };
}

for (const file of readdirSync(directory)) {
  const { about, request, cases } = JSON.parse(readFileSync(join(directory, file), 'utf8')) as CaseFile;
  describe(`${file.replace('.json', '')}: ${about}`, () => {
    it.each(cases.map((one) => [one.name, one] as const))('%s', (_name, { expect: expected, ...overrides }) => {
      const decision = evaluate(requestOf({ ...request, ...overrides }));
      const { principal, action, resource } = { ...request, ...overrides };
      if (expected === 'allowed') {
        expect(decision).toMatchObject({ allowed: true, reason: 'allowed' });
      } else {
        const refusal = `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} ${expected}`;
        expect(decision).toMatchObject({ allowed: false, message: refusal });
      }
    });
  });
}

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

  it('a deny for everything always wins', () => {
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

  it('one more allow never takes access away', () => {
    const allow = fc.constant<'Allow'>('Allow');
    fc.assert(
      fc.property(caseRequest, statement(allow), named(allow), (request, identity, resource) => {
        if (!allowed(request)) return;
        expect(allowed({ ...request, identity: [identity, ...request.identity] })).toBe(true);
        expect(allowed({ ...request, resourcePolicy: [resource, ...request.resourcePolicy] })).toBe(true);
      }),
    );
  });

  it('one more deny never gives access', () => {
    const deny = fc.constant<'Deny'>('Deny');
    fc.assert(
      fc.property(caseRequest, statement(deny), named(deny), (request, identity, resource) => {
        if (allowed(request)) return;
        expect(allowed({ ...request, identity: [...request.identity, identity] })).toBe(false);
        expect(allowed({ ...request, resourcePolicy: [...request.resourcePolicy, resource] })).toBe(false);
      }),
    );
  });

  it('a boundary or a session policy never gives access', () => {
    fc.assert(
      fc.property(caseRequest, few(statement(anyEffect)), (request, limit) => {
        if (allowed(request)) return;
        expect(allowed({ ...request, boundary: limit })).toBe(false);
        expect(allowed({ ...request, session: limit })).toBe(false);
      }),
    );
  });

  it('the order of statements does not matter', () => {
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

  it('nobody of another account gets in without both halves', () => {
    fc.assert(
      fc.property(caseRequest, (request) => {
        if (!request.principal.includes(accounts[1] ?? '')) return;
        expect(allowed({ ...request, identity: [] })).toBe(false);
        expect(allowed({ ...request, resourcePolicy: [] })).toBe(false);
      }),
    );
  });
});
