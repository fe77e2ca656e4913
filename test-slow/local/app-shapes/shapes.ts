/**
 * Small apps of our own with the shapes of public CDK apps that stream: what they deploy, and through which front end
 * their streaming function is asked.
 */

import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import * as v2integrations from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as deployment from 'aws-cdk-lib/aws-s3-deployment';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { CfnOutput, CustomResource, NestedStack, RemovalPolicy, SecretValue, type Stack } from 'aws-cdk-lib/core';
import * as custom from 'aws-cdk-lib/custom-resources';
import type { StartLocalOptions } from 'cdk-lambda-streaming/local';
import { BOOTSTRAP, MODEL_STREAM, type Parts } from './parts';

export interface Shape {
  /** As in the table of docs/local.md. */
  readonly name: string;
  readonly build: (parts: Parts) => StartLocalOptions | undefined;
  /** How its streaming function is asked: an address in an output, or the function itself. */
  readonly asks: 'url' | 'url with a token' | 'signed url' | 'function' | 'nobody';
}

const { NONE, AWS_IAM } = lambda.FunctionUrlAuthType;
const { RESPONSE_STREAM } = lambda.InvokeMode;
const python = { runtime: lambda.Runtime.PYTHON_3_13, handler: 'index.handler' };

const output = (stack: Stack, value: string) => new CfnOutput(stack, 'Answers', { value });
const streamUrl = (stack: Stack, fn: lambda.Function) =>
  output(stack, fn.addFunctionUrl({ authType: NONE, invokeMode: RESPONSE_STREAM }).url);

function restStream(stack: Stack, fn: lambda.IFunction): void {
  const api = new apigateway.RestApi(stack, 'Api', { deployOptions: { stageName: 'prod' } });
  const responseTransferMode = apigateway.ResponseTransferMode.STREAM;
  api.root.addProxy({ defaultIntegration: new apigateway.LambdaIntegration(fn, { responseTransferMode }) });
  output(stack, api.url);
}

/** A distribution before a signed URL, with static files in a bucket. */
function cdn(stack: Stack, parts: Parts, fn: lambda.Function): void {
  const url = fn.addFunctionUrl({ authType: AWS_IAM, invokeMode: RESPONSE_STREAM });
  const bucket = new s3.Bucket(stack, 'Site', { autoDeleteObjects: true, removalPolicy: RemovalPolicy.DESTROY });
  const distribution = new cloudfront.Distribution(stack, 'Cdn', {
    defaultBehavior: {
      origin: origins.FunctionUrlOrigin.withOriginAccessControl(url),
      cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
      originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    },
    additionalBehaviors: { '/static/*': { origin: origins.S3BucketOrigin.withOriginAccessControl(bucket) } },
  });
  // The construct grants the other half only.
  fn.addPermission('Cdn', {
    principal: new iam.ServicePrincipal('cloudfront.amazonaws.com'),
    action: 'lambda:InvokeFunction',
    sourceArn: distribution.distributionArn,
  });
  const sources = [deployment.Source.asset(parts.files({ 'static/a.txt': 'a' }))];
  new deployment.BucketDeployment(stack, 'Upload', { sources, destinationBucket: bucket, distribution });
  output(stack, `https://${distribution.distributionDomainName}/`);
}

function users(stack: Stack): void {
  const pool = new cognito.UserPool(stack, 'Users');
  const client = pool.addClient('Client');
  new cognito.CfnIdentityPool(stack, 'Identities', {
    allowUnauthenticatedIdentities: false,
    cognitoIdentityProviders: [{ clientId: client.userPoolClientId, providerName: pool.userPoolProviderName }],
  });
}

export const SHAPES: readonly Shape[] = [
  {
    name: 'REST API with `STREAM` before a function that asks a model',
    asks: 'url',
    build: (parts) => {
      const stack = parts.stack('App');
      restStream(stack, parts.node(stack, 'Chat', MODEL_STREAM));
      new custom.AwsCustomResource(stack, 'Enable', {
        onCreate: { service: 'Bedrock', action: 'putAccount', physicalResourceId: custom.PhysicalResourceId.of('x') },
        policy: custom.AwsCustomResourcePolicy.fromSdkCalls({ resources: ['*'] }),
        installLatestAwsSdk: false,
      });
      return { services: { 'bedrock-runtime': () => new Response('one|two|drei é') } };
    },
  },
  {
    name: 'web server with the web adapter as a layer, behind a URL',
    asks: 'url',
    build: (parts) => {
      const stack = parts.stack('App');
      streamUrl(stack, parts.adapted(stack, 'Web'));
      return undefined;
    },
  },
  {
    name: 'OS-only runtime behind a URL',
    asks: 'url',
    build: (parts) => {
      const stack = parts.stack('App');
      const code = lambda.Code.fromAsset(parts.files({ bootstrap: BOOTSTRAP }));
      const props = { code, handler: 'bootstrap', runtime: lambda.Runtime.PROVIDED_AL2023 };
      streamUrl(stack, new lambda.Function(stack, 'Rust', props));
      return undefined;
    },
  },
  {
    name: 'REST API with `STREAM` behind CloudFront',
    asks: 'url',
    build: (parts) => {
      const stack = parts.stack('App');
      const api = new apigateway.RestApi(stack, 'Api', { cloudWatchRole: true });
      const responseTransferMode = apigateway.ResponseTransferMode.STREAM;
      const integration = new apigateway.LambdaIntegration(parts.node(stack, 'Chat'), { responseTransferMode });
      api.root.addProxy({ defaultIntegration: integration });
      const distribution = new cloudfront.Distribution(stack, 'Cdn', {
        defaultBehavior: { origin: new origins.RestApiOrigin(api) },
      });
      output(stack, `https://${distribution.distributionDomainName}/`);
      return undefined;
    },
  },
  {
    name: 'function with a layer behind a URL with a bearer token',
    asks: 'url with a token',
    build: (parts) => {
      const stack = parts.stack('App');
      const layer = new lambda.LayerVersion(stack, 'Layer', {
        code: lambda.Code.fromAsset(
          parts.files({ 'nodejs/node_modules/pieces/index.js': 'module.exports = ["one|", "two|", "drei é"];' }),
        ),
      });
      const source = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
        if (event.headers.authorization !== 'Bearer token') throw new Error('who is it');
        for (const piece of require('pieces')) stream.write(piece);
        stream.end();
      });`;
      streamUrl(stack, parts.node(stack, 'Proxy', source, { layers: [layer] }));
      return undefined;
    },
  },
  {
    name: 'one function behind a URL',
    asks: 'url',
    build: (parts) => {
      const stack = parts.stack('App');
      streamUrl(stack, parts.node(stack, 'Hono'));
      return undefined;
    },
  },
  {
    name: 'container image behind a URL',
    asks: 'url',
    build: (parts) => {
      const stack = parts.stack('App');
      const web = parts.image(stack, 'Web');
      streamUrl(stack, web);
      return { images: { 'App/Web': parts.program() } };
    },
  },
  {
    name: 'ten functions, tables, users and files; a signed URL',
    asks: 'signed url',
    build: (parts) => {
      const stack = parts.stack('App');
      users(stack);
      const table = new dynamodb.Table(stack, 'Table', {
        partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      });
      const bucket = new s3.Bucket(stack, 'Photos', { autoDeleteObjects: true, removalPolicy: RemovalPolicy.DESTROY });
      const http = new apigatewayv2.HttpApi(stack, 'Http');
      for (let i = 0; i < 9; i += 1) {
        const code = lambda.Code.fromInline('def handler(event, context): return 1');
        const fn = i < 3 ? parts.node(stack, `Fn${i}`) : new lambda.Function(stack, `Fn${i}`, { ...python, code });
        table.grantReadWriteData(fn);
        bucket.grantRead(fn);
        const integration = new v2integrations.HttpLambdaIntegration(`I${i}`, fn);
        http.addRoutes({ path: `/fn${i}`, integration });
      }
      const url = parts.node(stack, 'Recipe').addFunctionUrl({ authType: AWS_IAM, invokeMode: RESPONSE_STREAM });
      url.grantInvokeUrl(parts.caller(stack));
      output(stack, url.url);
      return undefined;
    },
  },
  {
    name: 'WebSocket API, images, a vector database and pipelines',
    asks: 'nobody',
    build: (parts) => {
      const stack = parts.stack('App');
      users(stack);
      const fn = parts.image(stack, 'Chat');
      const protocolType = 'WEBSOCKET';
      const api = new apigatewayv2.CfnApi(stack, 'Socket', { name: 'socket', protocolType });
      new apigatewayv2.CfnStage(stack, 'Stage', { apiId: api.ref, stageName: 'dev', autoDeploy: true });
      fn.grantInvoke(new iam.ServicePrincipal('apigateway.amazonaws.com'));
      output(stack, api.attrApiEndpoint);
      return undefined;
    },
  },
  {
    name: 'full-stack web app: image behind CloudFront, database, users, build project, migration by a custom resource',
    asks: 'url',
    build: (parts) => {
      // What a lookup would have found, as an app keeps it in cdk.context.json.
      const zones = 'availability-zones:account=111111111111:region=eu-west-1';
      parts.app.node.setContext(zones, ['eu-west-1a', 'eu-west-1b']);
      const stack = parts.stack('App');
      users(stack);
      const vpc = new ec2.Vpc(stack, 'Vpc', {
        restrictDefaultSecurityGroup: true,
      });
      new ec2.SecurityGroup(stack, 'Group', { vpc });
      new codebuild.Project(stack, 'Build', { buildSpec: codebuild.BuildSpec.fromObject({ version: '0.2' }) });
      const migrate = parts.node(stack, 'Migrate', 'exports.handler = async () => ({ PhysicalResourceId: "done" });');
      const provider = new custom.Provider(stack, 'Provider', { onEventHandler: migrate });
      const secret = new secretsmanager.Secret(stack, 'Database');
      const { serviceToken } = provider;
      new CustomResource(stack, 'Migration', { serviceToken, properties: { secret: secret.secretArn } });
      cdn(stack, parts, parts.image(stack, 'Web'));
      return { images: { 'App/Web': parts.program() } };
    },
  },
  {
    name: 'forty functions behind an API, users of an identity pool; the function itself is invoked',
    asks: 'function',
    build: (parts) => {
      const stack = parts.stack('App');
      users(stack);
      const api = new apigateway.RestApi(stack, 'Api');
      const code = lambda.Code.fromAsset(parts.files({ 'index.js': 'exports.handler = async () => 1;' }));
      for (let i = 0; i < 40; i += 1) {
        const fn = parts.node(stack, `Fn${i}`, '', { code });
        api.root.addResource(`fn${i}`).addMethod('GET', new apigateway.LambdaIntegration(fn));
      }
      const predict = parts.node(stack, 'PredictStream');
      predict.grantInvoke(parts.caller(stack));
      output(stack, predict.functionArn);
      return undefined;
    },
  },
  {
    name: 'site framework: server behind CloudFront, files in a bucket',
    asks: 'url',
    build: (parts) => {
      const stack = parts.stack('App');
      cdn(stack, parts, parts.node(stack, 'Server'));
      return undefined;
    },
  },
  {
    name: 'site framework: image behind a REST API with `STREAM`',
    asks: 'url',
    build: (parts) => {
      const stack = parts.stack('App');
      restStream(stack, parts.image(stack, 'Server'));
      const revalidation = new dynamodb.Table(stack, 'Tags', {
        partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      });
      new custom.AwsCustomResource(stack, 'Warm', {
        onCreate: {
          service: 'DynamoDB',
          action: 'putItem',
          parameters: { TableName: revalidation.tableName },
          physicalResourceId: custom.PhysicalResourceId.of('x'),
        },
        policy: custom.AwsCustomResourcePolicy.fromSdkCalls({ resources: ['*'] }),
        installLatestAwsSdk: false,
      });
      return { images: { 'App/Server': parts.program() } };
    },
  },
  {
    name: 'stacks in two regions, nested stacks, parameters and secrets; image behind CloudFront',
    asks: 'url',
    build: (parts) => {
      const edge = parts.stack('Edge', {
        env: { account: '111111111111', region: 'us-east-1' },
        crossRegionReferences: true,
      });
      const key = new ssm.StringParameter(edge, 'Key', { stringValue: 'k' });
      const stack = parts.stack('App', { crossRegionReferences: true });
      const nested = new NestedStack(stack, 'Workers');
      const worker = parts.node(nested as unknown as Stack, 'Worker', 'exports.handler = async () => 1;');
      const web = parts.image(stack, 'Web');
      web.addEnvironment('WORKER', worker.functionName).addEnvironment('KEY', key.parameterName);
      web.addEnvironment('TOKEN', SecretValue.ssmSecure('/app/token', '1').unsafeUnwrap());
      web.addEnvironment('AMI', ec2.MachineImage.latestAmazonLinux2023().getImage(stack).imageId);
      cdn(stack, parts, web);
      return { images: { 'App/Web': parts.program() }, ssmParameters: { '/app/token': 't' } };
    },
  },
];
