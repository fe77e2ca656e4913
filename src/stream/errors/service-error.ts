/** What a refusal of the service, or of something that stands before it, becomes. */

import { readAccessDenial } from './access-denial';
import type { Said } from './refusal-body';
import { type Invoked, StreamError, type StreamErrorFacts } from './stream-error';

/** A refusal taken apart. */
export interface ServiceAnswer extends Said {
  readonly status: number;
  /** Value of a header; undefined where it is missing. */
  header(name: string): string | undefined;
}

/** Raised while an execution environment is prepared, so before any of the function's own code for this request. */
const BEFORE_INVOKE =
  /^(KMS|EC2|ENI|EFS|S3Files|SnapStart|SubnetIP|InvalidRuntime|InvalidSecurityGroup|InvalidSubnet|InvalidZipFile|ResourceNotReady|NoPublishedVersion)/;

/** Of those, what passes by itself. */
const PASSES =
  /^(EC2Throttled|ENI|ResourceNotReady|ResourceConflict|SnapStartNotReady|EFSMountTimeout|SubnetIP|ServiceException|InternalServer|ServiceUnavailable)/;

/** An error of a service says its name; a status without one is the word of a proxy, and these pass by themselves. */
const PASSING_STATUS: readonly number[] = [500, 502, 503, 504];

export function serviceError(answer: ServiceAnswer, facts: Partial<StreamErrorFacts>): StreamError {
  const { status, name } = answer;
  const message = describe(answer);
  if (status === 403) return StreamError.of('ACCESS_DENIED', message, readAccessDenial(answer.message ?? ''), facts);
  if (status === 404) return StreamError.of('NOT_FOUND', message, {}, facts);
  if (status === 413) return StreamError.of('REQUEST_TOO_LARGE', message, {}, facts);
  if (status === 429) {
    const details = { reason: answer.reason, retryAfterMs: retryAfterMs(answer) };
    return StreamError.of('THROTTLED', message, details, { ...facts, retryable: true });
  }
  const invoked: Invoked = status < 500 || BEFORE_INVOKE.test(name ?? '') ? 'no' : 'maybe';
  const retryable = name === undefined ? PASSING_STATUS.includes(status) : PASSES.test(name);
  const details = { errorName: name ?? (status < 400 ? 'Redirect' : `HTTP ${status}`), statusCode: status };
  return StreamError.of('SERVICE', message, details, { ...facts, invoked, retryable });
}

function describe({ status, name, message, header }: ServiceAnswer): string {
  if (name !== undefined) return `${name}: ${message}`;
  const where = header('location');
  const words = status < 400 ? `redirected${where === undefined ? '' : ` to ${where}`}` : message;
  const what = words === undefined || words === '' ? '' : `: ${words}`;
  return `HTTP ${status}${what}; the answer does not look like Lambda's: is there a proxy, or another endpoint?`;
}

/** Seconds, or a date: https://www.rfc-editor.org/rfc/rfc9110.html#name-retry-after */
function retryAfterMs({ header }: ServiceAnswer): number | undefined {
  const text = header('retry-after');
  if (text === undefined || text.trim() === '') return undefined;
  const ms = Number.isNaN(Number(text)) ? Date.parse(text) - Date.now() : Number(text) * 1_000;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
