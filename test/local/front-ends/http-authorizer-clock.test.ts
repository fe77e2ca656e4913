/** How long an HTTP API waits for its authorizer, on a clock that runs fast. */
import { startLocal } from 'cdk-lambda-streaming/local';
import { functionResources, removeFolders, writeAssembly } from '../engine/write-assembly';
import { send } from './front-end-app';

afterAll(() => removeFolders());

test('a Lambda authorizer has ten seconds', async () => {
  await using local = await startLocal({ clock: { speed: 200 } });
  const ApiId = { Ref: 'Api' };
  const FunctionArn = { 'Fn::GetAtt': ['Fn', 'Arn'] };
  const never = 'exports.handler = () => new Promise((resolve) => setTimeout(resolve, 2 ** 30));';
  const Resources = {
    ...functionResources({ FunctionName: 'never', Timeout: 900, Code: { ZipFile: never } }),
    Allowed: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: FunctionArn,
        Action: 'lambda:InvokeFunction',
        Principal: 'apigateway.amazonaws.com',
      },
    },
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'api', ProtocolType: 'HTTP' } },
    Stage: { Type: 'AWS::ApiGatewayV2::Stage', Properties: { ApiId, StageName: '$default', AutoDeploy: true } },
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId,
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: FunctionArn,
        PayloadFormatVersion: '2.0',
      },
    },
    Authorizer: {
      Type: 'AWS::ApiGatewayV2::Authorizer',
      Properties: {
        ApiId,
        Name: 'slow',
        AuthorizerType: 'REQUEST',
        AuthorizerPayloadFormatVersion: '2.0',
        EnableSimpleResponses: true,
        IdentitySource: ['$request.header.Authorization'],
        AuthorizerUri: {
          'Fn::Join': [
            '',
            ['arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/', FunctionArn, '/invocations'],
          ],
        },
      },
    },
    Route: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId,
        RouteKey: 'GET /x',
        AuthorizationType: 'CUSTOM',
        AuthorizerId: { Ref: 'Authorizer' },
        Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
      },
    },
  };
  const Outputs = { Url: { Value: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] } } };
  await local.deploy(writeAssembly({ S: { template: { Resources, Outputs } } }));
  const answer = await send(`${local.outputs('S')['Url']}/x`, { headers: { authorization: 'me' } });
  expect(answer).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}' });
  expect(answer.headers['x-local-failure']).toContain('did not answer within 10 s');
});
