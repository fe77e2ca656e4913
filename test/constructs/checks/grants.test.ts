/** Who may call: too few, and too many. */
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, CfnResource, PhysicalName, Stack } from 'aws-cdk-lib/core';
import { StreamGrants } from 'cdk-lambda-streaming';
import { ACCOUNT_A, ACCOUNT_B, findings, findingsIn, fnIn, stackIn, urlIn, without } from './findings';

const { AWS_IAM, NONE } = lambda.FunctionUrlAuthType;

function roleIn(stack: Stack, roleName?: string): iam.Role {
  return new iam.Role(stack, 'Caller', { assumedBy: new iam.AccountRootPrincipal(), roleName });
}

function allow(role: iam.Role, actions: string[], ...resources: string[]): void {
  role.addToPolicy(new iam.PolicyStatement({ actions, resources }));
}

describe('HalfUrlPermission', () => {
  test('an account that has one of the two permissions, either of them', () => {
    const half = (removed: string) =>
      findings('HalfUrlPermission', (stack) => {
        urlIn(stack).url.grantInvokeUrl(new iam.AccountPrincipal(ACCOUNT_B));
        without(stack, (resource) => resource instanceof lambda.CfnPermission && resource.action === removed);
      });
    expect(half('lambda:InvokeFunction')).toEqual([expect.stringContaining('InvokedViaFunctionUrl: true')]);
    expect(half('lambda:InvokeFunctionUrl')).toHaveLength(1);
    expect(half('nothing')).toEqual([]);
  });

  test('two callers, and two sources, that have one of the two permissions each', () => {
    const halves = (one: Partial<lambda.Permission>, other: Partial<lambda.Permission>) =>
      findings('HalfUrlPermission', (stack) => {
        const { alias } = urlIn(stack);
        const principal = new iam.AccountPrincipal(ACCOUNT_B);
        alias.addPermission('One', { principal, action: 'lambda:InvokeFunctionUrl', ...one });
        alias.addPermission('Other', {
          principal,
          action: 'lambda:InvokeFunction',
          invokedViaFunctionUrl: true,
          ...other,
        });
      });
    expect(halves({}, { principal: new iam.AccountPrincipal('333333333333') })).toHaveLength(2);
    expect(halves({}, { organizationId: 'o-abcdefghij' })).toHaveLength(2);
    const service = new iam.ServicePrincipal('cloudfront.amazonaws.com');
    const from = (sourceArn: string) => ({ principal: service, sourceArn });
    expect(
      halves(from('arn:aws:cloudfront::1:distribution/A'), from('arn:aws:cloudfront::1:distribution/B')),
    ).toHaveLength(2);
    expect(halves({}, {})).toEqual([]);
  });

  test('CloudFront, which CDK gives one permission only before 2.273', () => {
    const found = findings('HalfUrlPermission', (stack) => {
      const origin = origins.FunctionUrlOrigin.withOriginAccessControl(urlIn(stack).url);
      new cloudfront.Distribution(stack, 'Cdn', { defaultBehavior: { origin } });
      without(stack, (resource) => resource instanceof lambda.CfnPermission && resource.invokedViaFunctionUrl === true);
    });
    expect(found).toHaveLength(1);
  });

  test('a role whose policy names one action, unless another statement or policy of it names the other', () => {
    const given = (...actions: string[]) =>
      findings('HalfUrlPermission', (stack) => {
        const { alias } = urlIn(stack);
        for (const action of actions) allow(roleOf(stack), [action], alias.functionArn);
      });
    const roleOf = (stack: Stack) => (stack.node.tryFindChild('Caller') as iam.Role | undefined) ?? roleIn(stack);
    expect(given('lambda:InvokeFunctionUrl')).toHaveLength(1);
    expect(given('lambda:InvokeFunctionUrl', 'lambda:InvokeFunction')).toEqual([]);
    expect(given('lambda:Invoke*')).toEqual([]);
    expect(given('lambda:InvokeFunction')).toEqual([]);
  });

  test('a role whose missing action another role has', () => {
    const found = findings('HalfUrlPermission', (stack) => {
      const { alias } = urlIn(stack);
      allow(roleIn(stack), ['lambda:InvokeFunctionUrl'], alias.functionArn);
      const other = new iam.Role(stack, 'Other', { assumedBy: new iam.AccountRootPrincipal() });
      allow(other, ['lambda:InvokeFunction'], alias.functionArn);
    });
    expect(found).toEqual([expect.stringMatching(/^\/Stack1\/Caller\//)]);
  });

  test('not what grantInvokeUrl() gives', () => {
    expect(findings('HalfUrlPermission', (stack) => urlIn(stack).url.grantInvokeUrl(roleIn(stack)))).toEqual([]);
  });
});

describe('BogusAction', () => {
  const bogus = ['lambda:InvokeWithResponseStream'];

  test('in a policy, an inline policy, a managed policy and a permission', () => {
    const statement = new iam.PolicyStatement({ actions: bogus, resources: ['*'] });
    const found = findings('BogusAction', (stack) => {
      allow(roleIn(stack), bogus, '*');
      const inlinePolicies = { inline: new iam.PolicyDocument({ statements: [statement] }) };
      new iam.Role(stack, 'Inline', { assumedBy: new iam.AccountRootPrincipal(), inlinePolicies });
      new iam.ManagedPolicy(stack, 'Managed', { statements: [statement] });
      fnIn(stack).addPermission('P', { principal: new iam.AccountPrincipal(ACCOUNT_B), action: bogus[0] });
    });
    expect(found).toHaveLength(4);
  });

  test('not in the pattern lambda:*, which allows invoking', () => {
    expect(findings('BogusAction', (stack) => allow(roleIn(stack), ['lambda:*'], '*'))).toEqual([]);
  });
});

describe('UnqualifiedGrant', () => {
  test('a permission on the function while its front end opens on an alias', () => {
    const onFunction = (stack: Stack) => urlIn(stack).fn.grantInvoke(new iam.AccountPrincipal(ACCOUNT_B));
    expect(findings('UnqualifiedGrant', onFunction)).toEqual([expect.stringContaining("the alias 'live'")]);
  });

  test('a statement that names the function without its qualifiers', () => {
    const named = (stack: Stack) => allow(roleIn(stack), ['lambda:InvokeFunction'], urlIn(stack).fn.functionArn);
    expect(findings('UnqualifiedGrant', named)).toHaveLength(1);
    expect(findings('UnqualifiedGrant', (stack) => urlIn(stack).fn.grantInvoke(roleIn(stack)))).toEqual([]);
  });

  test('not on the alias, not without a streaming front end, and not for services that deliver events', () => {
    const account = new iam.AccountPrincipal(ACCOUNT_B);
    const events = new iam.ServicePrincipal('events.amazonaws.com', {
      conditions: { ArnLike: { 'aws:SourceArn': 'arn:aws:events:eu-west-1:111111111111:rule/r' } },
    });
    expect(findings('UnqualifiedGrant', (stack) => urlIn(stack).alias.grantInvoke(account))).toEqual([]);
    expect(findings('UnqualifiedGrant', (stack) => fnIn(stack).grantInvoke(account))).toEqual([]);
    expect(findings('UnqualifiedGrant', (stack) => urlIn(stack).fn.grantInvoke(events))).toEqual([]);
  });
});

describe('HalfGrant', () => {
  test("an imported role of another account, which plain CDK gives the function's half only", () => {
    const imported = (stack: Stack) =>
      fnIn(stack)
        .addAlias('live')
        .grantInvoke(iam.Role.fromRoleArn(stack, 'R', `arn:aws:iam::${ACCOUNT_B}:role/path/Caller`));
    expect(findings('HalfGrant', imported)).toEqual([
      expect.stringMatching(/the role Caller of account 222222222222 .*"Action":"lambda:InvokeFunction"/),
    ]);
  });

  test('not a role of the same account, and not a whole account, of which nothing more can be known', () => {
    const own = (stack: Stack) =>
      fnIn(stack)
        .addAlias('live')
        .grantInvoke(new iam.ArnPrincipal(`arn:aws:iam::${ACCOUNT_A}:role/Caller`));
    const account = (stack: Stack) => fnIn(stack).addAlias('live').grantInvoke(new iam.AccountPrincipal(ACCOUNT_B));
    expect(findings('HalfGrant', own)).toEqual([]);
    expect(findings('HalfGrant', account)).toEqual([]);
  });

  test('not where the app gives both halves, and the identity half alone where it does not', () => {
    const across = (both: boolean) =>
      findings('HalfGrant', (stack, app) => {
        const other = stackIn(app, ACCOUNT_B);
        const alias = fnIn(stack, { functionName: 'Provider' }).addAlias('live');
        const role = roleIn(other, 'Caller');
        allow(role, ['lambda:InvokeFunction'], `arn:aws:lambda:eu-west-1:${ACCOUNT_A}:function:Provider:live`);
        if (both)
          alias.addPermission('P', { principal: new iam.ArnPrincipal(`arn:aws:iam::${ACCOUNT_B}:role/Caller`) });
      });
    expect(across(true)).toEqual([]);
    expect(across(false)).toEqual([
      expect.stringMatching(/^\/Stack2\/.*account 222222222222 .* of account 111111111111/),
    ]);
  });

  test('not twice: streamGrants reports a half it cannot write by itself', () => {
    const app = new App();
    const stack = stackIn(app, ACCOUNT_A);
    const role = iam.Role.fromRoleArn(stack, 'R', `arn:aws:iam::${ACCOUNT_B}:role/Caller`);
    StreamGrants.fromFunction(fnIn(stack).addAlias('live')).invoke(role);
    const rules = findingsIn(app).map((text) => /\[ack: cdk-lambda-streaming:(\w+)\]/.exec(text)?.[1]);
    expect(rules).toEqual(['IdentityHalfMissing']);
  });

  test('not for names that CDK generates on both sides', () => {
    expect(
      findings('HalfGrant', (stack, app) => {
        const fn = fnIn(stack, { functionName: PhysicalName.GENERATE_IF_NEEDED });
        fn.addAlias('live').grantInvoke(roleIn(stackIn(app, ACCOUNT_B), PhysicalName.GENERATE_IF_NEEDED));
      }),
    ).toEqual([]);
  });
});

describe('UrlAuthMismatch', () => {
  test('a grant on a public URL, as plain CDK gives it', () => {
    const granted = (authType: lambda.FunctionUrlAuthType) => (stack: Stack) =>
      urlIn(stack, {}, authType).url.grantInvokeUrl(new iam.AccountPrincipal(ACCOUNT_B));
    expect(findings('UrlAuthMismatch', granted(NONE))).toHaveLength(1);
    expect(findings('UrlAuthMismatch', granted(AWS_IAM))).toEqual([]);
  });
});

describe('MixedPolicies', () => {
  const policyOn = (stack: Stack, id: string, arn: string) =>
    new CfnResource(stack, id, {
      type: 'AWS::Lambda::ResourcePolicy',
      properties: { ResourceArn: arn, PolicyDocument: {} },
    });

  test('a ResourcePolicy beside a Permission, and two for one alias', () => {
    const beside = (stack: Stack) => {
      const { alias } = urlIn(stack);
      policyOn(stack, 'Policy', alias.functionArn);
      alias.grantInvoke(new iam.AccountPrincipal(ACCOUNT_B));
    };
    const twice = (stack: Stack) => {
      const { alias } = urlIn(stack);
      policyOn(stack, 'One', alias.functionArn);
      policyOn(stack, 'Two', alias.functionArn);
    };
    expect(findings('MixedPolicies', beside)).toHaveLength(1);
    expect(findings('MixedPolicies', twice)).toEqual([expect.stringMatching(/^\/Stack1\/Two: .*Stack1\/One/)]);
  });

  test('not on different qualifiers, which have policies of their own', () => {
    const apart = (stack: Stack) => {
      const { fn, alias } = urlIn(stack);
      policyOn(stack, 'Policy', alias.functionArn);
      fn.grantInvoke(new iam.AccountPrincipal(ACCOUNT_B));
    };
    expect(findings('MixedPolicies', apart)).toEqual([]);
  });
});

describe('BareService', () => {
  test('a service without a source, not with one', () => {
    const invoke = (options: Partial<lambda.Permission>) => (stack: Stack) =>
      fnIn(stack).addPermission('P', { principal: new iam.ServicePrincipal('bedrock.amazonaws.com'), ...options });
    expect(findings('BareService', invoke({}))).toEqual([expect.stringContaining('bedrock.amazonaws.com')]);
    expect(findings('BareService', invoke({ sourceAccount: ACCOUNT_A }))).toEqual([]);
    expect(findings('BareService', invoke({ sourceArn: 'arn:aws:bedrock:eu-west-1:111111111111:agent/x' }))).toEqual(
      [],
    );
  });
});

describe('ForeignRolePolicy', () => {
  const FOREIGN = `arn:aws:iam::${ACCOUNT_B}:role/Caller`;
  const openStack = (app: App) => new Stack(app, 'Open');

  test('a policy for a role of another account, in a stack that does not say its own', () => {
    const granted = findings('ForeignRolePolicy', (_, app) => {
      const stack = openStack(app);
      urlIn(stack).alias.grantInvoke(iam.Role.fromRoleArn(stack, 'R', FOREIGN));
    });
    expect(granted).toEqual([expect.stringMatching(/^\/Open\/R\/Policy.*role of account 222222222222/)]);
  });

  test('not in a stack that says its account, not for streamGrants, and not for roles of the stack', () => {
    const said = (stack: Stack) => urlIn(stack).alias.grantInvoke(iam.Role.fromRoleArn(stack, 'R', FOREIGN));
    expect(findings('ForeignRolePolicy', said)).toEqual([]);
    expect(findings('ForeignRolePolicy', (_, app) => said(stackIn(app, ACCOUNT_B)))).toEqual([]); // the role's own
    const ours = findings('ForeignRolePolicy', (_, app) => {
      const stack = openStack(app);
      StreamGrants.fromFunction(urlIn(stack).alias).invoke(iam.Role.fromRoleArn(stack, 'R', FOREIGN));
    });
    expect(ours).toEqual([]);
    const own = findings('ForeignRolePolicy', (_, app) => {
      const stack = openStack(app);
      urlIn(stack).alias.grantInvoke(roleIn(stack));
    });
    expect(own).toEqual([]);
  });
});

describe('PublicGrant and PublicUrl', () => {
  const everyone = { principal: new iam.AnyPrincipal() };

  test('everyone, not an organization', () => {
    expect(findings('PublicGrant', (stack) => fnIn(stack).addPermission('P', everyone))).toHaveLength(1);
    const organization = { ...everyone, organizationId: 'o-abcdefghij' };
    expect(findings('PublicGrant', (stack) => fnIn(stack).addPermission('P', organization))).toEqual([]);
  });

  test('everyone in a ResourcePolicy, not with a condition', () => {
    const policy = (statement: object) => (stack: Stack) => {
      const PolicyDocument = {
        Statement: [{ Effect: 'Allow', Principal: '*', Action: 'lambda:InvokeFunction', ...statement }],
      };
      const properties = { ResourceArn: fnIn(stack).functionArn, PolicyDocument };
      new CfnResource(stack, 'Policy', { type: 'AWS::Lambda::ResourcePolicy', properties });
    };
    expect(findings('PublicGrant', policy({}))).toHaveLength(1);
    expect(findings('PublicGrant', policy({ Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a' } } }))).toEqual(
      [],
    );
  });

  test('a public URL once, its permissions not again', () => {
    expect(findings('PublicUrl', (stack) => urlIn(stack, {}, NONE))).toHaveLength(1);
    expect(findings('PublicGrant', (stack) => urlIn(stack, {}, NONE))).toEqual([]);
    expect(findings('PublicUrl', (stack) => urlIn(stack))).toEqual([]);
  });
});
