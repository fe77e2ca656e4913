/** What a fetcher and a single call can be told. */

import type { RetryOptions } from '../stream/call/retry-policy';
import { LONGEST_SILENCE_MS, type StreamTimeouts } from '../stream/reading/stream-clock';
import type { ReadOptions } from '../stream/reading/stream-parts';
import type { FetchFunction } from './fetch-function';
import type { Sign } from './signing';

/** All in milliseconds; 0 or `Infinity` switch a clock off. */
export interface FetchTimeouts extends StreamTimeouts {
  /**
   * From the request, its headers and credentials included, to the response headers, which the function's start may
   * delay; for each attempt. An asynchronous input schema may take as long again.
   * @default 910_000, Lambda's longest function timeout and ten seconds
   */
  readonly headersMs?: number;
}

export const DEFAULT_HEADERS_MS = LONGEST_SILENCE_MS;

/** Values by the names of headers; also a `Headers` object or a `Map`. */
export type HeaderValues = Readonly<Record<string, string>> | Iterable<readonly [string, string]>;

/** Header values, or what gives them before each request: a fresh token, for example. */
export type HeaderSource = HeaderValues | (() => HeaderValues | Promise<HeaderValues>);

/** Options of a single call. */
export interface FetchCallOptions {
  /**
   * Aborts the call, also in the middle of the stream.
   * @default - the call is not aborted
   */
  readonly signal?: AbortSignal;
  /** Added to the fetcher's; the call's win. @default - none */
  readonly headers?: HeaderValues;
  /** Replaces those of the fetcher, one by one. @default - the fetcher's */
  readonly timeouts?: FetchTimeouts;
}

/** Where the stream comes from, and how to read it. */
export interface StreamFetcherOptions extends Omit<ReadOptions, 'timeouts'> {
  /**
   * Address of the function URL, API Gateway method or CloudFront behaviour; a page may give one relative to itself. All
   * of AWS's are https; http is for servers on your own machine, because it shows credentials to everybody on the way.
   */
  readonly url: string | URL;
  /** Whether and how requests are signed. */
  readonly sign: Sign;
  /** @default 'POST' */
  readonly method?: 'POST' | 'PUT' | 'PATCH';
  /**
   * Sent with every request, for example `authorization` for an authorizer of API Gateway.
   * @default - none but those of the protocol
   */
  readonly headers?: HeaderSource;
  /**
   * Whether to send the body's hash as `x-amz-content-sha256`. A CloudFront distribution that signs for a function URL
   * refuses a POST without it. Signed requests always have it.
   * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
   * @default - true, except for the host of a function URL or of API Gateway, where no CloudFront can be in front
   */
  readonly contentSha256?: boolean;
  /**
   * Media types accepted beside the format's own and that of the contract's `http.headers`; others are taken for an
   * error page and refused. Format `bytes` takes any.
   * @default - none
   */
  readonly contentTypes?: readonly string[];
  /** A call can replace each of them. @default - only silence is limited, to 910 seconds */
  readonly timeouts?: FetchTimeouts;
  /**
   * When to try again; `false` for never. A call is never repeated after the response headers.
   * @default - up to 3 attempts, and only where the function was surely not invoked
   */
  readonly retry?: RetryOptions | false;
  /**
   * Makes the requests, for example with a proxy or with cookies.
   * @default - globalThis.fetch
   */
  readonly fetch?: FetchFunction;
}
