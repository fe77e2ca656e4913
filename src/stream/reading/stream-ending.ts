/**
 * Decides whether a response that has ended is whole. The platform's word is not enough: on AWS a handler that crashed
 * or timed out after the response headers ends its stream like one that finished, and so does a response cut at 200 MiB.
 */
import type { Completion } from '../../contract/stream-contract';
import { STREAMED_RESPONSE_MAX_BYTES } from '../../wire/limits';
import type { StreamError, StreamErrorDetails } from '../errors/stream-error';
import { findLoggedFailure } from './log-tail';
import type { PayloadEnd } from './payload-source';
import type { StreamProgress } from './stream-progress';

/** How the handler itself ends its streams, and whether it did. */
export interface EndMarker {
  readonly completion: Completion;
  readonly seen: boolean;
}

/** What is wrong with the end of the response; undefined when it is whole. */
export function judgeEnding(end: PayloadEnd, marker: EndMarker, progress: StreamProgress): StreamError | undefined {
  const isMarked = marker.completion === 'marker';
  if (end.outcome === 'truncated') return isMarked && marker.seen ? undefined : cutOff(end.where, progress);
  if (end.errorCode !== undefined || end.errorDetails !== undefined) {
    return functionError(readReported(end.errorCode, end.errorDetails), progress);
  }
  if (isMarked && marker.seen) return undefined;
  const logged = end.logTail === undefined ? undefined : findLoggedFailure(end.logTail);
  // An entry any function could have logged is proof only where the end marker is missing as well.
  if (logged && (logged.certain || isMarked)) return functionError({ ...logged, source: 'log-tail' }, progress);
  if (progress.payloadBytes >= STREAMED_RESPONSE_MAX_BYTES) {
    const message = `Lambda ended the response at its limit of ${STREAMED_RESPONSE_MAX_BYTES} bytes; the rest is lost`;
    return progress.error('TRUNCATED', message, { where: 'size-limit' });
  }
  if (!isMarked) return undefined;
  const message =
    "the function ended without the contract's end marker: it crashed, timed out, or does not write one; look at its log";
  return progress.error('TRUNCATED', message, { where: 'marker' });
}

function cutOff(where: 'boundary' | 'frame', progress: StreamProgress): StreamError {
  const place = where === 'frame' ? 'in the middle of a frame' : 'before InvokeComplete';
  const message = `the response ended ${place}: the rest is lost`;
  return progress.error('TRUNCATED', message, { where }, { retryable: true });
}

type FunctionFailure = StreamErrorDetails['FUNCTION_ERROR'];

function readReported(errorCode: string | undefined, errorDetails: string | undefined): FunctionFailure {
  const details = parseDetails(errorDetails);
  const message = details?.errorMessage ?? errorDetails;
  const timedOut = /Task timed out after/.test(message ?? '') || errorCode === 'Sandbox.Timedout';
  return { errorCode, errorDetails, ...details, timedOut, source: 'complete' };
}

function parseDetails(
  json: string | undefined,
): Pick<FunctionFailure, 'errorType' | 'errorMessage' | 'trace'> | undefined {
  if (json === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { errorMessage: json }; // plain words, as for a timeout
  }
  if (typeof value !== 'object' || value === null) return { errorMessage: json };
  const { errorType, errorMessage, trace, stackTrace } = value as Record<string, unknown>;
  const lines = trace ?? stackTrace;
  return {
    errorType: typeof errorType === 'string' ? errorType : undefined,
    errorMessage: typeof errorMessage === 'string' ? errorMessage : undefined,
    trace: Array.isArray(lines) ? lines.map(String) : undefined,
  };
}

function functionError(failure: FunctionFailure, progress: StreamProgress): StreamError {
  const { errorCode, errorType, errorMessage, trace, timedOut, source, errorDetails } = failure;
  const what = [errorType ?? errorCode, errorMessage].filter((part) => part !== undefined && part !== '').join(': ');
  const how = timedOut ? 'the function timed out' : 'the function failed';
  const origin = source === 'log-tail' ? ' (found in its log; the platform reported success)' : '';
  const details = { errorCode, errorType, errorMessage, trace, timedOut, source, errorDetails };
  return progress.error('FUNCTION_ERROR', `${how}${what === '' ? '' : `: ${what}`}${origin}`, details);
}
