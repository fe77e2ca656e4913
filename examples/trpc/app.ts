/** The CDK app: a tRPC router behind a public function URL. */
import { join } from 'node:path';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { StreamingFunction } from 'cdk-lambda-streaming';

const app = new App();
const stack = new Stack(app, 'Trpc');
const api = new StreamingFunction(stack, 'Api', {
  entry: join(__dirname, 'handler.ts'),
  timeout: Duration.minutes(1),
});
// Public, as a web page is.
const url = api.addStreamUrl({ authType: FunctionUrlAuthType.NONE, allowPublic: true });
new CfnOutput(stack, 'Url', { value: url.url });
app.synth();
