import * as lambda from 'aws-cdk-lib/aws-lambda';
import { findings, fnIn, RESPONSE_STREAM, restIn } from './findings';

const tenants = { tenancyConfig: lambda.TenancyConfig.PER_TENANT };
const header = { 'integration.request.header.X-Amz-Tenant-Id': 'method.request.header.x-tenant' };

test('a URL, and a method that sends no tenant id', () => {
  expect(
    findings('TenantFrontEnd', (stack) => {
      const targetFunctionArn = fnIn(stack, tenants).functionArn;
      new lambda.CfnUrl(stack, 'Url', { authType: 'AWS_IAM', targetFunctionArn, invokeMode: RESPONSE_STREAM });
    }),
  ).toHaveLength(1);
  expect(findings('TenantFrontEnd', (stack) => restIn(stack, { fn: tenants }))).toHaveLength(1);
});

test('not a method that maps one', () => {
  const integration = { requestParameters: header };
  expect(findings('TenantFrontEnd', (stack) => restIn(stack, { fn: tenants, integration }))).toEqual([]);
});
