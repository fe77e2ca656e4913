import { Match } from 'aws-cdk-lib/assertions';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, CfnParameter, Duration, Stack } from 'aws-cdk-lib/core';
import { StreamGrants, StreamingDistribution, StreamingFunctionUrl, StreamingUrlOrigin } from 'cdk-lambda-streaming';
import { ACCOUNT, ALIAS, errorOf, expectUrlPermissions, FrontEndStack, REGION } from './support/front-end-stack';

const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const ALL_VIEWER_EXCEPT_HOST_HEADER = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

function urlIn(stack: FrontEndStack): StreamingFunctionUrl {
  return new StreamingFunctionUrl(stack, 'Url', { function: stack.alias });
}

describe('StreamingDistribution', () => {
  test('lets streams through: HTTPS, all methods, nothing cached or compressed, the Host header its own', () => {
    const stack = new FrontEndStack();
    new StreamingDistribution(stack, 'Cdn', { url: urlIn(stack) });
    stack.template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        DefaultCacheBehavior: {
          AllowedMethods: Match.arrayWith(['PUT', 'PATCH', 'POST', 'DELETE']),
          CachePolicyId: CACHING_DISABLED,
          OriginRequestPolicyId: ALL_VIEWER_EXCEPT_HOST_HEADER,
          ViewerProtocolPolicy: 'redirect-to-https',
          Compress: false,
        },
        Origins: [
          {
            CustomOriginConfig: {
              OriginProtocolPolicy: 'https-only',
              OriginSSLProtocols: ['TLSv1.2'],
              OriginReadTimeout: 60,
              OriginKeepaliveTimeout: 5,
            },
            DomainName: {
              'Fn::Select': [
                2,
                { 'Fn::Split': ['/', { 'Fn::GetAtt': [Match.stringLikeRegexp('^Url'), 'FunctionUrl'] }] },
              ],
            },
            OriginAccessControlId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^CdnStreamAccess'), 'Id'] },
          },
        ],
      },
    });
  });

  test('signs always, under a name that two deployments of one app do not share', () => {
    const stack = new FrontEndStack();
    new StreamingDistribution(stack, 'Cdn', { url: urlIn(stack) });
    stack.template.hasResourceProperties('AWS::CloudFront::OriginAccessControl', {
      OriginAccessControlConfig: {
        Name: {
          'Fn::Join': ['', [Match.anyValue(), { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }]],
        },
        OriginAccessControlOriginType: 'lambda',
        SigningBehavior: 'always',
        SigningProtocol: 'sigv4',
      },
    });
    const controls = Object.values(stack.template.findResources('AWS::CloudFront::OriginAccessControl'));
    const readable = controls.map(({ Properties }) => Properties.OriginAccessControlConfig.Name['Fn::Join'][1][0]);
    expect(readable).toEqual([expect.stringMatching(/^.{1,27}-$/)]); // and a UUID makes at most 64 characters
  });

  test('allows this distribution, and nobody else, by both permissions on the alias', () => {
    const stack = new FrontEndStack();
    new StreamingDistribution(stack, 'Cdn', { url: urlIn(stack) });
    const common = {
      FunctionName: ALIAS,
      Principal: 'cloudfront.amazonaws.com',
      SourceArn: {
        'Fn::Join': [
          '',
          [
            'arn:',
            { Ref: 'AWS::Partition' },
            ':cloudfront::',
            { Ref: 'AWS::AccountId' },
            ':distribution/',
            { Ref: Match.stringLikeRegexp('^Cdn') },
          ],
        ],
      },
    };
    expectUrlPermissions(stack.template, common, 'AWS_IAM');
    stack.template.resourceCountIs('AWS::Lambda::Permission', 2);
  });

  test('needs one access control and one pair of permissions however many behaviors lead to a URL', () => {
    const stack = new FrontEndStack();
    const url = urlIn(stack);
    const cdn = new StreamingDistribution(stack, 'Cdn', { url });
    cdn.addStream('/chat/*', url);
    cdn.addBehavior('/slow/*', new StreamingUrlOrigin(url, { readTimeout: Duration.seconds(120) }));
    stack.template.resourceCountIs('AWS::CloudFront::OriginAccessControl', 1);
    stack.template.resourceCountIs('AWS::Lambda::Permission', 2);
  });

  test('needs one of each for each URL, and for each distribution', () => {
    const stack = new FrontEndStack();
    const url = urlIn(stack);
    const beta = new StreamingFunctionUrl(stack, 'Beta', { function: stack.fn.addAlias('beta') });
    new StreamingDistribution(stack, 'One', { url }).addStream('/beta/*', beta);
    new StreamingDistribution(stack, 'Two', { url });
    stack.template.resourceCountIs('AWS::CloudFront::OriginAccessControl', 3);
    stack.template.resourceCountIs('AWS::Lambda::Permission', 6);
  });

  test('keeps what the caller says', () => {
    const stack = new FrontEndStack();
    new StreamingDistribution(stack, 'Cdn', {
      url: urlIn(stack),
      comment: 'chat',
      priceClass: cloudfront.PriceClass.PRICE_CLASS_100,
      behavior: {
        allowedMethods: cloudfront.AllowedMethods.ALLOW_GET_HEAD,
        origin: { readTimeout: Duration.seconds(90), customHeaders: { 'x-front-end': 'cdn' } },
      },
    });
    stack.template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        Comment: 'chat',
        PriceClass: 'PriceClass_100',
        DefaultCacheBehavior: { AllowedMethods: ['GET', 'HEAD'], CachePolicyId: CACHING_DISABLED },
        Origins: [
          {
            CustomOriginConfig: { OriginReadTimeout: 90 },
            OriginCustomHeaders: [{ HeaderName: 'x-front-end', HeaderValue: 'cdn' }],
          },
        ],
      },
    });
  });

  test('gives its behavior to a distribution of the caller', () => {
    const stack = new FrontEndStack();
    new cloudfront.Distribution(stack, 'Own', { defaultBehavior: StreamingDistribution.behaviorFor(urlIn(stack)) });
    stack.template.resourceCountIs('AWS::Lambda::Permission', 2);
    stack.template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: { DefaultCacheBehavior: { CachePolicyId: CACHING_DISABLED } },
    });
  });

  test('stands in front of a plain CDK function URL, its alias included', () => {
    const stack = new FrontEndStack();
    const url = stack.alias.addFunctionUrl({ invokeMode: lambda.InvokeMode.RESPONSE_STREAM });
    new StreamingDistribution(stack, 'Cdn', { url });
    const permissions = Object.values(stack.template.findResources('AWS::Lambda::Permission'));
    expect(permissions).toHaveLength(2);
    for (const { Properties, DependsOn } of permissions) {
      expect(Properties.FunctionName).toEqual({
        'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringMatching('^Fn'), 'Arn'] }, ':live']],
      });
      expect(DependsOn).toEqual([expect.stringMatching('^FnAliasliveFunctionUrl')]);
    }
  });

  test('writes into the one resource policy of an alias that keeps one, and gives no permission', () => {
    const stack = new FrontEndStack();
    StreamGrants.fromFunction(stack.alias).useResourcePolicy();
    new StreamingDistribution(stack, 'Cdn', { url: urlIn(stack) });
    stack.template.resourceCountIs('AWS::Lambda::Permission', 0);
    const cloudFront = { Principal: { Service: 'cloudfront.amazonaws.com' } };
    stack.template.hasResourceProperties('AWS::Lambda::ResourcePolicy', {
      PolicyDocument: {
        Statement: [
          { ...cloudFront, Action: 'lambda:InvokeFunctionUrl' },
          { ...cloudFront, Action: 'lambda:InvokeFunction' },
        ],
      },
    });
  });

  test('keeps working in another stack than the function', () => {
    const app = new App();
    const stack = new FrontEndStack({}, app);
    const edge = new Stack(app, 'Edge', { env: { account: ACCOUNT, region: REGION } });
    new StreamingDistribution(edge, 'Cdn', { url: urlIn(stack) });
    expect(() => app.synth()).not.toThrow();
  });

  test.each([
    ['another region', { account: ACCOUNT, region: 'us-east-1' }, 'region eu-west-1'],
    ['another account', { account: '222222222222', region: REGION }, 'account 111111111111'],
  ])('fails in %s, where no permission could be given', (_, env, there) => {
    const app = new App();
    const url = urlIn(new FrontEndStack({}, app));
    const edge = new Stack(app, 'Edge', { env, crossRegionReferences: true });
    const { code, message } = errorOf(() => new StreamingDistribution(edge, 'Cdn', { url }));
    expect(code).toBe('OriginElsewhere');
    expect(message).toContain(there);
  });

  test('fails on a public URL', () => {
    const stack = new FrontEndStack();
    const props = { function: stack.alias, authType: lambda.FunctionUrlAuthType.NONE, allowPublic: true };
    const url = new StreamingFunctionUrl(stack, 'Url', props);
    expect(errorOf(() => new StreamingDistribution(stack, 'Cdn', { url })).code).toBe('OriginUrlNotIam');
  });

  test.each<[string, (stack: FrontEndStack) => unknown, string]>([
    ['the function in its place', (stack) => stack.fn, "'FrontEnds/Fn'"],
    ['nothing', () => undefined, 'undefined'],
    ['an address', () => 'https://a.example/', "'https://a.example/'"],
  ])('a URL that is none is refused: %s', (_name, wrong, got) => {
    const stack = new FrontEndStack();
    const url = wrong(stack) as never;
    const message = `url must be a function URL, such as fn.addStreamUrl(), got ${got}`;
    expect(() => new StreamingDistribution(stack, 'Cdn', { url })).toThrow(message);
    expect(() => new StreamingUrlOrigin(url)).toThrow(message);
  });

  test.each([Duration.seconds(0), Duration.millis(1500)])('fails with a read timeout of %s', (readTimeout) => {
    const stack = new FrontEndStack();
    expect(errorOf(() => new StreamingUrlOrigin(urlIn(stack), { readTimeout })).code).toBe('OriginTimeout');
  });

  test('limits the whole response when asked, and fails where one silence may last longer', () => {
    const stack = new FrontEndStack();
    const url = urlIn(stack);
    const behavior = { origin: { responseCompletionTimeout: Duration.minutes(15) } };
    new StreamingDistribution(stack, 'Cdn', { url, behavior });
    stack.template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: { Origins: [{ ResponseCompletionTimeout: 900 }] },
    });
    const tooShort = () => new StreamingUrlOrigin(url, { responseCompletionTimeout: Duration.seconds(59) });
    expect(errorOf(tooShort)).toEqual({
      code: 'OriginCompletionTimeout',
      message: expect.stringContaining('below readTimeout (60 s), got 59 s'),
    });
  });

  test('takes a read timeout that only the deployment knows', () => {
    const stack = new FrontEndStack();
    const readTimeout = Duration.seconds(new CfnParameter(stack, 'Timeout', { type: 'Number' }).valueAsNumber);
    new StreamingDistribution(stack, 'Cdn', { url: urlIn(stack), behavior: { origin: { readTimeout } } });
    stack.template.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: { Origins: [{ CustomOriginConfig: { OriginReadTimeout: { Ref: 'Timeout' } } }] },
    });
  });

  test('warns about a read timeout that needs a quota increase', () => {
    const stack = new FrontEndStack();
    const behavior = { origin: { readTimeout: Duration.seconds(150) } };
    new StreamingDistribution(stack, 'Cdn', { url: urlIn(stack), behavior });
    expect(stack.warnings('CloudFrontReadTimeout')[0]).toContain('150 s');
  });

  test('warns where the owner of an imported function has to allow the distribution', () => {
    const stack = new FrontEndStack();
    const functionArn = 'arn:aws:lambda:eu-west-1:111111111111:function:Foreign:live';
    const url = StreamingFunctionUrl.fromAttributes(stack, 'Url', {
      url: 'https://abc.lambda-url.eu-west-1.on.aws/',
      function: lambda.Function.fromFunctionAttributes(stack, 'Foreign', { functionArn, sameEnvironment: false }),
    });
    new StreamingDistribution(stack, 'Cdn', { url });
    expect(stack.warnings('CloudFrontPermissionMissing')).toHaveLength(1);
  });
});
