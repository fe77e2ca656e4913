/** What the options may be that invoker and fetcher have in common, and how those of a call are laid over them. */
import { isObject } from '../../base/is-object';
import {
  BOOLEAN,
  FUNCTION,
  isFunction,
  isString,
  objectOf,
  oneOf,
  optionProblem,
  type Rule,
  type Rules,
  show,
  wholeNumber,
} from '../../base/option-problem';
import type { StreamContract } from '../../contract/stream-contract';
import { STREAM_FORMATS } from '../../wire/stream-format';
import { StreamError } from '../errors/stream-error';

const WHOLE = wholeNumber(1);

export const MILLISECONDS: Rule = { allowed: 'milliseconds, 0 or more', fits: isAmount };

export const STREAM_TIMEOUTS: Rules = {
  headersMs: MILLISECONDS,
  firstByteMs: MILLISECONDS,
  idleMs: MILLISECONDS,
  totalMs: MILLISECONDS,
};

const RETRY: Rule = {
  allowed: 'false or an object, such as { maxAttempts: 3 }',
  fits: (value) => value === false || isObject(value),
  members: {
    maxAttempts: WHOLE,
    baseDelayMs: MILLISECONDS,
    maxDelayMs: MILLISECONDS,
    allowDuplicateInvocation: BOOLEAN,
  },
};

const HOOKS = ['onStart', 'onRequest', 'onRetry', 'onHeaders', 'onEnd', 'onWarning'];

/** What is the same for every invoker and fetcher. */
export const SETTINGS: Rules = {
  validate: BOOLEAN,
  invalidUtf8: oneOf('fatal', 'replace'),
  maxResponseBytes: { allowed: 'a number of bytes, 0 or more', fits: isAmount },
  highWaterMark: WHOLE,
  retry: RETRY,
  hooks: objectOf(Object.fromEntries(HOOKS.map((name) => [name, FUNCTION]))),
};

/** Travels in every request, so it is the same for all calls and for one. */
export const TRACEPARENT: Rule = {
  allowed: 'a string or a function',
  fits: (value) => isString(value) || isFunction(value),
};

/** @throws StreamError with code CONFIG_INVALID */
export function checkContract(where: string, contract: StreamContract): void {
  if (isObject(contract) && STREAM_FORMATS.includes(contract.format)) return;
  throw invalidOption(where, `the contract must be one that streamContract() made, got ${show(contract)}`);
}

/** Infinity is an amount, NaN is not. */
function isAmount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0;
}

/**
 * @param where what was called, for a message
 * @throws StreamError with code CONFIG_INVALID for the first option that is unknown or has a wrong value
 */
export function checkOptions(where: string, options: unknown, rules: Rules): void {
  const problem = optionProblem(options, rules);
  if (problem !== undefined) throw invalidOption(where, problem);
}

export function invalidOption(where: string, message: string): StreamError {
  return StreamError.of('CONFIG_INVALID', `${where}: ${message}`, {}, {});
}

/** A member that is there but undefined replaces nothing. */
export function overlay<T extends object>(base: T | undefined, own: Partial<T> | undefined): Partial<T> {
  const given = Object.entries(own ?? {}).filter(([, value]) => value !== undefined);
  return { ...base, ...(Object.fromEntries(given) as Partial<T>) };
}
