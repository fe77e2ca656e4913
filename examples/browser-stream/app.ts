/** The CDK app: a streaming function, its URL, and the role a visitor of the page is given. */
import { join } from 'node:path';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { HttpMethod } from 'aws-cdk-lib/aws-lambda';
import { StreamingFunction } from 'cdk-lambda-streaming';

/** @param pageOrigin where the page is served from; browsers of other pages are refused */
export function defineApp(pageOrigin: string, outdir?: string): App {
  const app = new App({ outdir });
  const stack = new Stack(app, 'BrowserStream', { env: { account: '111111111111', region: 'eu-central-1' } });
  const reader = new StreamingFunction(stack, 'Reader', {
    entry: join(__dirname, 'reader.ts'),
    timeout: Duration.minutes(1),
  });
  const url = reader.addStreamUrl({
    cors: {
      allowedOrigins: [pageOrigin],
      allowedMethods: [HttpMethod.POST],
      // What a signed request carries. `*` would leave out authorization.
      allowedHeaders: ['authorization', 'content-type', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token'],
      exposedHeaders: ['x-amzn-requestid', 'x-amzn-errortype', 'date'],
    },
  });
  // On AWS visitors would get this role's credentials from a Cognito identity pool.
  const visitor = new iam.Role(stack, 'Visitor', { assumedBy: new iam.AccountRootPrincipal(), roleName: 'Visitor' });
  url.grantInvokeUrl(visitor);
  new CfnOutput(stack, 'Url', { value: url.url });
  new CfnOutput(stack, 'VisitorRoleArn', { value: visitor.roleArn });
  return app;
}
