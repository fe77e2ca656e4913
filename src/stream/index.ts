/** The public names that invoker and fetcher have in common. */

export type { RetryOptions, StreamCallOptions, StreamSettings } from './call/call-options';
export type { HookedCall, StreamHooks } from './call/stream-hooks';
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
export type { ReadOptions, StreamTimeouts } from './reading/read-options';
export type { CollectedStream, StreamResult } from './reading/response-stream';
export { ResponseStream } from './reading/response-stream';
export type { StreamTimings } from './reading/stream-progress';
export type { ResponseOptions, ServerResponseLike } from './reading/web-streams';
