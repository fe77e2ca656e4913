/** What becomes of stacks that CloudFormation is asked to change, delete and take back. One target for all. */
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { alias, version } from '../../engine/engine-fixture';
import { functionResources } from '../../engine/write-assembly';
import { askCloudFormation, ENV, putObject } from './ask-cloudformation';

let local: LocalTarget;
beforeAll(async () => {
  local = await startLocal();
});
afterAll(() => local.stop());

const ask = async (Action: string, StackName: string, more: Readonly<Record<string, string>> = {}) =>
  (await askCloudFormation(local, Action, { StackName, ...more })).replace(/&apos;|&#39;/g, "'");
const body = (template: object) => ({
  TemplateBody: JSON.stringify(template),
  'Capabilities.member.1': 'CAPABILITY_NAMED_IAM',
});
const T = { Type: 'AWS::SNS::Topic' };
const named = (TopicName: string) => ({ ...T, Properties: { TopicName } });
const live = alias('V1');
const Broken = { ...live, Properties: { ...live.Properties, FunctionVersion: '99' } };
/** Whose alias is of a version that is not there. */
const failing = (FunctionName: string) => ({ ...functionResources({ FunctionName }), V1: version(), Broken });

/** Status and reason of a stack, by its name or id. */
async function now(stackName: string): Promise<string> {
  const described = await ask('DescribeStacks', stackName);
  const [, status = described] = /<StackStatus>(\w+)</.exec(described) ?? [];
  const [, reason] = /<StackStatusReason>([^<]+)</.exec(described) ?? [];
  return reason === undefined ? status : `${status}: ${reason}`;
}
const idOf = (answer: string) => /<(?:StackId|Id)>([^<]+)</.exec(answer)?.[1] ?? answer;

test('an export in use keeps its stack, which stays what it was', async () => {
  const Outputs = (Value: string) => ({ O: { Value, Export: { Name: 'shared' } } });
  await ask('CreateStack', 'From', body({ Resources: { T }, Outputs: Outputs('1') }));
  for (const name of ['To', 'Too'])
    await ask(
      'CreateStack',
      name,
      body({ Resources: { T: named(name) }, Outputs: { I: { Value: { 'Fn::ImportValue': 'shared' } } } }),
    );
  await ask('DeleteStack', 'From');
  const refused = 'Delete canceled. Cannot delete export shared as it is in use by To, Too.';
  expect(await now('From')).toBe(`CREATE_COMPLETE: ${refused}`);
  await ask('UpdateStack', 'From', body({ Resources: { T } }));
  const events = await ask('DescribeStackEvents', 'From');
  expect(events).toContain(`UPDATE_ROLLBACK_IN_PROGRESS</ResourceStatus><ResourceStatusReason>${refused}<`);
  await ask('UpdateStack', 'From', body({ Resources: { T }, Outputs: Outputs('2') }));
  expect(await ask('DescribeStackEvents', 'From')).toContain('Cannot update export shared as it is in use by To, Too.');
  expect(await now('From')).toBe('UPDATE_ROLLBACK_COMPLETE');
  for (const name of ['To', 'Too', 'From']) await ask('DeleteStack', name);
  expect(await now('From')).toMatch(/^400 .*does not exist/s);
});

test('a request with its token again is answered, and done once', async () => {
  const token = { ClientRequestToken: 'one' };
  const created = idOf(await ask('CreateStack', 'Once', { ...body({ Resources: { T } }), ...token }));
  expect(idOf(await ask('CreateStack', 'Once', { ...body({ Resources: { T } }), ...token }))).toBe(created);
  expect(await ask('CreateStack', 'Once', body({ Resources: { T } }))).toMatch(/^400 .*AlreadyExistsException/s);
  expect(await ask('UpdateStack', 'Once', { ...body({ Resources: { T2: T } }), ...token })).toMatch(
    /^400 .*TokenAlreadyExistsException/s,
  );
  expect(await now('Once')).toBe('CREATE_COMPLETE');
});

test('the token of a request that was refused is free', async () => {
  const numbered = (Action: string, ClientRequestToken: string, more: Readonly<Record<string, string>> = {}) =>
    ask(Action, 'Free', { ClientRequestToken, ...more });
  const plan = (ChangeSetName: string, id: string) =>
    ask('CreateChangeSet', 'Free', { ChangeSetName, ...body({ Resources: { [id]: T } }) });
  const id = idOf(
    await ask('CreateStack', 'Free', { ...body({ Resources: { A: T } }), EnableTerminationProtection: 'true' }),
  );
  expect(await numbered('UpdateStack', '1', body({ Resources: {} }))).toMatch(/^400 /);
  await numbered('UpdateStack', '1', body({ Resources: { B: T } }));
  expect(await now('Free')).toBe('UPDATE_COMPLETE');

  await plan('empty', 'B');
  expect(await numbered('ExecuteChangeSet', '2', { ChangeSetName: 'empty' })).toMatch(/^400 .*InvalidChangeSetStatus/s);
  await plan('full', 'C');
  for (const _ of ['first', 'again'])
    expect(await numbered('ExecuteChangeSet', '2', { ChangeSetName: 'full' })).toMatch(/^200 /);
  expect(await ask('DescribeStackResources', 'Free')).toContain('<LogicalResourceId>C<');
  await plan('other', 'D');
  expect(await numbered('ExecuteChangeSet', '2', { ChangeSetName: 'other' })).toMatch(
    /^400 .*TokenAlreadyExistsException.*was that of ExecuteChangeSet of arn:aws:cloudformation/s,
  );

  expect(await numbered('DeleteStack', '3')).toMatch(/^400 .*TerminationProtection/s);
  await ask('UpdateTerminationProtection', 'Free', { EnableTerminationProtection: 'false' });
  expect(await numbered('DeleteStack', '3')).toMatch(/^200 /);
  expect(await now(id)).toBe('DELETE_COMPLETE');
});

test('a change set is for the stack as it was then', async () => {
  const plan = (name: string, id: string) =>
    ask('CreateChangeSet', 'Once', { ChangeSetName: name, ...body({ Resources: { T, [id]: T } }) });
  const planned = idOf(await plan('early', 'A'));
  await ask('UpdateStack', 'Once', body({ Resources: { T, B: T } }));
  expect(await ask('DescribeChangeSet', 'Once', { ChangeSetName: 'early' })).toContain('<ExecutionStatus>OBSOLETE<');
  expect(await ask('ExecuteChangeSet', 'Once', { ChangeSetName: 'early' })).toMatch(
    /^400 .*InvalidChangeSetStatus.*execution status of \[OBSOLETE\]/s,
  );
  await plan('late', 'C');
  await ask('ExecuteChangeSet', 'Once', { ChangeSetName: 'late' });
  expect(await now('Once')).toBe('UPDATE_COMPLETE');
  expect(await ask('ExecuteChangeSet', 'Once', { ChangeSetName: 'early' })).toMatch(/^404 .*ChangeSetNotFound/s);
  await plan('last', 'D');
  await ask('DeleteStack', 'Once');
  for (const ChangeSetName of [planned, 'last'])
    expect(await ask('ExecuteChangeSet', 'Once', { ChangeSetName })).toMatch(/^404 .*ChangeSetNotFound/s);
});

test('a change set says what is replaced, and what may be because of that', async () => {
  const of = (name: string) => body({ Resources: { ...functionResources({ FunctionName: name }), V1: version() } });
  await ask('CreateStack', 'Renamed', of('one'));
  await ask('CreateChangeSet', 'Renamed', { ChangeSetName: 'name', ...of('two') });
  const planned = await ask('DescribeChangeSet', 'Renamed', { ChangeSetName: 'name' });
  const said = [...planned.matchAll(/<ResourceChange>(.*?)<\/ResourceChange>/gs)].map(([, change = '']) =>
    ['LogicalResourceId', 'Replacement'].map((tag) => new RegExp(`<${tag}>(\\w+)<`).exec(change)?.[1]),
  );
  expect(said).toEqual([
    ['Fn', 'True'],
    ['V1', 'Conditional'],
  ]);
  await ask('DeleteStack', 'Renamed');
});

test('creation is protected, deleted when it fails, and refused with what is not played', async () => {
  await ask('CreateStack', 'Kept', { ...body({ Resources: { T } }), EnableTerminationProtection: 'true' });
  expect(await ask('DeleteStack', 'Kept')).toMatch(
    /^400 .*Stack \[Kept\] cannot be deleted while TerminationProtection/s,
  );

  const broken = body({ Resources: failing('gone') });
  const both = { ...broken, OnFailure: 'DELETE', DisableRollback: 'true' };
  expect(await ask('CreateStack', 'Gone', both)).toMatch(
    /^400 .*Either DisableRollback or OnFailure can be specified/s,
  );
  expect(await ask('CreateStack', 'Gone', { ...broken, OnFailure: 'KEEP' })).toMatch(/^400 .*enum value set/s);
  const policy = { ...broken, StackPolicyBody: '{}' };
  expect(await ask('CreateStack', 'Gone', policy)).toMatch(/^400 .*does not play stack policies.*StackPolicyBody/s);
  const id = idOf(await ask('CreateStack', 'Gone', { ...broken, OnFailure: 'DELETE' }));
  expect(await now(id)).toBe('DELETE_COMPLETE');
  expect(local.functions()).toEqual([]);
});

/** Puts a nested template where the CDK has it. */
async function upload(key: string, template: object): Promise<string> {
  const bucket = `cdk-hnb659fds-assets-${ENV.account}-${ENV.region}`;
  const path = `/${bucket}/${key.repeat(64)}.json`;
  await putObject(local, path, JSON.stringify(template));
  return `https://s3.${ENV.region}.amazonaws.com${path}`;
}

test('a nested stack that was changed is taken back, too', async () => {
  const nested = async (key: string, topics: object, more: object = {}) => {
    const TemplateURL = await upload(key, { Resources: topics, Outputs: { O: { Value: Object.keys(topics).join() } } });
    const N = { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL } };
    return body({ Resources: { N, ...more }, Outputs: { O: { Value: { 'Fn::GetAtt': ['N', 'Outputs.O'] } } } });
  };
  await ask('CreateStack', 'Nest', await nested('a', { T: named('one'), Gone: named('gone') }));
  const changed = await nested('b', { T: named('two'), New: T }, failing('nest'));
  await ask('UpdateStack', 'Nest', { ...changed, DisableRollback: 'true' });
  expect(await now('Nest')).toMatch(/^UPDATE_FAILED: .*failed to update: \[Broken\]/);
  await ask('RollbackStack', 'Nest');
  expect(await now('Nest')).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(local.functions()).toEqual([]);
  const again = await ask('UpdateStack', 'Nest', await nested('a', { T: named('one'), Gone: named('gone') }));
  expect(again).toMatch(/^400 .*No updates are to be performed/s);
  await ask('DeleteStack', 'Nest');
  expect(await now('Nest')).toMatch(/does not exist/);
});

/** Answers after `Wait` milliseconds, and fails what `FailOn` says. */
const ZipFile = `exports.handler = async (event) => {
  const { FailOn, Id = 1, Wait = 0 } = event.ResourceProperties;
  await new Promise((resolve) => setTimeout(resolve, Number(Wait)));
  const { LogicalResourceId, RequestId, RequestType, StackId } = event;
  const answer = { LogicalResourceId, RequestId, StackId, PhysicalResourceId: 'p'.repeat(Id), Reason: 'no ' + RequestType };
  const Status = RequestType === FailOn ? 'FAILED' : 'SUCCESS';
  await fetch(event.ResponseURL, { method: 'PUT', body: JSON.stringify({ ...answer, Status }) });
};`;

describe('with a custom resource', () => {
  const Outputs = { P: { Value: { 'Fn::GetAtt': ['Fn', 'Arn'] }, Export: { Name: 'provider' } } };
  const custom = (Properties: object, more: object = {}) => ({
    Type: 'Custom::Thing',
    Properties: { ServiceToken: { 'Fn::ImportValue': 'provider' }, ...Properties },
    ...more,
  });
  /** Until it is over. */
  const ended = async (stackName: string) => {
    for (;;) {
      const status = await now(stackName);
      if (!/_IN_PROGRESS/.test(status)) return status;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  beforeAll(() =>
    ask(
      'CreateStack',
      'Provider',
      body({ Resources: functionResources({ FunctionName: 'provider', Code: { ZipFile } }), Outputs }),
    ),
  );

  test('a stack that is being created can be deleted, one that is being updated cannot', async () => {
    const slow = body({ Resources: { C: custom({ Wait: 600 }) } });
    const id = idOf(await ask('CreateStack', 'Slow', slow));
    expect(await now(id)).toBe('CREATE_IN_PROGRESS: User Initiated');
    await ask('DeleteStack', 'Slow');
    expect(await ended(id)).toBe('DELETE_COMPLETE');
    const statuses = [
      ...(await ask('DescribeStackEvents', id)).matchAll(/::Stack<\/ResourceType>.*?<ResourceStatus>(\w+)</gs),
    ].map(([, status]) => status);
    expect(statuses.reverse()).toEqual(['CREATE_IN_PROGRESS', 'DELETE_IN_PROGRESS', 'DELETE_COMPLETE']);

    await ask('CreateStack', 'Slow', body({ Resources: { C: custom({}) } }));
    await ended('Slow');
    await ask('UpdateStack', 'Slow', slow);
    expect(await ask('DeleteStack', 'Slow')).toMatch(
      /^400 .*Stack \[Slow\] cannot be deleted while in status UPDATE_IN_PROG/s,
    );
    expect(await ended('Slow')).toBe('UPDATE_COMPLETE');
  });

  test('a resource has no id of more than 1 KB', async () => {
    const id = idOf(await ask('CreateStack', 'Long', body({ Resources: { C: custom({ Id: 1_025 }) } })));
    expect(await ended(id)).toMatch(/^ROLLBACK_COMPLETE/);
    expect(await ask('DescribeStackEvents', id)).toContain(
      'Invalid PhysicalResourceId: it may have 1024 bytes, and has 1025',
    );
    await ask('DeleteStack', 'Long');
  });

  test('what cannot be deleted is retained on request, once that has failed', async () => {
    const Resources = { T, C: custom({ FailOn: 'Delete' }) };
    const id = idOf(await ask('CreateStack', 'Stuck', body({ Resources })));
    await ended('Stuck');
    const retain = { 'RetainResources.member.1': 'C' };
    expect(await ask('DeleteStack', 'Stuck', retain)).toMatch(
      /^400 .*RetainResources is for stacks in the status DELETE_FAILED/s,
    );
    await ask('DeleteStack', 'Stuck');
    expect(await ended('Stuck')).toBe('DELETE_FAILED: The following resource(s) failed to delete: [C]. ');
    expect(await ask('DescribeStackEvents', 'Stuck')).toMatch(
      /DELETE_FAILED<.{0,40}Reason>Received response [^<]*no Delete/s,
    );
    expect(await ask('DeleteStack', 'Stuck', { 'RetainResources.member.1': 'X' })).toMatch(/^400 .*no resource X/s);
    await ask('DeleteStack', 'Stuck', retain);
    expect(await ended(id)).toBe('DELETE_COMPLETE');
    expect(await ask('DescribeStackEvents', id)).toContain('DELETE_SKIPPED');
  });

  test('what cannot be deleted at the end of an update leaves the stack, which stays updated', async () => {
    const Bucket = { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'full' } };
    const removed = { T, Bucket, C: custom({ FailOn: 'Delete' }), Gone: custom({}) };
    const Kept = (FunctionName: string) => functionResources({ FunctionName });
    await ask('CreateStack', 'Clean', body({ Resources: { ...Kept('old'), ...removed } }));
    await ended('Clean');
    await putObject(local, '/full/key', 'text');
    await ask('UpdateStack', 'Clean', body({ Resources: Kept('new') }));
    expect(await ended('Clean')).toBe('UPDATE_COMPLETE');
    const events = await ask('DescribeStackEvents', 'Clean');
    const failed = (id: string, reason: string) =>
      expect(events).toMatch(
        new RegExp(`<LogicalResourceId>${id}<.{0,300}<ResourceStatus>DELETE_FAILED<.{0,40}Reason>${reason}`, 's'),
      );
    failed('Bucket', 'The bucket you tried to delete is not empty');
    failed('C', 'Received response [^<]*no Delete');
    expect(events.match(/>DELETE_FAILED</g)).toHaveLength(2);
    const left = await ask('DescribeStackResources', 'Clean');
    expect(left).toMatch(/<PhysicalResourceId>new<.*<ResourceStatus>UPDATE_COMPLETE</s);
    expect(left).not.toMatch(/>(Bucket|C|T|Gone)<|DELETE/);
    await ask('DeleteStack', 'Clean');
    expect(await now('Clean')).toMatch(/does not exist/);
    expect(await putObject(local, '/full/key', 'still there')).toMatch(/^200/);
  });

  test('a rollback that fails says so, is continued, and the next deployment works', async () => {
    const broken = { DependsOn: 'C', ...Broken };
    const made = { ...functionResources({ FunctionName: 'made' }), V1: version() };
    const id = idOf(
      await ask(
        'CreateStack',
        'Back',
        body({ Resources: { ...made, C: custom({ FailOn: 'Delete' }), Broken: broken } }),
      ),
    );
    expect(await ended(id)).toMatch(/^ROLLBACK_FAILED: The following resource\(s\) failed to delete: \[C\]/);
    await ask('DeleteStack', 'Back');
    expect(await now(id)).toBe('DELETE_COMPLETE');

    await ask('CreateStack', 'Back', body({ Resources: { C: custom({ FailOn: 'Update' }) } }));
    await ended('Back');
    await ask('UpdateStack', 'Back', body({ Resources: { ...made, C: custom({ Size: 2 }), Broken: broken } }));
    expect(await ended('Back')).toMatch(/^UPDATE_ROLLBACK_FAILED: The following resource\(s\) failed to update: \[C\]/);
    const fixed = body({ Resources: { C: custom({}) } });
    expect(await ask('UpdateStack', 'Back', fixed)).toMatch(
      /^400 .*is in UPDATE_ROLLBACK_FAILED state and can not be upd/s,
    );
    expect(await ask('ContinueUpdateRollback', 'Slow')).toMatch(/^400 .*can not be rolled back/s);
    await ask('ContinueUpdateRollback', 'Back');
    expect(await ended('Back')).toBe('UPDATE_ROLLBACK_COMPLETE');
    await ask('UpdateStack', 'Back', fixed);
    expect(await ended('Back')).toBe('UPDATE_COMPLETE');
    expect(local.functions().map(({ functionName }) => functionName)).toEqual(['provider']);
  });
});
