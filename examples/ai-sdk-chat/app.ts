/** The CDK app: the chat's function, and a URL that the page of another origin may call. */
import { join } from 'node:path';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { FunctionUrlAuthType, HttpMethod } from 'aws-cdk-lib/aws-lambda';
import { StreamingFunction } from 'cdk-lambda-streaming';

const { OPENAI_BASE_URL = 'https://api.openai.com/v1', OPENAI_API_KEY = '' } = process.env;

const app = new App();
const stack = new Stack(app, 'AiSdkChat');
const chat = new StreamingFunction(stack, 'Chat', {
  entry: join(__dirname, 'handler.ts'),
  timeout: Duration.minutes(2),
  // A key in the environment is for trying; keep a real one in AWS Secrets Manager.
  environment: { OPENAI_BASE_URL, OPENAI_API_KEY },
});
const url = chat.addStreamUrl({
  authType: FunctionUrlAuthType.NONE,
  allowPublic: true,
  cors: {
    allowedOrigins: ['*'], // yours: the origin of your page
    allowedMethods: [HttpMethod.POST],
    // wholeFetch sends the hash of the body where the host may be a CloudFront distribution.
    allowedHeaders: ['content-type', 'user-agent', 'x-amz-content-sha256'],
  },
});
new CfnOutput(stack, 'Url', { value: url.url });
app.synth();
