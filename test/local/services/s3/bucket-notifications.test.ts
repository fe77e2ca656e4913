/** Functions that buckets call when objects have come and gone. */
import { type LocalTarget, type LogRecord, startLocal } from 'cdk-lambda-streaming/local';
import { functionResources, removeFolders, writeAssembly } from '../../engine/write-assembly';
import { signedHeaders } from '../../http/sign-request';

const ENV = { account: '111111111111', region: 'eu-west-1' };
const ROOT = `arn:aws:iam::${ENV.account}:root`;
const FN = `arn:aws:lambda:${ENV.region}:${ENV.account}:function:asked`;
/** Says what it was called for in one line of its log. */
const SOURCE = "exports.handler = async (event) => { console.log('got ' + JSON.stringify(event.Records[0])); };";

let local: LocalTarget;
let seen: (line: string) => void = () => undefined;
const lines: string[] = [];

beforeAll(async () => {
  local = await startLocal({
    onLog: ({ message }: LogRecord) => {
      for (const [, line] of message.matchAll(/got (\{.*\})/g)) seen(line ?? '');
      if (/^S3 did not call/.test(message)) seen(message);
    },
  });
});
afterAll(async () => {
  await local.stop();
  removeFolders();
});

/** The next `count` calls, in the order of the changes. */
function calls(count: number): Promise<readonly string[]> {
  lines.length = 0;
  return new Promise((resolve) => {
    seen = (line) => {
      lines.push(line);
      if (lines.length === count) resolve([...lines]);
    };
  });
}

async function ask(method: string, path: string, body = '', headers: Record<string, string> = {}): Promise<number> {
  const { credentials, region } = local.clientConfig({ as: ROOT, region: ENV.region });
  const url = `${local.endpoint}${path}`;
  const all = { ...headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
  const signed = await signedHeaders(url, region, credentials, { method, body, headers: all, service: 's3' });
  const answer = await fetch(url, { method, headers: signed, ...(method === 'PUT' && { body }) });
  await answer.arrayBuffer();
  return answer.status;
}

const permission = (more: object) => ({
  Type: 'AWS::Lambda::Permission',
  Properties: {
    FunctionName: { Ref: 'Fn' },
    Action: 'lambda:InvokeFunction',
    Principal: 's3.amazonaws.com',
    ...more,
  },
});
const configuration = (fn: unknown, Rules: readonly object[] = []) => ({
  LambdaConfigurations: ['s3:ObjectCreated:*', 's3:ObjectRemoved:Delete'].map((Event) => ({
    Event,
    Function: fn,
    Filter: { S3Key: { Rules } },
  })),
});
const bucket = (BucketName: string, NotificationConfiguration: object, DependsOn: string[] = []) => ({
  Type: 'AWS::S3::Bucket',
  DependsOn,
  Properties: { BucketName, NotificationConfiguration },
});
const stack = (more: object) =>
  writeAssembly({
    S: {
      ...ENV,
      template: { Resources: { ...functionResources({ FunctionName: 'asked', Code: { ZipFile: SOURCE } }), ...more } },
    },
  });

test('the custom resource of the CDK has a bucket call a function for objects of a prefix and a suffix', async () => {
  const FilterRules = [
    { Name: 'prefix', Value: 'in/' },
    { Name: 'suffix', Value: '.jpg' },
  ];
  const Notifications = {
    Type: 'Custom::S3BucketNotifications',
    DependsOn: ['Allowed'],
    Properties: {
      ServiceToken: 'arn:aws:lambda:eu-west-1:111111111111:function:its-provider',
      BucketName: { Ref: 'Own' },
      NotificationConfiguration: {
        LambdaFunctionConfigurations: [
          { Events: ['s3:ObjectCreated:*'], Filter: { Key: { FilterRules } }, LambdaFunctionArn: FN },
        ],
      },
      Managed: true,
      SkipDestinationValidation: false,
    },
  };
  const Own = { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'of-the-cdk' } };
  const Allowed = permission({ SourceArn: { 'Fn::GetAtt': ['Own', 'Arn'] }, SourceAccount: ENV.account });
  expect((await local.deploy(stack({ Own, Allowed, Notifications }))).warnings).toEqual([]);

  const called = calls(2);
  for (const key of ['out/a.jpg', 'in/a.txt', 'in/red%20flower.jpg']) {
    expect(await ask('PUT', `/of-the-cdk/${key}`, 'red')).toBe(200);
  }
  const source = { 'x-amz-copy-source': '/of-the-cdk/in/red%20flower.jpg' };
  expect(await ask('PUT', '/of-the-cdk/in/b.jpg', '', source)).toBe(200);
  const [put, copy] = (await called)
    .map((line) => JSON.parse(line))
    .sort((a, b) => (a.s3.object.sequencer < b.s3.object.sequencer ? -1 : 1));
  expect(put).toMatchObject({
    eventSource: 'aws:s3',
    awsRegion: ENV.region,
    eventName: 'ObjectCreated:Put',
    userIdentity: { principalId: `AWS:${ENV.account}` },
    s3: {
      bucket: { name: 'of-the-cdk', arn: 'arn:aws:s3:::of-the-cdk' },
      object: { key: 'in/red+flower.jpg', size: 3, eTag: 'bda9643ac6601722a28f238714274da4' },
    },
  });
  expect(copy).toMatchObject({ eventName: 'ObjectCreated:Copy', s3: { object: { key: 'in/b.jpg' } } });
});

test('a bucket of CloudFormation tells of what has gone, and nobody of what was not there', async () => {
  await local.deploy(
    stack({
      Allowed: permission({ SourceArn: 'arn:aws:s3:::told', SourceAccount: ENV.account }),
      Told: bucket('told', configuration({ 'Fn::GetAtt': ['Fn', 'Arn'] }), ['Allowed']),
    }),
  );
  const called = calls(2);
  expect(await ask('DELETE', '/told/nothing')).toBe(204);
  expect(await ask('PUT', '/told/key', 'x')).toBe(200);
  expect(await ask('DELETE', '/told/key')).toBe(204);
  const records = (await called).map((line) => JSON.parse(line));
  expect(records.map(({ eventName }) => eventName).sort()).toEqual(['ObjectCreated:Put', 'ObjectRemoved:Delete']);
  const removed = records.find(({ eventName }) => eventName === 'ObjectRemoved:Delete');
  expect(removed.s3.object).toEqual({ key: 'key', sequencer: expect.stringMatching(/^[0-9A-F]{18}$/) });
});

test.each([
  ['no permission', {}],
  ['one for another bucket', { Allowed: permission({ SourceArn: 'arn:aws:s3:::other' }) }],
  ['one for another account', { Allowed: permission({ SourceAccount: '222222222222' }) }],
])('with %s a bucket is refused, as S3 refuses it', async (_, more) => {
  const Closed = bucket('closed', configuration({ 'Fn::GetAtt': ['Fn', 'Arn'] }), Object.keys(more));
  await expect(local.deploy(stack({ ...more, Closed }))).rejects.toThrow(
    `Unable to validate the following destination configurations: ${FN}`,
  );
});

test('a function whose permission is gone is called no more, and its log says why', async () => {
  await local.deploy(stack({ Allowed: permission({}), Told: bucket('told', configuration(FN), ['Allowed']) }));
  await local.deploy(stack({ Told: bucket('told', configuration(FN)) }));
  const called = calls(1);
  expect(await ask('PUT', '/told/again', 'x')).toBe(200);
  expect(await called).toEqual([
    expect.stringMatching(/^S3 did not call this function for told\/again: .*s3\.amazonaws\.com/),
  ]);
});
