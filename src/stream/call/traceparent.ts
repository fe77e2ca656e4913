/** Asks for the trace context of a call. */
import { show } from '../../base/option-problem';
import { describe } from '../errors/system-error';
import type { StreamCallOptions } from './call-options';
import type { CallHooks } from './stream-hooks';

/** The `traceparent` to send; undefined where there is none, or where it had to be left out, which is a warning. */
export function readTraceparent(source: StreamCallOptions['traceparent'], hooks: CallHooks): string | undefined {
  let trace: unknown;
  try {
    trace = typeof source === 'function' ? source({ callId: hooks.callId }) : source;
  } catch (error) {
    return leaveOutTraceparent(hooks, `the function threw: ${describe(error)}`);
  }
  if (trace === undefined) return undefined;
  if (typeof trace !== 'string') return leaveOutTraceparent(hooks, `it must be a string, got ${show(trace)}`);
  // A header carries no more, and a call must not fail for being watched.
  return /^[\x20-\x7e]*$/.test(trace)
    ? trace
    : leaveOutTraceparent(hooks, `it must be printable ASCII, got ${show(trace)}`);
}

export function leaveOutTraceparent(hooks: CallHooks, why: string): undefined {
  hooks.warn(`traceparent was left out: ${why}`);
  return undefined;
}
