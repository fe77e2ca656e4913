/**
 * `GET /2015-03-31/functions/{FunctionName}` and `…/configuration`, which the waiters of the SDKs ask
 * (https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html).
 */
import type { FunctionConfiguration } from '../state';
import { answerJson } from './answer-json';
import { describeConfiguration } from './describe-function';
import { type FunctionReference, resolveVersion } from './function-reference';
import { authorizedFunction, type LambdaCall } from './lambda-call';

export async function getFunction(call: LambdaCall): Promise<void> {
  const named = authorizedFunction(call, 'lambda:GetFunction');
  const configuration = find(call, named);
  const { codeDirectory, imageUri } = configuration;
  // AWS gives a link to the archive; here the code is a folder.
  const Code =
    imageUri === undefined
      ? { RepositoryType: 'S3', Location: `file://${codeDirectory}` }
      : { RepositoryType: 'ECR', ImageUri: imageUri };
  answerJson(call, { Configuration: describeConfiguration(configuration, named.resourceArn), Code });
}

export async function getFunctionConfiguration(call: LambdaCall): Promise<void> {
  const named = authorizedFunction(call, 'lambda:GetFunctionConfiguration');
  answerJson(call, describeConfiguration(find(call, named), named.resourceArn));
}

function find(call: LambdaCall, named: FunctionReference): FunctionConfiguration {
  // A weighted alias is described by its main version.
  return resolveVersion(call.state, named, () => 1);
}
