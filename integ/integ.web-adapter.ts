/** A web server in Python that streams: the Lambda Web Adapter turns invokes into HTTP requests, and its responses into streams. */
import { join } from 'node:path';
import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Aspects, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { StreamingChecks, StreamingFunction, WebAdapter } from 'cdk-lambda-streaming';

export const app = new App();
const stack = new Stack(app, 'StreamWebAdapter', {
  // the layer's ARN names the region, so the stack has to know it
  env: { region: process.env['AWS_REGION_OF_TEST'] ?? 'us-east-1' },
});

const web = new StreamingFunction(stack, 'Web', {
  runtime: lambda.Runtime.PYTHON_3_14,
  code: lambda.Code.fromAsset(join(__dirname, 'web')),
  webAdapter: WebAdapter.layer({ port: 8000, readinessCheckPath: '/health' }),
  timeout: Duration.minutes(2),
});

const url = web.addStreamUrl();
const caller = new iam.Role(stack, 'Caller', { assumedBy: new iam.AccountRootPrincipal() });
url.grantInvokeUrl(caller);
new CfnOutput(stack, 'CallerArn', { value: caller.roleArn });
new CfnOutput(stack, 'WebUrl', { value: url.url });

Aspects.of(app).add(new StreamingChecks());
new IntegTest(app, 'WebAdapter', { testCases: [stack] });
app.synth();
