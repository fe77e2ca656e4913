import { becomePrincipal, CredentialStore } from '../../../src/local/credentials';
import { createAuthorize } from '../../../src/local/iam/authorize';
import type { PolicyDocument } from '../../../src/local/state';
import { whoMay } from '../../../src/local/who-may';
import { A, B, deploy, engine, permission, snapshot, stack, state } from '../engine/engine-fixture';
import { functionResources } from '../engine/write-assembly';

const USER = `arn:aws:iam::${A.account}:user/ci/ann`;
const FN = `arn:aws:lambda:eu-west-1:${A.account}:function:chat`;
const clock = { now: () => Date.UTC(2026, 10, 28) };

const allow = (Action: string, more: object = {}) => ({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action, Resource: '*', ...more },
});
const user = (Properties: object = {}) => ({
  Type: 'AWS::IAM::User',
  Properties: { UserName: 'ann', Path: '/ci/', ...Properties },
});
const group = (Properties: object = {}) => ({
  Type: 'AWS::IAM::Group',
  Properties: { GroupName: 'team', ...Properties },
});
const resource = (Type: string, Properties: Record<string, unknown>) => ({
  Type,
  Properties,
  DependsOn: ['User', 'Group'],
});

/** What the user may, of all that could be asked here. */
function allowed(as = USER): string[] {
  const principal = becomePrincipal(state, { as });
  const authorize = createAuthorize(state, clock);
  return ['Own', 'Inline', 'Attached', 'Group', 'GroupInline', 'Managed', 'Added'].filter(
    (name) => authorize({ principal, action: `lambda:${name}`, resource: FN }).allowed,
  );
}

describe('a user', () => {
  test('may what its own policies, those of its groups and those of others that name it allow', async () => {
    const managed = (Properties: Record<string, unknown>) => resource('AWS::IAM::ManagedPolicy', Properties);
    await deploy({
      S: stack({
        User: user({ Policies: [{ PolicyName: 'own', PolicyDocument: allow('lambda:Own') }] }),
        Group: group({ Policies: [{ PolicyName: 'own', PolicyDocument: allow('lambda:Group') }] }),
        A: resource('AWS::IAM::Policy', {
          PolicyName: 'inline',
          PolicyDocument: allow('lambda:Inline'),
          Users: [{ Ref: 'User' }],
        }),
        B: resource('AWS::IAM::UserPolicy', {
          PolicyName: 'attached',
          PolicyDocument: allow('lambda:Attached'),
          UserName: { Ref: 'User' },
        }),
        C: resource('AWS::IAM::GroupPolicy', {
          PolicyName: 'inline',
          PolicyDocument: allow('lambda:GroupInline'),
          GroupName: { Ref: 'Group' },
        }),
        D: managed({ PolicyDocument: allow('lambda:Managed'), Groups: [{ Ref: 'Group' }] }),
        E: managed({ PolicyDocument: allow('lambda:Added'), Users: [{ Ref: 'User' }] }),
        F: resource('AWS::IAM::UserToGroupAddition', { GroupName: { Ref: 'Group' }, Users: [{ Ref: 'User' }] }),
      }),
    });
    expect(allowed()).toEqual(['Own', 'Inline', 'Attached', 'Group', 'GroupInline', 'Managed', 'Added']);
    await deploy({
      S: stack({
        User: user(),
        Group: group(),
        D: managed({ PolicyDocument: allow('lambda:Inline'), Groups: [{ Ref: 'Group' }] }),
        F: resource('AWS::IAM::UserToGroupAddition', { GroupName: { Ref: 'Group' }, Users: [{ Ref: 'User' }] }),
      }),
    });
    expect(allowed()).toEqual(['Inline']);
    await deploy({ S: stack({ User: user(), Group: group() }) });
    expect(allowed()).toEqual([]);
    expect(JSON.stringify(snapshot())).toContain('"groups":[]');
  });

  test('is held by its permissions boundary, but for what a function allows it by name', async () => {
    const boundary = {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: { ManagedPolicyName: 'b', PolicyDocument: allow('lambda:Own') },
    };
    const bounded = user({
      PermissionsBoundary: { Ref: 'Boundary' },
      Policies: [{ PolicyName: 'all', PolicyDocument: allow('*') }],
    });
    const resources = { Boundary: boundary, User: bounded, ...functionResources({ FunctionName: 'chat' }) };
    await deploy({ S: stack(resources) });
    expect(allowed()).toEqual(['Own']);
    const may = () => whoMay(state, createAuthorize(state, clock), { action: 'lambda:InvokeFunction', resource: FN });
    expect(may().find(({ as }) => as === USER)).toMatchObject({ allowed: false });
    const grant = permission('x', { Ref: 'Fn' });
    const byName = { ...grant, Properties: { ...grant.Properties, Principal: { 'Fn::GetAtt': ['User', 'Arn'] } } };
    await deploy({ S: stack({ ...resources, Grant: byName }) });
    expect(may().find(({ as }) => as === USER)).toMatchObject({ allowed: true });
  });

  test('has a name, an id and tags for conditions', async () => {
    const Condition = {
      StringEquals: { 'aws:username': 'ann', 'aws:PrincipalTag/team': 'blue', 'aws:PrincipalType': 'User' },
      StringLike: { 'aws:userid': 'AIDA*' },
    };
    const Policies = [{ PolicyName: 'own', PolicyDocument: allow('lambda:Own', { Condition }) }];
    await deploy({ S: stack({ User: user({ Policies, Tags: [{ Key: 'team', Value: 'blue' }] }) }) });
    expect(allowed()).toEqual(['Own']);
    await deploy({ S: stack({ User: user({ Policies, Tags: [{ Key: 'team', Value: 'red' }] }) }) });
    expect(allowed()).toEqual([]);
  });

  test('assumes the roles that trust it, and is no administrator', async () => {
    const trusting = (AWS: unknown) => ({
      Type: 'AWS::IAM::Role',
      DependsOn: 'User',
      Properties: {
        RoleName: 'Target',
        AssumeRolePolicyDocument: { Statement: { Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' } },
      },
    });
    const options = { as: `arn:aws:iam::${A.account}:role/Target`, by: USER };
    await deploy({ S: stack({ User: user(), Role: trusting(A.account) }) });
    expect(() => becomePrincipal(state, options)).toThrow(
      `User: ${USER} is not authorized to perform: sts:AssumeRole on resource: ${options.as} because no identity-based policy allows`,
    );
    await deploy({ S: stack({ User: user(), Role: trusting({ 'Fn::GetAtt': ['User', 'Arn'] }) }) });
    expect(becomePrincipal(state, options)).toMatchObject({ kind: 'assumed-role' });
  });

  test('that no stack of an account with users defines is refused, with those that there are', async () => {
    await deploy({ S: stack({ User: user() }) });
    expect(() => becomePrincipal(state, { as: `arn:aws:iam::${A.account}:user/an` })).toThrow(
      `no deployed stack defines the user arn:aws:iam::${A.account}:user/an; arn:aws:iam::${A.account}:root is an administrator, and known users are:\n  ${USER}`,
    );
    const other = `arn:aws:iam::${B.account}:user/bob`;
    expect(becomePrincipal(state, { as: other })).toEqual({ kind: 'administrator', arn: other, account: B.account });
  });

  // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_remove.html
  test('is no administrator by credentials from before it was defined', async () => {
    const store = new CredentialStore(clock);
    const early = store.issue(becomePrincipal(state, { as: USER })).accessKeyId;
    const root = store.issue(becomePrincipal(state, { as: `arn:aws:iam::${A.account}:root` })).accessKeyId;
    expect(store.lookupLiving(early, state)?.principal.kind).toBe('administrator');
    await deploy({ S: stack({ User: user() }) });
    expect(store.lookupLiving(early, state)).toBeUndefined();
    await engine.destroy(['S']);
    expect(store.lookupLiving(early, state)).toBeUndefined();
    expect(store.lookupLiving(root, state)?.principal.kind).toBe('administrator');
  });

  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
  test('has its old permissions back, and no new ones, when an update fails', async () => {
    const own = (action: string) => [{ PolicyName: 'own', PolicyDocument: allow(action) }];
    const Group = group({ Policies: own('lambda:Group') });
    const member = (more: object) => ({ ...user(more), DependsOn: 'Group' });
    await deploy({ S: stack({ Group, User: member({ Groups: ['team'], Policies: own('lambda:Own') }) }) });
    expect(allowed()).toEqual(['Own', 'Group']);
    const lost = member({ Groups: ['nowhere'], Policies: own('lambda:Inline') });
    await expect(deploy({ S: stack({ Group, User: lost }) })).rejects.toThrow('cannot be found');
    expect(allowed()).toEqual(['Own', 'Group']);
    const Bad = { Type: 'AWS::IAM::User', DependsOn: 'User', Properties: { UserName: 'ANN' } };
    const changed = member({ Policies: own('lambda:Inline') });
    await expect(deploy({ S: stack({ Group, User: changed, Bad }) })).rejects.toThrow('already exists');
    expect(allowed()).toEqual(['Own', 'Group']);
  });

  test('is another one when it is made anew under its name: policies keep the id of the old one', async () => {
    const fn = functionResources({ FunctionName: 'chat' });
    const grant = { ...permission(USER, { Ref: 'Fn' }), DependsOn: 'Bucket' };
    const allowUser = (Action: string, Resource?: string) => ({
      Statement: { Effect: 'Allow', Principal: { AWS: USER }, Action, ...(Resource && { Resource }) },
    });
    const Bucket = { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'box' } };
    const BucketPolicy = {
      Type: 'AWS::S3::BucketPolicy',
      Properties: { Bucket: { Ref: 'Bucket' }, PolicyDocument: allowUser('s3:GetObject', 'arn:aws:s3:::box/*') },
    };
    const Target = {
      Type: 'AWS::IAM::Role',
      Properties: { RoleName: 'Target', AssumeRolePolicyDocument: allowUser('sts:AssumeRole') },
    };
    await deploy({ U: stack({ User: user() }) });
    await deploy({ S: stack({ ...fn, Bucket, BucketPolicy, Target, Grant: grant }) });
    const first = becomePrincipal(state, { as: USER });
    const may = () =>
      [
        ['lambda:InvokeFunction', FN],
        ['s3:GetObject', 'arn:aws:s3:::box/a'],
      ].map(([action = '', resource = '']) => {
        const principal = becomePrincipal(state, { as: USER });
        return createAuthorize(state, clock)({ principal, action, resource }).allowed;
      });
    expect(may()).toEqual([true, true]);
    const warnings = await engine.destroy(['U']);
    expect(warnings.join()).toMatch(/named the deleted user; a new user of that name will not be let in by it/);
    await deploy({ V: stack({ User: user() }) });
    expect(becomePrincipal(state, { as: USER })).not.toEqual(first);
    expect(may()).toEqual([false, false]);
    expect(() => becomePrincipal(state, { as: 'Target', by: USER })).toThrow(
      'is not authorized to perform: sts:AssumeRole',
    );
    expect(() => becomePrincipal(state, { as: 'Target' })).toThrow('nobody can assume');
  });

  test('that is deleted is no administrator, also when it was the last of its account', async () => {
    await deploy({ S: stack({ User: user() }) });
    await engine.destroy(['S']);
    expect(() => becomePrincipal(state, { as: USER })).toThrow(
      `no deployed stack defines the user ${USER}; arn:aws:iam::${A.account}:root is an administrator, and known users are: none`,
    );
  });

  test('leaves a group whose name is written in another letter case', async () => {
    const Group = group({ Policies: [{ PolicyName: 'p', PolicyDocument: allow('lambda:Group') }] });
    const addition = resource('AWS::IAM::UserToGroupAddition', { GroupName: 'TEAM', Users: ['ANN'] });
    await deploy({ S: stack({ User: user(), Group, Addition: addition }) });
    expect(allowed()).toEqual(['Group']);
    await deploy({ S: stack({ User: user(), Group }) });
    expect(allowed()).toEqual([]);
    await deploy({ S: stack({ User: { ...user({ Groups: ['Team'] }), DependsOn: 'Group' }, Group }) });
    expect(allowed()).toEqual(['Group']);
    await deploy({ S: stack({ User: user(), Group }) });
    expect(allowed()).toEqual([]);
  });

  test('that narrows itself may no more by a function that names it', async () => {
    const grant = permission(USER, { Ref: 'Fn' });
    await deploy({
      S: stack({
        User: user(),
        ...functionResources({ FunctionName: 'chat' }),
        Grant: { ...grant, DependsOn: 'User' },
      }),
    });
    const principal = becomePrincipal(state, { as: USER });
    const ask = (sessionPolicy?: PolicyDocument) =>
      createAuthorize(
        state,
        clock,
      )({ principal, action: 'lambda:InvokeFunction', resource: FN, ...(sessionPolicy && { sessionPolicy }) }).allowed;
    expect(ask()).toBe(true);
    expect(ask(allow('s3:*') as PolicyDocument)).toBe(false);
  });

  test('and a role keep to their boundary when its document changes', async () => {
    const bounded = (Action: string) =>
      stack({
        M: { Type: 'AWS::IAM::ManagedPolicy', Properties: { ManagedPolicyName: 'b', PolicyDocument: allow(Action) } },
        User: user({
          PermissionsBoundary: { Ref: 'M' },
          Policies: [{ PolicyName: 'all', PolicyDocument: allow('*') }],
        }),
      });
    await deploy({ S: bounded('lambda:Own') });
    expect(allowed()).toEqual(['Own']);
    await deploy({ S: bounded('lambda:Group') });
    expect(allowed()).toEqual(['Group']);
  });

  test('is in the groups of its own account', async () => {
    await deploy({
      A: stack({ User: user({ Groups: [{ Ref: 'Group' }] }), Group: group() }),
      B: stack({ Group: group({ Policies: [{ PolicyName: 'p', PolicyDocument: allow('lambda:Own') }] }) }, {}, B),
      C: stack({
        Other: group({ GroupName: 'others', Policies: [{ PolicyName: 'p', PolicyDocument: allow('lambda:Group') }] }),
      }),
    });
    expect(allowed()).toEqual([]);
  });

  test('assumes nobody', async () => {
    await deploy({ S: stack({ User: user() }) });
    expect(() => becomePrincipal(state, { as: USER, by: USER })).toThrow(
      `'by' says who assumes a role, and ${USER} is none`,
    );
  });
});

test.each([
  ['a second user of a name', { X: user() }, 'User with name ann already exists.'],
  ['a second group of a name', { X: group({ GroupName: 'TEAM' }) }, 'Group with name TEAM already exists.'],
  ['a name with a space', { X: user({ UserName: 'a b' }) }, "The specified value for userName is invalid: 'a b'"],
  ['a path without its end', { X: user({ UserName: 'bob', Path: '/x' }) }, "'Path' must begin and end with /"],
  [
    'a principal that is no user',
    {
      X: resource('AWS::SQS::QueuePolicy', {
        Queues: ['q'],
        PolicyDocument: {
          Statement: {
            Effect: 'Allow',
            Principal: { AWS: `arn:aws:iam::${A.account}:user/bob` },
            Action: 'sqs:*',
            Resource: '*',
          },
        },
      }),
    },
    `Invalid principal in policy: "AWS":"arn:aws:iam::${A.account}:user/bob"`,
  ],
  [
    'a user in no group',
    { X: user({ UserName: 'bob', Groups: ['none'] }) },
    'The group with name none cannot be found.',
  ],
  [
    'an unknown user in a group',
    { X: resource('AWS::IAM::UserToGroupAddition', { GroupName: 'team', Users: ['bob'] }) },
    'The user with name bob cannot be found.',
  ],
  [
    'a policy of an unknown user',
    { X: resource('AWS::IAM::Policy', { PolicyName: 'p', PolicyDocument: allow('*'), Users: ['bob'] }) },
    `The user with name bob cannot be found in account ${A.account}.`,
  ],
])('%s fails the deployment', async (_, more, message) => {
  await expect(deploy({ S: stack({ User: user(), Group: group(), ...more }) })).rejects.toThrow(message);
});

test.each([
  [
    'a managed policy that a user of another stack has',
    { M: { Type: 'AWS::IAM::ManagedPolicy', Properties: { ManagedPolicyName: 'm', PolicyDocument: allow('*') } } },
    { User: user({ ManagedPolicyArns: [`arn:aws:iam::${A.account}:policy/m`] }) },
    'Cannot delete a policy attached to entities.',
  ],
  [
    'a group that a user of another stack is in',
    { Group: group() },
    { User: user({ Groups: ['team'] }) },
    'Cannot delete entity, must remove users from group first.',
  ],
])('%s is not deleted', async (_, one, other, message) => {
  await deploy({ One: stack(one) });
  await deploy({ Other: stack(other) });
  await expect(engine.destroy(['One'])).rejects.toThrow(message);
});
