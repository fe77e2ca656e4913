/**
 * `GET /2015-03-31/functions/{FunctionName}` and `…/configuration`, which the waiters of the SDKs ask
 * (https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html).
 */
import type { FunctionConfiguration } from '../state';
import { type FunctionReference, resolveVersion } from './function-reference';
import { authorizedFunction, type LambdaCall } from './lambda-call';

export async function getFunction(call: LambdaCall): Promise<void> {
  const named = authorizedFunction(call, 'lambda:GetFunction');
  const configuration = find(call, named);
  // AWS gives a link to the archive; here the code is a folder.
  const Code = { RepositoryType: 'S3', Location: `file://${configuration.codeDirectory}` };
  answer(call, { Configuration: describe(configuration, named), Code });
}

export async function getFunctionConfiguration(call: LambdaCall): Promise<void> {
  const named = authorizedFunction(call, 'lambda:GetFunctionConfiguration');
  answer(call, describe(find(call, named), named));
}

function find(call: LambdaCall, named: FunctionReference): FunctionConfiguration {
  // A weighted alias is described by its main version.
  return resolveVersion(call.state, named, () => 1);
}

function describe(configuration: FunctionConfiguration, named: FunctionReference): Record<string, unknown> {
  const { environment, logGroupName } = configuration;
  return {
    FunctionName: configuration.functionName,
    FunctionArn: named.resourceArn,
    Version: configuration.version,
    Runtime: configuration.runtime,
    Role: configuration.roleArn,
    Handler: configuration.handler,
    Timeout: configuration.timeoutSeconds,
    MemorySize: configuration.memoryMb,
    Environment: { Variables: environment },
    LoggingConfig: { LogFormat: 'Text', LogGroup: logGroupName },
    PackageType: 'Zip',
    State: 'Active',
    LastUpdateStatus: 'Successful',
  };
}

function answer({ requestId, response }: LambdaCall, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    'x-amzn-RequestId': requestId,
  });
  response.end(text);
}
