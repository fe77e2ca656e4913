/**
 * Calls a streaming function through its HTTP front end: a function URL, API Gateway or CloudFront. The contract, the
 * stream and the errors are those of the invoker; it needs nothing but fetch and, to sign, WebCrypto.
 */

import { show } from '../base/option-problem';
import { isPromise } from '../base/promises';
import type { InferChunk, InferFinal, InferInput, StreamContract } from '../contract/stream-contract';
import { runCall, type StreamCall } from '../stream/call/call';
import { Deadline, type DeadlineLimits } from '../stream/call/deadline';
import { withRetries } from '../stream/call/retries';
import { readTraceparent } from '../stream/call/traceparent';
import { isStreamError, StreamError } from '../stream/errors/stream-error';
import type { ResponseStream } from '../stream/reading/response-stream';
import { bodyOf, type FetchFunction, type FetchResponse, platformFetch } from './fetch-function';
import {
  checkFetchCallOptions,
  checkFetcherOptions,
  type FetchCallOptions,
  type FetchSettings,
  type StreamFetcherOptions,
  settingsOf,
} from './fetch-options';
import { type Endpoint, requestHeaders } from './http-request';
import { openStream, type RequestState } from './open-stream';
import { sendFailure } from './request-error';
import { resolveSigning } from './signing';

/** Calls one function by one URL. */
export interface StreamFetcher<Contract extends StreamContract> {
  /**
   * Sends `input` and resolves at the response headers. Rejects with a `StreamError` for all that goes wrong before;
   * what goes wrong later is raised by the stream.
   */
  invoke(
    input: InferInput<Contract>,
    call?: FetchCallOptions,
  ): Promise<ResponseStream<InferChunk<Contract>, InferFinal<Contract>>>;
}

/**
 * Makes a fetcher for functions that keep `contract`.
 * @throws StreamError `CONFIG_INVALID` for an option that is unknown or has a wrong value
 */
export function streamFetcher<Contract extends StreamContract>(
  contract: Contract,
  options: StreamFetcherOptions,
): StreamFetcher<Contract> {
  checkFetcherOptions(contract, options);
  const url = readUrl(options.url);
  const { method = 'POST', headers = {}, contentSha256 } = options;
  const signing = resolveSigning(options.sign, url);
  return new HttpFetcher(contract, options, { url, method, format: contract.format, headers, contentSha256, signing });
}

class HttpFetcher<Contract extends StreamContract> implements StreamFetcher<Contract> {
  public constructor(
    private readonly contract: Contract,
    private readonly options: StreamFetcherOptions,
    private readonly endpoint: Endpoint,
  ) {}

  public invoke(
    input: InferInput<Contract>,
    own: FetchCallOptions = {},
  ): Promise<ResponseStream<InferChunk<Contract>, InferFinal<Contract>>> {
    const prepare = () => {
      checkFetchCallOptions(own);
      return settingsOf(this.options, own);
    };
    return runCall('invoke', this.options.hooks, prepare, async (call) => {
      const encoded = call.encode(this.contract, input);
      const body = isPromise(encoded) ? await encoded : encoded;
      const traceparent = readTraceparent(call.settings.traceparent, call.hooks);
      const { origin, pathname } = this.endpoint.url;
      return withRetries(call, { url: origin + pathname }, (limits) => this.attempt(body, traceparent, limits, call));
    });
  }

  private async attempt(
    body: Uint8Array,
    traceparent: string | undefined,
    limits: DeadlineLimits,
    call: StreamCall<FetchSettings>,
  ): Promise<ResponseStream<InferChunk<Contract>, InferFinal<Contract>>> {
    const { contract, options, endpoint } = this;
    const state: RequestState = { sent: false };
    const deadline = new Deadline(limits, state, 'headers or credentials');
    try {
      const headers = await deadline.race(requestHeaders(endpoint, body, call.settings.headers, traceparent));
      const fetch = fetchOf(options);
      state.sent = true;
      const response = await this.send(fetch, headers, body, deadline);
      call.progress.headersMs = call.progress.elapsed();
      return await deadline.race(openStream(response, { contract, options, endpoint }, call, state));
    } finally {
      deadline.release();
    }
  }

  private async send(
    fetch: FetchFunction,
    headers: Record<string, string>,
    body: Uint8Array,
    deadline: Deadline,
  ): Promise<FetchResponse> {
    const { url, method } = this.endpoint;
    const { signal } = deadline.control;
    const request = { method, headers, body: new TextDecoder().decode(body), signal, redirect: 'manual' } as const;
    const sending = (async () => fetch(url.href, request))();
    try {
      const response: FetchResponse | undefined = await deadline.race(sending);
      if (typeof response?.headers?.get === 'function') return response;
      const message = `streamFetcher: fetch must give a Response, got ${show(response)}`;
      throw StreamError.of('CONFIG_INVALID', message, {}, { phase: 'request', invoked: 'maybe' });
    } catch (cause) {
      // An answer that comes after the call was given up, from a fetch that knows no signal.
      sending.then((late) => bodyOf(late)?.getReader().cancel()).catch(() => undefined);
      throw isStreamError(cause) ? cause : sendFailure(cause, url, method, headers);
    }
  }
}

function fetchOf({ fetch = platformFetch() }: StreamFetcherOptions): FetchFunction {
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
  return StreamError.of('CONFIG_INVALID', `streamFetcher: ${message}`, {}, { cause });
}
