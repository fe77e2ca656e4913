/** Who may do what by way of CloudFormation. One target for all, asked by the AWS SDK's signature in the query protocol. */
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { signedHeaders } from '../../http/sign-request';

jest.setTimeout(30_000); // a hang guard, not a measure

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

/** Status and text of an answer. */
async function ask(
  as: string,
  Action: string,
  input: Readonly<Record<string, string>> = {},
  region = REGION,
): Promise<string> {
  const body = String(new URLSearchParams({ Action, Version: '2010-05-15', ...input }));
  const { credentials } = local.clientConfig({ as, region });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const request = { method: 'POST', body, headers, service: 'cloudformation' };
  const signed = await signedHeaders(`${local.endpoint}/`, region, credentials, request);
  const response = await fetch(local.endpoint, { method: 'POST', headers: signed, body });
  return `${response.status} ${await response.text()}`;
}

/** Creates a stack, waits for its end and gives its status and why it failed. */
async function create(
  as: string,
  StackName: string,
  Resources: object,
  more: Readonly<Record<string, string>> = {},
  action = 'CreateStack',
) {
  const TemplateBody = JSON.stringify({ Resources });
  const input = { StackName, TemplateBody, 'Capabilities.member.1': 'CAPABILITY_NAMED_IAM', ...more };
  const answer = await ask(as, action, input);
  if (!answer.startsWith('200')) return answer;
  const account = /::(\d{12}):/.exec(as)?.[1] ?? '';
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
