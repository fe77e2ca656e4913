import { DeployEngine } from '../../../src/local/engine/deploy-engine';
import { emptyState, type LocalState } from '../../../src/local/state';
import { functionResources, removeFolders, TRUST, writeAssembly } from '../engine/write-assembly';

const ENV = { account: '111111111111', region: 'eu-west-1' };
const FN_ARN = 'arn:aws:lambda:eu-west-1:111111111111:function:chat';

let state: LocalState;
let engine: DeployEngine;

beforeEach(() => {
  state = emptyState();
  const endpoint = () => 'http://127.0.0.1:1';
  engine = new DeployEngine({ state, defaultAccount: ENV.account, defaultRegion: ENV.region, endpoint });
});

afterEach(() => {
  engine.close();
  removeFolders();
});

type Resources = Readonly<Record<string, { readonly Type: string; readonly Properties?: Record<string, unknown> }>>;

/** Deploys the resources in a stack `S` and gives the values of `outputs`. */
function deploy(Resources: Resources, outputs: Readonly<Record<string, unknown>> = {}, env = ENV) {
  const Outputs = Object.fromEntries(Object.entries(outputs).map(([name, Value]) => [name, { Value }]));
  return engine.deploy(writeAssembly({ S: { ...env, template: { Resources, Outputs } } }));
}

/** Deploys a function `chat` with version, alias `live` and more. */
function deployChat(more: Resources, outputs?: Readonly<Record<string, unknown>>) {
  const chat = {
    ...functionResources({ FunctionName: 'chat' }),
    V1: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Fn' } } },
    Live: {
      Type: 'AWS::Lambda::Alias',
      Properties: { Name: 'live', FunctionName: { Ref: 'Fn' }, FunctionVersion: { 'Fn::GetAtt': ['V1', 'Version'] } },
    },
  };
  return deploy({ ...chat, ...more }, outputs);
}

const chat = () => state.functions.get(FN_ARN);

describe('AWS::Lambda::Function', () => {
  test.each<[string, Record<string, unknown>, string]>([
    [
      'a name of 65 characters',
      { FunctionName: 'f'.repeat(65) },
      "property 'FunctionName' must have 1 to 64 characters and has 65",
    ],
    [
      'a name with a dot',
      { FunctionName: 'a.b' },
      "property 'FunctionName' must consist of letters, digits, hyphens and underscores",
    ],
    ['a timeout of 901 s', { Timeout: 901 }, "property 'Timeout' must be 1 to 900, got 901"],
    ['a timeout that is no number', { Timeout: 'long' }, "property 'Timeout' must be a whole number, got 'long'"],
    ['too little memory', { MemorySize: 64 }, "property 'MemorySize' must be 128 to 10240, got 64"],
    [
      'a runtime that does not exist',
      { Runtime: 'cobol1' },
      "property 'Runtime' must be a runtime of Lambda, got 'cobol1'",
    ],
    [
      'two architectures',
      { Architectures: ['x86_64', 'arm64'] },
      `property 'Architectures' must be [x86_64] or [arm64], got ["x86_64","arm64"]`,
    ],
    [
      'an architecture that does not exist',
      { Architectures: ['arm'] },
      `property 'Architectures' must be [x86_64] or [arm64], got ["arm"]`,
    ],
    ['no handler', { Handler: undefined }, "property 'Handler' is required"],
    ['a handler with white space', { Handler: 'index handler' }, "property 'Handler' must not hold white space"],
    [
      'a container image without its address',
      { PackageType: 'Image', Code: {} },
      "property 'Code.ImageUri' is required",
    ],
    [
      'an image as the code of a zip package',
      { Code: { ImageUri: 'x' } },
      "property 'Code.ImageUri' must go with PackageType Image",
    ],
    [
      'code outside the assembly',
      { Code: { S3Bucket: 'b', S3Key: 'k.zip' } },
      "property 'Code.S3Key' must be an asset of the cloud assembly",
    ],
    ['no code', { Code: {} }, "property 'Code.S3Key' is required"],
    [
      'a role that does not exist',
      { Role: 'arn:aws:iam::111111111111:role/ghost' },
      'cannot be assumed by Lambda. (arn:aws:iam::111111111111:role/ghost does not exist)',
    ],
    [
      'variables that are no texts',
      { Environment: { Variables: { A: { b: 1 } } } },
      `property 'Environment.Variables.A' must be text, got {"b":1}`,
    ],
  ])('refuses %s', async (_name, overrides, message) => {
    await expect(deploy(functionResources(overrides))).rejects.toThrow(message);
  });

  test('exists once under its name', async () => {
    const again = functionResources({ FunctionName: 'chat' });
    await expect(deployChat({ Again: again.Fn })).rejects.toThrow('Function already exist: chat');
  });

  test('of another runtime is defined with a warning, because it cannot run', async () => {
    const { warnings } = await deploy(functionResources({ Runtime: 'java21', Handler: 'app.run' }));
    expect(warnings).toEqual([
      expect.stringMatching(
        /^S\/Fn: The function \S+ has the runtime java21, which cannot run here: .*; an invocation answers InvalidRuntimeException$/,
      ),
    ]);
  });

  test('of an OS-only runtime without its program is defined with a warning', async () => {
    const { warnings } = await deploy(functionResources({ Runtime: 'provided.al2023', Handler: 'hello' }));
    expect(warnings).toEqual([
      expect.stringMatching(
        /^S\/Fn: function '\S+' will fail with Runtime\.InvalidEntrypoint when invoked: neither its code in '.*' nor a layer has a file 'bootstrap' that may be executed$/,
      ),
    ]);
  });

  test('of an OS-only runtime behind a layer of the web adapter starts its program as a web server', async () => {
    const Layers = ['arn:aws:lambda:us-east-1:753240598075:layer:LambdaAdapterLayerX86:27'];
    const { warnings } = await deploy(
      functionResources({ Runtime: 'provided.al2023', Handler: 'bootstrap', FunctionName: 'chat', Layers }),
    );
    expect(chat()?.versions.get('$LATEST')?.imageCommand).toEqual([expect.stringMatching(/\/bootstrap$/)]);
    expect(warnings).toEqual([
      expect.stringContaining("has no start script 'bootstrap', which the web adapter would run"),
    ]);
  });

  test('has the defaults of Lambda', async () => {
    await deployChat({});
    expect(chat()?.versions.get('$LATEST')).toMatchObject({ timeoutSeconds: 3, memoryMb: 128, environment: {} });
  });

  test('logs to the log group it is given', async () => {
    const log = { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/my/log' } };
    await deploy({
      Log: log,
      ...functionResources({ FunctionName: 'chat', LoggingConfig: { LogGroup: { Ref: 'Log' } } }),
    });
    expect(chat()?.versions.get('$LATEST')?.logGroupName).toBe('/my/log');
  });

  test('has an ARN in the partition of its region', async () => {
    const env = { ...ENV, region: 'cn-north-1' };
    const { stacks } = await deploy(
      functionResources({ FunctionName: 'chat' }),
      { Arn: { 'Fn::GetAtt': ['Fn', 'Arn'] } },
      env,
    );
    expect(stacks[0]?.outputs['Arn']).toBe('arn:aws-cn:lambda:cn-north-1:111111111111:function:chat');
  });
});

describe('AWS::Lambda::Alias', () => {
  const alias = (Properties: Record<string, unknown>) => ({
    Type: 'AWS::Lambda::Alias',
    Properties: {
      Name: 'beta',
      FunctionName: { Ref: 'Fn' },
      FunctionVersion: { 'Fn::GetAtt': ['V1', 'Version'] },
      ...Properties,
    },
  });

  test('may share its traffic with another version', async () => {
    await deployChat({});
    const V2 = { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Fn' } } };
    const AdditionalVersionWeights = [{ FunctionVersion: { 'Fn::GetAtt': ['V2', 'Version'] }, FunctionWeight: 0.1 }];
    const changed = functionResources({ FunctionName: 'chat', Timeout: 9 });
    await deployChat({ ...changed, V2, Beta: alias({ RoutingConfig: { AdditionalVersionWeights } }) });
    expect(chat()?.aliases.get('beta')?.additionalVersionWeights).toEqual({ 2: 0.1 });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a version that does not exist', { FunctionVersion: '7' }, `Function not found: ${FN_ARN}:7`],
    [
      'a function that does not exist',
      { FunctionName: 'ghost' },
      'Function not found: arn:aws:lambda:eu-west-1:111111111111:function:ghost',
    ],
    ['a name of digits', { Name: '12' }, "property 'Name' must consist of letters"],
    [
      'a weight above 1',
      { RoutingConfig: { AdditionalVersionWeights: [{ FunctionVersion: '1', FunctionWeight: 2 }] } },
      "FunctionWeight' must be 0.0 to 1.0, got 2",
    ],
    [
      '$LATEST beside a version',
      { RoutingConfig: { AdditionalVersionWeights: [{ FunctionVersion: '$LATEST', FunctionWeight: 0.1 }] } },
      '$LATEST is not supported for an alias pointing to more than 1 version',
    ],
    ['a name that is taken', { Name: 'live' }, `Alias already exists: ${FN_ARN}:live`],
  ])('refuses %s', async (_name, properties, message) => {
    await expect(
      deployChat({ Beta: { ...alias(properties), DependsOn: 'Live' } as Resources[string] }),
    ).rejects.toThrow(message);
  });
});

describe('AWS::Lambda::Permission', () => {
  const permission = (Properties: Record<string, unknown>) => ({
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: { Ref: 'Live' },
      Principal: '222222222222',
      ...Properties,
    },
  });

  test.each<[string, Record<string, unknown>, unknown, unknown]>([
    ['an account', {}, { AWS: 'arn:aws:iam::222222222222:root' }, {}],
    ['everybody', { Principal: '*' }, '*', {}],
    ['a service', { Principal: 's3.amazonaws.com' }, { Service: 's3.amazonaws.com' }, {}],
    ['a user', { Principal: 'arn:aws:iam::222222222222:user/u' }, { AWS: 'arn:aws:iam::222222222222:user/u' }, {}],
    [
      'an organization',
      { Principal: '*', PrincipalOrgID: 'o-1' },
      '*',
      { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } },
    ],
    [
      'a source',
      { Principal: 's3.amazonaws.com', SourceArn: 'arn:aws:s3:::b', SourceAccount: '111111111111' },
      { Service: 's3.amazonaws.com' },
      { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::b' }, StringEquals: { 'aws:SourceAccount': '111111111111' } },
    ],
    [
      'a skill of Alexa',
      { Principal: 'alexa-appkit.amazon.com', EventSourceToken: 'amzn1.ask.skill.1' },
      { Service: 'alexa-appkit.amazon.com' },
      { StringEquals: { 'lambda:EventSourceToken': 'amzn1.ask.skill.1' } },
    ],
    [
      'a function URL',
      { FunctionUrlAuthType: 'AWS_IAM', InvokedViaFunctionUrl: true },
      { AWS: 'arn:aws:iam::222222222222:root' },
      { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' }, Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
    ],
  ])('writes the statement AWS writes for %s', async (_name, properties, principal, condition) => {
    await deployChat({ Grant: permission(properties) });
    expect(chat()?.resourcePolicies).toEqual(
      new Map([
        [
          `${FN_ARN}:live`,
          {
            Version: '2012-10-17',
            Statement: [
              {
                Sid: expect.stringMatching(/^S-Grant-/),
                Effect: 'Allow',
                Principal: principal,
                Action: 'lambda:InvokeFunction',
                Resource: `${FN_ARN}:live`,
                Condition: condition,
              },
            ],
          },
        ],
      ]),
    );
  });

  test('belongs to the function, the version or the alias it names', async () => {
    await deployChat({
      OfFunction: permission({ FunctionName: { Ref: 'Fn' } }),
      OfVersion: permission({ FunctionName: { Ref: 'V1' } }),
      OfAlias: permission({}),
    });
    expect([...(chat()?.resourcePolicies.keys() ?? [])].sort()).toEqual([FN_ARN, `${FN_ARN}:1`, `${FN_ARN}:live`]);
  });

  test('takes only its own statement away', async () => {
    await deployChat({ One: permission({}), Two: permission({ Principal: '333333333333' }) });
    await deployChat({ Two: permission({ Principal: '333333333333' }) });
    expect(chat()?.resourcePolicies.get(`${FN_ARN}:live`)?.Statement).toMatchObject([
      { Principal: { AWS: 'arn:aws:iam::333333333333:root' } },
    ]);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['$LATEST', { FunctionName: `${FN_ARN}:$LATEST` }, '$LATEST cannot have a resource-based policy'],
    ['a qualifier that does not exist', { FunctionName: `${FN_ARN}:beta` }, `Function not found: ${FN_ARN}:beta`],
    [
      'an action of another service',
      { Action: 's3:GetObject' },
      "property 'Action' must be an action of Lambda, got 's3:GetObject'",
    ],
    [
      'a principal that is none',
      { Principal: 'Bob' },
      "property 'Principal' must be an account, an IAM ARN, a service",
    ],
    [
      'a kind of authorization that no URL has',
      { FunctionUrlAuthType: 'IAM' },
      "property 'FunctionUrlAuthType' must be one of AWS_IAM, NONE, got 'IAM'",
    ],
    [
      'a yes that is no boolean',
      { InvokedViaFunctionUrl: 'yes' },
      "property 'InvokedViaFunctionUrl' must be one of true, false, got 'yes'",
    ],
    [
      'an account that is none',
      { SourceAccount: '1234' },
      "property 'SourceAccount' must be an account of twelve digits, got '1234'",
    ],
  ])('refuses %s', async (_name, properties, message) => {
    const Grant = { ...permission(properties), DependsOn: 'Live' } as Resources[string];
    await expect(deployChat({ Grant })).rejects.toThrow(message);
  });

  test('warns of the action that does not exist', async () => {
    const { warnings } = await deployChat({ Grant: permission({ Action: 'lambda:InvokeWithResponseStream' }) });
    expect(warnings).toEqual([
      'S/Grant: lambda:InvokeWithResponseStream is no IAM action and allows nothing; streaming needs lambda:InvokeFunction',
    ]);
  });
});

describe('AWS::Lambda::ResourcePolicy', () => {
  const statement = { Effect: 'Allow', Principal: '*', Action: 'lambda:InvokeFunction', Resource: { Ref: 'Live' } };
  const policy = (Statement: unknown) => ({
    Type: 'AWS::Lambda::ResourcePolicy',
    Properties: { ResourceArn: { Ref: 'Live' }, PolicyDocument: { Version: '2012-10-17', Statement } },
  });

  test('is the whole policy of its ARN, and goes with it', async () => {
    await deployChat({ Policy: policy([statement]) });
    expect(chat()?.resourcePolicies.get(`${FN_ARN}:live`)).toEqual({
      Version: '2012-10-17',
      Statement: [{ ...statement, Resource: `${FN_ARN}:live` }],
    });
    await deployChat({});
    expect(chat()?.resourcePolicies.size).toBe(0);
  });

  test.each<[string, unknown, string]>([
    ['no statement', [], 'must have a Statement'],
    ['no principal', [{ Effect: 'Allow', Action: 'lambda:*', Resource: '*' }], 'statement 0 must have a Principal'],
    ['an unknown element', [{ ...statement, Actions: [] }], "has the unknown element 'Actions'"],
    ['another effect', [{ ...statement, Effect: 'allow' }], "must have the Effect 'Allow' or 'Deny'"],
    [
      'an unknown operator',
      [{ ...statement, Condition: { StringIs: {} } }],
      "condition operator 'StringIs' does not exist",
    ],
  ])('refuses a document with %s', async (_name, statements, message) => {
    await expect(deployChat({ Policy: policy(statements) })).rejects.toThrow(message);
  });
});

describe('AWS::Lambda::Url', () => {
  const url = (Properties: Record<string, unknown> = {}) => ({
    Type: 'AWS::Lambda::Url',
    Properties: { AuthType: 'AWS_IAM', TargetFunctionArn: { 'Fn::GetAtt': ['Fn', 'Arn'] }, ...Properties },
    DependsOn: 'Live',
  });

  test('belongs to the function or to an alias', async () => {
    const outputs = { Url: { 'Fn::GetAtt': ['Url', 'FunctionUrl'] }, Arn: { 'Fn::GetAtt': ['Url', 'FunctionArn'] } };
    const { stacks } = await deployChat({ Url: url({ Qualifier: 'live', InvokeMode: 'RESPONSE_STREAM' }) }, outputs);
    const [, urlId = ''] =
      /^http:\/\/127\.0\.0\.1:1\/lambda-url\/([a-z0-9]{32})\/$/.exec(stacks[0]?.outputs['Url'] ?? '') ?? [];
    expect(stacks[0]?.outputs['Arn']).toBe(`${FN_ARN}:live`);
    expect(chat()?.urls).toEqual([
      {
        qualifier: 'live',
        authType: 'AWS_IAM',
        invokeMode: 'RESPONSE_STREAM',
        urlId,
        url: `https://${urlId}.lambda-url.${ENV.region}.on.aws/`,
      },
    ]);
  });

  test('changes in place and keeps its address', async () => {
    await deployChat({ Url: url() });
    const before = chat()?.urls[0];
    await deployChat({ Url: url({ AuthType: 'NONE' }) });
    expect(chat()?.urls).toEqual([{ ...before, authType: 'NONE' }]);
    await deployChat({});
    expect(chat()?.urls).toEqual([]);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a version', { Qualifier: '1' }, "property 'Qualifier' must be an alias: versions have no function URL"],
    ['an alias that does not exist', { Qualifier: 'beta' }, `Function not found: ${FN_ARN}:beta`],
    ['an unknown auth type', { AuthType: 'JWT' }, "property 'AuthType' must be one of AWS_IAM, NONE, got 'JWT'"],
    ['no auth type', { AuthType: undefined }, "property 'AuthType' must be AWS_IAM or NONE"],
  ])('refuses %s', async (_name, properties, message) => {
    await expect(deployChat({ Url: url(properties) })).rejects.toThrow(message);
  });

  test('refuses a second one for the same alias', async () => {
    await expect(deployChat({ One: url(), Two: url() })).rejects.toThrow(
      'FunctionUrlConfig exists for this Lambda function',
    );
  });
});

describe('AWS::IAM', () => {
  const document = (Action: string) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
  });
  const role = (more: Record<string, unknown> = {}) => ({
    Type: 'AWS::IAM::Role',
    Properties: { RoleName: 'r', AssumeRolePolicyDocument: TRUST, ...more },
  });
  const policiesOf = (arn = 'arn:aws:iam::111111111111:role/r') => state.roles.get(arn)?.policies;

  test('attaches inline, managed and AWS managed policies to a role', async () => {
    const managed = {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: { ManagedPolicyName: 'm', PolicyDocument: document('s3:*') },
    };
    const basic = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
    await deploy({
      M: managed,
      R: role({
        Policies: [{ PolicyName: 'in', PolicyDocument: document('a:b') }],
        ManagedPolicyArns: [{ Ref: 'M' }, basic],
      }),
    });
    expect([...(policiesOf()?.keys() ?? [])]).toEqual(['in', 'arn:aws:iam::111111111111:policy/m', basic]);
    // A changed managed policy changes wherever it is attached.
    await deploy({
      M: { ...managed, Properties: { ...managed.Properties, PolicyDocument: document('sqs:*') } },
      R: role({ ManagedPolicyArns: [{ Ref: 'M' }] }),
    });
    expect(policiesOf()?.get('arn:aws:iam::111111111111:policy/m')).toEqual(document('sqs:*'));
    expect([...(policiesOf()?.keys() ?? [])]).toEqual(['arn:aws:iam::111111111111:policy/m']);
  });

  test('limits a role by a permissions boundary', async () => {
    const Boundary = { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: document('lambda:*') } };
    await deploy({ Boundary, R: role({ PermissionsBoundary: { Ref: 'Boundary' } }) });
    expect(state.roles.get('arn:aws:iam::111111111111:role/r')?.permissionsBoundary).toEqual(document('lambda:*'));
  });

  test('warns of AWS managed policies that are not known here, and refuses others that do not exist', async () => {
    const { warnings } = await deploy({ R: role({ ManagedPolicyArns: ['arn:aws:iam::aws:policy/Whatever'] }) });
    expect(warnings).toEqual([
      'S/R: the local target does not know the AWS managed policy arn:aws:iam::aws:policy/Whatever; here it grants nothing',
    ]);
    await expect(
      deploy({ R: role({ ManagedPolicyArns: ['arn:aws:iam::111111111111:policy/ghost'] }) }),
    ).rejects.toThrow('Policy arn:aws:iam::111111111111:policy/ghost does not exist or is not attachable.');
  });

  test('keeps a path out of the name and in the ARN', async () => {
    await deploy({ R: role({ Path: '/team/' }) });
    expect(state.roles.get('arn:aws:iam::111111111111:role/team/r')?.roleName).toBe('r');
  });

  test.each<[string, Resources, string]>([
    ['a role name that is taken', { R: role(), Again: role() }, 'Role with name r already exists.'],
    [
      'a role name of 65 characters',
      { R: role({ RoleName: 'r'.repeat(65) }) },
      'must have 1 to 64 characters and has 65',
    ],
    [
      'a policy for a role that does not exist',
      {
        P: {
          Type: 'AWS::IAM::Policy',
          Properties: { PolicyName: 'p', Roles: ['ghost'], PolicyDocument: document('a:b') },
        },
      },
      'The role with name ghost cannot be found in account 111111111111.',
    ],
    [
      'the policy of a role that does not exist',
      {
        P: {
          Type: 'AWS::IAM::RolePolicy',
          Properties: { PolicyName: 'p', RoleName: 'ghost', PolicyDocument: document('a:b') },
        },
      },
      'The role with name ghost cannot be found in account 111111111111.',
    ],
    [
      'an identity-based policy with a principal',
      {
        R: role({
          Policies: [
            {
              PolicyName: 'p',
              PolicyDocument: { Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' } },
            },
          ],
        }),
      },
      "property 'Policies[0].PolicyDocument' is malformed: statement 0 must not have a Principal",
    ],
    [
      'a trust policy with a resource',
      {
        R: role({
          AssumeRolePolicyDocument: {
            Statement: { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole', Resource: '*' },
          },
        }),
      },
      'must not have a Resource: a trust policy belongs to its role',
    ],
    [
      'a statement with an action that is null',
      { R: role({ AssumeRolePolicyDocument: { Statement: { Effect: 'Allow', Principal: '*', Action: null } } }) },
      'has no value for Action; give it one, or leave it out',
    ],
  ])('refuses %s', async (_name, resources, message) => {
    await expect(deploy(resources)).rejects.toThrow(message);
  });
});
