/**
 * Calls a streaming function through an HTTP front door: a function URL, API Gateway or CloudFront. The contract, the
 * stream and the errors are those of the invoker; it needs nothing but fetch and, to sign, WebCrypto.
 */

import { show } from '../base/option-problem';
import { isPromise } from '../base/promises';
import type { InferChunk, InferFinal, InferInput, StreamContract } from '../contract/stream-contract';
import { abortedBeforeHeaders, Deadline, pause, within } from '../stream/call/deadline';
import { encodeInput } from '../stream/call/encode-input';
import { retryDelay } from '../stream/call/retry-policy';
import { isStreamError, StreamError } from '../stream/errors/stream-error';
import { overlay } from '../stream/options/overlay';
import type { ResponseStream } from '../stream/reading/response-stream';
import { StreamProgress } from '../stream/reading/stream-progress';
import { checkFetchCallOptions, checkFetcherOptions } from './check-options';
import type { Door } from './door-request';
import { requestHeaders } from './door-request';
import type { FetchFunction, FetchResponse } from './fetch-function';
import {
  DEFAULT_HEADERS_MS,
  type FetchCallOptions,
  type FetchTimeouts,
  type HeaderValues,
  type StreamFetcherOptions,
} from './fetch-options';
import { openStream, type RequestState, type StreamReading } from './open-stream';
import { sendFailure } from './send-failure';
import { resolveSigning } from './signing';

/** Calls one function by one URL. */
export interface StreamFetcher<Contract extends StreamContract> {
  /**
   * Sends `input` and resolves at the response headers. Rejects with a `StreamError` for all that goes wrong before;
   * what goes wrong later is raised by the stream.
   */
  invoke(
    input: InferInput<Contract>,
    options?: FetchCallOptions,
  ): Promise<ResponseStream<InferChunk<Contract>, InferFinal<Contract>>>;
}

/**
 * Makes a fetcher for functions that keep `contract`.
 * @throws StreamError with code INPUT_INVALID for an option that cannot be
 */
export function streamFetcher<Contract extends StreamContract>(
  contract: Contract,
  options: StreamFetcherOptions,
): StreamFetcher<Contract> {
  checkFetcherOptions(contract, options);
  const url = readUrl(options.url);
  const { method = 'POST', headers = {}, contentSha256 } = options;
  const signing = resolveSigning(options.sign, url);
  const door: Door = { url, method, format: contract.format, headers, contentSha256, signing };
  return { invoke: (input, call = {}) => invoke(contract, door, options, input, call) };
}

async function invoke<Chunk, Final>(
  contract: StreamContract,
  door: Door,
  options: StreamFetcherOptions,
  input: unknown,
  call: FetchCallOptions,
): Promise<ResponseStream<Chunk, Final>> {
  checkFetchCallOptions(call);
  const progress = new StreamProgress();
  const reading: StreamReading = {
    contract,
    options: { ...options, timeouts: overlay(options.timeouts, call.timeouts) },
    progress,
    signal: call.signal,
  };
  if (call.signal?.aborted) throw abortedBeforeHeaders(call.signal.reason, false);
  const encoded = encodeInput(contract, input);
  const body = isPromise(encoded) ? await within(limitsOf(reading), "the input schema's answer", encoded) : encoded;
  for (;;) {
    try {
      return await attempt<Chunk, Final>(door, reading, body, call.headers);
    } catch (error) {
      const delayMs = delayAfter(error, reading);
      if (delayMs === undefined) throw error;
      await pause(delayMs, call.signal, isStreamError(error) && error.invoked !== 'no');
      progress.attempts++;
    }
  }
}

/** Milliseconds to the next attempt; undefined where there is to be none, or no time for it. */
function delayAfter(error: unknown, { options, progress }: StreamReading): number | undefined {
  const { retry = {}, timeouts: { totalMs = 0 } = {} } = options;
  if (retry === false || !isStreamError(error)) return undefined;
  const delayMs = retryDelay(error, progress.attempts, retry, Math.random());
  const hasTime = totalMs <= 0 || delayMs === undefined || progress.elapsed() + delayMs < totalMs;
  return hasTime ? delayMs : undefined;
}

async function attempt<Chunk, Final>(
  door: Door,
  reading: StreamReading,
  body: Uint8Array,
  more: HeaderValues | undefined,
): Promise<ResponseStream<Chunk, Final>> {
  const state: RequestState = { sent: false };
  const deadline = new Deadline(limitsOf(reading), state, 'headers or credentials');
  try {
    const headers = await deadline.race(requestHeaders(door, body, more));
    const fetch = fetchOf(reading.options);
    state.sent = true;
    const response = await send(fetch, door, headers, body, deadline);
    reading.progress.headersMs = reading.progress.elapsed();
    return await deadline.race(openStream<Chunk, Final>(response, door, reading, state));
  } finally {
    deadline.release();
  }
}

async function send(
  fetch: FetchFunction,
  { url, method }: Door,
  headers: Record<string, string>,
  body: Uint8Array,
  deadline: Deadline,
): Promise<FetchResponse> {
  const { signal } = deadline.control;
  const request = { method, headers, body: new TextDecoder().decode(body), signal, redirect: 'manual' } as const;
  const sending = (async () => fetch(url.href, request))();
  try {
    const response: FetchResponse | undefined = await deadline.race(sending);
    if (typeof response?.headers?.get === 'function') return response;
    const message = `streamFetcher: fetch must give a Response, got ${show(response)}`;
    throw StreamError.of('INPUT_INVALID', message, {}, { phase: 'request', invoked: 'maybe' });
  } catch (cause) {
    // An answer that comes after the call was given up, from a fetch that knows no signal.
    sending.then((late) => late?.body?.getReader().cancel()).catch(() => undefined);
    throw isStreamError(cause) ? cause : sendFailure(cause, url, method, headers);
  }
}

function limitsOf({ options, progress, signal }: StreamReading) {
  const { headersMs = DEFAULT_HEADERS_MS, totalMs = 0 }: FetchTimeouts = options.timeouts ?? {};
  return { headersMs, totalMs, elapsedMs: progress.elapsed(), signal };
}

function fetchOf({ fetch = (globalThis as { fetch?: FetchFunction }).fetch }: StreamFetcherOptions): FetchFunction {
  if (typeof fetch !== 'function') throw invalid('there is no globalThis.fetch here; pass one as option fetch');
  // Browsers refuse to run their fetch as a method of another object.
  return (url, request) => fetch(url, request);
}

function readUrl(given: string | URL): URL {
  const { location } = globalThis as { location?: { readonly href?: string } };
  let url: URL;
  try {
    url = new URL(String(given), location?.href);
  } catch (cause) {
    throw invalid(`url must be an absolute http(s) address, got '${String(given)}'`, cause);
  }
  if (!/^https?:$/.test(url.protocol)) throw invalid(`url must begin with https:// or http://, got '${url.href}'`);
  if (url.username !== '' || url.password !== '')
    throw invalid('url must not contain a user name or password; use headers');
  url.hash = '';
  return url;
}

function invalid(message: string, cause?: unknown): StreamError {
  return StreamError.of('INPUT_INVALID', `streamFetcher: ${message}`, {}, { cause });
}
