/**
 * Calls streaming functions over HTTP. Portable: browsers, workers, Deno, Node.js 20 and later; no dependencies.
 * The reference is for pages: with the DOM's types alone, those of `await using` are missing.
 */
/// <reference lib="esnext.disposable" preserve="true" />

export type { RetryOptions } from '../stream/call/retry-policy';
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
export type { ResponseStream } from '../stream/reading/response-stream';
export type { StreamTimeouts } from '../stream/reading/stream-clock';
export type { CollectedStream, ReadOptions, StreamResult } from '../stream/reading/stream-parts';
export type { StreamMetrics } from '../stream/reading/stream-progress';
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
