/**
 * Streaming Lambda handlers by contract. Ships inside functions: no SDK, no dependencies, no Node.js built-ins at load.
 * Hence the style of what is not public here: functions are handed on by position, and those of one expression are
 * arrow functions. Names of properties, `function` and `return` are bytes that no minifier takes away.
 */

export type { LambdaContext, ResponseWriter } from '../wire/lambda-runtime';
export type { ApplicationErrorOptions } from './application-error';
export { ApplicationError, isApplicationError } from './application-error';
export type { BufferedResponse } from './buffered-response';
export type { HandlerContext, TraceContext } from './handler-context';
export type { StreamHandlerOptions } from './handler-options';
export type {
  ChunkSource,
  ChunkWriter,
  ProduceChunks,
  ProduceChunksLater,
  StreamingLambdaHandler,
  WriteChunks,
  Yields,
} from './stream-handler';
export { streamHandler, streamWriterHandler } from './stream-handler';
export type { StreamMeasurement, StreamMetricsOptions } from './stream-metrics';
export { streamMetrics } from './stream-metrics';
