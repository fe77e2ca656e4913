/** Any web app as a streaming Lambda handler. Ships inside functions: no SDK, no dependencies, no Node.js built-ins at load. */
export type { LambdaContext, ResponseWriter } from '../wire/lambda-runtime';
export { contractRoute } from './contract-route';
export type { LambdaEnv } from './invocation';
export type { PlainHandler, StreamingHandler } from './keep-streaming';
export { keepStreaming } from './keep-streaming';
export type { WebLambdaHandler } from './lambda-handler';
export type { LambdaOfRequest, NodeListener, NodeServer } from './node-handler';
export { nodeHandler } from './node-handler';
export type { ProxyResponse } from './proxy-response';
export type { FetchFunction, WebExecutionContext } from './web-handler';
export { webHandler } from './web-handler';
export type { StreamingFailure, WebHandlerOptions, WebMeasurement } from './web-options';
