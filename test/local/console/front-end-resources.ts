/** Every kind of front end before the function `Fn` with the function URL `Url`, as resources of a template. */
const invocations = {
  'Fn::Join': [
    '',
    [
      'arn:aws:apigateway:',
      { Ref: 'AWS::Region' },
      ':lambda:path/2021-11-15/functions/',
      { 'Fn::GetAtt': ['Fn', 'Arn'] },
      '/response-streaming-invocations',
    ],
  ],
};

const permission = (Principal: string, more: object = {}) => ({
  Type: 'AWS::Lambda::Permission',
  Properties: { FunctionName: { Ref: 'Fn' }, Action: 'lambda:InvokeFunction', Principal, ...more },
});

export const frontEndResources = {
  PublicUrl: permission('*', { Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' }),
  PublicFunction: permission('*', { InvokedViaFunctionUrl: true }),
  Url: {
    Type: 'AWS::Lambda::Url',
    Properties: { TargetFunctionArn: { Ref: 'Fn' }, AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM' },
  },
  Edge: {
    Type: 'AWS::CloudFront::Distribution',
    Properties: {
      DistributionConfig: {
        Enabled: true,
        Origins: [
          {
            Id: 'url',
            DomainName: { 'Fn::Select': [2, { 'Fn::Split': ['/', { 'Fn::GetAtt': ['Url', 'FunctionUrl'] }] }] },
            CustomOriginConfig: { OriginProtocolPolicy: 'https-only' },
          },
        ],
        DefaultCacheBehavior: {
          TargetOriginId: 'url',
          ViewerProtocolPolicy: 'allow-all',
          AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
          CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
        },
      },
    },
  },
  Gateway: permission('apigateway.amazonaws.com'),
  Rest: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'rest' } },
  Words: {
    Type: 'AWS::ApiGateway::Resource',
    Properties: {
      RestApiId: { Ref: 'Rest' },
      ParentId: { 'Fn::GetAtt': ['Rest', 'RootResourceId'] },
      PathPart: 'words',
    },
  },
  PostWords: {
    Type: 'AWS::ApiGateway::Method',
    Properties: {
      RestApiId: { Ref: 'Rest' },
      ResourceId: { Ref: 'Words' },
      HttpMethod: 'POST',
      AuthorizationType: 'AWS_IAM',
      Integration: {
        Type: 'AWS_PROXY',
        IntegrationHttpMethod: 'POST',
        Uri: invocations,
        ResponseTransferMode: 'STREAM',
      },
    },
  },
  RestDeployment: {
    Type: 'AWS::ApiGateway::Deployment',
    Properties: { RestApiId: { Ref: 'Rest' } },
    DependsOn: ['PostWords'],
  },
  RestStage: {
    Type: 'AWS::ApiGateway::Stage',
    Properties: { RestApiId: { Ref: 'Rest' }, DeploymentId: { Ref: 'RestDeployment' }, StageName: 'prod' },
  },
  Http: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'http', ProtocolType: 'HTTP' } },
  HttpIntegration: {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: {
      ApiId: { Ref: 'Http' },
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: { 'Fn::GetAtt': ['Fn', 'Arn'] },
      PayloadFormatVersion: '2.0',
    },
  },
  HttpRoute: {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: { Ref: 'Http' },
      RouteKey: 'PUT /words',
      Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'HttpIntegration' }]] },
    },
  },
  HttpStage: {
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: { ApiId: { Ref: 'Http' }, StageName: '$default', AutoDeploy: true },
  },
};

const cloudFrontMay = (Action: string, more: object = {}) => ({
  Type: 'AWS::Lambda::Permission',
  Properties: { FunctionName: { Ref: 'Web' }, Action, Principal: 'cloudfront.amazonaws.com', ...more },
});

/** A web app: it echoes the request as JSON, with status 404 below `/missing`, and fails after its first byte below `/broken`. */
const WEB = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  const { body, headers, rawPath, rawQueryString, requestContext } = event;
  const statusCode = rawPath === '/missing' ? 404 : 200;
  const http = awslambda.HttpResponseStream.from(stream, { statusCode, headers: { 'content-type': 'application/json' } });
  http.write(JSON.stringify({ method: requestContext.http.method, rawPath, rawQueryString, headers, body }));
  await new Promise((resolve) => setTimeout(resolve, 20));
  if (rawPath === '/broken') throw new TypeError('no more');
  http.end();
});`;

/** The function `web` with a URL for signed requests, and a distribution that signs. */
export const signedResources = {
  WebRole: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
    },
  },
  Web: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'web',
      Code: { ZipFile: WEB },
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Role: { 'Fn::GetAtt': ['WebRole', 'Arn'] },
    },
  },
  WebUrl: {
    Type: 'AWS::Lambda::Url',
    Properties: {
      TargetFunctionArn: { 'Fn::GetAtt': ['Web', 'Arn'] },
      AuthType: 'AWS_IAM',
      InvokeMode: 'RESPONSE_STREAM',
    },
  },
  WebUrlMay: cloudFrontMay('lambda:InvokeFunctionUrl', { FunctionUrlAuthType: 'AWS_IAM' }),
  WebMay: cloudFrontMay('lambda:InvokeFunction', { InvokedViaFunctionUrl: true }),
  Control: {
    Type: 'AWS::CloudFront::OriginAccessControl',
    Properties: {
      OriginAccessControlConfig: {
        Name: 'web',
        OriginAccessControlOriginType: 'lambda',
        SigningBehavior: 'always',
        SigningProtocol: 'sigv4',
      },
    },
  },
  WebEdge: {
    Type: 'AWS::CloudFront::Distribution',
    Properties: {
      DistributionConfig: {
        Enabled: true,
        Origins: [
          {
            Id: 'web',
            DomainName: { 'Fn::Select': [2, { 'Fn::Split': ['/', { 'Fn::GetAtt': ['WebUrl', 'FunctionUrl'] }] }] },
            CustomOriginConfig: { OriginProtocolPolicy: 'https-only' },
            OriginAccessControlId: { 'Fn::GetAtt': ['Control', 'Id'] },
          },
        ],
        DefaultCacheBehavior: {
          TargetOriginId: 'web',
          ViewerProtocolPolicy: 'allow-all',
          AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
          CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
          OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
        },
      },
    },
  },
};

/** A provider of custom resources, and a judge of who may call. */
const PROVIDER = `exports.handler = async (event) => {
  if (event.ResponseURL === undefined) return { isAuthorized: event.headers.word === 'tea' };
  const { LogicalResourceId, RequestId, StackId } = event;
  const body = JSON.stringify({ Status: 'SUCCESS', PhysicalResourceId: 'thing', LogicalResourceId, RequestId, StackId });
  await fetch(event.ResponseURL, { method: 'PUT', body });
  return 'done';
};`;

/** The function `provider`, which CloudFormation calls, and API Gateway before it calls `Fn`. */
export const providerResources = {
  Provider: {
    Type: 'AWS::Lambda::Function',
    Properties: { ...signedResources.Web.Properties, FunctionName: 'provider', Code: { ZipFile: PROVIDER } },
  },
  Thing: { Type: 'Custom::Thing', Properties: { ServiceToken: { 'Fn::GetAtt': ['Provider', 'Arn'] } } },
  ProviderMay: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      FunctionName: { Ref: 'Provider' },
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
    },
  },
  Authorizer: {
    Type: 'AWS::ApiGatewayV2::Authorizer',
    Properties: {
      ApiId: { Ref: 'Http' },
      Name: 'judge',
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      AuthorizerResultTtlInSeconds: 0,
      AuthorizerUri: {
        'Fn::Join': [
          '',
          [
            'arn:aws:apigateway:',
            { Ref: 'AWS::Region' },
            ':lambda:path/2015-03-31/functions/',
            { 'Fn::GetAtt': ['Provider', 'Arn'] },
            '/invocations',
          ],
        ],
      },
    },
  },
  GuardedRoute: {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: { Ref: 'Http' },
      RouteKey: 'GET /guarded',
      AuthorizationType: 'CUSTOM',
      AuthorizerId: { Ref: 'Authorizer' },
      Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'HttpIntegration' }]] },
    },
  },
};
