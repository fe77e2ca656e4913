/** Typed invocation of streaming Lambda functions, over the AWS SDK's Lambda client. */

export type { RetryOptions } from '../stream/call/retry-policy';
export type { HookedCall, StreamHooks } from '../stream/call/stream-hooks';
export type { AccessDenial, DenialReason } from '../stream/errors/access-denial';
export type {
  Invoked,
  RemoteErrorOf,
  StreamErrorCode,
  StreamErrorDetails,
  StreamErrorFacts,
  StreamErrorOf,
  StreamPhase,
  TimeoutKind,
} from '../stream/errors/stream-error';
export { isStreamError, StreamError } from '../stream/errors/stream-error';
export { ResponseStream } from '../stream/reading/response-stream';
export type { StreamTimeouts } from '../stream/reading/stream-clock';
export type { CollectedStream, ReadOptions, StreamResult } from '../stream/reading/stream-parts';
export type { StreamMetrics } from '../stream/reading/stream-progress';
export type { ResponseOptions } from '../stream/reading/web-streams';
export type { ClientContext } from '../wire/client-context';
export type { StreamTargetRecord } from '../wire/stream-target';
export type {
  CallOptions,
  InvokeClient,
  InvokerSettings,
  InvokeTarget,
  InvokeTimeouts,
  StreamInvokerOptions,
} from './invoke-options';
export { InvokedStream } from './invoked-stream';
export type { DryRunResult } from './request/dry-run';
export { StreamInvoker, streamInvoker } from './stream-invoker';
export type { StackOutputs, TargetSelection } from './target/stream-target';
export { StreamTarget } from './target/stream-target';
