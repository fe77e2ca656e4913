/** One function behind every streaming front end: a URL, CloudFront in front of it, and a REST API; watched by alarms. */
import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Aspects, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { StreamingChecks, StreamingDistribution, StreamingFunction, StreamingRestApi } from 'cdk-lambda-streaming';

export const app = new App();
const stack = new Stack(app, 'StreamFrontEnds');

const page = new StreamingFunction(stack, 'Page', {
  entry: 'handlers/page.ts',
  timeout: Duration.minutes(15),
  reservedConcurrentExecutions: 10,
});
page.exportStreamTarget();

const url = page.addStreamUrl({ cors: { allowedOrigins: ['https://example.com'] } });
const caller = new iam.Role(stack, 'Caller', { assumedBy: new iam.AccountRootPrincipal() });
url.grantInvokeUrl(caller);

const cdn = new StreamingDistribution(stack, 'Cdn', {
  url,
  comment: 'streams a page',
  geoRestriction: cloudfront.GeoRestriction.denylist('AQ'),
});
cdn.addStream('/slow/*', url, { origin: { readTimeout: Duration.minutes(2) } });

const accessLog = new logs.LogGroup(stack, 'AccessLog');
const api = new StreamingRestApi(stack, 'Api', {
  deployOptions: {
    accessLogDestination: new apigateway.LogGroupLogDestination(accessLog),
    accessLogFormat: apigateway.AccessLogFormat.jsonWithStandardFields(),
    loggingLevel: apigateway.MethodLoggingLevel.INFO,
  },
  cloudWatchRole: true, // the account's role for API Gateway's logs; leave it out where the account has one
});
const requestValidator = api.addRequestValidator('Validate', {
  validateRequestBody: true,
  validateRequestParameters: true,
});
api.addStream('GET', '/page', page, { authorizationType: apigateway.AuthorizationType.IAM, requestValidator });
caller.addToPolicy(
  new iam.PolicyStatement({
    actions: ['execute-api:Invoke'],
    resources: [api.arnForExecuteApi('GET', '/page', 'prod')],
  }),
);

page.addMonitoring();

new CfnOutput(stack, 'CallerArn', { value: caller.roleArn });
new CfnOutput(stack, 'PageUrl', { value: url.url });
new CfnOutput(stack, 'CdnUrl', { value: `https://${cdn.distributionDomainName}/` });
new CfnOutput(stack, 'ApiUrl', { value: api.urlForPath('/page') });

Aspects.of(app).add(new StreamingChecks());
new IntegTest(app, 'FrontEnds', { testCases: [stack] });
app.synth();
