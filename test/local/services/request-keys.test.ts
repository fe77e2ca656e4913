/** What every request tells IAM, what of a log a policy may name, and what becomes of sessions whose role is gone. One target for all. */
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { functionResources, removeFolders, writeAssembly } from '../engine/write-assembly';
import { signedHeaders } from '../http/sign-request';

const ENV = { account: '111111111111', region: 'eu-west-1' };
const ROOT = `arn:aws:iam::${ENV.account}:root`;
const roleArn = (name: string) => `arn:aws:iam::${ENV.account}:role/${name}`;
const allowAll = { Effect: 'Allow' as const, Action: '*', Resource: '*' };
const deny = (Condition: Record<string, Record<string, string>>) => ({
  Effect: 'Deny' as const,
  Action: ['lambda:ListFunctions', 's3:ListBucket', 's3:ListAllMyBuckets'],
  Resource: '*',
  Condition,
});
const caller = (RoleName: string, more: object = {}, ...Statement: object[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName,
    AssumeRolePolicyDocument: {
      Statement: { Effect: 'Allow', Principal: { AWS: ENV.account }, Action: 'sts:AssumeRole' },
    },
    Policies: [{ PolicyName: 'Own', PolicyDocument: { Statement: [allowAll, ...Statement] } }],
    ...more,
  },
});
const GROUP = `arn:aws:logs:${ENV.region}:${ENV.account}:log-group:/aws/lambda/chat`;
const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
const sent: string[] = [];
const lines: string[] = [];

let local: LocalTarget;
beforeAll(async () => {
  const onlyHere = { ...deny({ StringNotEquals: { 'aws:RequestedRegion': ENV.region } }), Action: '*' };
  local = await startLocal({
    organization: {
      id: 'o-exampleorgid',
      paths: { [ENV.account]: 'o-exampleorgid/r-root/' },
      serviceControlPolicies: { [ENV.account]: [{ Version: '2012-10-17', Statement: [allowAll, onlyHere] }] },
    },
    services: {
      sqs: async (request) => {
        sent.push(await request.text());
        return Response.json({});
      },
    },
    onLog: ({ message }) => lines.push(message),
    clock: { speed: 1_000 },
  });
  const Resources = {
    ...functionResources({
      FunctionName: 'chat',
      Code: { ZipFile: "exports.handler = async () => { throw new Error('no') };" },
      DeadLetterConfig: { TargetArn: `arn:aws:sqs:${ENV.region}:${ENV.account}:dead` },
    }),
    Retries: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: { FunctionName: { Ref: 'Fn' }, Qualifier: '$LATEST', MaximumRetryAttempts: 0 },
    },
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'a-bucket' } },
    Agent: caller('Agent', {}, deny({ StringLike: { 'aws:UserAgent': 'aws-sdk-js/*' } })),
    Direct: caller('Direct', {}, deny({ Bool: { 'aws:ViaAWSService': 'false' } })),
    Owner: caller('Owner', {}, deny({ StringEquals: { 's3:ResourceAccount': ENV.account } })),
    DenyAll: caller('DenyAll', { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AWSDenyAll'] }),
    Streams: caller(
      'Streams',
      {},
      {
        Effect: 'Deny',
        Action: 'logs:GetLogEvents',
        Resource: `${GROUP}:log-stream:*`,
      },
    ),
  };
  await local.deploy(
    writeAssembly({
      Main: { ...ENV, template: { Resources } },
      Brief: { ...ENV, template: { Resources: { Brief: caller('Brief') } } },
    }),
  );
});
afterAll(async () => {
  warnings.mockRestore();
  await local.stop();
  removeFolders();
});

async function listFunctions(as: string, region = ENV.region): Promise<number | undefined> {
  const client = new LambdaClient({ ...local.clientConfig({ as, region }), maxAttempts: 1 });
  try {
    return (await client.send(new ListFunctionsCommand({}))).$metadata.httpStatusCode;
  } finally {
    client.destroy();
  }
}

async function get(path: string, as: string, region = ENV.region): Promise<string> {
  const { credentials } = local.clientConfig({ as, region });
  const url = `${local.endpoint}${path}`;
  const headers = await signedHeaders(url, region, credentials, {
    method: 'GET',
    body: '',
    headers: {},
    service: 's3',
  });
  const response = await fetch(url, { headers });
  return `${response.status} ${await response.text()}`;
}

test('a request has a region, whatever it is about', async () => {
  expect(await listFunctions(ROOT)).toBe(200);
  expect(await get('/', ROOT)).toMatch(/^200 /);
  await expect(listFunctions(ROOT, 'us-east-1')).rejects.toThrow('explicit deny in a service control policy');
  expect(await get('/', ROOT, 'us-east-1')).toMatch(/^403 .*explicit deny in a service control policy/s);
});

test('a request has the agent, its way and the owner of what it is about', async () => {
  for (const name of ['Agent', 'Direct', 'DenyAll'])
    await expect(listFunctions(roleArn(name))).rejects.toThrow('with an explicit deny in an identity-based policy');
  expect(await listFunctions(roleArn('Owner'))).toBe(200);
  expect(await get('/a-bucket?list-type=2', roleArn('Owner'))).toMatch(/^403 .*with an explicit deny/s);
});

test('the events of a stream are for those who may read the stream', async () => {
  const body = JSON.stringify({ logGroupName: '/aws/lambda/chat', logStreamName: 'some' });
  const { credentials, region } = local.clientConfig({ as: roleArn('Streams') });
  const headers = { 'x-amz-target': 'Logs_20140328.GetLogEvents', 'content-type': 'application/x-amz-json-1.1' };
  const request = { method: 'POST', body, headers, service: 'logs' };
  const signed = await signedHeaders(`${local.endpoint}/`, region, credentials, request);
  const answer = await fetch(local.endpoint, { method: 'POST', headers: signed, body });
  expect(await answer.text()).toContain(`on resource: ${GROUP}:log-stream:some with an explicit deny`);
});

test('who plays a queue is sent nothing that the role of the function may not send', async () => {
  const client = new LambdaClient(local.clientConfig({ as: ROOT, region: ENV.region }));
  try {
    await client.send(new InvokeCommand({ FunctionName: 'chat', InvocationType: 'Event' }));
  } finally {
    client.destroy();
  }
  const isTold = () => lines.some((line) => line.includes('is not authorized to perform: sqs:SendMessage'));
  while (!isTold()) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(sent).toEqual([]);
});

test('the sessions of a role end with it: a new one of its name is another role', async () => {
  const old = new LambdaClient({ ...local.clientConfig({ as: roleArn('Brief') }), maxAttempts: 1 });
  const ask = () => old.send(new ListFunctionsCommand({}));
  try {
    expect((await ask()).$metadata.httpStatusCode).toBe(200);
    await local.destroy(['Brief']);
    await expect(ask()).rejects.toThrow('The security token included in the request is invalid.');
    await local.deploy(writeAssembly({ Brief: { ...ENV, template: { Resources: { Brief: caller('Brief') } } } }));
    await expect(ask()).rejects.toThrow('The security token included in the request is invalid.');
    expect(await listFunctions(roleArn('Brief'))).toBe(200);
  } finally {
    old.destroy();
  }
});
