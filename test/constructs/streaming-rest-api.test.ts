import { Match } from 'aws-cdk-lib/assertions';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnParameter, Duration, Size } from 'aws-cdk-lib/core';
import { StreamGrants, StreamingLambdaIntegration, StreamingRestApi, StreamingTenantId } from 'cdk-lambda-streaming';
import { ALIAS, errorOf, FrontEndStack } from './support/front-end-stack';

const STREAM_URI = {
  'Fn::Join': [
    '',
    [
      'arn:',
      { Ref: 'AWS::Partition' },
      ':apigateway:eu-west-1:lambda:path/2021-11-15/functions/',
      ALIAS,
      '/response-streaming-invocations',
    ],
  ],
};

describe('StreamingRestApi', () => {
  test('streams: regional, 15 minutes, the alias, and nothing for the whole account', () => {
    const stack = new FrontEndStack();
    new StreamingRestApi(stack, 'Api').addStream('POST', '/chat', stack.alias);

    stack.template.hasResourceProperties('AWS::ApiGateway::RestApi', {
      EndpointConfiguration: { Types: ['REGIONAL'] },
      MinimumCompressionSize: Match.absent(),
    });
    stack.template.hasResourceProperties('AWS::ApiGateway::Method', {
      HttpMethod: 'POST',
      Integration: {
        Type: 'AWS_PROXY',
        IntegrationHttpMethod: 'POST',
        ResponseTransferMode: 'STREAM',
        TimeoutInMillis: 900_000,
        Uri: STREAM_URI,
      },
    });
    stack.template.resourceCountIs('AWS::ApiGateway::Account', 0);
  });

  test('gives exactly one permission: this method of this stage, none for test calls', () => {
    const stack = new FrontEndStack();
    new StreamingRestApi(stack, 'Api').addStream('POST', '/chat', stack.alias);
    stack.template.resourceCountIs('AWS::Lambda::Permission', 1);
    stack.template.hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      FunctionName: ALIAS,
      Principal: 'apigateway.amazonaws.com',
      SourceArn: {
        'Fn::Join': ['', Match.arrayWith([{ Ref: Match.stringLikeRegexp('^ApiDeploymentStageprod') }, '/POST/chat'])],
      },
    });
  });

  test.each([
    [true, '/*/POST/things/*/chat'],
    [false, '/POST/things/*/chat'],
  ])('lets every stage of the API call: a second one is %s', (isSecond, ending) => {
    const stack = new FrontEndStack();
    const api = new StreamingRestApi(stack, 'Api');
    api.addStream('POST', '/things/{id}/chat', stack.alias);
    const deployment = isSecond ? api.latestDeployment : undefined;
    if (deployment) new apigateway.Stage(stack, 'Green', { deployment, stageName: 'green' });
    new apigateway.RestApi(stack, 'Another', { cloudWatchRole: false }).root.addMethod('GET'); // with a stage of its own
    const sources = Object.values(stack.template.findResources('AWS::Lambda::Permission')).map(
      ({ Properties }) => Properties.SourceArn['Fn::Join'][1] as unknown[],
    );
    const parts = sources.flat();
    expect(parts.at(-1)).toBe(ending);
    expect(JSON.stringify(parts).includes('DeploymentStageprod')).toBe(!isSecond);
  });

  test('shares one permission among the methods of an API when asked', () => {
    const stack = new FrontEndStack();
    const api = new StreamingRestApi(stack, 'Api');
    const options = { integration: { scopePermissionToMethod: false } };
    api.addStream('POST', '/chat', stack.alias, options);
    api.addStream('GET', '/chat', stack.alias, options);
    stack.template.resourceCountIs('AWS::Lambda::Permission', 1);
    expect(stack.warnings('.*')).toEqual([]);
  });

  test('serves every path by one handler', () => {
    const stack = new FrontEndStack();
    new StreamingRestApi(stack, 'Api', { handler: stack.alias });
    const methods = Object.values(stack.template.findResources('AWS::ApiGateway::Method'));
    expect(methods.map((method) => method.Properties.HttpMethod)).toEqual(['ANY', 'ANY']);
    expect(methods.map((method) => method.Properties.Integration.ResponseTransferMode)).toEqual(['STREAM', 'STREAM']);
    stack.template.hasResourceProperties('AWS::ApiGateway::Resource', { PathPart: '{proxy+}' });
  });

  test('keeps authorizers, API keys and parameters of a route', () => {
    const stack = new FrontEndStack();
    const api = new StreamingRestApi(stack, 'Api');
    const authorizer = new apigateway.TokenAuthorizer(stack, 'Auth', { handler: stack.fn });
    api.addStream('POST', '/chat', stack.alias, { authorizer, apiKeyRequired: true });
    api.addStream('GET', '/chat', stack.alias, { authorizationType: apigateway.AuthorizationType.IAM });
    stack.template.hasResourceProperties('AWS::ApiGateway::Method', {
      HttpMethod: 'POST',
      AuthorizationType: 'CUSTOM',
      AuthorizerId: { Ref: Match.stringLikeRegexp('^Auth') },
      ApiKeyRequired: true,
    });
    stack.template.hasResourceProperties('AWS::ApiGateway::Method', {
      HttpMethod: 'GET',
      AuthorizationType: 'AWS_IAM',
    });
  });

  test('keeps what the caller says about the endpoint, and warns about edge', () => {
    const stack = new FrontEndStack();
    const api = new StreamingRestApi(stack, 'Api', { endpointTypes: [apigateway.EndpointType.EDGE] });
    api.addStream('POST', '/chat', stack.alias);
    stack.template.hasResourceProperties('AWS::ApiGateway::RestApi', { EndpointConfiguration: { Types: ['EDGE'] } });
    expect(stack.warnings('EdgeRestApi')[0]).toMatch(/30 s of silence/);
  });

  test.each([
    ['compression', { minCompressionSize: Size.kibibytes(1) }, 'RestCompression'],
    ['compression in its old spelling', { minimumCompressionSize: 0 }, 'RestCompression'],
    ['caching', { deployOptions: { cachingEnabled: true } }, 'RestCaching'],
    ['a cache cluster', { deployOptions: { cacheClusterEnabled: true } }, 'RestCaching'],
  ])('fails with %s', (_, props, code) => {
    expect(errorOf(() => new StreamingRestApi(new FrontEndStack(), 'Api', props)).code).toBe(code);
  });

  test('fails on a path that does not start at the root', () => {
    const stack = new FrontEndStack();
    const api = new StreamingRestApi(stack, 'Api');
    expect(errorOf(() => api.addStream('GET', 'chat', stack.alias)).message).toContain("use '/chat'");
  });
});

describe('StreamingLambdaIntegration', () => {
  test('streams on a plain REST API, and warns that it is edge-optimized by default', () => {
    const stack = new FrontEndStack();
    new apigateway.RestApi(stack, 'Api').root.addMethod('GET', new StreamingLambdaIntegration(stack.alias));
    stack.template.hasResourceProperties('AWS::ApiGateway::Method', {
      Integration: { ResponseTransferMode: 'STREAM', TimeoutInMillis: 900_000 },
    });
    expect(stack.warnings('EdgeRestApi')).toHaveLength(1);
  });

  test('writes into the one resource policy of an alias that keeps one, and gives no permission', () => {
    const stack = new FrontEndStack();
    StreamGrants.fromFunction(stack.alias).useResourcePolicy();
    new StreamingRestApi(stack, 'Api').addStream('POST', '/chat', stack.alias);
    stack.template.resourceCountIs('AWS::Lambda::Permission', 0);
    stack.template.hasResourceProperties('AWS::Lambda::ResourcePolicy', {
      PolicyDocument: {
        Statement: [
          {
            Action: 'lambda:InvokeFunction',
            Principal: { Service: 'apigateway.amazonaws.com' },
            Condition: { ArnLike: { 'aws:SourceArn': { 'Fn::Join': ['', Match.arrayWith(['/POST/chat'])] } } },
          },
        ],
      },
    });
  });

  test('warns where the owner of a function of another app has to allow the API', () => {
    const stack = new FrontEndStack();
    const arn = 'arn:aws:lambda:eu-west-1:222222222222:function:Foreign:live';
    new StreamingRestApi(stack, 'Api').addStream('GET', '/', lambda.Function.fromFunctionArn(stack, 'Foreign', arn));
    expect(stack.warnings('RestPermissionMissing')).toHaveLength(1);
    stack.template.hasResourceProperties('AWS::ApiGateway::Method', {
      Integration: {
        Uri: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(`${arn}/response-streaming`)])] },
      },
    });
  });

  test('redeploys the API when the function gets another name', () => {
    const deploymentOf = (functionName: string) => {
      const stack = new FrontEndStack({ functionName });
      new StreamingRestApi(stack, 'Api').addStream('GET', '/', stack.alias);
      return Object.keys(stack.template.findResources('AWS::ApiGateway::Deployment'));
    };
    expect(deploymentOf('one')).toEqual(deploymentOf('one'));
    expect(deploymentOf('one')).not.toEqual(deploymentOf('two'));
  });

  test('passes its timeout on, and warns where the function may run longer', () => {
    const stack = new FrontEndStack();
    const api = new StreamingRestApi(stack, 'Api');
    api.addStream('GET', '/short', stack.alias, { integration: { timeout: Duration.seconds(90) } });
    stack.template.hasResourceProperties('AWS::ApiGateway::Method', { Integration: { TimeoutInMillis: 90_000 } });
    expect(stack.warnings('RestTimeout')[0]).toMatch(/after 90 s, while the function FrontEnds\/Fn may run 120 s/);
  });

  test('does not warn where the function ends first', () => {
    const stack = new FrontEndStack();
    const api = new StreamingRestApi(stack, 'Api');
    api.addStream('GET', '/short', stack.alias, { integration: { timeout: Duration.minutes(2) } });
    expect(stack.warnings('.*')).toEqual([]);
  });

  test('fails with more than 15 minutes', () => {
    const stack = new FrontEndStack();
    const { code, message } = errorOf(
      () => new StreamingLambdaIntegration(stack.alias, { timeout: Duration.minutes(16) }),
    );
    expect(code).toBe('RestTimeoutTooLong');
    expect(message).toMatch(/^\[FrontEnds\/Fn\] timeout .* must be 15 minutes or less, got 16 minutes/);
  });

  test.each(['proxy', 'cacheKeyParameters', 'contentHandling', 'integrationResponses'])(
    'fails with option %s',
    (name) => {
      const options = { [name]: false };
      const { code, message } = errorOf(() => new StreamingLambdaIntegration(new FrontEndStack().alias, options));
      expect(code).toBe('RestOptionNotStreaming');
      expect(message).toContain(`'${name}'`);
    },
  );

  test('takes a timeout that only the deployment knows', () => {
    const stack = new FrontEndStack();
    const timeout = Duration.millis(new CfnParameter(stack, 'Timeout', { type: 'Number' }).valueAsNumber);
    new StreamingRestApi(stack, 'Api').addStream('GET', '/', stack.alias, { integration: { timeout } });
    stack.template.hasResourceProperties('AWS::ApiGateway::Method', {
      Integration: { TimeoutInMillis: { Ref: 'Timeout' } },
    });
    expect(stack.warnings('.*')).toEqual([]);
  });

  test('warns about $LATEST', () => {
    const stack = new FrontEndStack();
    new StreamingRestApi(stack, 'Api').addStream('GET', '/', stack.fn);
    expect(stack.warnings('UnqualifiedFrontEnd')).toHaveLength(1);
  });

  describe('in an API that buffers', () => {
    const apiWith = (props: apigateway.RestApiProps) => {
      const stack = new FrontEndStack();
      const api = new apigateway.RestApi(stack, 'Api', props);
      api.root.resourceForPath('/chat/room').addMethod('POST', new StreamingLambdaIntegration(stack.alias));
      return stack;
    };

    test('fails at synth where the API compresses', () => {
      expect(() => apiWith({ minCompressionSize: Size.kibibytes(1) }).template).toThrow(
        /cannot compress a streamed response/,
      );
    });

    test.each(['/*/*', '/chat/room/POST', '/chat/room/*'])('fails at synth where the stage caches %s', (route) => {
      const methodOptions = { [route]: { cachingEnabled: true } };
      expect(() => apiWith({ deployOptions: { methodOptions } }).template).toThrow(
        /cannot cache a streamed response.*'\/chat\/room\/POST': \{ cachingEnabled: false \}/,
      );
    });

    test.each(['/other/POST', '/chat/room/GET'])('does not fail where the stage caches %s only', (route) => {
      const methodOptions = { [route]: { cachingEnabled: true } };
      expect(() => apiWith({ deployOptions: { methodOptions } }).template).not.toThrow();
    });

    test('does not fail where the streamed method is exempt from a stage that caches', () => {
      const methodOptions = { '/chat/room/POST': { cachingEnabled: false } };
      expect(() => apiWith({ deployOptions: { cachingEnabled: true, methodOptions } }).template).not.toThrow();
    });
  });

  describe('with tenant isolation', () => {
    const tenants = { tenancyConfig: lambda.TenancyConfig.PER_TENANT };

    test('fails without a tenant id', () => {
      const stack = new FrontEndStack(tenants);
      expect(errorOf(() => new StreamingLambdaIntegration(stack.alias)).code).toBe('RestTenantMissing');
    });

    test('maps a header, and declares it on the method beside what is declared', () => {
      const stack = new FrontEndStack(tenants);
      new StreamingRestApi(stack, 'Api').addStream('POST', '/chat', stack.alias, {
        requestParameters: { 'method.request.header.x-trace': false },
        integration: { tenantId: StreamingTenantId.fromHeader('x-tenant-id') },
      });
      stack.template.hasResourceProperties('AWS::ApiGateway::Method', {
        RequestParameters: { 'method.request.header.x-tenant-id': true, 'method.request.header.x-trace': false },
        Integration: {
          RequestParameters: { 'integration.request.header.X-Amz-Tenant-Id': 'method.request.header.x-tenant-id' },
        },
      });
    });

    test.each([
      [StreamingTenantId.fromPath('tenant'), 'method.request.path.tenant'],
      [StreamingTenantId.fromQueryString('tenant'), 'method.request.querystring.tenant'],
      [StreamingTenantId.fromContext('authorizer.tenant'), 'context.authorizer.tenant'],
    ])('takes the tenant from elsewhere: %#', (tenantId, expression) => {
      const stack = new FrontEndStack(tenants);
      new StreamingRestApi(stack, 'Api').addStream('GET', '/{tenant}', stack.alias, { integration: { tenantId } });
      stack.template.hasResourceProperties('AWS::ApiGateway::Method', {
        RequestParameters: expression.startsWith('method') ? { [expression]: true } : Match.absent(),
        Integration: { RequestParameters: { 'integration.request.header.X-Amz-Tenant-Id': expression } },
      });
    });
  });
});
