/** What the options may be that the invoker and the fetcher have in common. Portable. */

import { isObject } from '../../base/is-object';
import { BOOLEAN, oneOf, type Rule, type Rules, show, wholeNumber } from '../../base/option-problem';
import type { StreamContract } from '../../contract/stream-contract';
import { STREAM_FORMATS } from '../../wire/stream-format';
import { invalidOption } from './option-rules';

const WHOLE = wholeNumber(1);

export const MILLISECONDS: Rule = { allowed: 'milliseconds, 0 or more', fits: isAmount };

export const STREAM_TIMEOUTS: Rules = {
  headersMs: MILLISECONDS,
  firstChunkMs: MILLISECONDS,
  idleMs: MILLISECONDS,
  totalMs: MILLISECONDS,
};

export const RETRY: Rule = {
  allowed: 'false or an object, such as { maxAttempts: 3 }',
  fits: (value) => value === false || isObject(value),
  members: {
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
