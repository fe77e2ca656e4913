import { lambdaEnvironment } from '../../../src/local/runtime/lambda-environment';
import type { FunctionConfiguration } from '../../../src/local/state';

const QUIET = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';
const running = Number.parseInt(process.versions.node, 10);

function seenBy(runtime: string, environment: Readonly<Record<string, string>> = {}): Record<string, string> {
  const configuration: FunctionConfiguration = {
    account: '111111111111',
    region: 'eu-west-1',
    functionName: 'chat',
    version: '1',
    codeDirectory: '/code',
    handler: 'index.handler',
    runtime,
    timeoutSeconds: 3,
    memoryMb: 128,
    environment,
    roleArn: 'arn:aws:iam::111111111111:role/chat',
    logGroupName: '/aws/lambda/chat',
    revision: '1',
    architecture: 'x86_64',
    lastModified: 0,
  };
  return lambdaEnvironment(configuration, '127.0.0.1:1', {});
}

test("the SDK's warning of an old Node.js is in the log where the runtime itself is old, not where this machine is", () => {
  expect(seenBy(`nodejs${running + 2}.x`)[QUIET]).toBe('true');
  for (const runtime of [`nodejs${running}.x`, 'nodejs18.x', 'python3.13', 'provided.al2023'])
    expect(seenBy(runtime)).not.toHaveProperty(QUIET);
  expect(seenBy(`nodejs${running + 2}.x`, { [QUIET]: 'false' })[QUIET]).toBe('false');
});
