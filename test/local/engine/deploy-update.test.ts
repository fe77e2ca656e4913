import { systemClock } from '../../../src/local/clock';
import { alias, deploy, engine, logGroup, permission, role, snapshot, stack, state, version } from './engine-fixture';
import { functionResources } from './write-assembly';

describe('a second deployment', () => {
  const chat = (code: string, versionId: string) =>
    stack({
      ...functionResources({ FunctionName: 'chat', Code: { ZipFile: code } }),
      [versionId]: version(),
      Live: alias(versionId),
      Grant: permission('333333333333'),
    });
  const fn = () => state.functions.get('arn:aws:lambda:eu-west-1:111111111111:function:chat');

  test('of the same assembly changes nothing', async () => {
    await deploy({ Chat: chat('1', 'V1') });
    const before = snapshot();
    const configuration = fn()?.versions.get('1');
    const { stacks } = await deploy({ Chat: chat('1', 'V1') });
    expect(stacks).toMatchObject([{ status: 'unchanged', changes: { Fn: 'unchanged', V1: 'unchanged' } }]);
    expect(snapshot()).toEqual(before);
    expect(fn()?.versions.get('1')).toBe(configuration); // the same object, so that warm environments stay warm
  });

  test('of new code publishes a version, moves the alias and drops the old version', async () => {
    await deploy({ Chat: chat('1', 'V1') });
    const grants = fn()?.resourcePolicies.get(`${fn()?.functionArn}:live`);
    const { stacks } = await deploy({ Chat: chat('2', 'V2') });
    expect(stacks[0]).toMatchObject({
      status: 'updated',
      changes: { Fn: 'updated', V2: 'created', Live: 'updated', V1: 'deleted', Grant: 'unchanged' },
    });
    expect([...(fn()?.versions.keys() ?? [])]).toEqual(['$LATEST', '2']);
    expect(fn()?.aliases.get('live')?.functionVersion).toBe('2');
    expect(fn()?.resourcePolicies.get(`${fn()?.functionArn}:live`)).toEqual(grants);
  });

  test('never gives a version number twice', async () => {
    await deploy({ Chat: chat('1', 'V1') });
    await deploy({ Chat: stack(functionResources({ FunctionName: 'chat', Code: { ZipFile: '1' } })) });
    await deploy({ Chat: chat('2', 'V2') });
    expect(fn()?.aliases.get('live')?.functionVersion).toBe('2');
  });

  test('publishes a version for a change that has no effect here, and none for one that versions do not hold', async () => {
    const described = (versionId: string, more: Record<string, unknown>) =>
      stack({
        ...functionResources({ FunctionName: 'chat', ...more }),
        [versionId]: version(),
        Live: alias(versionId),
      });
    await deploy({ Chat: described('V1', { Description: 'one' }) });
    await deploy({ Chat: described('V2', { Description: 'two' }) });
    expect(fn()?.aliases.get('live')?.functionVersion).toBe('2');
    const tagged = described('V3', { Description: 'two', Tags: [{ Key: 'k', Value: 'v' }] });
    await expect(deploy({ Chat: tagged })).rejects.toThrow('A version for this Lambda function exists ( 2 ).');
  });

  test('tells when it was, of the function and not of the version before', async () => {
    const clock = jest.spyOn(systemClock, 'now');
    const updatedAt = () => [...(fn()?.versions.values() ?? [])].map(({ lastModified }) => lastModified);
    const resources = { ...functionResources({ FunctionName: 'chat', Architectures: ['arm64'] }), V1: version() };
    const tagged = functionResources({ FunctionName: 'chat', Architectures: ['arm64'], Tags: [] });
    try {
      clock.mockReturnValue(1);
      await deploy({ Chat: stack(resources) });
      expect(fn()?.versions.get('1')?.architecture).toBe('arm64');
      clock.mockReturnValue(2);
      await deploy({ Chat: stack(resources) });
      expect(updatedAt()).toEqual([1, 1]);
      await deploy({ Chat: stack({ ...resources, ...tagged }) });
      expect(updatedAt()).toEqual([2, 1]);
      const again = { ...resources, ...tagged, V2: version() };
      await expect(deploy({ Chat: stack(again) })).rejects.toThrow('A version for this Lambda function exists ( 1 ).');
    } finally {
      clock.mockRestore();
    }
  });

  test('refuses to publish what has not changed, as AWS does', async () => {
    await deploy({ Chat: chat('1', 'V1') });
    await expect(deploy({ Chat: chat('1', 'V2') })).rejects.toThrow(
      'A version for this Lambda function exists ( 1 ). Modify the function to create a new version.',
    );
  });

  test('replaces what cannot be changed in place, and deletes it last', async () => {
    await deploy({ S: stack({ Log: logGroup({ LogGroupName: 'one', RetentionInDays: 1 }) }) });
    await deploy({ S: stack({ Log: logGroup({ LogGroupName: 'one', RetentionInDays: 7 }) }) });
    expect([...state.logGroups.values()]).toMatchObject([{ logGroupName: 'one', retentionDays: 7 }]);
    const { stacks } = await deploy({ S: stack({ Log: logGroup({ LogGroupName: 'two' }) }) });
    expect(stacks[0]?.changes).toEqual({ Log: 'replaced' });
    expect([...state.logGroups.values()]).toMatchObject([{ logGroupName: 'two' }]);
  });

  test('keeps what is to be retained', async () => {
    const keep = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };
    await deploy({
      S: stack({ Log: logGroup({ LogGroupName: 'one' }, keep), Other: logGroup({ LogGroupName: 'other' }, keep) }),
    });
    const { stacks } = await deploy({ S: stack({ Log: logGroup({ LogGroupName: 'two' }, keep) }) });
    expect(stacks[0]?.changes).toEqual({ Log: 'replaced', Other: 'retained' });
    expect([...state.logGroups.values()].map(({ logGroupName }) => logGroupName).sort()).toEqual([
      'one',
      'other',
      'two',
    ]);
    const again = deploy({ S: stack({ Log: logGroup({ LogGroupName: 'one' }, keep) }) });
    await expect(again).rejects.toThrow('already exists');
  });

  test('keeps a version that an alias points to, which leaves the stack', async () => {
    await deploy({ Chat: chat('1', 'V1') });
    const { V1, Live, ...rest } = chat('1', 'V1').template.Resources ?? {};
    expect(V1).toBeDefined();
    const { warnings } = await deploy({
      Chat: stack({ ...rest, Live: { ...alias('V1'), Properties: { ...Live?.Properties, FunctionVersion: '1' } } }),
    });
    expect(warnings).toEqual([expect.stringContaining("version 1 of chat is still used by its alias 'live'")]);
    expect([...(fn()?.versions.keys() ?? [])]).toEqual(['$LATEST', '1']);
  });

  test('refuses another type under the same logical id', async () => {
    await deploy({ S: stack({ X: logGroup() }) });
    await expect(deploy({ S: stack({ X: role('x') }) })).rejects.toThrow(
      'resource X (AWS::IAM::Role at S/X/Resource): its type cannot change from AWS::Logs::LogGroup to AWS::IAM::Role',
    );
  });

  test('takes policies off roles and puts changed ones on', async () => {
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
    await deploy({ S: stack({ ...roles, P: policy([{ Ref: 'R1' }, { Ref: 'R2' }], 's3:*') }) });
    expect(policiesOf('r2')).toHaveLength(1);
    await deploy({ S: stack({ ...roles, P: policy([{ Ref: 'R1' }], 'sqs:*') }) });
    expect(policiesOf('r2')).toEqual([]);
    expect(policiesOf('r1')).toMatchObject([{ Statement: [{ Action: 'sqs:*' }] }]);
    // Changing the role itself leaves policies of other resources on it.
    await deploy({ S: stack({ R1: role('r1', '333333333333'), R2: role('r2'), P: policy([{ Ref: 'R1' }], 'sqs:*') }) });
    expect(policiesOf('r1')).toHaveLength(1);
    await deploy({ S: stack(roles) });
    expect(policiesOf('r1')).toEqual([]);
  });

  test('takes the policy of one role off, puts it on another and renames it', async () => {
    const policy = (RoleName: unknown, PolicyName: string, Action: string) => ({
      Type: 'AWS::IAM::RolePolicy',
      Properties: {
        PolicyName,
        RoleName,
        PolicyDocument: { Statement: [{ Effect: 'Allow', Action, Resource: '*' }] },
      },
    });
    const policiesOf = (name: string) =>
      Object.fromEntries(
        [...(state.roles.get(`arn:aws:iam::111111111111:role/${name}`)?.policies ?? [])].map(
          ([policyName, { Statement }]) => [policyName, [Statement].flat().map(({ Action }) => Action)],
        ),
      );
    const roles = { R1: role('r1'), R2: role('r2') };
    const change = async (...[on, name, action]: readonly [string, string, string]) =>
      (await deploy({ S: stack({ ...roles, P: policy({ Ref: on }, name, action) }) })).stacks[0]?.changes['P'];
    expect(await change('R1', 'p', 's3:*')).toBe('created');
    expect([policiesOf('r1'), policiesOf('r2')]).toEqual([{ p: ['s3:*'] }, {}]);
    expect(await change('R1', 'p', 'sqs:*')).toBe('updated');
    expect([policiesOf('r1'), policiesOf('r2')]).toEqual([{ p: ['sqs:*'] }, {}]);
    expect(await change('R2', 'p', 'sqs:*')).toBe('replaced');
    expect([policiesOf('r1'), policiesOf('r2')]).toEqual([{}, { p: ['sqs:*'] }]);
    expect(await change('R2', 'q', 'sqs:*')).toBe('replaced');
    expect([policiesOf('r1'), policiesOf('r2')]).toEqual([{}, { q: ['sqs:*'] }]);
    await deploy({ S: stack(roles) });
    expect([policiesOf('r1'), policiesOf('r2')]).toEqual([{}, {}]);
  });
});

describe('a deployment that fails', () => {
  const broken = { Bad: logGroup({ LogGroupName: 'b', RetentionInDays: 'many' }, { DependsOn: 'Log' }) };

  test('names stack, resource, type, construct and cause', async () => {
    await expect(deploy({ S: stack({ Log: logGroup(), ...broken }) })).rejects.toThrow(
      "stack 'S' could not be created: resource Bad (AWS::Logs::LogGroup at S/Bad/Resource): " +
        "property 'RetentionInDays' must be a whole number, got 'many'",
    );
  });

  test('leaves nothing of its stack behind, and earlier stacks in place', async () => {
    const stacks = {
      First: stack({ Log: logGroup() }),
      Second: { ...stack({ Log: logGroup(), ...broken }), dependencies: ['First'] },
    };
    await expect(deploy(stacks)).rejects.toThrow(
      /^stack 'Second' could not be created: .*; deployed before it: 'First' \(created\)$/,
    );
    expect(engine.stacks().map(({ stackName }) => stackName)).toEqual(['First']);
    expect(state.logGroups.size).toBe(1);
  });

  test('rolls an update back to the last byte', async () => {
    const resources = {
      ...functionResources({ FunctionName: 'chat' }),
      V1: version(),
      Live: alias('V1'),
      Log: logGroup(),
    };
    await deploy({ S: stack(resources) });
    const before = snapshot();
    const changed = {
      ...functionResources({ FunctionName: 'chat', Timeout: 9, Code: { ZipFile: 'new' } }),
      V2: version(),
      Live: alias('V2'),
      Log: logGroup({ RetentionInDays: 7 }),
      ...broken,
    };
    await expect(deploy({ S: stack(changed) })).rejects.toThrow("stack 'S' could not be updated");
    expect(snapshot()).toEqual(before);
    expect((await deploy({ S: stack(resources) })).stacks[0]?.status).toBe('unchanged');
  });

  test('can be recognised by name and tells the resource', async () => {
    try {
      await deploy({ S: stack({ Log: logGroup(), ...broken }) });
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
