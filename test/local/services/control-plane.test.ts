/** What clients ask beside invocations: CloudFormation, Lambda's functions and logs, by signed requests. One target for all. */
import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { type ClientChange, type Deployment, type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { alias, permission, version } from '../engine/engine-fixture';
import { functionResources, removeFolders, writeAssembly } from '../engine/write-assembly';
import { signedHeaders } from '../http/sign-request';

const ENV = { account: '111111111111', region: 'eu-west-1' };
const AS = `arn:aws:iam::${ENV.account}:root`;

/** Made by Python's zipfile: index.js with `exports.handler = async () => [2, process.env.WORD];`. */
const ZipFile = Buffer.from(
  'UEsDBBQAAAAIAAAAIVx1J7YeNgAAADQAAAAIAAAAaW5kZXguanNLrSjILyop1stIzEvJSS1SsFVILK7MS1bQ0FSwtVOINtJRKCjKT04tLtZLzSvTC/cPcom1' +
    'BgBQSwECFAMUAAAACAAAACFcdSe2HjYAAAA0AAAACAAAAAAAAAAAAAAApAEAAAAAaW5kZXguanNQSwUGAAAAAAEAAQA2AAAAXAAAAAAA',
  'base64',
);

const deployments: Deployment[] = [];
const changes: ClientChange[] = [];
let local: LocalTarget;
let assembly: () => string;
let client: LambdaClient;
beforeAll(async () => {
  local = await startLocal({
    onDeploy: (deployment) => deployments.push(deployment),
    onChange: (change) => changes.push(change),
  });
  const Resources = {
    ...functionResources({
      FunctionName: 'chat',
      Code: { ZipFile: "exports.handler = async () => { console.log('called once'); return process.env.WORD ?? 1; };" },
    }),
    V1: version(),
    Live: alias('V1'),
    P: permission('222222222222'),
    Reader: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'reader',
        AssumeRolePolicyDocument: { Statement: { Effect: 'Allow', Principal: { AWS: AS }, Action: 'sts:AssumeRole' } },
      },
    },
  };
  assembly = () => writeAssembly({ Chat: { ...ENV, template: { Resources, Outputs: { Name: { Value: 'chat' } } } } });
  await local.deploy(assembly());
  client = new LambdaClient(local.clientConfig({ as: AS }));
});
afterAll(async () => {
  client.destroy();
  await local.stop();
  removeFolders();
});

const invoke = async (FunctionName: string) =>
  Buffer.from((await client.send(new InvokeCommand({ FunctionName }))).Payload ?? []).toString();

async function ask(service: string, headers: Record<string, string>, body: string, as = AS): Promise<string> {
  const { credentials, region } = local.clientConfig({ as, region: ENV.region });
  const signed = await signedHeaders(`${local.endpoint}/`, region, credentials, {
    method: 'POST',
    body,
    headers,
    service,
  });
  const response = await fetch(local.endpoint, { method: 'POST', headers: signed, body });
  return `${response.status} ${await response.text()}`;
}

async function logs(operation: string, input: object, as = AS): Promise<Record<string, Record<string, unknown>[]>> {
  const headers = { 'x-amz-target': `Logs_20140328.${operation}`, 'content-type': 'application/x-amz-json-1.1' };
  const text = await ask('logs', headers, JSON.stringify(input), as);
  return JSON.parse(text.slice(4));
}

const cloudFormation = (query: string, as = AS) =>
  ask('cloudformation', { 'content-type': 'application/x-www-form-urlencoded' }, `${query}&Version=2010-05-15`, as);

test('functions are listed, and their code, configuration, versions and aliases change', async () => {
  expect(await invoke('chat:live')).toBe('1');
  const listed = await client.send(new ListFunctionsCommand({}));
  expect(listed.Functions?.map(({ FunctionName, Version }) => [FunctionName, Version])).toEqual([['chat', '$LATEST']]);
  const { Policy = '' } = await client.send(new GetPolicyCommand({ FunctionName: 'chat', Qualifier: 'live' }));
  expect(JSON.parse(Policy).Statement).toHaveLength(1);

  await client.send(new UpdateFunctionCodeCommand({ FunctionName: 'chat', ZipFile }));
  const Environment = { Variables: { WORD: 'two' } };
  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'chat', Environment, Timeout: 7 }));
  const functionArn = `arn:aws:lambda:${ENV.region}:${ENV.account}:function:chat`;
  expect(changes.splice(0)).toEqual([
    { kind: 'function-code', functionArn },
    { kind: 'function-configuration', functionArn },
  ]);
  expect(await invoke('chat')).toBe('[2,"two"]');
  expect(await invoke('chat:live')).toBe('1');
  const { Version } = await client.send(new PublishVersionCommand({ FunctionName: 'chat' }));
  expect((await client.send(new PublishVersionCommand({ FunctionName: 'chat' }))).Version).toBe(Version);
  const live = { FunctionName: 'chat', Name: 'live' };
  await client.send(new UpdateAliasCommand({ ...live, FunctionVersion: Version }));
  expect(await client.send(new GetAliasCommand(live))).toMatchObject({ FunctionVersion: '2' });
  expect(await invoke('chat:live')).toBe('[2,"two"]');

  const missing = client.send(new UpdateFunctionCodeCommand({ FunctionName: 'chat', S3Bucket: 'b', S3Key: 'k' }));
  await expect(missing).rejects.toThrow("no object 'k' is in the bucket 'b'");
  const layers = client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'chat', Layers: [] }));
  await expect(layers).rejects.toThrow('does not change Layers of a function; deploy it');
});

test('logs are read by group, stream, time and words', async () => {
  const logGroupName = '/aws/lambda/chat';
  await invoke('chat:1');
  const { logStreams = [] } = await logs('DescribeLogStreams', { logGroupName, orderBy: 'LastEventTime' });
  const name = logStreams.map(({ logStreamName }) => String(logStreamName)).find((each) => each.includes('[1]'));
  expect(name).toMatch(/^\d{4}\/\d\d\/\d\d\/\[1\][0-9a-f]{32}$/);
  const got = await logs('GetLogEvents', { logGroupName, logStreamName: name, startFromHead: true });
  expect(got['events']?.map(({ message }) => message)).toContainEqual(expect.stringContaining('called once'));
  const filtered = await logs('FilterLogEvents', { logGroupName, filterPattern: '"called once" -START', limit: 1 });
  expect(filtered).toMatchObject({
    events: [{ logStreamName: name, message: expect.stringContaining('called once') }],
  });
  expect(await logs('FilterLogEvents', { logGroupName, startTime: Date.now() + 60_000 })).toMatchObject({ events: [] });
  const groups = await logs('DescribeLogGroups', { logGroupNamePrefix: '/aws/lambda/' });
  expect(groups['logGroups']?.map((group) => group['logGroupName'])).toEqual([logGroupName]);
  const refused = await logs('FilterLogEvents', { logGroupName }, `arn:aws:iam::${ENV.account}:role/reader`);
  expect(refused).toMatchObject({ __type: 'AccessDeniedException' });
  expect(await logs('GetLogEvents', { logGroupName, logStreamName: 'none' })).toMatchObject({
    __type: 'ResourceNotFoundException',
  });
  expect(await logs('FilterLogEvents', { logGroupName, filterPattern: '{ $.a = 1 }' })).toMatchObject({
    message: expect.stringContaining('filter patterns of words only'),
  });
});

test('CloudFormation tells of stacks that were deployed without it, and refuses in its own words', async () => {
  expect(await cloudFormation('Action=DescribeStacks&StackName=Chat')).toMatch(
    /^200 .*<StackStatus>CREATE_COMPLETE<.*<OutputKey>Name<\/OutputKey><OutputValue>chat</,
  );
  expect(await cloudFormation('Action=DescribeStackEvents&StackName=Chat')).toMatch(
    /<LogicalResourceId>Fn<.*<ResourceStatus>CREATE_IN_PROGRESS</,
  );
  expect(await cloudFormation('Action=ListStackResources&StackName=Chat')).toContain('<PhysicalResourceId>chat<');
  const cases: [string, string][] = [
    ['DescribeStacks&StackName=None', 'Stack with id None does not exist'],
    ['DescribeStackEvents&StackName=None', 'Stack [None] does not exist'],
    ['CreateStack&StackName=Chat&TemplateBody=x', 'Stack [Chat] already exists'],
    ['UpdateStack&StackName=None&TemplateBody=x', 'Stack [None] does not exist'],
    [
      'CreateStack&StackName=New&TemplateBody=a:%20[x',
      'YAML not well-formed. (Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['CreateStack&StackName=New', 'Either Template URL or Template Body must be specified.'],
    [
      'CreateChangeSet&StackName=New&ChangeSetName=c&ChangeSetType=IMPORT',
      'does not play change sets of the type IMPORT',
    ],
    ['DetectStackDrift&StackName=Chat', 'does not play the operation DetectStackDrift of cloudformation'],
    ['ContinueUpdateRollback&StackName=Chat', 'is in CREATE_COMPLETE state and can not be rolled back'],
    ['CreateStackRefactor', 'does not play the operation CreateStackRefactor of cloudformation: deploy: what has'],
    ['GetTemplateSummary&StackName=Chat', 'there is no garbage to collect'],
  ];
  for (const [query, message] of cases) {
    expect((await cloudFormation(`Action=${query}`)).replaceAll('&#39;', "'")).toContain(message);
  }
  const reader = `arn:aws:iam::${ENV.account}:role/reader`;
  expect(await cloudFormation('Action=DescribeStacks&StackName=Chat', reader)).toMatch(
    /^403 .*<Code>AccessDenied<.*no identity-based policy allows the cloudformation:DescribeStacks action/,
  );
});

test('a template that names what it needs is asked for it', async () => {
  const template = {
    Parameters: { P: { Type: 'String', NoEcho: true } },
    Resources: { R: { Type: 'AWS::IAM::Role' } },
  };
  const create = (more: string) =>
    cloudFormation(
      `Action=CreateStack&StackName=New&TemplateBody=${encodeURIComponent(JSON.stringify(template))}${more}`,
    );
  const given = '&Parameters.member.1.ParameterKey=P&Parameters.member.1.ParameterValue=v';
  expect(await create('')).toContain('Parameters: [P] must have values');
  expect(await create('&Parameters.member.1.ParameterKey=Q')).toContain('Parameters: [Q] do not exist in the template');
  expect(await create(given)).toMatch(/InsufficientCapabilitiesException.*Requires capabilities : \[CAPABILITY_IAM\]/);
  // What fails afterwards is told by the events.
  expect(await create(`${given}&Capabilities.member.1=CAPABILITY_IAM`)).toMatch(
    /^200 .*<StackId>arn:aws:cloudformation:/,
  );
  const described = await cloudFormation('Action=DescribeStacks&StackName=New');
  expect(described).toContain('<StackStatus>ROLLBACK_COMPLETE<');
  expect(described).toMatch(/<ParameterKey>P<\/ParameterKey>\s*<ParameterValue>\*{4}</);
  expect(await cloudFormation('Action=DeleteStack&StackName=New')).toMatch(/^200 /);
  expect(await cloudFormation('Action=ListStacks')).toContain('<StackStatus>DELETE_COMPLETE<');
});

test('whoever started the target is told of stacks that clients of CloudFormation deploy, and their warnings', async () => {
  const Code = { ZipFile: "require('@aws-sdk/client-made-up');" };
  const { Fn, Role } = functionResources({ FunctionName: 'seeder', Code }) as Record<string, { readonly Type: string }>;
  const Thing = { Type: 'Custom::Seed', Properties: { ServiceToken: { 'Fn::GetAtt': ['Fn', 'Arn'] } } };
  const Table = { Type: 'AWS::Timestream::Table', Properties: {} };
  const TemplateBody = encodeURIComponent(JSON.stringify({ Resources: { Fn, Role, Thing, Table } }));
  await cloudFormation(
    `Action=CreateStack&StackName=Seeded&Capabilities.member.1=CAPABILITY_IAM&TemplateBody=${TemplateBody}`,
  );
  while (deployments.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(deployments).toEqual([
    {
      stacks: [expect.objectContaining({ stackName: 'Seeded', status: 'created' })],
      warnings: [
        '1 resource does nothing here, and calls to it fail: AWS::Timestream::Table',
        expect.stringMatching(/^1 custom resource does nothing here \(Seeded\/Thing\): .*client-made-up/),
      ],
      inertTypes: ['AWS::Timestream::Table', 'Custom::Seed'],
    },
  ]);
  await cloudFormation('Action=DeleteStack&StackName=Seeded');
  while (changes.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(changes).toEqual([{ kind: 'stack-deleted', stackName: 'Seeded', ...ENV }]);
});

test('a deployment changes what differs from the one before, not from what is there', async () => {
  const Environment = { Variables: { WORD: 'by hand' } };
  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'chat', Environment }));
  expect((await local.deploy(assembly())).stacks).toMatchObject([{ status: 'unchanged' }]);
  const command = new GetFunctionConfigurationCommand({ FunctionName: 'chat' });
  expect((await client.send(command)).Environment).toEqual(Environment);
});

describe('what the cdk CLI looks up for an app', () => {
  const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
  const LOOKUP = `arn:aws:iam::${ENV.account}:role/cdk-hnb659fds-lookup-role-${ENV.account}-${ENV.region}`;
  const zones = 'Action=DescribeAvailabilityZones&Version=2016-11-15';

  async function askAs(role: string, body: string): Promise<string> {
    const form = `Action=AssumeRole&Version=2011-06-15&RoleArn=${encodeURIComponent(role)}&RoleSessionName=cli`;
    const session = await ask('sts', FORM, form);
    const member = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(session)?.[1] ?? '';
    const credentials = {
      accessKeyId: member('AccessKeyId'),
      secretAccessKey: member('SecretAccessKey'),
      sessionToken: member('SessionToken'),
    };
    const url = `${local.endpoint}/`;
    const signed = await signedHeaders(url, ENV.region, credentials, {
      method: 'POST',
      body,
      headers: FORM,
      service: 'ec2',
    });
    const response = await fetch(url, { method: 'POST', headers: signed, body });
    return `${response.status} ${await response.text()}`;
  }

  test('are three availability zones, for whoever may ask', async () => {
    const told = await askAs(LOOKUP, zones);
    expect(told).toMatch(
      /^200 .*<DescribeAvailabilityZonesResponse xmlns="http:\/\/ec2\.amazonaws\.com\/doc\/2016-11-15\/">/,
    );
    expect(told.match(/(?<=<zoneName>)[^<]+/g)).toEqual(['eu-west-1a', 'eu-west-1b', 'eu-west-1c']);
    expect(await askAs(`arn:aws:iam::${ENV.account}:role/reader`, zones)).toMatch(
      /^403 .*<Code>UnauthorizedOperation<\/Code><Message>User: .*\/reader\/cli is not authorized to perform: ec2:DescribeAvailabilityZones/,
    );
  });

  test('and nothing that only AWS knows, with the way out', async () => {
    expect(await askAs(LOOKUP, 'Action=DescribeVpcs&Version=2016-11-15')).toMatch(
      /^400 .*the local target does not play the operation DescribeVpcs of ec2 .*; or write what the app looks up into cdk\.context\.json</,
    );
  });
});
