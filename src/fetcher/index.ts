/**
 * Calls streaming functions over HTTP. Portable: browsers, workers, Deno, Node.js 20 and later; no dependencies.
 * The reference is for pages: with the DOM's types alone, those of `await using` are missing.
 */
/// <reference lib="esnext.disposable" preserve="true" />

export * from '../stream';
export type { FetchFunction, FetchHeaders, FetchRequest, FetchResponse } from './fetch-function';
export type { FetchCallOptions, HeaderSource, HeaderValues, StreamFetcherOptions } from './fetch-options';
export type { Sign, SigningOptions } from './signing';
export type { AwsCredentials, AwsCredentialsProvider } from './sigv4/aws-credentials';
export type { StreamFetcher } from './stream-fetcher';
export { streamFetcher } from './stream-fetcher';
export type { WebFetch, WholeFetchOptions } from './whole-fetch';
export { wholeFetch } from './whole-fetch';
