/** Asks for the fault of an invocation. An invalid fault fails the invocation: a test must not pass without the fault it asked for. */
import { BOOLEAN, milliseconds, objectOf, optionProblem, type Rule, wholeNumber } from '../../base/option-problem';
import type { Fault, FaultRequest, InvocationOptions } from './invocation-options';

const BYTES = wholeNumber(0);

const FAULT: Readonly<Record<keyof Fault, Rule>> = {
  throttle: BOOLEAN,
  delayMs: milliseconds(0),
  disconnectAfterBytes: BYTES,
  exceptionAfterBytes: BYTES,
  truncateAfterBytes: BYTES,
  rechunk: objectOf({ seed: { allowed: 'a number', fits: Number.isFinite } }),
};

export function decideFault({ fault }: InvocationOptions, request: FaultRequest): Fault {
  const decided: unknown = fault?.(request) ?? {};
  const problem = isThenable(decided)
    ? 'a fault must be decided at once, got a promise; the function must not be async'
    : faultProblem(decided);
  if (problem === undefined) return decided as Fault;
  const { operation, functionName, invocation } = request;
  throw new Error(
    `what the option 'fault' returned for invocation ${invocation} (${operation} of ${functionName}) is not a fault: ${problem}`,
  );
}

/** What is wrong with a fault, in words; undefined where nothing is. */
export function faultProblem(fault: unknown): string | undefined {
  return optionProblem(fault, FAULT, 'fault');
}

/** Left alone, the rejection of an async function would end the process. */
function isThenable(value: unknown): boolean {
  if (typeof (value as { then?: unknown }).then !== 'function') return false;
  Promise.resolve(value).catch(() => undefined);
  return true;
}
