/** The CDK app: the endpoint, and the role of those who may call it. IAM takes the place of API keys. */
import { join } from 'node:path';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { StreamingFunction } from 'cdk-lambda-streaming';

const app = new App();
const stack = new Stack(app, 'OpenAiCompatible');
const agent = new StreamingFunction(stack, 'Agent', {
  entry: join(__dirname, 'handler.ts'),
  timeout: Duration.minutes(1),
});
const caller = new Role(stack, 'Caller', { assumedBy: new AccountRootPrincipal() });
const url = agent.addStreamUrl();
url.grantInvokeUrl(caller); // through the function URL
agent.streamGrants.invoke(caller); // and without it, by invokeFetch
new CfnOutput(stack, 'Url', { value: url.url });
new CfnOutput(stack, 'FunctionArn', { value: agent.liveAlias.functionArn });
new CfnOutput(stack, 'CallerRoleArn', { value: caller.roleArn });
app.synth();
