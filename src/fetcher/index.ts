/**
 * Calls streaming functions over HTTP. Portable: browsers, workers, Deno, Node.js 20 and later; no dependencies.
 * The reference is for pages: with the DOM's types alone, those of `await using` are missing.
 */
/// <reference lib="esnext.disposable" preserve="true" />

export type { AccessDenial, DenialReason } from '../invoker/errors/access-denial';
export type {
  Invoked,
  RemoteErrorOf,
  StreamErrorCode,
  StreamErrorDetails,
  StreamErrorFacts,
  StreamErrorOf,
  StreamPhase,
  TimeoutKind,
} from '../invoker/errors/stream-error';
export { isStreamError, StreamError } from '../invoker/errors/stream-error';
export type { ResponseStream } from '../invoker/reading/response-stream';
export type { StreamTimeouts } from '../invoker/reading/stream-clock';
export type { CollectedStream, ReadOptions, StreamResult } from '../invoker/reading/stream-parts';
export type { StreamMetrics } from '../invoker/reading/stream-progress';
export type { RetryOptions } from '../invoker/request/retry-policy';
export type { FetchFunction, FetchHeaders, FetchRequest, FetchResponse } from './fetch-function';
export type {
  FetchCallOptions,
  FetchTimeouts,
  HeaderSource,
  HeaderValues,
  StreamFetcherOptions,
} from './fetch-options';
export type { Sign, SigningOptions } from './signing';
export type { AwsCredentials, AwsCredentialsProvider } from './sigv4/aws-credentials';
export type { StreamFetcher } from './stream-fetcher';
export { streamFetcher } from './stream-fetcher';
