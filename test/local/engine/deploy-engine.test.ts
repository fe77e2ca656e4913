import { DeployEngine } from '../../../src/local/engine/deploy-engine';
import { emptyState, type LocalState } from '../../../src/local/state';
import { functionResources, removeFolders, type StackSource, TRUST, writeAssembly } from './write-assembly';

const A = { account: '111111111111', region: 'eu-west-1' };
const B = { account: '222222222222', region: 'eu-west-1' };

let state: LocalState;
let engine: DeployEngine;

beforeEach(() => {
  state = emptyState();
  engine = new DeployEngine({
    state,
    defaultAccount: '999999999999',
    defaultRegion: 'us-east-1',
    functionUrl: (urlId) => `http://127.0.0.1/${urlId}/`,
  });
});

afterEach(() => {
  engine.close();
  removeFolders();
});

type Resources = NonNullable<StackSource['template']['Resources']>;

function stack(
  Resources: Resources,
  more: Partial<StackSource['template']> = {},
  env: Partial<StackSource> = A,
): StackSource {
  return { ...env, template: { Resources, ...more } };
}

const deploy = (stacks: Readonly<Record<string, StackSource>>, ...rest: [Parameters<DeployEngine['deploy']>[1]?]) =>
  engine.deploy(writeAssembly(stacks), ...rest);

const role = (RoleName: string, AWS: unknown = { Ref: 'AWS::AccountId' }) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName,
    AssumeRolePolicyDocument: { Statement: { Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' } },
  },
});
const logGroup = (Properties: Record<string, unknown> = {}, more: object = {}) => ({
  Type: 'AWS::Logs::LogGroup',
  Properties,
  ...more,
});
const version = (name = 'Fn') => ({ Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: name } } });
const alias = (versionId: string) => ({
  Type: 'AWS::Lambda::Alias',
  Properties: {
    Name: 'live',
    FunctionName: { Ref: 'Fn' },
    FunctionVersion: { 'Fn::GetAtt': [versionId, 'Version'] },
  },
});
const permission = (Principal: string, FunctionName: unknown = { Ref: 'Live' }) => ({
  Type: 'AWS::Lambda::Permission',
  Properties: { Action: 'lambda:InvokeFunction', FunctionName, Principal },
});

/** What of the state a test may compare. */
function snapshot(): unknown {
  return JSON.parse(
    JSON.stringify(state, (_, value: unknown) => (value instanceof Map ? Object.fromEntries(value) : value)),
  );
}

describe('a first deployment', () => {
  it('defines the function with its version, alias and policy', () => {
    const resources = {
      ...functionResources({
        FunctionName: 'chat',
        Timeout: '30',
        MemorySize: 256,
        Environment: { Variables: { N: 1 } },
      }),
      V1: version(),
      Live: alias('V1'),
      Grant: permission('333333333333'),
    };
    const { stacks } = deploy({ Chat: stack(resources, { Outputs: { Arn: { Value: { Ref: 'Live' } } } }) });
    const arn = 'arn:aws:lambda:eu-west-1:111111111111:function:chat';
    expect(stacks).toMatchObject([{ stackName: 'Chat', status: 'created', outputs: { Arn: `${arn}:live` } }]);
    const fn = state.functions.get(arn);
    expect([...(fn?.versions.keys() ?? [])]).toEqual(['$LATEST', '1']);
    expect(fn?.versions.get('1')).toMatchObject({
      version: '1',
      timeoutSeconds: 30,
      memoryMb: 256,
      environment: { N: '1' },
      logGroupName: '/aws/lambda/chat',
    });
    expect(fn?.aliases.get('live')).toEqual({ name: 'live', functionVersion: '1', additionalVersionWeights: {} });
    expect(fn?.resourcePolicies.get(`${arn}:live`)).toMatchObject([
      { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::333333333333:root' }, Action: 'lambda:InvokeFunction' },
    ]);
  });

  it('gives environment-agnostic stacks the default account and region', () => {
    const outputs = { Where: { Value: { 'Fn::Sub': '$' + '{AWS::AccountId}/$' + '{AWS::Region}' } } };
    expect(deploy({ Any: stack({}, { Outputs: outputs }, {}) }).stacks[0]).toMatchObject({
      account: '999999999999',
      region: 'us-east-1',
      outputs: { Where: '999999999999/us-east-1' },
    });
  });

  it('generates names that fit, and the same ones in every process', () => {
    const name = 'A-stack-with-a-name-that-is-quite-a-lot-longer-than-names-usually-are';
    deploy({
      [name]: stack({ ...functionResources(), AnotherRoleWithAnEquallyLongLogicalIdForGoodMeasure: role('x') }),
    });
    const [fn] = state.functions.values();
    expect(fn?.functionName).toMatch(/^A-stack-with-a-name-that-is-quite-a-lot-lo\w*-?\w*-Fn-[0-9A-Z]{12}$/);
    expect(fn?.functionName.length).toBeLessThanOrEqual(64);
    const other = new DeployEngine({
      state: emptyState(),
      defaultAccount: '1',
      defaultRegion: 'r',
      functionUrl: () => '',
    });
    const again = other.deploy(
      writeAssembly({ [name]: stack({ ...functionResources() }, { Outputs: { N: { Value: { Ref: 'Fn' } } } }) }),
    );
    other.close();
    expect(again.stacks[0]?.outputs['N']).toBe(fn?.functionName);
  });

  it('deploys only the stacks named and those they depend on', () => {
    const stacks = { One: stack({}), Two: { ...stack({}), dependencies: ['One'] }, Three: stack({}) };
    expect(deploy(stacks, { stacks: ['T?o'] }).stacks.map(({ stackName }) => stackName)).toEqual(['One', 'Two']);
    expect(() => deploy(stacks, { stacks: ['Four'] })).toThrow(
      'the cloud assembly has no stack "Four"; it has: "One", "Two", "Three"',
    );
  });

  it('leaves out resources and outputs whose condition does not hold', () => {
    const template = {
      Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
      Outputs: { No: { Value: { Ref: 'Log' }, Condition: 'Never' }, Yes: { Value: 'y' } },
    };
    const result = deploy({
      S: stack({ Log: logGroup({}, { Condition: 'Never' }), After: logGroup({}, { DependsOn: 'Log' }) }, template),
    });
    expect(result.stacks[0]).toMatchObject({ outputs: { Yes: 'y' }, changes: { After: 'created' } });
    expect(state.logGroups.size).toBe(1);
  });

  it('lists inert types and warns of properties without effect', () => {
    const resources = {
      Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { Anything: 1 } },
      ...functionResources({ Layers: ['arn:layer'], TracingConfig: { Mode: 'Active' } }),
    };
    const { inertTypes, warnings } = deploy({ S: stack(resources) });
    expect(inertTypes).toEqual(['AWS::CloudWatch::Alarm']);
    expect(warnings).toEqual(['S/Fn: the property "Layers" of AWS::Lambda::Function has no effect here']);
  });

  it('warns of a handler that no file provides', () => {
    const { warnings } = deploy({ S: stack(functionResources({ FunctionName: 'f', Handler: 'app.main' })) });
    expect(warnings).toEqual([
      expect.stringMatching(
        /^S\/Fn: function "f" will fail with Runtime\.ImportModuleError when invoked: .*"app\.main"$/,
      ),
    ]);
  });
});

describe('parameters', () => {
  const Parameters = {
    Name: { Type: 'String' },
    Sizes: { Type: 'CommaDelimitedList', Default: 'a, b' },
    BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' },
  };
  const Outputs = {
    Name: { Value: { Ref: 'Name' } },
    Second: { Value: { 'Fn::Select': [1, { Ref: 'Sizes' }] } },
    Bootstrap: { Value: { Ref: 'BootstrapVersion' } },
  };

  it('take values by name or by stack and name, and their defaults', () => {
    const stacks = { S: stack({}, { Parameters, Outputs }) };
    const outputs = (parameters: Record<string, string>) => deploy(stacks, { parameters }).stacks[0]?.outputs;
    expect(outputs({ Name: 'n' })).toEqual({ Name: 'n', Second: 'b', Bootstrap: '30' });
    expect(outputs({ Name: 'n', 'S:Name': 'mine' })).toMatchObject({ Name: 'mine' });
  });

  it('are asked for by name when they have no value', () => {
    expect(() => deploy({ S: stack({}, { Parameters }) })).toThrow('stack "S" needs a value for its parameter "Name"');
  });

  it('refuse values that are not allowed', () => {
    const limited = { Name: { Type: 'String', AllowedValues: ['a', 'b'] } };
    expect(() => deploy({ S: stack({}, { Parameters: limited }) }, { parameters: { Name: 'c' } })).toThrow(
      'parameter "Name" of stack "S" must be one of a, b, got "c"',
    );
  });

  it('read SSM parameters that stacks define', () => {
    const stored = {
      P: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/app/name', Type: 'String', Value: 'v' } },
    };
    const reading = { X: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/app/name' } };
    const reader = stack({}, { Parameters: reading, Outputs: { X: { Value: { Ref: 'X' } } } });
    expect(() => deploy({ Reader: reader })).toThrow(
      'stack "Reader" reads the SSM parameter "/app/name", which no stack in 111111111111/eu-west-1 has defined',
    );
    expect(
      deploy({ Stored: stack(stored), Reader: { ...reader, dependencies: ['Stored'] } }).stacks[1]?.outputs,
    ).toEqual({ X: 'v' });
  });
});

describe('what is not supported', () => {
  it('is named all at once, before anything is deployed', () => {
    const stacks = {
      One: stack({ Log: logGroup(), Table: { Type: 'AWS::DynamoDB::Table' } }),
      Two: stack({ Bucket: { Type: 'AWS::S3::Bucket' } }, { Transform: 'AWS::Serverless-2016-10-31' }),
    };
    expect(() => deploy(stacks)).toThrow(
      [
        'the local target does not support:',
        '  AWS::DynamoDB::Table: Table (One/Table/Resource)',
        '  AWS::S3::Bucket: Bucket (Two/Bucket/Resource)',
        '  Two: template macros (Transform)',
        "move them to a stack of their own, or accept them as doing nothing with deploy(…, { inertTypes: ['AWS::…'] })",
      ].join('\n'),
    );
    expect(engine.stacks()).toEqual([]);
    expect(state.logGroups.size).toBe(0);
  });

  it('is accepted as doing nothing when the caller says so, and can be deleted later', () => {
    const resources = {
      Api: { Type: 'AWS::ApiGateway::RestApi' },
      Log: logGroup({ LogGroupName: { 'Fn::GetAtt': ['Api', 'RootResourceId'] } }),
    };
    const accepted = deploy({ S: stack(resources) }, { inertTypes: ['AWS::ApiGateway::*'] });
    expect(accepted).toMatchObject({ inertTypes: ['AWS::ApiGateway::RestApi'], warnings: [] });
    expect([...state.logGroups.values()][0]?.logGroupName).toMatch(/^S-Api-\w{12}\.RootResourceId$/);
    expect(deploy({ S: stack({}) }).stacks[0]?.changes).toEqual({ Log: 'deleted', Api: 'deleted' });
  });

  it('does not stand in the way of other stacks', () => {
    const stacks = { One: stack({ Log: logGroup() }), Two: stack({ Bucket: { Type: 'AWS::S3::Bucket' } }) };
    expect(deploy(stacks, { stacks: ['One'] }).stacks).toHaveLength(1);
  });
});

describe('a second deployment', () => {
  const chat = (code: string, versionId: string) =>
    stack({
      ...functionResources({ FunctionName: 'chat', Code: { ZipFile: code } }),
      [versionId]: version(),
      Live: alias(versionId),
      Grant: permission('333333333333'),
    });
  const fn = () => state.functions.get('arn:aws:lambda:eu-west-1:111111111111:function:chat');

  it('of the same assembly changes nothing', () => {
    deploy({ Chat: chat('1', 'V1') });
    const before = snapshot();
    const configuration = fn()?.versions.get('1');
    const { stacks } = deploy({ Chat: chat('1', 'V1') });
    expect(stacks).toMatchObject([{ status: 'unchanged', changes: { Fn: 'unchanged', V1: 'unchanged' } }]);
    expect(snapshot()).toEqual(before);
    expect(fn()?.versions.get('1')).toBe(configuration); // the same object, so that warm environments stay warm
  });

  it('of new code publishes a version, moves the alias and drops the old version', () => {
    deploy({ Chat: chat('1', 'V1') });
    const grants = fn()?.resourcePolicies.get(`${fn()?.functionArn}:live`);
    const { stacks } = deploy({ Chat: chat('2', 'V2') });
    expect(stacks[0]).toMatchObject({
      status: 'updated',
      changes: { Fn: 'updated', V2: 'created', Live: 'updated', V1: 'deleted', Grant: 'unchanged' },
    });
    expect([...(fn()?.versions.keys() ?? [])]).toEqual(['$LATEST', '2']);
    expect(fn()?.aliases.get('live')?.functionVersion).toBe('2');
    expect(fn()?.resourcePolicies.get(`${fn()?.functionArn}:live`)).toEqual(grants);
  });

  it('never gives a version number twice', () => {
    deploy({ Chat: chat('1', 'V1') });
    deploy({ Chat: stack(functionResources({ FunctionName: 'chat', Code: { ZipFile: '1' } })) });
    deploy({ Chat: chat('2', 'V2') });
    expect(fn()?.aliases.get('live')?.functionVersion).toBe('2');
  });

  it('refuses to publish what has not changed, as AWS does', () => {
    deploy({ Chat: chat('1', 'V1') });
    expect(() => deploy({ Chat: chat('1', 'V2') })).toThrow(
      'A version for this Lambda function exists ( 1 ). Modify the function to create a new version.',
    );
  });

  it('replaces what cannot be changed in place, and deletes it last', () => {
    deploy({ S: stack({ Log: logGroup({ LogGroupName: 'one', RetentionInDays: 1 }) }) });
    deploy({ S: stack({ Log: logGroup({ LogGroupName: 'one', RetentionInDays: 7 }) }) });
    expect([...state.logGroups.values()]).toMatchObject([{ logGroupName: 'one', retentionDays: 7 }]);
    const { stacks } = deploy({ S: stack({ Log: logGroup({ LogGroupName: 'two' }) }) });
    expect(stacks[0]?.changes).toEqual({ Log: 'replaced' });
    expect([...state.logGroups.values()]).toMatchObject([{ logGroupName: 'two' }]);
  });

  it('keeps what is to be retained', () => {
    const keep = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };
    deploy({
      S: stack({ Log: logGroup({ LogGroupName: 'one' }, keep), Other: logGroup({ LogGroupName: 'other' }, keep) }),
    });
    const { stacks } = deploy({ S: stack({ Log: logGroup({ LogGroupName: 'two' }, keep) }) });
    expect(stacks[0]?.changes).toEqual({ Log: 'replaced', Other: 'retained' });
    expect([...state.logGroups.values()].map(({ logGroupName }) => logGroupName).sort()).toEqual([
      'one',
      'other',
      'two',
    ]);
  });

  it('refuses another type under the same logical id', () => {
    deploy({ S: stack({ X: logGroup() }) });
    expect(() => deploy({ S: stack({ X: role('x') }) })).toThrow(
      'resource X (AWS::IAM::Role at S/X/Resource): its type cannot change from AWS::Logs::LogGroup to AWS::IAM::Role',
    );
  });

  it('takes policies off roles and puts changed ones on', () => {
    const policy = (Roles: unknown[], Action: string) => ({
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: 'P',
        Roles,
        PolicyDocument: { Statement: [{ Effect: 'Allow', Action, Resource: '*' }] },
      },
    });
    const policiesOf = (name: string) => [
      ...(state.roles.get(`arn:aws:iam::111111111111:role/${name}`)?.policies.values() ?? []),
    ];
    const roles = { R1: role('r1'), R2: role('r2') };
    deploy({ S: stack({ ...roles, P: policy([{ Ref: 'R1' }, { Ref: 'R2' }], 's3:*') }) });
    expect(policiesOf('r2')).toHaveLength(1);
    deploy({ S: stack({ ...roles, P: policy([{ Ref: 'R1' }], 'sqs:*') }) });
    expect(policiesOf('r2')).toEqual([]);
    expect(policiesOf('r1')).toMatchObject([{ Statement: [{ Action: 'sqs:*' }] }]);
    // Changing the role itself leaves policies of other resources on it.
    deploy({ S: stack({ R1: role('r1', '333333333333'), R2: role('r2'), P: policy([{ Ref: 'R1' }], 'sqs:*') }) });
    expect(policiesOf('r1')).toHaveLength(1);
    deploy({ S: stack(roles) });
    expect(policiesOf('r1')).toEqual([]);
  });
});

describe('a deployment that fails', () => {
  const broken = { Bad: logGroup({ LogGroupName: 'b', RetentionInDays: 'many' }, { DependsOn: 'Log' }) };

  it('names stack, resource, type, construct and cause', () => {
    expect(() => deploy({ S: stack({ Log: logGroup(), ...broken }) })).toThrow(
      'stack "S" could not be created: resource Bad (AWS::Logs::LogGroup at S/Bad/Resource): ' +
        'property "RetentionInDays" must be a whole number, got "many"',
    );
  });

  it('leaves nothing of its stack behind, and earlier stacks in place', () => {
    const stacks = {
      First: stack({ Log: logGroup() }),
      Second: { ...stack({ Log: logGroup(), ...broken }), dependencies: ['First'] },
    };
    expect(() => deploy(stacks)).toThrow('stack "Second" could not be created');
    expect(engine.stacks().map(({ stackName }) => stackName)).toEqual(['First']);
    expect(state.logGroups.size).toBe(1);
  });

  it('rolls an update back to the last byte', () => {
    const resources = {
      ...functionResources({ FunctionName: 'chat' }),
      V1: version(),
      Live: alias('V1'),
      Log: logGroup(),
    };
    deploy({ S: stack(resources) });
    const before = snapshot();
    const changed = {
      ...functionResources({ FunctionName: 'chat', Timeout: 9, Code: { ZipFile: 'new' } }),
      V2: version(),
      Live: alias('V2'),
      Log: logGroup({ RetentionInDays: 7 }),
      ...broken,
    };
    expect(() => deploy({ S: stack(changed) })).toThrow('stack "S" could not be updated');
    expect(snapshot()).toEqual(before);
    expect(deploy({ S: stack(resources) }).stacks[0]?.status).toBe('unchanged');
  });

  it('can be recognised by name and tells the resource', () => {
    try {
      deploy({ S: stack({ Log: logGroup(), ...broken }) });
    } catch (error) {
      expect(error).toMatchObject({
        name: 'DeployError',
        resource: { stackName: 'S', logicalId: 'Bad', type: 'AWS::Logs::LogGroup', constructPath: 'S/Bad/Resource' },
        cause: { name: 'PropertyError' },
      });
    }
    expect.assertions(1);
  });
});

describe('principals', () => {
  const ROLE_IN_B = 'arn:aws:iam::222222222222:role/Caller';
  const owner = stack({ ...functionResources({ FunctionName: 'chat' }), Grant: permission(ROLE_IN_B, { Ref: 'Fn' }) });
  const caller = stack({ Role: role('Caller') }, {}, B);

  it('must exist when a permission names them: order matters', () => {
    expect(() => deploy({ Owner: owner, Caller: caller })).toThrow(
      'stack "Owner" could not be created: resource Grant (AWS::Lambda::Permission at Owner/Grant/Resource): ' +
        'The provided principal was invalid. Please check the principal and try again. ' +
        `(role ${ROLE_IN_B} does not exist; deploy the stack that defines it first, for example by letting "Owner" depend on it)`,
    );
    expect(deploy({ Owner: { ...owner, dependencies: ['Caller'] }, Caller: caller }).stacks).toHaveLength(2);
  });

  it('of accounts that are not here are taken as they are', () => {
    expect(deploy({ Owner: owner }).stacks).toHaveLength(1);
  });

  it('stay dead in the policies that named them when they are defined anew', () => {
    const grants = () =>
      [
        ...(state.functions.get('arn:aws:lambda:eu-west-1:111111111111:function:chat')?.resourcePolicies.values() ??
          []),
      ].flat();
    const stacks = { Owner: { ...owner, dependencies: ['Caller'] }, Caller: caller };
    deploy(stacks);
    expect(grants()).toMatchObject([{ Principal: { AWS: ROLE_IN_B } }]);
    expect(engine.destroy(['Caller'])).toEqual([
      'Caller/Role: the policy of arn:aws:lambda:eu-west-1:111111111111:function:chat named the deleted role; ' +
        'a new role of that name will not be let in by it',
    ]);
    expect(grants()).toMatchObject([{ Principal: { AWS: [expect.stringMatching(/^AROA[0-9A-Z]{12}$/)] } }]);
    deploy(stacks);
    expect(grants()).toMatchObject([{ Principal: { AWS: [expect.stringMatching(/^AROA/)] } }]);
    // Only a new permission lets the new role in.
    deploy({ ...stacks, Owner: stack(functionResources({ FunctionName: 'chat' })) });
    deploy(stacks);
    expect(grants()).toMatchObject([{ Principal: { AWS: ROLE_IN_B } }]);
  });

  it('stay dead in trust policies too', () => {
    const trusting = { ...stack({ Trusting: role('trusting', ROLE_IN_B) }), dependencies: ['Caller'] };
    deploy({ Trusting: trusting, Caller: caller });
    engine.destroy(['Caller']);
    const [statement] = [state.roles.get('arn:aws:iam::111111111111:role/trusting')?.trustPolicy.Statement].flat();
    expect(statement).toMatchObject({ Principal: { AWS: [expect.stringMatching(/^AROA/)] } });
  });

  it('must exist when a trust policy names them', () => {
    expect(() => deploy({ S: stack({ Role: role('r', 'arn:aws:iam::111111111111:role/ghost') }) })).toThrow(
      'Invalid principal in policy: "AWS":"arn:aws:iam::111111111111:role/ghost"',
    );
  });

  it('of functions must be assumable by Lambda', () => {
    const notForLambda = { ...functionResources(), Role: role('r') };
    expect(() => deploy({ S: stack(notForLambda) })).toThrow(
      'The role defined for the function cannot be assumed by Lambda.',
    );
  });
});

describe('exports', () => {
  const exporting = (Value: string) => stack({}, { Outputs: { Out: { Value, Export: { Name: 'shared' } } } });
  const importing = {
    ...stack({}, { Outputs: { In: { Value: { 'Fn::ImportValue': 'shared' } } } }),
    dependencies: ['From'],
  };

  it('reach importing stacks of the same account and region only', () => {
    expect(deploy({ From: exporting('v'), To: importing }).stacks[1]?.outputs).toEqual({ In: 'v' });
    expect(() => deploy({ From: exporting('v'), Other: { ...importing, ...B } })).toThrow(
      'stack "Other" could not be created: No export named shared found',
    );
  });

  it('have one owner', () => {
    expect(() => deploy({ From: exporting('v'), Again: exporting('w') })).toThrow(
      'stack "Again" cannot export "shared": stack "From" already exports it',
    );
  });

  it('cannot change or go while they are imported', () => {
    deploy({ From: exporting('v'), To: importing });
    const message = 'stack "From" cannot change or remove its export "shared": stack "To" imports it';
    expect(() => deploy({ From: exporting('w') })).toThrow(message);
    expect(() => engine.destroy(['From'])).toThrow(message);
    engine.destroy(['To']);
    engine.destroy(['From']);
    expect(engine.stacks()).toEqual([]);
  });
});

describe('destroying', () => {
  it('removes everything that is not retained, the last stack first', () => {
    const keep = { DeletionPolicy: 'Retain' };
    deploy({
      Caller: stack({ Role: role('Caller') }, {}, B),
      Owner: stack({
        ...functionResources(),
        V1: version(),
        Live: alias('V1'),
        Kept: logGroup({ LogGroupName: 'kept' }, keep),
      }),
    });
    engine.destroy();
    expect([state.functions.size, state.roles.size]).toEqual([0, 0]);
    expect([...state.logGroups.values()]).toMatchObject([{ logGroupName: 'kept' }]);
  });

  it('names the stacks there are when there is no such one', () => {
    deploy({ One: stack({}) });
    expect(() => engine.destroy(['Two'])).toThrow('no stack "Two" is deployed; deployed are: "One"');
  });

  it('leaves the role of a function in another stack, and says who needs it', () => {
    const outputs = { Arn: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] }, Export: { Name: 'role' } } };
    const roleStack = stack(
      { Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: TRUST } } },
      { Outputs: outputs },
    );
    const { Fn } = functionResources({ Role: { 'Fn::ImportValue': 'role' } });
    deploy({ Roles: roleStack, Functions: { ...stack({ Fn }), dependencies: ['Roles'] } });
    expect(() => engine.destroy(['Roles'])).toThrow('stack "Functions" imports it');
  });
});
