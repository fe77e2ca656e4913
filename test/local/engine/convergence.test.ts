import * as fc from 'fast-check';
import type { TemplateResource } from '../../../src/local/assembly/template';
import { DeployEngine } from '../../../src/local/engine/deploy-engine';
import { emptyState, type LocalState } from '../../../src/local/state';
import { removeFolders, TRUST, writeAssembly } from './write-assembly';

afterEach(removeFolders);

const ENV = { account: '111111111111', region: 'eu-west-1' };

type Resources = Record<string, TemplateResource>;

/** A choice per resource: absent, or one of a few shapes. */
interface Choice {
  readonly role?: {
    readonly name: string;
    readonly timeoutHours: number;
    readonly inline: boolean;
    readonly managed: boolean;
  };
  readonly policy?: { readonly action: string; readonly onOther: boolean };
  readonly managed?: { readonly action: string; readonly attach: boolean };
  readonly log?: { readonly name: string; readonly days: number };
  readonly fn?: { readonly name: string; readonly timeout: number; readonly logs: boolean };
  readonly alias?: boolean;
  readonly url?: { readonly auth: string; readonly onAlias: boolean };
  readonly grants: readonly ('222222222222' | '*' | 'Other')[];
}

const choice: fc.Arbitrary<Choice> = fc.record(
  {
    role: fc.record({
      name: fc.constantFrom('other', 'renamed'),
      timeoutHours: fc.constantFrom(1, 2),
      inline: fc.boolean(),
      managed: fc.boolean(),
    }),
    policy: fc.record({ action: fc.constantFrom('a:b', 'c:d'), onOther: fc.boolean() }),
    managed: fc.record({ action: fc.constantFrom('e:f', 'g:h'), attach: fc.boolean() }),
    log: fc.record({ name: fc.constantFrom('one', 'two'), days: fc.constantFrom(1, 7) }),
    fn: fc.record({ name: fc.constantFrom('f', 'g'), timeout: fc.constantFrom(3, 9), logs: fc.boolean() }),
    alias: fc.boolean(),
    url: fc.record({ auth: fc.constantFrom('NONE', 'AWS_IAM'), onAlias: fc.boolean() }),
    grants: fc.subarray<'222222222222' | '*' | 'Other'>(['222222222222', '*', 'Other']),
  },
  { requiredKeys: ['grants'] },
);

const allow = (Action: string) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
const arn = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

function resourcesOf({ role, policy, managed, log, fn, alias, url, grants }: Choice): Resources {
  const hasManaged = managed !== undefined;
  return {
    Base: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'base', AssumeRolePolicyDocument: TRUST } },
    ...(role && { Other: otherRole(role, hasManaged) }),
    ...(managed && { Managed: managedPolicy(managed) }),
    ...(policy && { Policy: inlinePolicy(policy, role !== undefined) }),
    ...(log && {
      Log: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: log.name, RetentionInDays: log.days } },
    }),
    ...(fn &&
      functionWith({
        fn,
        alias: alias === true,
        ...(url && { url }),
        grants,
        hasOther: role !== undefined,
        hasLog: log !== undefined,
      })),
  };
}

function otherRole(
  { name, timeoutHours, inline, managed }: NonNullable<Choice['role']>,
  hasManaged: boolean,
): TemplateResource {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: name,
      AssumeRolePolicyDocument: TRUST,
      MaxSessionDuration: timeoutHours * 3_600,
      ...(inline && { Policies: [{ PolicyName: 'inline', PolicyDocument: allow('i:n') }] }),
      ...(managed && hasManaged && { ManagedPolicyArns: [{ Ref: 'Managed' }] }),
    },
  };
}

function managedPolicy({ action, attach }: NonNullable<Choice['managed']>): TemplateResource {
  const Roles = attach ? [{ Ref: 'Base' }] : undefined;
  return {
    Type: 'AWS::IAM::ManagedPolicy',
    Properties: { ManagedPolicyName: 'm', PolicyDocument: allow(action), ...(Roles && { Roles }) },
  };
}

function inlinePolicy({ action, onOther }: NonNullable<Choice['policy']>, hasOther: boolean): TemplateResource {
  const Roles = [{ Ref: 'Base' }, ...(onOther && hasOther ? [{ Ref: 'Other' }] : [])];
  return { Type: 'AWS::IAM::Policy', Properties: { PolicyName: 'p', Roles, PolicyDocument: allow(action) } };
}

interface FunctionChoice extends Pick<Choice, 'grants' | 'url'> {
  readonly fn: NonNullable<Choice['fn']>;
  readonly alias: boolean;
  readonly hasOther: boolean;
  readonly hasLog: boolean;
}

function functionWith({ fn, alias, url, grants, hasOther, hasLog }: FunctionChoice): Resources {
  const target = alias ? { Ref: 'Live' } : { Ref: 'Fn' };
  const principals = grants.filter((grant) => grant !== 'Other' || hasOther);
  return {
    Fn: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: fn.name,
        Code: { ZipFile: 'exports.handler = async () => 1;' },
        Handler: 'index.handler',
        Role: arn('Base'),
        Runtime: 'nodejs24.x',
        Timeout: fn.timeout,
        ...(fn.logs && hasLog && { LoggingConfig: { LogGroup: { Ref: 'Log' } } }),
      },
    },
    ...(alias && {
      Live: {
        Type: 'AWS::Lambda::Alias',
        Properties: { Name: 'live', FunctionName: { Ref: 'Fn' }, FunctionVersion: '$LATEST' },
      },
    }),
    ...(url && {
      Url: {
        Type: 'AWS::Lambda::Url',
        Properties: {
          AuthType: url.auth,
          TargetFunctionArn: arn('Fn'),
          ...(url.onAlias && alias && { Qualifier: 'live' }),
        },
        ...(alias && { DependsOn: 'Live' }),
      },
    }),
    ...Object.fromEntries(
      principals.map((principal, i) => [
        `Grant${i}`,
        {
          Type: 'AWS::Lambda::Permission',
          Properties: {
            Action: 'lambda:InvokeFunction',
            FunctionName: target,
            Principal: principal === 'Other' ? arn('Other') : principal,
          },
        },
      ]),
    ),
  };
}

/** The state without what follows from the history: generated ids, times, and the order of equal members. */
function comparable(state: LocalState): unknown {
  const text = JSON.stringify(state, (key, value: unknown) => {
    if (key === 'Sid' || key === 'roleId' || key === 'lastModified') return undefined;
    if (value instanceof Map)
      return Object.fromEntries([...value].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
    if (Array.isArray(value)) return [...value].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    return value;
  });
  // Inline code of each engine lies in a temporary folder of its own.
  return JSON.parse(text.replace(/"codeDirectory":"[^"]*"/g, '"codeDirectory":""'));
}

async function withEngine<T>(use: (engine: DeployEngine, state: LocalState) => Promise<T>): Promise<T> {
  const state = emptyState();
  const endpoint = () => 'http://127.0.0.1:1';
  const engine = new DeployEngine({ state, defaultAccount: ENV.account, defaultRegion: ENV.region, endpoint });
  try {
    return await use(engine, state);
  } finally {
    engine.close();
  }
}

async function deploy(engine: DeployEngine, Resources: Resources): Promise<void> {
  await engine.deploy(writeAssembly({ S: { ...ENV, template: { Resources } } }));
}

describe('any sequence of deployments', () => {
  test('ends in the state that its last template alone gives', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(choice, { minLength: 2, maxLength: 4 }), async (choices) => {
        const templates = choices.map(resourcesOf);
        const last = templates.at(-1) ?? {};
        const alone = await withEngine(async (engine, state) => {
          await deploy(engine, last);
          return comparable(state);
        });
        const inSequence = await withEngine(async (engine, state) => {
          for (const template of templates) await deploy(engine, template);
          return comparable(state);
        });
        expect(inSequence).toEqual(alone);
      }),
      { numRuns: 30 },
    );
  });

  test('leaves nothing when it is destroyed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(choice, { minLength: 1, maxLength: 3 }), async (choices) => {
        await withEngine(async (engine, state) => {
          for (const one of choices) await deploy(engine, resourcesOf(one));
          await engine.destroy();
          expect(comparable(state)).toEqual(comparable(emptyState()));
        });
      }),
      { numRuns: 15 },
    );
  });

  test('is not changed by one that fails on its way', async () => {
    const failing: TemplateResource = { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 'x' } };
    await fc.assert(
      fc.asyncProperty(choice, choice, async (before, after) => {
        await withEngine(async (engine, state) => {
          await deploy(engine, resourcesOf(before));
          const kept = JSON.stringify(comparable(state));
          await expect(deploy(engine, { ...resourcesOf(after), Failing: failing })).rejects.toThrow(
            'could not be updated',
          );
          expect(JSON.stringify(comparable(state))).toBe(kept);
          await deploy(engine, resourcesOf(before));
          expect(JSON.stringify(comparable(state))).toBe(kept);
        });
      }),
      { numRuns: 15 },
    );
  });
});
