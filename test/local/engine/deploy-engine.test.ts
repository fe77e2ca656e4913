import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeployEngine } from '../../../src/local/engine/deploy-engine';
import { DeployError } from '../../../src/local/local-error';
import { emptyState } from '../../../src/local/state';
import { alias, B, deploy, engine, logGroup, permission, role, stack, state, version } from './engine-fixture';
import { functionResources, TRUST, writeAssembly } from './write-assembly';

describe('a first deployment', () => {
  test('defines the function with its version, alias and policy', async () => {
    const resources = {
      ...functionResources({
        FunctionName: 'chat',
        Timeout: '30',
        MemorySize: 256,
        Environment: { Variables: { COUNT: 1 } },
      }),
      V1: version(),
      Live: alias('V1'),
      Grant: permission('333333333333'),
    };
    const { stacks } = await deploy({ Chat: stack(resources, { Outputs: { Arn: { Value: { Ref: 'Live' } } } }) });
    const arn = 'arn:aws:lambda:eu-west-1:111111111111:function:chat';
    expect(stacks).toMatchObject([{ stackName: 'Chat', status: 'created', outputs: { Arn: `${arn}:live` } }]);
    const fn = state.functions.get(arn);
    expect([...(fn?.versions.keys() ?? [])]).toEqual(['$LATEST', '1']);
    expect(fn?.versions.get('1')).toMatchObject({
      version: '1',
      timeoutSeconds: 30,
      memoryMb: 256,
      environment: { COUNT: '1' },
      logGroupName: '/aws/lambda/chat',
    });
    expect(fn?.aliases.get('live')).toEqual({ name: 'live', functionVersion: '1', additionalVersionWeights: {} });
    expect(fn?.resourcePolicies.get(`${arn}:live`)?.Statement).toMatchObject([
      { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::333333333333:root' }, Action: 'lambda:InvokeFunction' },
    ]);
  });

  test('gives environment-agnostic stacks the default account and region', async () => {
    const outputs = { Where: { Value: { 'Fn::Sub': '$' + '{AWS::AccountId}/$' + '{AWS::Region}' } } };
    expect((await deploy({ Any: stack({}, { Outputs: outputs }, {}) })).stacks[0]).toMatchObject({
      account: '999999999999',
      region: 'us-east-1',
      outputs: { Where: '999999999999/us-east-1' },
    });
  });

  test('generates names that fit, and the same ones in every process', async () => {
    const name = 'A-stack-with-a-name-that-is-quite-a-lot-longer-than-names-usually-are';
    await deploy({
      [name]: stack({ ...functionResources(), AnotherRoleWithAnEquallyLongLogicalIdForGoodMeasure: role('x') }),
    });
    const [fn] = state.functions.values();
    expect(fn?.functionName).toMatch(/^A-stack-with-a-name-that-is-quite-a-lot-lo\w*-?\w*-Fn-[0-9A-Z]{12}$/);
    expect(fn?.functionName.length).toBeLessThanOrEqual(64);
    const other = new DeployEngine({
      state: emptyState(),
      defaultAccount: '1',
      defaultRegion: 'r',
      endpoint: () => '',
    });
    const again = await other.deploy(
      writeAssembly({ [name]: stack({ ...functionResources() }, { Outputs: { N: { Value: { Ref: 'Fn' } } } }) }),
    );
    other.close();
    expect(again.stacks[0]?.outputs['N']).toBe(fn?.functionName);
  });

  test('deploys only the stacks named and those they depend on', async () => {
    const stacks = { One: stack({}), Two: { ...stack({}), dependencies: ['One'] }, Three: stack({}) };
    expect((await deploy(stacks, { stacks: ['T?o'] })).stacks.map(({ stackName }) => stackName)).toEqual([
      'One',
      'Two',
    ]);
    await expect(deploy(stacks, { stacks: ['Four'] })).rejects.toThrow(
      "the cloud assembly has no stack 'Four'; it has: 'One', 'Two', 'Three'",
    );
  });

  test('leaves out resources and outputs whose condition does not hold', async () => {
    const template = {
      Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
      Outputs: { No: { Value: { Ref: 'Log' }, Condition: 'Never' }, Yes: { Value: 'y' } },
    };
    const result = await deploy({
      S: stack({ Log: logGroup({}, { Condition: 'Never' }), After: logGroup({}, { DependsOn: 'Log' }) }, template),
    });
    expect(result.stacks[0]).toMatchObject({ outputs: { Yes: 'y' }, changes: { After: 'created' } });
    expect(state.logGroups.size).toBe(1);
  });

  test('lists inert types and warns of properties without effect', async () => {
    const resources = {
      Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { Anything: 1 } },
      ...functionResources({ Layers: ['arn:layer'], TracingConfig: { Mode: 'Active' } }),
    };
    const { inertTypes, warnings } = await deploy({ S: stack(resources) });
    expect(inertTypes).toEqual(['AWS::CloudWatch::Alarm']);
    expect(warnings).toEqual([
      expect.stringMatching(/^S\/Fn: no stack here has the layer 'arn:layer' of function '.*': it is left out$/),
    ]);
  });

  test('tells an app without context values what stands in their place, and is refused if strict', async () => {
    const directory = writeAssembly({ S: stack({ L: logGroup() }) });
    const file = join(directory, 'manifest.json');
    const missing = [
      { key: 'availability-zones:account=111111111111:region=eu-west-1', provider: 'availability-zones', props: {} },
      { key: 'vpc-provider:account=111111111111:filter.isDefault=true', provider: 'vpc-provider', props: {} },
    ];
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), missing }));
    const told =
      'write into cdk.context.json, in a test into new App({ context: {…} }):\n  "availability-zones:account=111111111111:region=eu-west-1": ["eu-west-1a","eu-west-1b","eu-west-1c"],\n  "vpc-provider:account=111111111111:filter.isDefault=true": …';
    expect((await engine.deploy(directory)).warnings).toEqual([expect.stringContaining(told)]);
    await expect(engine.deploy(directory, { strict: true })).rejects.toThrow(told);
  });

  test('warns of a handler that no file provides', async () => {
    const { warnings } = await deploy({ S: stack(functionResources({ FunctionName: 'f', Handler: 'app.main' })) });
    expect(warnings).toEqual([
      expect.stringMatching(
        /^S\/Fn: function 'f' will fail with Runtime\.ImportModuleError when invoked: .*'app\.main'$/,
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

  test('take values by name or by stack and name, and their defaults', async () => {
    const stacks = { S: stack({}, { Parameters, Outputs }) };
    const outputs = async (parameters: Record<string, string>) =>
      (await deploy(stacks, { parameters })).stacks[0]?.outputs;
    expect(await outputs({ Name: 'n' })).toEqual({ Name: 'n', Second: 'b', Bootstrap: '30' });
    expect(await outputs({ Name: 'n', 'S:Name': 'mine' })).toMatchObject({ Name: 'mine' });
  });

  test('are asked for by name when they have no value', async () => {
    await expect(deploy({ S: stack({}, { Parameters }) })).rejects.toThrow(
      "stack 'S' needs a value for its parameter 'Name'",
    );
  });

  test('refuse values that are not allowed', async () => {
    const limited = { Name: { Type: 'String', AllowedValues: ['a', 'b'] } };
    await expect(deploy({ S: stack({}, { Parameters: limited }) }, { parameters: { Name: 'c' } })).rejects.toThrow(
      "stack 'S': Parameter 'Name' must be one of AllowedValues (a, b), got 'c'",
    );
  });

  test.each([
    [
      'Nmae',
      "no stack of the cloud assembly has the parameter 'Nmae' given to deploy(); there are: 'S:Name', 'S:Sizes'",
    ],
    ['S:Nmae', "stack 'S' has no parameter 'Nmae', which was given to deploy() as 'S:Nmae'; it has: 'Name', 'Sizes'"],
    ['Other:Name', "stack 'Other' has no parameter 'Name', which was given to deploy() as 'Other:Name'; it has: none"],
    [
      'T:Name',
      "the parameter 'T:Name' given to deploy() names the stack 'T', which the cloud assembly does not have; it has: 'S', 'Other'",
    ],
  ])('refuse %s, which no template asks for, before anything is deployed', async (key, message) => {
    const stacks = { S: stack({}, { Parameters }), Other: stack({}) };
    await expect(deploy(stacks, { parameters: { 'S:Name': 'n', [key]: 'x' } })).rejects.toThrow(
      new DeployError(message),
    );
    expect(engine.stacks()).toEqual([]);
  });

  test('may be given for stacks that are not deployed this time', async () => {
    const stacks = { S: stack({}, { Parameters }), Other: stack({}) };
    const parameters = { 'S:Name': 'n', Sizes: 'c', BootstrapVersion: '/cdk-bootstrap/x/version' };
    expect((await deploy(stacks, { stacks: ['Other'], parameters })).stacks).toHaveLength(1);
  });

  test('read SSM parameters that stacks define', async () => {
    const stored = {
      P: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/app/name', Type: 'String', Value: 'v' } },
    };
    const reading = { X: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/app/name' } };
    const reader = stack({}, { Parameters: reading, Outputs: { X: { Value: { Ref: 'X' } } } });
    await expect(deploy({ Reader: reader })).rejects.toThrow(
      "stack 'Reader' reads the SSM parameter '/app/name', which no stack in 111111111111/eu-west-1 has defined",
    );
    expect(
      (await deploy({ Stored: stack(stored), Reader: { ...reader, dependencies: ['Stored'] } })).stacks[1]?.outputs,
    ).toEqual({ X: 'v' });
  });
});

describe('what is not supported', () => {
  test('is named all at once, before anything is deployed', async () => {
    const stacks = {
      One: stack({ Log: logGroup(), Table: { Type: 'AWS::DynamoDB::Table' } }),
      Two: stack({ Bucket: { Type: 'AWS::KMS::Key' } }, { Transform: 'AWS::Serverless-2016-10-31' }),
    };
    await expect(deploy(stacks, { strict: true })).rejects.toThrow(
      [
        'the local target does not support:',
        '  AWS::DynamoDB::Table: Table (One/Table/Resource)',
        '  AWS::KMS::Key: Bucket (Two/Bucket/Resource)',
        "  template macros: Two has the Transform 'AWS::Serverless-2016-10-31'",
        'for tables give an engine, such as dynalite: startLocal({ services: { dynamodb: <its address> } })',
        'move them to a stack of their own, or accept them as doing nothing: ' +
          "deploy(…, { inertTypes: ['AWS::DynamoDB::Table', 'AWS::KMS::Key'] })",
      ].join('\n'),
    );
    expect(engine.stacks()).toEqual([]);
    expect(state.logGroups.size).toBe(0);
  });

  test('is a macro by its name', async () => {
    await expect(deploy({ S: stack({}, { Transform: 'x' }) })).rejects.toThrow(
      /does not support:\n {2}template macros: S has the Transform 'x'$/,
    );
  });

  test('is accepted as doing nothing when the caller says so, and can be deleted later', async () => {
    const resources = {
      Api: { Type: 'AWS::AppSync::Api' },
      Log: logGroup({ LogGroupName: { 'Fn::GetAtt': ['Api', 'RootResourceId'] } }),
    };
    const accepted = await deploy({ S: stack(resources) }, { strict: true, inertTypes: ['AWS::AppSync::*'] });
    expect(accepted).toMatchObject({ inertTypes: ['AWS::AppSync::Api'], warnings: [] });
    expect([...state.logGroups.values()][0]?.logGroupName).toMatch(/^[a-z0-9]{10}$/);
    expect((await deploy({ S: stack({}) })).stacks[0]?.changes).toEqual({ Log: 'deleted', Api: 'deleted' });
  });

  test('is never accepted unseen where it decides who may invoke or what a function is', async () => {
    const Type = 'AWS::Lambda::CapacityProvider';
    const stacks = { S: stack({ X: { Type }, Y: { Type: 'AWS::IAM::PolicyAttachment' } }) };
    await expect(deploy(stacks)).rejects.toThrow(
      /AWS::IAM::PolicyAttachment: Y .*\n {2}AWS::Lambda::CapacityProvider: X /,
    );
  });

  test('does not stand in the way of other stacks', async () => {
    const stacks = { One: stack({ Log: logGroup() }), Two: stack({ Bucket: { Type: 'AWS::Lambda::Unknown' } }) };
    expect((await deploy(stacks, { stacks: ['One'] })).stacks).toHaveLength(1);
  });
});

describe('principals', () => {
  const ROLE_IN_B = 'arn:aws:iam::222222222222:role/Caller';
  const owner = stack({ ...functionResources({ FunctionName: 'chat' }), Grant: permission(ROLE_IN_B, { Ref: 'Fn' }) });
  const caller = stack({ Role: role('Caller') }, {}, B);

  test('must exist when a permission names them: order matters', async () => {
    await expect(deploy({ Owner: owner, Caller: caller })).rejects.toThrow(
      "stack 'Owner' could not be created: resource Grant (AWS::Lambda::Permission at Owner/Grant/Resource): " +
        'The provided principal was invalid. Please check the principal and try again. ' +
        `(role ${ROLE_IN_B} does not exist; deploy the stack that defines it first, for example by letting 'Owner' depend on it)`,
    );
    expect((await deploy({ Owner: { ...owner, dependencies: ['Caller'] }, Caller: caller })).stacks).toHaveLength(2);
  });

  test('of accounts that are not here are taken as they are', async () => {
    expect((await deploy({ Owner: owner })).stacks).toHaveLength(1);
  });

  test('stay dead in the policies that named them when they are defined anew', async () => {
    const grants = () =>
      [
        ...(state.functions.get('arn:aws:lambda:eu-west-1:111111111111:function:chat')?.resourcePolicies.values() ??
          []),
      ].flatMap(({ Statement }) => Statement);
    const stacks = { Owner: { ...owner, dependencies: ['Caller'] }, Caller: caller };
    await deploy(stacks);
    expect(grants()).toMatchObject([{ Principal: { AWS: ROLE_IN_B } }]);
    expect(await engine.destroy(['Caller'])).toEqual([
      'Caller/Role: the policy of arn:aws:lambda:eu-west-1:111111111111:function:chat named the deleted role; ' +
        'a new role of that name will not be let in by it',
    ]);
    expect(grants()).toMatchObject([{ Principal: { AWS: [expect.stringMatching(/^AROA[0-9A-Z]{12}$/)] } }]);
    await deploy(stacks);
    expect(grants()).toMatchObject([{ Principal: { AWS: [expect.stringMatching(/^AROA/)] } }]);
    // Only a new permission lets the new role in.
    await deploy({ ...stacks, Owner: stack(functionResources({ FunctionName: 'chat' })) });
    await deploy(stacks);
    expect(grants()).toMatchObject([{ Principal: { AWS: ROLE_IN_B } }]);
  });

  test('stay dead in trust policies too', async () => {
    const trusting = { ...stack({ Trusting: role('trusting', ROLE_IN_B) }), dependencies: ['Caller'] };
    await deploy({ Trusting: trusting, Caller: caller });
    await engine.destroy(['Caller']);
    const [statement] = [state.roles.get('arn:aws:iam::111111111111:role/trusting')?.trustPolicy.Statement].flat();
    expect(statement).toMatchObject({ Principal: { AWS: [expect.stringMatching(/^AROA/)] } });
  });

  test('must exist when a trust policy names them', async () => {
    await expect(deploy({ S: stack({ Role: role('r', 'arn:aws:iam::111111111111:role/ghost') }) })).rejects.toThrow(
      'Invalid principal in policy: "AWS":"arn:aws:iam::111111111111:role/ghost"',
    );
  });

  test('of functions must be assumable by Lambda', async () => {
    const notForLambda = { ...functionResources(), Role: role('r') };
    await expect(deploy({ S: stack(notForLambda) })).rejects.toThrow(
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

  test('reach importing stacks of the same account and region only', async () => {
    expect((await deploy({ From: exporting('v'), To: importing })).stacks[1]?.outputs).toEqual({ In: 'v' });
    await expect(deploy({ From: exporting('v'), Other: { ...importing, ...B } })).rejects.toThrow(
      "stack 'Other' could not be created: No export named shared found",
    );
  });

  test('have one owner', async () => {
    await expect(deploy({ From: exporting('v'), Again: exporting('w') })).rejects.toThrow(
      "stack 'Again' could not be updated: Export with name shared is already exported by stack From.",
    );
  });

  test('cannot change or go while they are imported', async () => {
    await deploy({ From: exporting('v'), To: importing });
    const use = 'export shared as it is in use by To.';
    await expect(deploy({ From: exporting('w') })).rejects.toThrow(`could not be updated: Cannot update ${use}`);
    await expect(engine.destroy(['From'])).rejects.toThrow(
      `stack 'From' could not be destroyed: Delete canceled. Cannot delete ${use}`,
    );
    await engine.destroy(['To']);
    await engine.destroy(['From']);
    expect(engine.stacks()).toEqual([]);
  });
});

describe('destroying', () => {
  test('removes everything that is not retained, the last stack first', async () => {
    const keep = { DeletionPolicy: 'Retain' };
    await deploy({
      Caller: stack({ Role: role('Caller') }, {}, B),
      Owner: stack({
        ...functionResources(),
        V1: version(),
        Live: alias('V1'),
        Kept: logGroup({ LogGroupName: 'kept' }, keep),
      }),
    });
    await engine.destroy();
    expect([state.functions.size, state.roles.size]).toEqual([0, 0]);
    expect([...state.logGroups.values()]).toMatchObject([{ logGroupName: 'kept' }]);
  });

  test('names the stacks there are when there is no such one', async () => {
    await deploy({ One: stack({}) });
    await expect(engine.destroy(['Two'])).rejects.toThrow("no stack 'Two' is deployed; deployed are: 'One'");
  });

  test('leaves the role of a function in another stack, and says who needs it', async () => {
    const outputs = { Arn: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] }, Export: { Name: 'role' } } };
    const roleStack = stack(
      { Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: TRUST } } },
      { Outputs: outputs },
    );
    const { Fn } = functionResources({ Role: { 'Fn::ImportValue': 'role' } });
    await deploy({ Roles: roleStack, Functions: { ...stack({ Fn }), dependencies: ['Roles'] } });
    await expect(engine.destroy(['Roles'])).rejects.toThrow('as it is in use by Functions.');
  });
});
