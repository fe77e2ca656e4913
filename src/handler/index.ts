/** Streaming Lambda handlers by contract. Ships inside functions: no SDK, no dependencies, no Node.js built-ins at load. */
export type { LambdaContext, ResponseWriter } from '../wire/lambda-runtime';
export type { ApplicationErrorOptions } from './application-error';
export { ApplicationError, isApplicationError } from './application-error';
export type { BufferedResponse } from './buffered-response';
export type { EmbeddedMetricsOptions } from './embedded-metrics';
export { embeddedMetrics } from './embedded-metrics';
export type { HandlerContext, TraceContext } from './handler-context';
export type { HandlerMeasurement, StreamHandlerOptions } from './handler-options';
export type { StreamingLambdaHandler } from './lambda-handler';
export type {
  ChunkSource,
  ChunkWriter,
  ProduceChunks,
  ProduceChunksLater,
  WriteChunks,
  Yields,
} from './stream-handler';
export { streamHandler, streamWriterHandler } from './stream-handler';
