/** What the options may be that the invoker and the fetcher have in common. Portable. */

import type { StreamContract } from '../../contract/stream-contract';
import { isObject } from '../../wire/is-object';
import { STREAM_FORMATS } from '../../wire/stream-format';
import { invalidOption, type Rule, type Rules, show } from './option-rules';

export const isFunction = (value: unknown): boolean => typeof value === 'function';
export const isString = (value: unknown): boolean => typeof value === 'string';

export const ANYTHING: Rule = { allowed: 'anything', fits: () => true };
export const BOOLEAN: Rule = { allowed: 'true or false', fits: (value) => typeof value === 'boolean' };
export const FUNCTION: Rule = { allowed: 'a function', fits: isFunction };
export const OBJECT: Rule = { allowed: 'an object', fits: isObject };
export const WHOLE: Rule = {
  allowed: 'a whole number, 1 or more',
  fits: (value) => Number.isInteger(value) && Number(value) >= 1,
};

export const MILLISECONDS: Rule = { allowed: 'milliseconds, 0 or more', fits: isAmount };

/** Rules of an object that has only these. */
export function objectOf(inside: Rules): Rule {
  return { ...OBJECT, inside };
}

export function oneOf(...values: readonly string[]): Rule {
  const allowed = values.map((value) => `'${value}'`).join(' or ');
  return { allowed, fits: (value) => values.includes(value as string) };
}

/** By shape: a signal of another realm, or of a polyfill, will do. */
export const SIGNAL: Rule = {
  allowed: 'an AbortSignal',
  fits: (value) => isObject(value) && typeof value['aborted'] === 'boolean' && isFunction(value['addEventListener']),
};

export const STREAM_TIMEOUTS: Rules = {
  headersMs: MILLISECONDS,
  firstChunkMs: MILLISECONDS,
  idleMs: MILLISECONDS,
  totalMs: MILLISECONDS,
};

export const RETRY: Rule = {
  allowed: 'false or an object, such as { maxAttempts: 3 }',
  fits: (value) => value === false || isObject(value),
  inside: {
    maxAttempts: WHOLE,
    baseDelayMs: MILLISECONDS,
    maxDelayMs: MILLISECONDS,
    allowDuplicateInvocation: BOOLEAN,
  },
};

/** How a stream is read. */
export const READING: Rules = {
  validate: BOOLEAN,
  invalidUtf8: oneOf('fatal', 'replace'),
  maxResponseBytes: { allowed: 'a number of bytes, 0 or more', fits: isAmount },
};

/** @throws StreamError with code INPUT_INVALID */
export function checkContract(where: string, contract: StreamContract): void {
  if (isObject(contract) && STREAM_FORMATS.includes(contract.format)) return;
  throw invalidOption(where, `the contract must be one that streamContract() made, got ${show(contract)}`);
}

/** Infinity is one, NaN is none. */
function isAmount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0;
}
