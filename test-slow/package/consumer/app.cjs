const { App, Stack } = require('aws-cdk-lib/core');
const { Code } = require('aws-cdk-lib/aws-lambda');
const { StreamingFunction } = require('cdk-lambda-streaming');

const app = new App();
const stack = new Stack(app, 'Cli', { env: { account: '111111111111', region: 'eu-west-1' } });
const source =
  "exports.handler = awslambda.streamifyResponse(async (event, stream) => stream.end('hello ' + event.name + '\\n'));";
new StreamingFunction(stack, 'Hello', { code: Code.fromInline(source) });
app.synth();
