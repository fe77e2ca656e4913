/** From the response headers to an open stream, or to the error that the response is. */
import type { StreamContract } from '../contract/stream-contract';
import { bodyExcerpt } from '../stream/body/body-excerpt';
import { WebBody, type WebBodyStream } from '../stream/body/web-body';
import { onAbort } from '../stream/call/abort-listeners';
import { excerpt, mediaType } from '../stream/errors/refusal-body';
import { StreamError } from '../stream/errors/stream-error';
import type { ResponseStream } from '../stream/reading/response-stream';
import type { StreamProgress } from '../stream/reading/stream-progress';
import type { Door } from './door-request';
import { answerOf, DoorStream } from './door-stream';
import type { FetchResponse } from './fetch-function';
import type { StreamFetcherOptions } from './fetch-options';
import { HttpPayloads } from './http-payloads';
import { redirectError, refusalError, requestIdOf } from './refusal';
import { expectedTypes, isExpectedType } from './response-type';
import { correctClock } from './signing';

/** What a call knows of itself. */
export interface StreamReading {
  readonly contract: StreamContract;
  readonly options: StreamFetcherOptions;
  readonly progress: StreamProgress;
  readonly signal?: AbortSignal;
}

/** How far a request has come. */
export interface RequestState {
  sent: boolean;
  refusal?: { cutShort(): void };
}

/** @throws StreamError for a response that is not a stream of the contract */
export async function openStream<Chunk, Final>(
  response: FetchResponse,
  door: Door,
  reading: StreamReading,
  state: RequestState,
): Promise<ResponseStream<Chunk, Final>> {
  const header = (name: string) => response.headers.get(name) ?? undefined;
  const { options, progress, signal } = reading;
  const { status } = response;
  // HTTP sends no body with these, so no marker. The status alone says that the stream, of nothing, is whole: of a
  // function that crashed it would be another.
  const hasBody = status !== 204 && status !== 205;
  const contract: StreamContract = hasBody ? reading.contract : { ...reading.contract, completion: 'platform' };
  const body = new WebBody(response.body ?? EMPTY);
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
    throw refusalError({ status, header, body: text, correctClock: () => correctClock(door.signing, header('date')) });
  }
  if (hasBody && !isExpectedType(type, expected)) {
    throw notTheStream(contract, type, requestIdOf(header), await bodyExcerpt(body), door.url);
  }
  progress.requestId = requestIdOf(header);
  const head = { requestId: progress.requestId, contentType, hasPrelude: false };
  let stopListening: (() => void) | undefined;
  const onSettled = () => stopListening?.();
  const source = new HttpPayloads(body);
  const parts = { contract, source, progress, head, read: options, onSettled };
  const stream = new DoorStream<Chunk, Final>(parts, answerOf(response));
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
  return StreamError.of('DECODE', message, details, { phase: 'before-first-chunk', invoked: 'maybe', requestId });
}

const EMPTY: WebBodyStream = {
  getReader: () => ({ read: async () => ({ done: true }), cancel: async () => undefined }),
};
