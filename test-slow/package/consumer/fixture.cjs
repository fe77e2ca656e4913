// The same tests by jest and by vitest; the last one fails on purpose, and its failure has to show the log.
const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { App, Stack } = require('aws-cdk-lib/core');
const { Template } = require('aws-cdk-lib/assertions');
const { Code } = require('aws-cdk-lib/aws-lambda');
const { StreamingFunction } = require('cdk-lambda-streaming');
const { streamContract } = require('cdk-lambda-streaming/contract');
const { StreamTarget, streamInvoker } = require('cdk-lambda-streaming/invoker');
const { streamMatchers, streamTest, templateSerializer } = require('cdk-lambda-streaming/testing');

const source = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  console.log('greeting ' + event.name);
  stream.setContentType('text/plain');
  stream.end('hello ' + event.name);
});`;
const app = new App({ outdir: mkdtempSync(join(tmpdir(), 'assembly-')) });
const stack = new Stack(app, 'Greeting', { env: { account: '111111111111', region: 'eu-west-1' } });
new StreamingFunction(stack, 'Fn', { code: Code.fromInline(source) }).exportStreamTarget();

exports.define = (expect, test, runner) => {
  expect.extend(streamMatchers);
  expect.addSnapshotSerializer(templateSerializer);
  const greetingTest = streamTest(() => ({ assembly: app.synth().directory }), runner);
  const invoke = (deployed, name) => {
    const target = StreamTarget.fromOutputs(deployed.outputs('Greeting'));
    const greeting = streamContract({ format: 'text' });
    return streamInvoker(greeting, { target, clientConfig: deployed.clientConfig() }).invoke({ name });
  };
  greetingTest('streams', async (deployed) => {
    await expect(invoke(deployed, 'you')).toStreamChunks(['hello you']);
    await expect(invoke(deployed, 'you')).not.toEndWithError('TRUNCATED');
  });
  test('is in a snapshot without hashes', () => {
    expect(Template.fromStack(stack).toJSON()).toMatchSnapshot();
  });
  greetingTest('fails', async (deployed) => {
    await expect(invoke(deployed, 'nobody')).toStreamChunks(['hello you']);
  });
};
