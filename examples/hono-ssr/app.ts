/** The CDK app: a site that is rendered while it is sent, at a public function URL. */
import { join } from 'node:path';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { StreamingFunction } from 'cdk-lambda-streaming';

const app = new App();
const stack = new Stack(app, 'HonoSsr');
const site = new StreamingFunction(stack, 'Site', {
  entry: join(__dirname, 'handler.tsx'),
  timeout: Duration.minutes(1),
});
// Public, as a web page is.
const url = site.addStreamUrl({ authType: FunctionUrlAuthType.NONE, allowPublic: true });
new CfnOutput(stack, 'Url', { value: url.url });
app.synth();
