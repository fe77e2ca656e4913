/** What the Lambda Node.js runtime gives a streaming handler. */
export type { AwsLambdaGlobal, LambdaContext, ResponseWriter } from '../wire/lambda-runtime';
