/** Typed invocation of streaming Lambda functions, over the AWS SDK's Lambda client. */

export type { ClientContext } from '../wire/client-context';
export type { StreamTargetRecord } from '../wire/stream-target';
export type { AccessDenial, DenialReason } from './errors/access-denial';
export type {
  Invoked,
  RemoteErrorOf,
  StreamErrorCode,
  StreamErrorDetails,
  StreamErrorFacts,
  StreamErrorOf,
  StreamPhase,
  TimeoutKind,
} from './errors/stream-error';
export { isStreamError, StreamError } from './errors/stream-error';
export type {
  CallOptions,
  InvokeClient,
  InvokerSettings,
  InvokeTarget,
  InvokeTimeouts,
  StreamInvokerOptions,
} from './invoke-options';
export { InvokedStream } from './reading/invoked-stream';
export { ResponseStream } from './reading/response-stream';
export type { StreamTimeouts } from './reading/stream-clock';
export type { CollectedStream, ReadOptions, StreamResult } from './reading/stream-parts';
export type { StreamMetrics } from './reading/stream-progress';
export type { ResponseOptions } from './reading/web-streams';
export type { DryRunResult } from './request/dry-run';
export type { RetryOptions } from './request/retry-policy';
export type { HookedCall, StreamHooks } from './stream-hooks';
export { StreamInvoker, streamInvoker } from './stream-invoker';
export type { StackOutputs, TargetSelection } from './target/stream-target';
export { StreamTarget } from './target/stream-target';
