/** How a call stands: whether it runs, is whole, or what became of it. */
import { type Call, isAsynchronous, isGoingOn } from './calls';
import { verdictOf } from './verdict';

export type CallState = 'running' | 'whole' | 'failed' | 'refused' | 'throttled' | 'cut';

const STATE_WORDS: Readonly<Record<CallState, string>> = {
  running: 'running',
  whole: 'complete',
  failed: 'failed',
  refused: 'refused',
  throttled: 'throttled',
  cut: 'cut off',
};

export function stateOf(call: Call): CallState {
  const { ended, completed, answer, bytes, faults } = call;
  if (ended === undefined || isGoingOn(call)) return 'running';
  const isError = ended.status >= 400 && !isOwnAnswer(call);
  if (isError && (ended.status === 403 || ended.status === 401)) return 'refused';
  if (isError && ended.status === 429) return 'throttled';
  if (ended.isBroken || answer?.isWhole === false || isTruncated(faults, bytes)) return 'cut';
  const isFailed = isError || completed?.errorType !== undefined || verdictOf(call).failure !== undefined;
  return isFailed ? 'failed' : 'whole';
}

/** Whether the response is the function's own, whatever its status, and not an error in its place. */
function isOwnAnswer({ answered, completed, ended }: Call): boolean {
  return answered !== undefined && completed?.errorType === undefined && ended?.refusal === undefined;
}

/** How a call stands, with the status of the response of a front end where it is an unusual one. */
export function resultOf(call: Call): string {
  const { ended, operation } = call;
  const isHttp = operation !== 'Invoke' && operation !== 'InvokeWithResponseStream';
  const status = isHttp && ended !== undefined && ended.status !== 200 ? ` ${ended.status}` : '';
  const isWaiting = isAsynchronous(call) && call.started === undefined;
  return isWaiting ? 'accepted' : `${STATE_WORDS[stateOf(call)]}${status}`;
}

function isTruncated(faults: readonly object[], bytes: number): boolean {
  return faults.some((fault) => 'truncateAfterBytes' in fault && bytes >= Number(fault.truncateAfterBytes));
}

/** Why a call is not what it should be; undefined where it is. */
export function reasonOf(call: Call): string | undefined {
  const { answer, completed, ended } = call;
  const { failure } = verdictOf(call);
  if (failure !== undefined) return failure;
  if (completed?.errorType !== undefined) return `${completed.errorType}: ${completed.errorMessage ?? ''}`;
  return ended?.refusal ?? answer?.message;
}
