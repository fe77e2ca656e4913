import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { App, Stack } from 'aws-cdk-lib/core';
import { ACCOUNT_A, findings, stackIn, urlIn } from './findings';

const { AWS_IAM, NONE } = lambda.FunctionUrlAuthType;

const unsigned = (stack: Stack, url: lambda.IFunctionUrl, edge?: cloudfront.EdgeLambda) =>
  new cloudfront.Distribution(stack, 'Cdn', {
    defaultBehavior: { origin: new origins.FunctionUrlOrigin(url), edgeLambdas: edge && [edge] },
  });

test('CloudFront without origin access control before a URL that asks for IAM', () => {
  expect(findings('UnsignedOrigin', (stack) => unsigned(stack, urlIn(stack, {}, AWS_IAM).url))).toEqual([
    expect.stringMatching(/^\/Stack1\/Cdn\/Resource: the function URL Stack1\/Fn\/Aliaslive\/FunctionUrl .* 403/),
  ]);
});

test('also where the distribution is in another stack', () => {
  const across = (stack: Stack, app: App) => unsigned(stackIn(app, ACCOUNT_A, 'Edge'), urlIn(stack, {}, AWS_IAM).url);
  expect(findings('UnsignedOrigin', across)).toEqual([expect.stringMatching(/^\/Edge\/Cdn\/Resource: /)]);
});

test('not with origin access control, not before a public URL, and not where Lambda@Edge may sign', () => {
  const signed = (stack: Stack) => {
    const origin = origins.FunctionUrlOrigin.withOriginAccessControl(urlIn(stack, {}, AWS_IAM).url);
    new cloudfront.Distribution(stack, 'Cdn', { defaultBehavior: { origin } });
  };
  expect(findings('UnsignedOrigin', signed)).toEqual([]);
  expect(findings('UnsignedOrigin', (stack) => unsigned(stack, urlIn(stack, {}, NONE).url))).toEqual([]);
  const functionVersion = (stack: Stack) =>
    lambda.Version.fromVersionArn(stack, 'Edge', 'arn:aws:lambda:us-east-1:111111111111:function:sign:1');
  const edge = (stack: Stack) =>
    unsigned(stack, urlIn(stack, {}, AWS_IAM).url, {
      eventType: cloudfront.LambdaEdgeEventType.ORIGIN_REQUEST,
      functionVersion: functionVersion(stack),
    });
  expect(findings('UnsignedOrigin', edge)).toEqual([]);
});
