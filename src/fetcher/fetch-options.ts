/** What a fetcher and a single call can be told, and which values are refused. */
import {
  ANYTHING,
  BOOLEAN,
  FUNCTION,
  isFunction,
  objectOf,
  type Rule,
  type Rules,
  SIGNAL,
} from '../base/option-problem';
import type { StreamContract } from '../contract/stream-contract';
import type { CallSettings, StreamCallOptions, StreamSettings } from '../stream/call/call-options';
import {
  checkContract,
  checkOptions,
  overlay,
  SETTINGS,
  STREAM_TIMEOUTS,
  TRACEPARENT,
} from '../stream/options/option-rules';
import type { FetchFunction } from './fetch-function';
import type { Sign } from './signing';

/** Values by the names of headers; also a `Headers` object or a `Map`. */
export type HeaderValues = Readonly<Record<string, string>> | Iterable<readonly [string, string]>;

/** Header values, or what gives them before each request: a fresh token, for example. */
export type HeaderSource = HeaderValues | (() => HeaderValues | Promise<HeaderValues>);

/** Options of a single call. */
export interface FetchCallOptions extends StreamCallOptions {
  /** Added to the fetcher's; the call's win. @default - none */
  readonly headers?: HeaderValues | undefined;
}

/** Where the stream comes from, and how to read it. */
export interface StreamFetcherOptions extends StreamSettings, Pick<StreamCallOptions, 'traceparent'> {
  /**
   * Address of the function URL, API Gateway method or CloudFront behaviour; a page may give one relative to itself. All
   * of AWS's are https; http is for servers on your own machine, because it shows credentials to everybody on the way.
   */
  readonly url: string | URL;
  /** Whether and how requests are signed. */
  readonly sign: Sign;
  /** @default 'POST' */
  readonly method?: 'POST' | 'PUT' | 'PATCH' | undefined;
  /**
   * Sent with every request, for example `authorization` for an authorizer of API Gateway.
   * @default - none but those of the protocol
   */
  readonly headers?: HeaderSource | undefined;
  /**
   * Whether to send the body's hash as `x-amz-content-sha256`. A CloudFront distribution that signs for a function URL
   * refuses a POST without it. Signed requests always have it.
   * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
   * @default - true, except for the host of a function URL or of API Gateway, where no CloudFront can be in front
   */
  readonly contentSha256?: boolean | undefined;
  /**
   * Media types accepted beside the format's own and that of the contract's `http.headers`; others are taken for an
   * error page and refused. Format `bytes` takes any.
   * @default - none
   */
  readonly contentTypes?: readonly string[] | undefined;
  /**
   * Makes the requests, for example with a proxy or with cookies.
   * @default - globalThis.fetch
   */
  readonly fetch?: FetchFunction | undefined;
}

/** What holds for one call of a fetcher. */
export interface FetchSettings extends CallSettings {
  readonly headers: HeaderValues;
}

/** The call's own options where they are given, else the fetcher's. */
export function settingsOf(options: StreamFetcherOptions, call: FetchCallOptions): FetchSettings {
  const { signal, traceparent = options.traceparent, headers = {} } = call;
  return { signal, traceparent, headers, timeouts: overlay(options.timeouts, call.timeouts), retry: options.retry };
}

const isValues = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** Their names and values are checked where the request is made. */
const HEADERS: Rule = { allowed: 'an object of names and values', fits: isValues };

const CALL: Rules = {
  signal: SIGNAL,
  headers: HEADERS,
  timeouts: objectOf(STREAM_TIMEOUTS),
  traceparent: TRACEPARENT,
};

const METHODS: readonly unknown[] = ['POST', 'PUT', 'PATCH'];

const FETCHER: Rules = {
  ...SETTINGS,
  // Read, and refused in words of their own, when the fetcher is made.
  url: ANYTHING,
  sign: ANYTHING,
  method: { allowed: 'POST, PUT or PATCH', fits: (value) => METHODS.includes(value) },
  headers: {
    allowed: 'an object of names and values, or a function that gives one',
    fits: (value) => isValues(value) || isFunction(value),
  },
  contentSha256: BOOLEAN,
  contentTypes: {
    allowed: 'an array of media types',
    fits: (value) => Array.isArray(value) && value.every((type) => typeof type === 'string'),
  },
  timeouts: objectOf(STREAM_TIMEOUTS),
  traceparent: TRACEPARENT,
  fetch: FUNCTION,
};

/** @throws StreamError with code CONFIG_INVALID */
export function checkFetcherOptions(contract: StreamContract, options: unknown): void {
  checkContract('streamFetcher', contract);
  checkOptions('streamFetcher', options, FETCHER);
}

/** @throws StreamError with code CONFIG_INVALID */
export function checkFetchCallOptions(call: unknown): void {
  checkOptions('invoke()', call, CALL);
}
