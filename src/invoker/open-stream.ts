/** From the response headers of an invoke to an open stream. */
import type { StreamContract } from '../contract/stream-contract';
import { onAbort } from '../stream/call/abort-listeners';
import type { StreamCall } from '../stream/call/call';
import { expectedTypes } from '../stream/reading/content-type';
import { HIGH_WATER_MARK } from '../stream/reading/read-options';
import type { ResponseHead } from '../stream/reading/response-stream';
import type { OnSettled, StreamProgress } from '../stream/reading/stream-progress';
import {
  EVENT_STREAM_CONTENT_TYPE,
  HTTP_INTEGRATION_CONTENT_TYPE,
  LOCAL_TARGET_HEADER,
  REMAPPED_CONTENT_TYPE_HEADER,
} from '../wire/content-types';
import { FramePayloads } from './frame-payloads';
import type { InvokerSettings, InvokeSettings } from './invoke-options';
import { InvokedStream } from './invoked-stream';
import { toByteSource } from './node-body';
import { discard } from './request/attempt';
import type { RawResponse } from './request/send-request';

/**
 * @param done the call needs its client no more
 * @throws StreamError for a response that is not Lambda's
 */
export function openStream<Chunk, Final>(
  response: RawResponse,
  contract: StreamContract,
  options: InvokerSettings,
  { settings, progress, hooks }: StreamCall<InvokeSettings>,
  done: () => void,
): InvokedStream<Chunk, Final> {
  const { signal, timeouts } = settings;
  const head = readHead(response);
  const { requestId, executedVersion } = head;
  progress.requestId = requestId;
  progress.headersMs = progress.elapsed();
  checkContentType(response, progress);
  const body = toByteSource(response.body, options.highWaterMark ?? HIGH_WATER_MARK);
  if (body === undefined) throw progress.error('CORRUPT', 'the HTTP handler gave no stream', { kind: 'body' });
  hooks.tell('onHeaders', { requestId, executedVersion, headersMs: progress.headersMs });
  let stopListening: (() => void) | undefined;
  const onSettled: OnSettled = (read, error) => {
    stopListening?.();
    done();
    hooks.tell('onEnd', { requestId, metrics: read.metrics(), error });
  };
  const stream = new InvokedStream<Chunk, Final>({
    contract,
    source: new FramePayloads(body),
    progress,
    head,
    expectedTypes: expectedTypes(contract, []),
    read: { ...options, timeouts },
    tellsMoreAtEnd: options.logs === 'tail' || response.headers[LOCAL_TARGET_HEADER] !== undefined,
    onSettled,
  });
  stopListening = onAbort(signal, () => stream.abort(signal?.reason));
  return stream;
}

function readHead({ headers }: RawResponse): ResponseHead {
  const contentType = headers[REMAPPED_CONTENT_TYPE_HEADER];
  return {
    requestId: headers['x-amzn-requestid'],
    executedVersion: headers['x-amz-executed-version'],
    contentType,
    hasPrelude: contentType?.startsWith(HTTP_INTEGRATION_CONTENT_TYPE) ?? false,
  };
}

/** Something else than Lambda may answer: a proxy, a wrong endpoint. */
function checkContentType(response: RawResponse, progress: StreamProgress): void {
  const got = response.headers['content-type'];
  if (got?.startsWith(EVENT_STREAM_CONTENT_TYPE)) return;
  discard(response);
  const message = `the answer is not an event stream but ${got ?? 'of no content type'}; is the endpoint Lambda's?`;
  throw progress.error('CORRUPT', message, { kind: 'content-type' });
}
