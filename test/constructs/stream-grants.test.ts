import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, Stack, Stage } from 'aws-cdk-lib/core';
import { StreamGrants } from 'cdk-lambda-streaming';
import {
  A,
  allMessages,
  B,
  CODE,
  deployedBefore,
  LIVE,
  messages,
  pasted,
  permissions,
  propertiesOf,
  role,
  statementsOf,
  streamingFunction,
  twoAccounts,
} from './two-accounts';

const ON_LIVE = { Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: LIVE };

describe('a grantee of the same account', () => {
  test('a role gets one statement on the alias, and the function no permission', () => {
    const { a } = twoAccounts();
    streamingFunction(a).streamGrants.invoke(role(a));

    expect(statementsOf(a)).toEqual([ON_LIVE]);
    expect(permissions(a)).toEqual([]);
    expect(allMessages(a)).toEqual([]);
  });

  test('granted twice is granted once', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    const caller = role(a);
    fn.streamGrants.invoke(caller);
    StreamGrants.fromFunction(fn.liveAlias).invoke(caller);

    expect(statementsOf(a)).toEqual([ON_LIVE]);
  });

  test('a Lambda function as grantee is granted by its role', () => {
    const { a } = twoAccounts();
    const caller = new lambda.Function(a, 'Other', {
      code: CODE,
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_22_X,
    });
    streamingFunction(a).streamGrants.invoke(caller);

    expect(statementsOf(a, 'OtherServiceRole')).toEqual([ON_LIVE]);
    expect(permissions(a)).toEqual([]);
  });

  test.each([
    [
      'imported as immutable',
      (s: Stack) => iam.Role.fromRoleArn(s, 'R', `arn:aws:iam::${A}:role/R`, { mutable: false }),
    ],
    [
      'imported as immutable that says so',
      (s: Stack) =>
        iam.Role.fromRoleArn(s, 'R', `arn:aws:iam::${A}:role/R`, { mutable: false, addGrantsToResources: true }),
    ],
    ['named by its ARN only', () => new iam.ArnPrincipal(`arn:aws:iam::${A}:role/R`)],
  ])('a role %s gets the permission from the function, which is enough', (_, principal) => {
    const { a } = twoAccounts();
    const grant = streamingFunction(a).streamGrants.invoke(principal(a));

    expect(grant.success).toBe(true);
    expect(permissions(a)).toEqual([
      { Action: 'lambda:InvokeFunction', FunctionName: LIVE, Principal: `arn:aws:iam::${A}:role/R` },
    ]);
    expect(allMessages(a)).toEqual([]);
  });

  test('a role without policy updates gets the permission from the function', () => {
    const { a } = twoAccounts();
    streamingFunction(a).streamGrants.invoke(role(a).withoutPolicyUpdates());

    expect(statementsOf(a)).toEqual([]);
    expect(permissions(a)).toEqual([
      { Action: 'lambda:InvokeFunction', FunctionName: LIVE, Principal: { 'Fn::GetAtt': ['CallerBA8D1D35', 'Arn'] } },
    ]);
  });

  test('a mutable imported role gets its statement in a policy of this stack', () => {
    const { a } = twoAccounts();
    streamingFunction(a).streamGrants.invoke(iam.Role.fromRoleArn(a, 'R', `arn:aws:iam::${A}:role/Known`));

    expect(statementsOf(a, 'Known')).toEqual([ON_LIVE]);
    expect(permissions(a)).toEqual([]);
  });

  test('a user and a group of this app get their statement', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    fn.streamGrants.invoke(new iam.User(a, 'User'));

    expect(propertiesOf(a, 'AWS::IAM::Policy')).toContainEqual(
      expect.objectContaining({
        Users: [{ Ref: 'User00B015A1' }],
        PolicyDocument: { Statement: [ON_LIVE], Version: '2012-10-17' },
      }),
    );
    expect(permissions(a)).toEqual([]);
  });

  test('its own account is granted by a permission, and nothing is missing elsewhere', () => {
    const { a } = twoAccounts();
    streamingFunction(a).streamGrants.invoke(new iam.AccountPrincipal(A));

    expect(permissions(a)).toEqual([{ Action: 'lambda:InvokeFunction', FunctionName: LIVE, Principal: A }]);
    expect(allMessages(a)).toEqual([]);
  });

  test('a function that calls itself gets the permission, as its role’s policy is deployed before it', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    fn.streamGrants.invoke(fn);

    expect(permissions(a)).toEqual([
      expect.objectContaining({ Principal: { 'Fn::GetAtt': ['ChatServiceRole7CF66081', 'Arn'] } }),
    ]);
    expect(JSON.stringify(statementsOf(a, 'ChatServiceRole'))).not.toContain('lambda:InvokeFunction');
  });

  test('a role whose policies are made by hand is told what they need', () => {
    const app = new App();
    iam.Role.customizeRoles(app, {
      usePrecreatedRoles: { 'Provider/Caller': 'by-hand', 'Provider/Chat/ServiceRole': 'own' },
    });
    const a = new Stack(app, 'Provider', { env: { account: A, region: 'us-east-1' } });
    streamingFunction(a).streamGrants.invoke(role(a));

    expect(messages(a, 'Warning', 'IdentityHalfMissing')).toEqual([expect.stringContaining('role/by-hand')]);
  });

  test('conditions of the principal are part of its statement', () => {
    const { a } = twoAccounts();
    const inVpc = new iam.PrincipalWithConditions(role(a), { StringEquals: { 'aws:SourceVpc': 'vpc-1' } });
    streamingFunction(a).streamGrants.invoke(inVpc);

    expect(statementsOf(a)).toEqual([{ ...ON_LIVE, Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } }]);
    expect(permissions(a)).toEqual([]);
  });

  test('a role of another stack whose name the function needs does not tie the stacks into a cycle, with preferResourcePolicy', () => {
    const app = new App();
    const env = { account: A, region: 'us-east-1' };
    const [callers, provider] = [new Stack(app, 'Callers', { env }), new Stack(app, 'Provider', { env })];
    const caller = role(callers);
    const fn = streamingFunction(provider, 'Chat', { environment: { CALLER: caller.roleArn } });
    fn.streamGrants.invoke(caller, { preferResourcePolicy: true });

    expect(statementsOf(callers)).toEqual([]);
    expect(permissions(provider)).toHaveLength(1);
    expect(deployedBefore(app, provider)).toEqual(['Callers']);
  });
});

describe('a role of another account in the same app', () => {
  test('gets both halves, on names known before the deployment', () => {
    const { a, b } = twoAccounts();
    streamingFunction(a).streamGrants.invoke(role(b));

    expect(permissions(a)).toEqual([
      {
        Action: 'lambda:InvokeFunction',
        FunctionName: LIVE,
        Principal: {
          'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, expect.stringMatching(`^:iam::${B}:role/\\w+$`)]],
        },
      },
    ]);
    expect(statementsOf(b)).toEqual([
      {
        Action: 'lambda:InvokeFunction',
        Effect: 'Allow',
        Resource: {
          'Fn::Join': [
            '',
            ['arn:', { Ref: 'AWS::Partition' }, expect.stringMatching(`^:lambda:us-east-1:${A}:function:\\w+:live$`)],
          ],
        },
      },
    ]);
    const [fn] = propertiesOf(a, 'AWS::Lambda::Function');
    expect(JSON.stringify(statementsOf(b))).toContain(`:function:${String(fn?.['FunctionName'])}:live`);
    expect(allMessages(a)).toEqual([]);
    expect(allMessages(b)).toEqual([]);
  });

  test('is deployed before the permission that names it', () => {
    const { app, a, b } = twoAccounts();
    streamingFunction(a).streamGrants.invoke(role(b));

    expect(deployedBefore(app, a)).toEqual(['Consumer']);
    expect(deployedBefore(app, b)).toEqual([]);
  });

  test('is deployed before, also where the role is given by its ARN', () => {
    const { app, a, b } = twoAccounts();
    streamingFunction(a).streamGrants.invoke(new iam.ArnPrincipal(role(b).roleArn));

    expect(deployedBefore(app, a)).toEqual(['Consumer']);
  });

  test('is another grantee than the role of the same logical id in a third stack', () => {
    const { app, a, b } = twoAccounts();
    const c = new Stack(app, 'Second', { env: { account: B, region: 'us-east-1' } });
    const { streamGrants } = streamingFunction(a);
    for (const stack of [b, c]) streamGrants.invoke(role(stack));

    expect(permissions(a)).toHaveLength(2);
    expect(deployedBefore(app, a).sort()).toEqual(['Consumer', 'Second']);
  });

  test('is reported in another stage, whose order of deployment an app cannot say', () => {
    const app = new App();
    const [first, second] = [new Stage(app, 'First'), new Stage(app, 'Second')];
    const a = new Stack(first, 'Provider', { env: { account: A, region: 'us-east-1' } });
    const b = new Stack(second, 'Consumer', { env: { account: B, region: 'us-east-1' } });
    streamingFunction(a).streamGrants.invoke(role(b));

    expect(messages(a, 'Warning', 'OrderAcrossStages')).toEqual([
      expect.stringContaining('Second/Consumer/Caller/Resource is in another stage: deploy that stage first'),
    ]);
  });

  test('without policy updates gets the permission, and its missing half is reported', () => {
    const { a, b } = twoAccounts();
    streamingFunction(a).streamGrants.invoke(role(b).withoutPolicyUpdates());

    expect(permissions(a)).toHaveLength(1);
    expect(messages(a, 'Warning', 'IdentityHalfMissing')).toHaveLength(1);
  });

  test('is refused where one of the stacks does not say its account', () => {
    const app = new App();
    const b = new Stack(app, 'Consumer', { env: { account: B, region: 'us-east-1' } });
    const fn = streamingFunction(new Stack(app, 'Provider'), 'Chat', { functionName: 'chat' });

    expect(() => fn.streamGrants.invoke(role(b))).toThrow(
      '[Provider/Chat/Aliaslive] cannot tell whether Consumer/Caller is in the account and region of this function, because only one of the stacks Provider and Consumer says its own; give both an env with account and region',
    );
  });

  test('imported into its own stack gets both halves', () => {
    const { a, b } = twoAccounts();
    streamingFunction(a).streamGrants.invoke(iam.Role.fromRoleArn(b, 'R', `arn:aws:iam::${B}:role/Known`));

    expect(permissions(a)).toEqual([expect.objectContaining({ Principal: `arn:aws:iam::${B}:role/Known` })]);
    expect(statementsOf(b, 'Known')).toHaveLength(1);
    expect(allMessages(a)).toEqual([]);
  });
});

describe('a role of another account that this app does not define', () => {
  const ARN = `arn:aws:iam::${B}:role/Caller`;

  test('gets the permission, and a warning with the statement for its own policy', () => {
    const { a } = twoAccounts();
    streamingFunction(a, 'Chat', { functionName: 'chat' }).streamGrants.invoke(iam.Role.fromRoleArn(a, 'R', ARN));

    expect(permissions(a)).toEqual([{ Action: 'lambda:InvokeFunction', FunctionName: LIVE, Principal: ARN }]);
    expect(propertiesOf(a, 'AWS::IAM::Policy')).toHaveLength(1); // the function's own logs
    const [message = ''] = messages(a, 'Warning', 'IdentityHalfMissing');
    expect(message).toContain(`this app cannot change the policies of ${ARN}`);
    expect(pasted(message)).toEqual({
      Effect: 'Allow',
      Action: 'lambda:InvokeFunction',
      Resource: `arn:aws:lambda:us-east-1:${A}:function:chat:live`,
    });
  });

  test('is given no policy in the wrong account, where the stack does not say its account', () => {
    const stack = new Stack(new App(), 'Agnostic');
    streamingFunction(stack).streamGrants.invoke(iam.Role.fromRoleArn(stack, 'R', ARN));

    expect(statementsOf(stack, 'Caller')).toEqual([]);
    expect(permissions(stack)).toEqual([expect.objectContaining({ Principal: ARN })]);
    const [message = ''] = messages(stack, 'Warning', 'IdentityHalfMissing');
    expect(pasted(message)).toEqual({
      Effect: 'Allow',
      Action: 'lambda:InvokeFunction',
      Resource: 'arn:aws:lambda:<region of this stack>:<account of this stack>:function:<name of Agnostic/Chat>:live',
    });
  });

  test('is one grantee, whether imported, named by its ARN or granted again', () => {
    const { a } = twoAccounts();
    const { streamGrants } = streamingFunction(a);
    streamGrants.invoke(iam.Role.fromRoleArn(a, 'R', ARN));
    streamGrants.invoke(new iam.ArnPrincipal(ARN));
    streamGrants.invoke(new iam.ArnPrincipal(ARN));

    expect(permissions(a)).toHaveLength(1);
    expect(messages(a, 'Warning', 'IdentityHalfMissing')).toHaveLength(1);
  });

  test('says it once, however often the app is synthesized', () => {
    const { app, a } = twoAccounts();
    streamingFunction(a).streamGrants.invoke(iam.Role.fromRoleArn(a, 'R', ARN));
    app.synth({ force: true });
    app.synth({ force: true });

    expect(messages(a, 'Warning', 'IdentityHalfMissing')).toHaveLength(1);
  });
});

describe('accounts and organizations', () => {
  test('another account gets a permission, and its owner is told the other half', () => {
    const { a } = twoAccounts();
    streamingFunction(a, 'Chat', { functionName: 'chat' }).streamGrants.invoke(new iam.AccountPrincipal(B));

    expect(permissions(a)).toEqual([{ Action: 'lambda:InvokeFunction', FunctionName: LIVE, Principal: B }]);
    const [message = ''] = messages(a, 'Info', 'IdentityHalfElsewhere');
    expect(pasted(message)).toEqual({
      Effect: 'Allow',
      Action: 'lambda:InvokeFunction',
      Resource: `arn:aws:lambda:us-east-1:${A}:function:chat:live`,
    });
    expect(messages(a, 'Warning', 'IdentityHalfMissing')).toEqual([]);
  });

  test('an account and the ARN of its root are one grantee', () => {
    const { a } = twoAccounts();
    const { streamGrants } = streamingFunction(a);
    streamGrants.invoke(new iam.AccountPrincipal(B));
    streamGrants.invoke(new iam.ArnPrincipal(`arn:aws:iam::${B}:root`));

    expect(permissions(a)).toHaveLength(1);
  });

  test('an organization gets a permission that names it', () => {
    const { a } = twoAccounts();
    streamingFunction(a).streamGrants.invoke(new iam.OrganizationPrincipal('o-a1b2c3d4e5'));

    expect(permissions(a)).toEqual([
      { Action: 'lambda:InvokeFunction', FunctionName: LIVE, Principal: '*', PrincipalOrgID: 'o-a1b2c3d4e5' },
    ]);
    expect(messages(a, 'Info', 'IdentityHalfElsewhere')).toHaveLength(1);
  });

  test('a role within an organization gets a permission that names both', () => {
    const { a } = twoAccounts();
    const arn = `arn:aws:iam::${B}:role/Caller`;
    streamingFunction(a).streamGrants.invoke(new iam.ArnPrincipal(arn).inOrganization('o-a1b2c3d4e5'));

    expect(permissions(a)).toEqual([
      { Action: 'lambda:InvokeFunction', FunctionName: LIVE, Principal: arn, PrincipalOrgID: 'o-a1b2c3d4e5' },
    ]);
  });

  test('a composite principal is granted part by part', () => {
    const { a } = twoAccounts();
    const caller = role(a);
    const grant = streamingFunction(a).streamGrants.invoke({
      grantPrincipal: new iam.CompositePrincipal(caller, new iam.AccountPrincipal(B)),
    });

    expect(statementsOf(a)).toEqual([ON_LIVE]);
    expect(permissions(a)).toEqual([expect.objectContaining({ Principal: B })]);
    expect(grant.success).toBe(true);
  });
});

describe('everyone', () => {
  test.each([
    ['AnyPrincipal', new iam.AnyPrincipal()],
    ['StarPrincipal', new iam.StarPrincipal()],
    ['the ARN *', new iam.ArnPrincipal('*')],
  ])('%s is refused unless confirmed', (_, everyone) => {
    const { a } = twoAccounts();
    const { streamGrants } = streamingFunction(a);
    expect(() => streamGrants.invoke(everyone)).toThrow(
      /\[Provider\/Chat\/Aliaslive\] the principal \* .* allowPublic: true/,
    );

    streamGrants.invoke(everyone, { allowPublic: true });
    expect(permissions(a)).toEqual([{ Action: 'lambda:InvokeFunction', FunctionName: LIVE, Principal: '*' }]);
    expect(messages(a, 'Warning', 'PublicGrant')).toHaveLength(1);
  });
});

describe('what cannot be granted', () => {
  test('$LATEST is refused', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    expect(() => StreamGrants.fromFunction(fn.latestVersion).invoke(role(a))).toThrow(
      /permissions cannot be given on \$LATEST.*grant on an alias or a version/,
    );
  });

  test('callers of an identity provider are sent to the role they assume', () => {
    const { a } = twoAccounts();
    const { streamGrants } = streamingFunction(a);
    expect(() => streamGrants.invoke(new iam.WebIdentityPrincipal('cognito-identity.amazonaws.com'))).toThrow(
      /cannot grant to .* assume a role, so grant to that role/,
    );
  });

  test('an imported function without a role has no principal to grant to', () => {
    const { a } = twoAccounts();
    const other = lambda.Function.fromFunctionName(a, 'Other', 'other');
    const { streamGrants } = streamingFunction(a);
    expect(() => streamGrants.invoke(other)).toThrow(/the grantee has no known principal .*; pass its role/);
  });

  test('a condition that a permission cannot express names the way out', () => {
    const { a } = twoAccounts();
    const { streamGrants } = streamingFunction(a);
    const tagged = new iam.ArnPrincipal(`arn:aws:iam::${B}:role/R`).withConditions({
      StringEquals: { 'aws:PrincipalTag/team': 'chat' },
    });
    expect(() => streamGrants.invoke(tagged)).toThrow(
      /cannot express the condition {"StringEquals":{"aws:PrincipalTag\/team":"chat"}}; call streamGrants.useResourcePolicy\(\)/,
    );
  });

  test('a condition with several values is one that a permission cannot express', () => {
    const { a } = twoAccounts();
    const members = new iam.StarPrincipal().withConditions({
      StringEquals: { 'aws:PrincipalOrgID': ['o-a1b2c3d4e5', 'o-f6g7h8i9j0'] },
    });
    const { streamGrants } = streamingFunction(a);
    expect(() => streamGrants.invoke(members)).toThrow(
      expect.objectContaining({ code: 'ConditionNeedsResourcePolicy' }),
    );
  });

  test('errors are told by their name and code', () => {
    const { a } = twoAccounts();
    const { streamGrants } = streamingFunction(a);
    expect(() => streamGrants.invoke(new iam.AnyPrincipal())).toThrow(
      expect.objectContaining({ name: 'StreamingConstructError', code: 'PublicGrantNotConfirmed' }),
    );
  });
});

describe('qualifiers', () => {
  test('a version is granted by its own ARN', () => {
    const { a } = twoAccounts();
    const fn = streamingFunction(a);
    StreamGrants.fromFunction(fn.currentVersion).invoke(new iam.AccountPrincipal(B));

    expect(permissions(a)).toEqual([
      {
        Action: 'lambda:InvokeFunction',
        FunctionName: { Ref: expect.stringMatching('^ChatCurrentVersion') },
        Principal: B,
      },
    ]);
  });

  test('a plain function is granted unqualified in both halves', () => {
    const { a, b } = twoAccounts();
    const plain = new lambda.Function(a, 'Plain', {
      code: CODE,
      functionName: 'plain',
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_22_X,
    });
    StreamGrants.fromFunction(plain).invoke(role(b));

    expect(permissions(a)).toEqual([
      expect.objectContaining({ FunctionName: { 'Fn::GetAtt': ['Plain295EB121', 'Arn'] } }),
    ]);
    expect(JSON.stringify(statementsOf(b))).toContain(`:lambda:us-east-1:${A}:function:plain"`);
    expect(JSON.stringify(statementsOf(b))).not.toContain(':*');
  });
});
