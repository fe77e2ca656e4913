const { streamContract } = require('cdk-lambda-streaming/contract');
const { isStreamError, streamInvoker } = require('cdk-lambda-streaming/invoker');

test('refuses a function name that Lambda would refuse, without a request', async () => {
  const invoke = async () => {
    const invoker = streamInvoker(streamContract({ format: 'text' }), { functionName: 'x'.repeat(65) });
    return invoker.invoke({});
  };
  const error = await invoke().catch((reason) => reason);
  expect(isStreamError(error, 'CONFIG_INVALID')).toBe(true);
});

test('the setup file that makes synth tests fast was loaded', () => {
  expect(process.env.CDK_VALIDATION).toBe('false');
});
