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
  if (trace === undefined || typeof trace === 'string') return trace;
  return leaveOutTraceparent(hooks, `it must be a string, got ${show(trace)}`);
}

export function leaveOutTraceparent(hooks: CallHooks, why: string): undefined {
  hooks.warn(`traceparent was left out: ${why}`);
  return undefined;
}
