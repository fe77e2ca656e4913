/** Typed invocation of streaming Lambda functions, over the AWS SDK's Lambda client. */

export type { ClientContext } from '../wire/client-context';
export type { StreamTargetRecord } from '../wire/stream-target';
export type { AccessDenial, DenialReason } from './access-denial';
export type { DryRunResult } from './dry-run';
export type {
  CallOptions,
  InvokeClient,
  InvokerSettings,
  InvokeTarget,
  InvokeTimeouts,
  StreamInvokerOptions,
} from './invoke-options';
export { InvokedStream } from './invoked-stream';
export { ResponseStream } from './response-stream';
export type { RetryOptions } from './retry-policy';
export type { StreamTimeouts } from './stream-clock';
export type {
  Invoked,
  RemoteErrorOf,
  StreamErrorCode,
  StreamErrorDetails,
  StreamErrorFacts,
  StreamErrorOf,
  StreamPhase,
  TimeoutKind,
} from './stream-error';
export { isStreamError, StreamError } from './stream-error';
export type { HookedCall, StreamHooks } from './stream-hooks';
export { StreamInvoker, streamInvoker } from './stream-invoker';
export type { CollectedStream, ReadOptions, StreamResult } from './stream-parts';
export type { StreamMetrics } from './stream-progress';
export type { StackOutputs, TargetSelection } from './stream-target';
export { StreamTarget } from './stream-target';
export type { ResponseOptions } from './web-streams';
