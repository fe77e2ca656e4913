import { Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { StreamingFunction, StreamingFunctionUrl } from 'cdk-lambda-streaming';
import { ACCOUNT, ALIAS, CODE, errorOf, expectUrlPermissions, FrontEndStack, REGION } from './support/front-end-stack';

const { AWS_IAM, NONE } = lambda.FunctionUrlAuthType;

describe('StreamingFunctionUrl', () => {
  test('streams from the alias, asks IAM, and waits for the alias to exist', () => {
    const stack = new FrontEndStack();
    new StreamingFunctionUrl(stack, 'Url', { function: stack.alias });

    stack.template.hasResource('AWS::Lambda::Url', {
      Properties: {
        AuthType: 'AWS_IAM',
        InvokeMode: 'RESPONSE_STREAM',
        Qualifier: 'live',
        TargetFunctionArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Fn'), 'Arn'] },
      },
      DependsOn: [Match.stringLikeRegexp('^FnAliaslive')],
    });
    stack.template.resourceCountIs('AWS::Lambda::Permission', 0);
  });

  test('enters a streaming function by its live alias', () => {
    const stack = new Stack(new App(), 'S');
    const fn = new StreamingFunction(stack, 'Chat', { code: CODE });
    const url = new StreamingFunctionUrl(stack, 'Url', { function: fn });
    expect(url.invokedFunction).toBe(fn.liveAlias);
  });

  test('is found by exportStreamTarget, also when it is defined later', () => {
    const stack = new FrontEndStack();
    const fn = new StreamingFunction(stack, 'Chat', { code: CODE });
    fn.exportStreamTarget();
    fn.addStreamUrl();
    expect(JSON.stringify(stack.template.findOutputs('*'))).toMatch(/ChatAliasliveFunctionUrl[0-9A-F]+","FunctionUrl/);
  });

  test('carries CORS settings', () => {
    const stack = new FrontEndStack();
    new StreamingFunctionUrl(stack, 'Url', {
      function: stack.alias,
      cors: { allowedOrigins: ['https://example.com'], maxAge: Duration.hours(1) },
    });
    stack.template.hasResourceProperties('AWS::Lambda::Url', {
      Cors: { AllowOrigins: ['https://example.com'], AllowMethods: ['*'], MaxAge: 3600 },
    });
  });

  test('lets a role of the account call it by both permissions on the alias, and not by the API', () => {
    const stack = new FrontEndStack();
    const role = new iam.Role(stack, 'Caller', { assumedBy: new iam.AccountRootPrincipal() });
    new StreamingFunctionUrl(stack, 'Url', { function: stack.alias }).grantInvokeUrl(role);
    stack.template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^Caller') }],
      PolicyDocument: {
        Statement: [
          {
            Action: 'lambda:InvokeFunctionUrl',
            Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
            Effect: 'Allow',
            Resource: ALIAS,
          },
          {
            Action: 'lambda:InvokeFunction',
            Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': Match.anyValue() } },
            Effect: 'Allow',
            Resource: ALIAS,
          },
        ],
      },
    });
    stack.template.resourceCountIs('AWS::Lambda::Permission', 0);
  });

  test('lets another account call it by a pair of permissions', () => {
    const stack = new FrontEndStack();
    const url = new StreamingFunctionUrl(stack, 'Url', { function: stack.alias });
    url.grantInvokeUrl(new iam.AccountPrincipal('222222222222'));
    const common = { FunctionName: ALIAS, Principal: '222222222222' };
    expectUrlPermissions(stack.template, common, 'AWS_IAM');
    stack.template.resourceCountIs('AWS::Lambda::Permission', 2);
  });

  describe('public access', () => {
    test('is refused unless said twice', () => {
      const stack = new FrontEndStack();
      const { code, message } = errorOf(
        () => new StreamingFunctionUrl(stack, 'Url', { function: stack.alias, authType: NONE }),
      );
      expect(code).toBe('PublicUrlNotConfirmed');
      expect(message).toMatch(/^\[FrontEnds\] Url: authType: NONE lets everyone.*allowPublic: true/);
    });

    test('is refused half the other way: allowPublic without NONE', () => {
      const stack = new FrontEndStack();
      const open = () => new StreamingFunctionUrl(stack, 'Url', { function: stack.alias, allowPublic: true });
      expect(errorOf(open).code).toBe('PublicUrlNotOpen');
    });

    test('gives both permissions on the alias to everyone, with a warning', () => {
      const stack = new FrontEndStack();
      new StreamingFunctionUrl(stack, 'Url', { function: stack.alias, authType: NONE, allowPublic: true });
      const common = { FunctionName: ALIAS, Principal: '*' };
      expectUrlPermissions(stack.template, common, 'NONE');
      stack.template.resourceCountIs('AWS::Lambda::Permission', 2);
      expect(stack.warnings('PublicUrl')).toHaveLength(1);
    });

    test('refuses grants, which nobody would look at', () => {
      const stack = new FrontEndStack();
      const props = { function: stack.alias, authType: NONE, allowPublic: true };
      const url = new StreamingFunctionUrl(stack, 'Url', props);
      expect(errorOf(() => url.grantInvokeUrl(new iam.AccountPrincipal('222222222222'))).code).toBe('GrantOnPublicUrl');
    });
  });

  describe('what it opens on', () => {
    test('fails on a version', () => {
      const stack = new FrontEndStack();
      const open = () => new StreamingFunctionUrl(stack, 'Url', { function: stack.fn.currentVersion });
      expect(open).toThrow(/Version/);
    });

    test('fails on a tenant-isolated function', () => {
      const stack = new FrontEndStack({ tenancyConfig: lambda.TenancyConfig.PER_TENANT });
      expect(() => new StreamingFunctionUrl(stack, 'Url', { function: stack.alias })).toThrow(/tenant isolation/);
    });

    test('fails on an alias that has a URL', () => {
      const stack = new FrontEndStack();
      new StreamingFunctionUrl(stack, 'Url', { function: stack.alias });
      const again = errorOf(() => new StreamingFunctionUrl(stack, 'Again', { function: stack.alias }));
      expect(again.code).toBe('SecondUrl');
      expect(again.message).toContain('FrontEnds/Url');
    });

    test('gives each alias its own', () => {
      const stack = new FrontEndStack();
      new StreamingFunctionUrl(stack, 'Url', { function: stack.alias });
      new StreamingFunctionUrl(stack, 'Beta', { function: stack.fn.addAlias('beta') });
      stack.template.resourceCountIs('AWS::Lambda::Url', 2);
    });

    test('warns about $LATEST', () => {
      const stack = new FrontEndStack();
      new StreamingFunctionUrl(stack, 'Url', { function: stack.fn });
      expect(stack.warnings('UnqualifiedFrontEnd')[0]).toContain("fn.addAlias('live')");
    });

    test.each([
      [
        'an imported alias',
        (s: FrontEndStack, arn: string) =>
          lambda.Function.fromFunctionAttributes(s, 'I', { functionArn: `${arn}:prod`, sameEnvironment: true }),
      ],
      [
        'an imported function with an alias object',
        (s: FrontEndStack, arn: string) => {
          const fn = lambda.Function.fromFunctionArn(s, 'I', arn);
          const aliasVersion = lambda.Version.fromVersionArn(s, 'V', `${fn.functionArn}:1`);
          return lambda.Alias.fromAliasAttributes(s, 'A', { aliasName: 'prod', aliasVersion });
        },
      ],
    ])('splits the ARN of %s into function and qualifier', (_, imported) => {
      const stack = new FrontEndStack();
      const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:Other`;
      new StreamingFunctionUrl(stack, 'Url', { function: imported(stack, arn) });
      stack.template.hasResourceProperties('AWS::Lambda::Url', { TargetFunctionArn: arn, Qualifier: 'prod' });
    });

    test.each([
      ['account', `arn:aws:lambda:${REGION}:222222222222:function:Other:live`],
      ['region', `arn:aws:lambda:us-east-1:${ACCOUNT}:function:Other:live`],
    ])('fails on a function of another %s', (place, arn) => {
      const stack = new FrontEndStack();
      const fn = lambda.Function.fromFunctionArn(stack, 'I', arn);
      const { code, message } = errorOf(() => new StreamingFunctionUrl(stack, 'Url', { function: fn }));
      expect(code).toBe('UrlElsewhere');
      expect(message).toContain(`Url: the function is in ${place}`);
    });

    test('fails on an imported version', () => {
      const stack = new FrontEndStack();
      const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:Other:7`;
      const fn = lambda.Function.fromFunctionArn(stack, 'I', arn);
      expect(errorOf(() => new StreamingFunctionUrl(stack, 'Url', { function: fn })).code).toBe('UrlOnVersion');
    });
  });

  describe('warnings', () => {
    test('a function in a VPC does not stream through a URL', () => {
      const app = new App();
      const vpc = new ec2.Vpc(new Stack(app, 'Net', { env: { account: ACCOUNT, region: REGION } }), 'Vpc');
      const stack = new FrontEndStack({ vpc }, app);
      new StreamingFunctionUrl(stack, 'Url', { function: stack.alias });
      expect(stack.warnings('VpcUrl')).toHaveLength(1);
    });

    test('a managed runtime that buffers', () => {
      const stack = new FrontEndStack({ runtime: lambda.Runtime.PYTHON_3_13 });
      new StreamingFunctionUrl(stack, 'Url', { function: stack.alias });
      expect(stack.warnings('BufferingRuntime')[0]).toMatch(/'python3\.13'.*Node\.js.*Web Adapter.*custom runtime/);
    });

    test('none for a buffering runtime behind the Lambda Web Adapter, even when it is added later', () => {
      const stack = new FrontEndStack({ runtime: lambda.Runtime.PYTHON_3_13 });
      new StreamingFunctionUrl(stack, 'Url', { function: stack.alias });
      stack.fn.addEnvironment('AWS_LWA_INVOKE_MODE', 'response_stream');
      expect(stack.warnings('BufferingRuntime')).toHaveLength(0);
    });

    test('a durable function', () => {
      const stack = new FrontEndStack({ durableConfig: { executionTimeout: Duration.hours(1) } });
      new StreamingFunctionUrl(stack, 'Url', { function: stack.alias });
      expect(stack.warnings('DurableStream')).toHaveLength(1);
    });

    test('none for a function as it should be', () => {
      const stack = new FrontEndStack();
      new StreamingFunctionUrl(stack, 'Url', { function: stack.alias });
      expect(stack.warnings('.*')).toEqual([]);
    });
  });

  test('refers to a URL that is defined elsewhere', () => {
    const stack = new FrontEndStack();
    const url = StreamingFunctionUrl.fromAttributes(stack, 'Url', {
      url: 'https://abc.lambda-url.eu-west-1.on.aws/',
      function: stack.alias,
    });
    const role = new iam.Role(stack, 'Caller', { assumedBy: new iam.AccountRootPrincipal() });
    url.grantInvokeUrl(role);
    expect(url.authType).toBe(AWS_IAM);
    expect(stack.resolve(url.urlRef.functionArn)).toEqual({ Ref: expect.stringMatching('^FnAliaslive') });
    stack.template.resourceCountIs('AWS::Lambda::Url', 0);
    stack.template.hasResourceProperties('AWS::IAM::Policy', { Roles: [{ Ref: Match.stringLikeRegexp('^Caller') }] });
  });
});
