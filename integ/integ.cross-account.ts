/**
 * A function in one account, its callers in others: a role of this app, a whole account, an organization, and units of it.
 * To deploy it, set PROVIDER_ACCOUNT and CALLER_ACCOUNT to two accounts of yours, and ORGANIZATION_ID to their organization.
 */
import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Aspects, CfnOutput, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { StreamingCallerRole, StreamingChecks, StreamingFunction } from 'cdk-lambda-streaming';

const REGION = process.env['AWS_REGION_OF_TEST'] ?? 'us-east-1';
const PROVIDER_ACCOUNT = process.env['PROVIDER_ACCOUNT'] ?? '111111111111';
const CALLER_ACCOUNT = process.env['CALLER_ACCOUNT'] ?? '222222222222';
const ORGANIZATION_ID = process.env['ORGANIZATION_ID'] ?? 'o-a1b2c3d4e5';

export const app = new App();
const callers = new Stack(app, 'StreamCallers', { env: { account: CALLER_ACCOUNT, region: REGION } });
const caller = new StreamingCallerRole(callers, 'Caller', { assumedBy: new iam.AccountRootPrincipal() });
new CfnOutput(callers, 'CallerArn', { value: caller.roleArn });

const provider = new Stack(app, 'StreamProvider', { env: { account: PROVIDER_ACCOUNT, region: REGION } });
const chat = new StreamingFunction(provider, 'Chat', { entry: 'handlers/chat.ts' });
chat.exportStreamTarget();

// both halves: a permission here, a statement in the caller's account, deployed in this order
chat.streamGrants.invoke(caller);

// this half only: each caller also needs a statement of its own account
const partners = chat.addStreamAlias('partners');
partners.streamGrants.invoke(new iam.AccountPrincipal(CALLER_ACCOUNT));
partners.streamGrants.invoke(new iam.OrganizationPrincipal(ORGANIZATION_ID));
partners.exportStreamTarget();

// what permissions cannot say, one resource policy can
const units = chat.addStreamAlias('units');
units.streamGrants.useResourcePolicy();
units.streamGrants.invokeFromOrganizationPaths(`${ORGANIZATION_ID}/r-ab12/ou-ab12-11111111/*`);

Aspects.of(app).add(new StreamingChecks());
new IntegTest(app, 'CrossAccount', { testCases: [provider, callers] });
app.synth();
