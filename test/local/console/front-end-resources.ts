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
