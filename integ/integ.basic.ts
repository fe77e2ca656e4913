/** One streaming function, a role that may stream from it, and the output by which an invoker finds it. */
import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Aspects, CfnOutput, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { StreamingChecks, StreamingFunction } from 'cdk-lambda-streaming';

export const app = new App();
const stack = new Stack(app, 'StreamBasic');

const chat = new StreamingFunction(stack, 'Chat', { entry: 'handlers/chat.ts' });
chat.exportStreamTarget();

const caller = new iam.Role(stack, 'Caller', { assumedBy: new iam.AccountRootPrincipal() });
chat.streamGrants.invoke(caller);
new CfnOutput(stack, 'CallerArn', { value: caller.roleArn });

Aspects.of(app).add(new StreamingChecks());
new IntegTest(app, 'Basic', { testCases: [stack] });
app.synth();
