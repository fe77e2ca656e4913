/** What the Lambda Node.js runtime gives a streaming handler. */
export type { AwsLambdaGlobal, LambdaContext, ResponseStream } from '../wire/lambda-runtime';
