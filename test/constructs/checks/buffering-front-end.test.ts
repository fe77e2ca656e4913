import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnResource, type Stack } from 'aws-cdk-lib/core';
import { StreamingFunction } from 'cdk-lambda-streaming';
import { findings, fnIn, urlIn } from './findings';

test('an HTTP API, a load balancer and a buffered method in front of a function that streams elsewhere', () => {
  const found = findings('BufferingFrontEnd', (stack) => {
    const { alias } = urlIn(stack);
    new CfnResource(stack, 'Http', {
      type: 'AWS::ApiGatewayV2::Integration',
      properties: { IntegrationType: 'AWS_PROXY', IntegrationUri: alias.functionArn },
    });
    new elb.CfnTargetGroup(stack, 'Balancer', { targetType: 'lambda', targets: [{ id: alias.functionArn }] });
    new apigateway.RestApi(stack, 'Api').root.addMethod('GET', new apigateway.LambdaIntegration(alias));
  });
  expect(found.map((text) => text.split(':')[1]?.trim().split(' waits')[0])).toEqual([
    'an HTTP or WebSocket API',
    'a load balancer',
    'a REST API method without STREAM',
  ]);
});

test('not in front of a function that streams nowhere', () => {
  expect(
    findings('BufferingFrontEnd', (stack) => {
      const integration = new apigateway.LambdaIntegration(fnIn(stack));
      new apigateway.RestApi(stack, 'Api').root.addMethod('GET', integration);
    }),
  ).toEqual([]);
});

test('a buffered URL on a streaming function, beside its streaming URL and alone', () => {
  const onStreamingFunction = (stack: Stack) => {
    const fn = new StreamingFunction(stack, 'Chat', { code: lambda.Code.fromInline('exports.handler = () => {};') });
    new lambda.FunctionUrl(stack, 'Url', { function: fn });
    return fn;
  };
  const expected = [
    expect.stringMatching(
      /^\/Stack1\/Url\/Resource: a function URL in invoke mode BUFFERED waits .*Stack1\/Chat streams/,
    ),
  ];
  expect(findings('BufferingFrontEnd', onStreamingFunction)).toEqual(expected);
  expect(findings('BufferingFrontEnd', (stack) => onStreamingFunction(stack).addStreamUrl())).toEqual(expected);
});

test('an HTTP API in front of a web adapter that streams gets 502', () => {
  const found = (environment: Record<string, string>) =>
    findings('BufferingFrontEnd', (stack) => {
      const { functionArn } = fnIn(stack, { environment });
      new CfnResource(stack, 'Http', {
        type: 'AWS::ApiGatewayV2::Integration',
        properties: { IntegrationType: 'AWS_PROXY', IntegrationUri: functionArn },
      });
    });
  expect(found({ AWS_LWA_INVOKE_MODE: 'Response_Stream' })).toEqual([expect.stringMatching(/each request gets 502/)]);
  expect(found({ AWS_LWA_PORT: '3000' })).toEqual([]);
});
