/** A streaming function that is rolled out by CodeDeploy, 10% first, and rolled back when streams fail or get slow. */
import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Aspects, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as codedeploy from 'aws-cdk-lib/aws-codedeploy';
import * as iam from 'aws-cdk-lib/aws-iam';
import { StreamingChecks, StreamingFunction } from 'cdk-lambda-streaming';

export const app = new App();
const stack = new Stack(app, 'StreamRollout');

// open streams end on the version they began with; new ones go to the new version, 10% of them in the first minutes
const chat = new StreamingFunction(stack, 'Chat', {
  entry: 'handlers/chat.ts',
  timeout: Duration.minutes(5),
  liveAliasOptions: { deploymentConfig: codedeploy.LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES },
});
chat.exportStreamTarget();

// as many warm environments as streams need: each holds one as long as it is open
const preview = chat.addStreamAlias('preview', {
  provisionedConcurrentExecutions: 1,
  maxProvisionedConcurrentExecutions: 10,
  utilizationTarget: 0.5,
});
preview.exportStreamTarget();

const caller = new iam.Role(stack, 'Caller', { assumedBy: new iam.AccountRootPrincipal() });
chat.streamGrants.invoke(caller);
preview.streamGrants.invoke(caller);
new CfnOutput(stack, 'CallerArn', { value: caller.roleArn });

Aspects.of(app).add(new StreamingChecks());
new IntegTest(app, 'Rollout', { testCases: [stack] });
app.synth();
