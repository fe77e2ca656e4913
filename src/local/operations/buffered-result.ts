/** The whole answer of an invocation, as who does not read a stream gets it. */
import { BUFFERED_RESPONSE_MAX_BYTES } from '../../wire/limits';
import type { RunningInvocation } from '../runtime/active-invocation';
import { type FunctionFailure, responseTooLarge } from '../runtime/function-failure';
import { collectBody } from './buffered-body';

export interface BufferedResult {
  readonly payload: Buffer;
  readonly contentType: string;
  readonly failed: boolean;
}

export async function bufferedResult(running: RunningInvocation): Promise<BufferedResult> {
  const begun = await running.response;
  if (begun.kind === 'failure') return failed(begun.failure);
  const { body, contentType, failure } = begun.response;
  const payload = await collectBody(body);
  if (payload === 'too-large') return failed(responseTooLarge(BUFFERED_RESPONSE_MAX_BYTES));
  const problem = body.complete ? failure() : (await running.completed).failure;
  return problem === undefined ? { payload, contentType, failed: false } : failed(problem);
}

function failed(failure: FunctionFailure): BufferedResult {
  return { payload: Buffer.from(failure.body), contentType: 'application/json', failed: true };
}
