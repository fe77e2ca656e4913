/**
 * The ways a stream ends, and the one verdict on it. The platform's word is not enough: on AWS a handler that crashed or
 * timed out after the response headers ends its stream like one that finished, and so does a response cut at 200 MiB.
 */
import { isObject } from '../../base/is-object';
import { createDeferred, isPromise } from '../../base/promises';
import type { Completion, StreamContract } from '../../contract/stream-contract';
import { validate } from '../../contract/validate';
import { STREAMED_RESPONSE_MAX_BYTES } from '../../wire/limits';
import type { StreamFailure } from '../../wire/stream-control';
import type { StreamError, StreamErrorDetails } from '../errors/stream-error';
import type { ForeignPayload } from './content-type';
import { findLoggedFailure, locationIn } from './log-tail';
import type { PayloadReader } from './payload-reader';
import type { PayloadEnd } from './payload-source';
import type { StreamProgress } from './stream-progress';

/** How a stream has ended: once, and the same for everybody who asks. */
export class StreamOutcome<Final> {
  private readonly deferred = createDeferred<Final>();
  private settled: 'whole' | StreamError | undefined;

  /** @param onSettled called once, before anybody is told */
  public constructor(private readonly onSettled: () => void) {}

  /** Resolves with the final value when the stream is whole; rejects with what went wrong. Never unhandled. */
  public get promise(): Promise<Final> {
    return this.deferred.promise;
  }

  public get isSettled(): boolean {
    return this.settled !== undefined;
  }

  /** What a reader gets after the end: nothing more, or the error. */
  public step(): IteratorResult<never, undefined> {
    if (this.settled !== undefined && this.settled !== 'whole') throw this.settled;
    return { done: true, value: undefined };
  }

  /** @param final checked against the contract, or waived by the caller: the only place where it gets its type */
  public succeed(final: unknown): IteratorResult<never, undefined> {
    if (this.settled === undefined) {
      this.settled = 'whole';
      this.onSettled();
      this.deferred.resolve(final as Final);
    }
    return this.step();
  }

  /** Fails with `error`, unless something else was the first to fail: that is what all readers get, and what this gives. */
  public fail(error: StreamError): StreamError {
    if (this.settled === undefined) {
      this.settled = error;
      this.onSettled();
      this.deferred.reject(error);
    }
    return this.settled === 'whole' ? error : this.settled;
  }
}

/** How the handler itself ends its streams, and whether it did. */
export interface EndMarker {
  readonly completion: Completion;
  readonly seen: boolean;
}

/**
 * What is wrong with the end of the response; undefined when it is whole.
 * @param findForeign asked where the end marker is missing, or the contract has none, and everything else is right
 */
export function judgeEnding(
  end: PayloadEnd,
  marker: EndMarker,
  progress: StreamProgress,
  findForeign: () => ForeignPayload | undefined,
): StreamError | undefined {
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
  const foreign = findForeign();
  if (foreign !== undefined) {
    const { message: what, ...details } = foreign;
    return progress.error('DECODE', what, details);
  }
  return isMarked ? unmarked(end, progress) : undefined;
}

/** The notes of a local target say why, in words only: code and fields of the error are those of AWS. */
function unmarked({ localNotes = '' }: { readonly localNotes?: string }, progress: StreamProgress): StreamError {
  const noted = findLoggedFailure(localNotes);
  const why = noted ? howItFailed('it', noted) : 'it crashed, timed out, or does not write one; look at its log';
  const message = `the function ended without the contract's end marker: ${why}${circumstances(progress, noted?.trace)}`;
  return progress.error('TRUNCATED', message, { where: 'marker' });
}

function cutOff(where: 'boundary' | 'frame', progress: StreamProgress): StreamError {
  const place = where === 'frame' ? 'in the middle of a frame' : 'before InvokeComplete';
  const message = `the response ended ${place}: the rest is lost`;
  return progress.error('TRUNCATED', message, { where }, { retryable: true });
}

type FunctionFailure = StreamErrorDetails['FUNCTION_ERROR'];
type FailureWords = Pick<FunctionFailure, 'errorType' | 'errorCode' | 'errorMessage' | 'timedOut'>;

function readReported(errorCode: string | undefined, errorDetails: string | undefined): FunctionFailure {
  const details = errorDetails === undefined ? undefined : parseDetails(errorDetails);
  const message = details?.errorMessage ?? errorDetails;
  const timedOut = /Task timed out after/.test(message ?? '') || errorCode === 'Sandbox.Timedout';
  return { errorCode, errorDetails, ...details, timedOut, source: 'complete' };
}

function parseDetails(json: string): Pick<FunctionFailure, 'errorType' | 'errorMessage' | 'trace'> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { errorMessage: json }; // plain words, as for a timeout
  }
  if (!isObject(value)) return { errorMessage: json };
  const { errorType, errorMessage, trace, stackTrace } = value;
  const lines = trace ?? stackTrace;
  return {
    errorType: typeof errorType === 'string' ? errorType : undefined,
    errorMessage: typeof errorMessage === 'string' ? errorMessage : undefined,
    trace: Array.isArray(lines) ? lines.map(String) : undefined,
  };
}

function functionError(failure: FunctionFailure, progress: StreamProgress): StreamError {
  const { errorCode, errorType, errorMessage, trace, timedOut, source, errorDetails } = failure;
  const origin = source === 'log-tail' ? 'found in its log; the platform reported success' : undefined;
  const details = { errorCode, errorType, errorMessage, trace, timedOut, source, errorDetails };
  const message = `${howItFailed('the function', failure)}${circumstances(progress, trace, origin)}`;
  return progress.error('FUNCTION_ERROR', message, details);
}

function howItFailed(who: string, { errorType, errorCode, errorMessage, timedOut }: FailureWords): string {
  const what = [errorType ?? errorCode, errorMessage].filter((part) => part !== undefined && part !== '');
  return [`${who} ${timedOut ? 'timed out' : 'failed'}`, ...what].join(': ');
}

/** Where and when, for a message: ` (at /var/task/chat.js:4:11; after 2 chunks)`. */
function circumstances(progress: StreamProgress, trace: readonly string[] | undefined, origin?: string): string {
  const place = locationIn(trace);
  const { chunks } = progress;
  const notes = [
    origin,
    place === undefined ? undefined : `at ${place}`,
    chunks === 0 ? undefined : `after ${chunks} chunk${chunks === 1 ? '' : 's'}`,
  ].filter((note) => note !== undefined);
  return notes.length === 0 ? '' : ` (${notes.join('; ')})`;
}

/** The error's data as the contract has it, or why it is left out. */
interface CheckedData {
  readonly data?: unknown;
  readonly cause?: unknown;
}

/** What the handler itself ended its stream with: an error as soon as log tail and data are there. */
export class HandlerFailure {
  private failure: StreamFailure | undefined;

  public constructor(
    private readonly contract: StreamContract,
    private readonly payloads: PayloadReader,
    private readonly progress: StreamProgress,
    private readonly endWaitMs: number,
  ) {}

  /** The handler has ended its stream; what the platform tells of it comes a moment later. */
  public async errorOf(failure: StreamFailure): Promise<StreamError> {
    this.failure = failure;
    if (this.endWaitMs > 0) this.progress.heard(await this.payloads.readEnd(this.endWaitMs));
    const checked = this.check(failure.data);
    return this.error(failure, isPromise(checked) ? await this.payloads.race(checked) : checked);
  }

  /** What can be said before that: all but the data, which nothing has checked. */
  public errorSoFar(): StreamError | undefined {
    return this.failure && this.error(this.failure, {});
  }

  private error(failure: StreamFailure, { data, cause }: CheckedData): StreamError {
    const { type: errorType, message: errorMessage, issues, statusCode, retryable = false } = failure;
    const trace = this.traceOf(errorType);
    const details = {
      errorType,
      errorMessage,
      data,
      ...(issues && { issues }),
      ...(statusCode !== undefined && { statusCode }),
      ...(trace && { trace }),
    };
    const message = `${errorType}: ${errorMessage}${circumstances(this.progress, trace)}`;
    return this.progress.error('REMOTE', message, details, { retryable, cause });
  }

  /** An error that nobody planned leaves the handler too, and the runtime logs it with its stack. */
  private traceOf(errorType: string): readonly string[] | undefined {
    const { logTail, localNotes } = this.progress;
    const logged = findLoggedFailure(logTail ?? localNotes ?? '');
    return logged?.errorType === errorType ? logged.trace : undefined;
  }

  /** Data that breaks the contract must not hide the error it came with: it is left out, and the cause says why. */
  private check(received: unknown): CheckedData | Promise<CheckedData> {
    if (this.contract.error === undefined || received === undefined) return { data: received };
    try {
      const data = validate(this.contract.error, received, 'error');
      if (!isPromise(data)) return { data };
      return Promise.resolve(data).then(
        (value) => ({ data: value }),
        (cause) => ({ cause }),
      );
    } catch (cause) {
      return { cause };
    }
  }
}
