/** Who may do what by way of CloudFormation. One target for all, asked by the AWS SDK's signature in the query protocol. */
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { type Credentials, signedHeaders } from '../../http/sign-request';

const A = '111111111111';
const B = '222222222222';
const REGION = 'eu-west-1';
const arn = (role: string, account = A) => `arn:aws:iam::${account}:role/${role}`;
const root = (account = A) => `arn:aws:iam::${account}:root`;

const allow = (Action: string | readonly string[], Resource = '*', Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const role = (RoleName: string, statements: readonly object[], Principal: object = { AWS: root() }) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName,
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ ...allow('sts:AssumeRole'), Resource: undefined, Principal }],
    },
    Policies:
      statements.length === 0
        ? []
        : [{ PolicyName: 'P', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
  },
});
const topic = { Type: 'AWS::SNS::Topic' };

let local: LocalTarget;

/** Who asks: an ARN, or keys. */
type As = string | Credentials;
const keysOf = (as: As) => (typeof as === 'string' ? local.clientConfig({ as, region: REGION }).credentials : as);

/** Status and text of an answer. */
async function ask(
  as: As,
  Action: string,
  input: Readonly<Record<string, string>> = {},
  region = REGION,
  service = 'cloudformation',
): Promise<string> {
  const body = String(new URLSearchParams({ Action, Version: '2010-05-15', ...input }));
  return call(
    as,
    { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' }, service },
    '/',
    region,
  );
}

interface Request {
  readonly method: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly service: string;
}

async function call(as: As, request: Request, path: string, region = REGION): Promise<string> {
  const url = `${local.endpoint}${path}`;
  const headers = await signedHeaders(url, region, keysOf(as), request);
  const { method, body } = request;
  const response = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
  return `${response.status} ${await response.text()}`;
}

const s3 = (as: As, method: string, path: string) => call(as, { method, service: 's3' }, path);
const secret = (as: As) => {
  const headers = { 'x-amz-target': 'secretsmanager.GetSecretValue', 'content-type': 'application/x-amz-json-1.1' };
  return call(as, { method: 'POST', body: '{"SecretId":"secret"}', headers, service: 'secretsmanager' }, '/');
};

/** Keys of a session, or what refused it. */
async function assume(
  as: As,
  RoleArn: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Credentials | string> {
  const answer = await ask(as, 'AssumeRole', { RoleArn, RoleSessionName: 'session', ...more }, REGION, 'sts');
  const member = (name: string) => new RegExp(`<${name}>([^<]+)`).exec(answer)?.[1] ?? '';
  if (!answer.startsWith('200')) return answer;
  return {
    accessKeyId: member('AccessKeyId'),
    secretAccessKey: member('SecretAccessKey'),
    sessionToken: member('SessionToken'),
  };
}

/** Creates a stack, waits for its end and gives its status and why it failed. */
async function create(
  as: As,
  StackName: string,
  Resources: object,
  more: Readonly<Record<string, string>> = {},
  action = 'CreateStack',
) {
  const TemplateBody = JSON.stringify({ Resources });
  const input = { StackName, TemplateBody, 'Capabilities.member.1': 'CAPABILITY_NAMED_IAM', ...more };
  const answer = await ask(as, action, input);
  if (!answer.startsWith('200')) return answer;
  const account = typeof as === 'string' ? (/::(\d{12}):/.exec(as)?.[1] ?? '') : A;
  for (;;) {
    const [, status = ''] = /<StackStatus>(\w+)</.exec(await ask(root(account), 'DescribeStacks', { StackName })) ?? [];
    if (!status.endsWith('_IN_PROGRESS')) {
      const events =
        status.endsWith('COMPLETE') && !status.includes('ROLLBACK')
          ? ''
          : await ask(root(account), 'DescribeStackEvents', { StackName });
      const reasons = [...events.matchAll(/_FAILED<\/ResourceStatus><ResourceStatusReason>([^<]*)/g)].map(
        ([, text]) => text,
      );
      return [status, ...reasons].join(' ');
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

beforeAll(async () => {
  local = await startLocal();
  const roles = {
    DevOnly: role('DevOnly', [allow('cloudformation:*', `arn:aws:cloudformation:${REGION}:${A}:stack/Dev*/*`)]),
    Cdk: role('Cdk', [allow('sts:AssumeRole', `arn:aws:iam::*:role/cdk-*`)]),
    Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'secret', SecretString: 'hidden' } },
    Private: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'private-data' } },
    CfOnly: role('CfOnly', [allow('cloudformation:*')]),
    Maker: role('Maker', [
      allow('cloudformation:*'),
      allow(['iam:CreateRole', 'iam:PutRolePolicy'], arn('made-*')),
      allow('iam:PassRole', arn('made-*'), { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } }),
      allow(['lambda:*', 'iam:DeleteRole', 'iam:DeleteRolePolicy']),
    ]),
    ForLambda: role('ForLambda', [
      allow('cloudformation:*'),
      allow('iam:PassRole', '*', { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } }),
    ]),
    Little: role('Little', [allow('iam:*', arn('little-*'))], { Service: 'cloudformation.amazonaws.com' }),
    Tagged: role('Tagged', [
      allow('cloudformation:CreateStack', '*', { StringEquals: { 'aws:RequestTag/team': 'a' } }),
    ]),
  };
  expect(await create(root(), 'Main', roles)).toBe('CREATE_COMPLETE');
  expect(await create(root(B), 'Other', { T: topic })).toBe('CREATE_COMPLETE');
});
afterAll(() => local.stop());

describe('a change set named by its ARN', () => {
  const changeSet = async (as: string, StackName: string) => {
    const TemplateBody = JSON.stringify({ Resources: { T2: topic } });
    const answer = await ask(as, 'CreateChangeSet', { StackName, ChangeSetName: 'c', TemplateBody });
    return /<Id>([^<]+)</.exec(answer)?.[1] ?? answer;
  };
  const operations = ['DescribeChangeSet', 'GetTemplate', 'ExecuteChangeSet', 'DeleteChangeSet'];

  test('is that of its own stack, in its own account', async () => {
    const own = await changeSet(root(), 'Main');
    const others = await changeSet(root(B), 'Other');
    for (const operation of operations) {
      for (const ChangeSetName of [own, others]) {
        const refused = await ask(arn('DevOnly'), operation, { StackName: 'DevX', ChangeSetName });
        expect([operation, refused]).toEqual([
          operation,
          expect.stringMatching(/^403 .*not authorized to perform: cloudformation:/s),
        ]);
        expect(await ask(arn('DevOnly'), operation, { ChangeSetName })).toMatch(/^403 /);
      }
      expect(await ask(root(), operation, { ChangeSetName: others })).toMatch(/^403 /);
      const elsewhere = await ask(root(), operation, { ChangeSetName: own }, 'us-east-1');
      expect([operation, elsewhere]).toEqual([operation, expect.stringMatching(/^404 .*ChangeSetNotFound/s)]);
      const mismatch = await ask(root(), operation, { StackName: 'DevX', ChangeSetName: own });
      expect([operation, mismatch]).toEqual([operation, expect.stringMatching(/^404 .*ChangeSetNotFound/s)]);
      expect(await ask(root(), operation, { ChangeSetName: 'c' })).toMatch(/^400 /);
    }
    expect(await ask(root(), 'DescribeChangeSet', { ChangeSetName: own })).toContain('<StackName>Main<');
    expect(await ask(root(), 'GetTemplate', { StackName: 'Main', ChangeSetName: own })).toContain('T2');
    expect(await ask(root(), 'DeleteChangeSet', { ChangeSetName: own })).toMatch(/^200 /);
    expect(await ask(root(), 'DescribeChangeSet', { ChangeSetName: own })).toMatch(/^404 /);
  });

  test('a stack has a name that policies can speak of', async () => {
    for (const name of [
      'Dev/../Main',
      'Dev*',
      'Dev x',
      '1abc',
      'Dev_x',
      'D'.repeat(129),
      `arn:aws:cloudformation:${REGION}:${A}:stack/DevX/1`,
    ])
      expect([name, await create(root(), name, { T: topic })]).toEqual([
        name,
        expect.stringMatching(/^400 .*failed to satisfy constraint/s),
      ]);
  });

  test('policies can ask for tags of the request', async () => {
    expect(await create(arn('Tagged'), 'Tagged', { T: topic })).toMatch(/^403 /);
    const tags = { 'Tags.member.1.Key': 'team', 'Tags.member.1.Value': 'a' };
    expect(await create(arn('Tagged'), 'Tagged', { T: topic }, tags)).toBe('CREATE_COMPLETE');
  });
});

describe('the roles of the bootstrap stack', () => {
  const bootstrap = (kind: string, account = A) => arn(`cdk-hnb659fds-${kind}-role-${account}-${REGION}`, account);

  test('CloudFormation alone acts in the execution role, and nobody in one of a made-up name', async () => {
    expect(await assume(root(), bootstrap('cfn-exec'))).toMatch(/^403 /);
    expect(await assume(arn('Cdk'), bootstrap('cfn-exec'))).toMatch(/^403 /);
    expect(await assume(root(), arn(`cdk-x-lookup-role-${A}-anything-goes`))).toMatch(/^403 /);
    expect(await assume(root(B), bootstrap('deploy'))).toMatch(/^403 /);
    expect(await assume(root(), bootstrap('deploy'), { ExternalId: 'x' })).toMatch(/^403 /);
  });

  test('may what those of `cdk bootstrap` may', async () => {
    const session = async (kind: string) => {
      const keys = await assume(arn('Cdk'), bootstrap(kind));
      if (typeof keys === 'string') throw new Error(keys);
      return keys;
    };
    const assets = `/cdk-hnb659fds-assets-${A}-${REGION}`;
    const [lookup, files, deploy] = [
      await session('lookup'),
      await session('file-publishing'),
      await session('deploy'),
    ];
    expect(await ask(lookup, 'DescribeStacks', { StackName: 'Main' })).toMatch(/^200 /);
    expect(await s3(lookup, 'GET', '/private-data')).toMatch(/^200 /);
    expect(await s3(lookup, 'PUT', '/private-data/k')).toMatch(/^403 /);
    expect(await secret(lookup)).toMatch(/AccessDenied/);
    expect(await create(lookup, 'ByLookup', { T: topic })).toMatch(/^403 /);

    expect(await s3(files, 'PUT', `${assets}/k`)).toMatch(/^200 /);
    expect(await s3(files, 'GET', '/private-data')).toMatch(/^403 /);
    expect(await ask(files, 'DescribeStacks')).toMatch(/^403 /);

    expect(await s3(deploy, 'GET', `${assets}/k`)).toMatch(/^200 /);
    for (const path of ['/private-data', '/private-data/k']) expect(await s3(deploy, 'GET', path)).toMatch(/^403 /);
    expect(await s3(deploy, 'PUT', `${assets}/k`)).toMatch(/^403 /);
    expect(await secret(deploy)).toMatch(/AccessDenied/);
    const passed = (RoleARN: string) => create(deploy, 'ByDeploy', { T: topic }, { RoleARN });
    expect(await passed(arn('Cdk'))).toMatch(/^403 .*iam:PassRole/s);
    expect(await passed(bootstrap('cfn-exec'))).toBe('CREATE_COMPLETE');
  });
});

test('a session has tags where its role lets them be passed, and policies hear of them', async () => {
  const tagged = (actions: readonly string[]) => ({
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: `Session${actions.length}`,
      AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Action: actions, Principal: { AWS: A } }] },
      Policies: [
        {
          PolicyName: 'P',
          PolicyDocument: {
            Statement: [
              allow('cloudformation:*'),
              {
                ...allow('cloudformation:*', '*', { StringEquals: { 'aws:PrincipalTag/team': 'guests' } }),
                Effect: 'Deny',
              },
            ],
          },
        },
      ],
    },
  });
  const roles = { One: tagged(['sts:AssumeRole']), Two: tagged(['sts:AssumeRole', 'sts:TagSession']) };
  expect(await create(root(), 'Sessions', roles)).toBe('CREATE_COMPLETE');
  const team = (Value: string) => ({ 'Tags.member.1.Key': 'team', 'Tags.member.1.Value': Value });
  expect(await assume(root(), arn('Session1'), team('x'))).toMatch(/^403 .*sts:TagSession/s);
  const may = async (Value: string) => {
    const keys = await assume(root(), arn('Session2'), team(Value));
    return typeof keys === 'string' ? keys : (await ask(keys, 'ListStacks')).slice(0, 3);
  };
  expect([await may('hosts'), await may('guests')]).toEqual(['200', '403']);
  expect(await assume(root(), arn('Session2'), { SourceIdentity: 'x' })).toMatch(
    /^400 .*does not play SourceIdentity/s,
  );
});

describe('what CloudFormation does', () => {
  const admin = { R: role('Escalated', [allow('*')]) };

  test('is decided for the caller, action by action', async () => {
    const table = { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'items', KeySchema: [] } };
    expect(await create(arn('CfOnly'), 'Table', { T: table })).toMatch(
      /^ROLLBACK_COMPLETE .*CfOnly\/local is not authorized to perform: dynamodb:CreateTable on resource: \S+:table\/items because/,
    );
    const refused = await create(arn('CfOnly'), 'Esc', admin);
    expect(refused).toMatch(
      /^ROLLBACK_COMPLETE User: arn:aws:sts::111111111111:assumed-role\/CfOnly\/local is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::111111111111:role\/Escalated because no identity-based policy allows/,
    );
    const fn = (Role: unknown, more: object = {}) => ({
      Type: 'AWS::Lambda::Function',
      Properties: {
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Role,
        Code: { ZipFile: 'exports.handler = 1;' },
        ...more,
      },
    });
    const made = { R: role('made-1', [allow('logs:*')], { Service: 'lambda.amazonaws.com' }) };
    const arnOfR = { 'Fn::GetAtt': ['R', 'Arn'] };
    expect(await create(arn('Maker'), 'Made', { ...made, F: fn(arnOfR) })).toBe('CREATE_COMPLETE');
    expect(await create(arn('Maker'), 'Made2', { R: role('other', []) })).toMatch(
      /iam:CreateRole on resource: \S+other/,
    );
    expect(await create(arn('Maker'), 'Made3', { F: fn(arn('Cdk')) })).toMatch(/iam:PassRole on resource: \S+Cdk/);
    const slower = { ...made, F: fn(arnOfR, { Timeout: 5 }) };
    expect(await create(arn('CfOnly'), 'Made', slower, {}, 'UpdateStack')).toMatch(
      /^UPDATE_ROLLBACK_COMPLETE .*lambda:UpdateFunctionConfiguration/,
    );
    expect(await ask(arn('CfOnly'), 'DeleteStack', { StackName: 'Made' })).toMatch(/^200 /);
    expect(await ask(root(), 'DescribeStacks', { StackName: 'Made' })).toContain('DELETE_FAILED');
    expect(await ask(arn('Maker'), 'DeleteStack', { StackName: 'Made' })).toMatch(/^200 /);
    expect(await ask(root(), 'DescribeStacks', { StackName: 'Made' })).toMatch(/^400 /);
  });

  test('hands a role to a gateway or a state machine only for whoever may pass it', async () => {
    const RoleArn = arn('Cdk');
    const api = { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'a', ProtocolType: 'HTTP' } };
    const rest = { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'r' } };
    const Uri = `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/arn:aws:lambda:${REGION}:${A}:function:f/invocations`;
    const ofApi = { ApiId: { Ref: 'Api' }, IntegrationType: 'AWS_PROXY', IntegrationUri: Uri, CredentialsArn: RoleArn };
    const integration = {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: { ...ofApi, PayloadFormatVersion: '2.0' },
    };
    const at = { RestApiId: { Ref: 'Rest' }, ResourceId: { 'Fn::GetAtt': ['Rest', 'RootResourceId'] } };
    const Integration = { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST', Uri, Credentials: RoleArn };
    const method = {
      Type: 'AWS::ApiGateway::Method',
      Properties: { ...at, HttpMethod: 'GET', AuthorizationType: 'NONE', Integration },
    };
    const machine = { Type: 'AWS::StepFunctions::StateMachine', Properties: { RoleArn, DefinitionString: '{}' } };
    for (const [name, resources] of Object.entries({
      Http: { Api: api, I: integration },
      Rest: { Rest: rest, M: method },
      Machine: { M: machine },
    })) {
      expect(await create(arn('ForLambda'), `Hands${name}`, resources)).toMatch(
        /^ROLLBACK_COMPLETE .*not authorized to perform: iam:PassRole on resource: \S+Cdk/,
      );
      expect(await create(root(), `Takes${name}`, resources)).toBe('CREATE_COMPLETE');
    }
    const foreign = { M: { ...machine, Properties: { ...machine.Properties, RoleArn: arn('Any', B) } } };
    expect(await create(root(), 'Foreign', foreign)).toMatch(/Cross-account pass role is not allowed\./);
  });

  test('does by a custom resource that is played what its provider may, or who deploys, and no more', async () => {
    const fn = (Role: string) => ({
      Type: 'AWS::Lambda::Function',
      Properties: {
        Role: arn(Role),
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Code: { ZipFile: 'exports.x = 1' },
      },
    });
    const runs = role('Runs', [allow('s3:DeleteObject', 'arn:aws:s3:::private-data/*')], {
      Service: 'lambda.amazonaws.com',
    });
    const idles = role('Idles', [], { Service: 'lambda.amazonaws.com' });
    expect(await create(root(), 'Providers', { Runs: runs, Idles: idles })).toBe('CREATE_COMPLETE');
    const named = { Properties: { ...fn('Runs').Properties, FunctionName: 'runs' } };
    const made = { Runs: { ...fn('Runs'), ...named }, Idle: fn('Idles') };
    expect(await create(root(), 'ProviderFunctions', made)).toBe('CREATE_COMPLETE');
    const ServiceToken = `arn:aws:lambda:${REGION}:${A}:function:runs`;
    const custom = (Type: string, Properties: object) => ({ C: { Type, Properties } });
    const writes = { WriterProps: { region: REGION, prefix: '', exports: { '/app/secret': 'mine' } } };
    const copies = {
      SourceBucketNames: ['private-data'],
      SourceObjectKeys: ['k'],
      DestinationBucketName: 'private-data',
    };
    const retains = { LogGroupName: '/aws/lambda/runs', RetentionInDays: 1 };
    const reads = { ParameterName: '/app/secret', Region: REGION };
    for (const [what, resources, action] of [
      ['Empties', custom('Custom::S3AutoDeleteObjects', { BucketName: 'private-data' }), 's3:DeleteObject'],
      ['Copies', custom('Custom::CDKBucketDeployment', { ...copies, ServiceToken }), 's3:GetObject'],
      ['Writes', custom('Custom::CrossRegionExportWriter', { ...writes, ServiceToken }), 'ssm:PutParameter'],
      ['Reads', custom('Custom::CrossRegionStringParameterReader', reads), 'ssm:GetParameter'],
      ['Retains', custom('Custom::LogRetention', { ...retains, ServiceToken }), 'logs:PutRetentionPolicy'],
    ] as const) {
      expect(await create(arn('Maker'), what, resources)).toMatch(
        new RegExp(`^ROLLBACK_(COMPLETE|FAILED) .*Maker.* is not authorized to perform: ${action} on resource`, 's'),
      );
    }
    // The provider may, so whoever may call it can have it done.
    const empties = custom('Custom::S3AutoDeleteObjects', { BucketName: 'private-data', ServiceToken });
    expect(await create(arn('Maker'), 'MayEmpty', empties)).toBe('CREATE_COMPLETE');
  });

  test('tells conditions of the resources what it makes', async () => {
    const Deny = (Action: string, Condition: object) => ({ Effect: 'Deny', Action, Resource: '*', Condition });
    const warded = role('Warded', [
      allow('*'),
      Deny('lambda:CreateFunction', { 'ForAnyValue:StringLike': { 'lambda:Layer': '*:layer:forbidden:*' } }),
      Deny('lambda:CreateFunction', { StringEquals: { 'aws:RequestTag/stage': 'prod' } }),
      Deny('lambda:AddPermission', { StringEquals: { 'lambda:Principal': '*' } }),
      Deny('iam:PassRole', { StringEquals: { 'aws:ResourceTag/secret': 'yes' } }),
    ]);
    const tagged = role('Tagged2', [], { Service: 'lambda.amazonaws.com' });
    const secret = {
      ...tagged,
      Properties: { ...tagged.Properties, RoleName: 'SecretRole', Tags: [{ Key: 'secret', Value: 'yes' }] },
    };
    expect(await create(root(), 'Wards', { Warded: warded, Plain: tagged, Secret: secret })).toBe('CREATE_COMPLETE');
    const fn = (more: object = {}) => ({
      F: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Role: arn('Tagged2'),
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Code: { ZipFile: 'exports.x = 1' },
          ...more,
        },
      },
    });
    const Permission = (Principal: string) => ({
      P: {
        Type: 'AWS::Lambda::Permission',
        Properties: { FunctionName: { Ref: 'F' }, Action: 'lambda:InvokeFunction', Principal },
      },
    });
    const layer = `arn:aws:lambda:${REGION}:${A}:layer:forbidden:1`;
    for (const [name, resources, action] of [
      ['Layered', fn({ Layers: [layer] }), 'lambda:CreateFunction'],
      ['Staged', fn({ Tags: [{ Key: 'stage', Value: 'prod' }] }), 'lambda:CreateFunction'],
      ['Opened', { ...fn(), ...Permission('*') }, 'lambda:AddPermission'],
      ['Handed', fn({ Role: arn('SecretRole') }), 'iam:PassRole'],
    ] as const)
      expect(await create(arn('Warded'), name, resources)).toMatch(
        new RegExp(`^ROLLBACK_COMPLETE .*${action} on resource: \\S+ with an explicit deny`),
      );
    expect(await create(arn('Warded'), 'Fine', { ...fn(), ...Permission(A) })).toBe('CREATE_COMPLETE');
  });

  test('reads no secret for whoever may not read it', async () => {
    const named = {
      P: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: '{{resolve:secretsmanager:secret}}' } },
    };
    expect(await create(arn('CfOnly'), 'Leak', named)).toMatch(/ROLLBACK_COMPLETE .*secretsmanager:GetSecretValue on/);
    expect(await create(root(), 'Read', named)).toBe('CREATE_COMPLETE');
  });

  test('is decided for the role that it was passed, which must be one of its own', async () => {
    const as = (who: string, RoleARN: string, name: string) => create(arn(who), name, { T: topic }, { RoleARN });
    expect(await as('ForLambda', arn('Little'), 'P1')).toMatch(/^403 .*iam:PassRole/s);
    const byRoot = (StackName: string, RoleARN: string, Resources: object = { T: topic }) =>
      create(root(), StackName, Resources, { RoleARN });
    expect(await byRoot('P2', arn('Cdk'))).toMatch(/^400 .*is invalid or cannot be assumed/s);
    expect(await byRoot('P2', arn('Missing'))).toMatch(/^400 .*is invalid or cannot be assumed/s);
    expect(await byRoot('P2', arn('BExec', B))).toMatch(/^403 .*iam:PassRole/s);
    expect(await byRoot('P2', arn('Little'), admin)).toMatch(
      /assumed-role\/Little\/AWSCloudFormation is not authorized to perform: iam:CreateRole/,
    );
    expect(await byRoot('P3', arn('Little'), { R: role('little-1', []) })).toBe('CREATE_COMPLETE');
    expect(await ask(arn('CfOnly'), 'DeleteStack', { StackName: 'P3', RoleARN: arn('Little') })).toMatch(
      /^403 .*iam:PassRole/s,
    );
  });

  test('needs the capability for roles of nested stacks', async () => {
    const path = `/cdk-hnb659fds-assets-${A}-${REGION}/${'b'.repeat(64)}.json`;
    const request = { method: 'PUT', body: JSON.stringify({ Resources: admin }), service: 's3' };
    expect(await call(root(), request, path)).toMatch(/^200 /);
    const nested = {
      N: {
        Type: 'AWS::CloudFormation::Stack',
        Properties: { TemplateURL: `https://s3.${REGION}.amazonaws.com${path}` },
      },
    };
    const without = { 'Capabilities.member.1': 'CAPABILITY_AUTO_EXPAND' };
    expect(await create(root(), 'Nest', nested, without)).toMatch(/^400 .*CAPABILITY_NAMED_IAM/s);
    expect(await create(arn('CfOnly'), 'Nest', nested)).toMatch(/^400 .*s3:GetObject/s);
    expect(await create(root(), 'Nest', nested)).toBe('CREATE_COMPLETE');
  });
});
