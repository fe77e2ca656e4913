/** From the response headers to an open stream, or to the error that the response is. */
import { show } from '../base/option-problem';
import type { StreamContract } from '../contract/stream-contract';
import { bodyExcerpt } from '../stream/body/byte-source';
import { WebBody, type WebBodyStream } from '../stream/body/web-body';
import { onAbort } from '../stream/call/abort-listeners';
import type { StreamCall } from '../stream/call/call';
import { excerpt, mediaType } from '../stream/errors/refusal';
import { StreamError } from '../stream/errors/stream-error';
import { expectedTypes, isExpectedType } from '../stream/reading/content-type';
import { HIGH_WATER_MARK } from '../stream/reading/read-options';
import type { ResponseStream } from '../stream/reading/response-stream';
import type { OnSettled } from '../stream/reading/stream-progress';
import { bodyOf, type FetchResponse } from './fetch-function';
import type { FetchSettings, StreamFetcherOptions } from './fetch-options';
import { answerOf, FetchedStream } from './fetched-stream';
import { HttpPayloads } from './http-payloads';
import type { Endpoint } from './http-request';
import { redirectError, refusalError, requestIdOf } from './request-error';
import { correctClock, isCloudFront } from './signing';

/** What was asked for. */
export interface Asked {
  readonly contract: StreamContract;
  readonly options: StreamFetcherOptions;
  readonly endpoint: Endpoint;
}

/** How far a request has come. */
export interface RequestState {
  sent: boolean;
  refusal?: { cutShort(): void };
}

/** @throws StreamError for a response that is not a stream of the contract */
export async function openStream<Chunk, Final>(
  response: FetchResponse,
  asked: Asked,
  { settings, progress, hooks }: StreamCall<FetchSettings>,
  state: RequestState,
): Promise<ResponseStream<Chunk, Final>> {
  const header = (name: string) => response.headers.get(name) ?? undefined;
  const { options, endpoint } = asked;
  const { signal, timeouts } = settings;
  const { status } = response;
  // HTTP sends no body with these, so no marker. The status alone says that the stream, of nothing, is whole: of a
  // function that crashed it would be another.
  const hasBody = status !== 204 && status !== 205;
  const contract: StreamContract = hasBody ? asked.contract : { ...asked.contract, completion: 'platform' };
  const given = hasBody && status !== 304 ? bodyOf(response) : EMPTY;
  if (given === undefined) {
    const message = `streamFetcher: this fetch gives no body that can be read, got ${show(response.body)}; pass one that streams, such as expo/fetch`;
    throw StreamError.of('CONFIG_INVALID', message, {}, { phase: 'request', invoked: 'maybe' });
  }
  const body = new WebBody(given, options.highWaterMark ?? HIGH_WATER_MARK);
  state.refusal = { cutShort: () => body.close() };
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    await bodyExcerpt(body);
    throw redirectError(status, header('location'));
  }
  const contentType = header('content-type');
  const type = mediaType(contentType);
  const expected = expectedTypes(contract, options.contentTypes ?? []);
  if (status >= 400 && !isMarkedStream(contract, type, expected, header)) {
    const text = await bodyExcerpt(body);
    const takeOverTime = () => correctClock(endpoint.signing, header('date'));
    const { signing, url } = endpoint;
    const unsigned = signing === undefined && !isCloudFront(url) && header('x-amz-cf-id') === undefined;
    throw refusalError({
      status,
      header,
      body: text,
      unsigned,
      signedFor: signing?.scope.service,
      correctClock: takeOverTime,
    });
  }
  const requestId = requestIdOf(header);
  if (hasBody && !isExpectedType(type, expected)) {
    throw notTheStream(contract, type, requestId, await bodyExcerpt(body), endpoint.url);
  }
  progress.requestId = requestId;
  hooks.tell('onHeaders', { requestId, executedVersion: undefined, headersMs: progress.headersMs });
  const head = { requestId, executedVersion: undefined, contentType, hasPrelude: false };
  let stopListening: (() => void) | undefined;
  const onSettled: OnSettled = (read, error) => {
    stopListening?.();
    hooks.tell('onEnd', { requestId, metrics: read.metrics(), error });
  };
  const source = new HttpPayloads(body);
  const read = { ...options, timeouts };
  const stream = new FetchedStream<Chunk, Final>(
    { contract, source, progress, head, read, onSettled },
    answerOf(response),
  );
  stopListening = onAbort(signal, () => stream.abort(signal?.reason));
  return stream;
}

/**
 * A handler may set a status of 400 and above and still stream. Its stream is told from an error page by the format's
 * own media type, and its end by the end marker; formats without a marker have nothing of that kind.
 */
function isMarkedStream(
  { completion }: StreamContract,
  type: string | undefined,
  expected: readonly string[] | undefined,
  header: (name: string) => string | undefined,
): boolean {
  const named = type !== undefined && (expected?.includes(type) ?? false);
  return completion === 'marker' && named && header('x-amzn-errortype') === undefined;
}

function notTheStream(
  { format }: StreamContract,
  type: string | undefined,
  requestId: string | undefined,
  body: string,
  url: URL,
): StreamError {
  const found = excerpt(body).slice(0, 80);
  const message = `${url.origin}${url.pathname} answered with ${type}, not with a stream of format '${format}': ${JSON.stringify(found)}; check the URL, or add the type to contentTypes`;
  const details = { kind: 'content-type', excerpt: found };
  return StreamError.of('DECODE', message, details, { phase: 'before-first-byte', invoked: 'maybe', requestId });
}

const EMPTY: WebBodyStream = {
  getReader: () => ({ read: async () => ({ done: true }), cancel: async () => undefined }),
};
