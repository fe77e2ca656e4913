/** What the options of a fetcher, and of a single call, may be. */

import {
  ANYTHING,
  BOOLEAN,
  FUNCTION,
  isFunction,
  objectOf,
  type Rule,
  type Rules,
  SIGNAL,
} from '../base/option-problem';
import type { StreamContract } from '../contract/stream-contract';
import { checkContract, READING, RETRY, STREAM_TIMEOUTS } from '../stream/options/common-rules';
import { checkOptions } from '../stream/options/option-rules';

const isValues = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** Their names and values are checked where the request is made. */
const HEADERS: Rule = { allowed: 'an object of names and values', fits: isValues };

const CALL: Rules = { signal: SIGNAL, headers: HEADERS, timeouts: objectOf(STREAM_TIMEOUTS) };

const METHODS: readonly unknown[] = ['POST', 'PUT', 'PATCH'];

const FETCHER: Rules = {
  ...READING,
  // Read, and refused in words of their own, when the fetcher is made.
  url: ANYTHING,
  sign: ANYTHING,
  method: { allowed: 'POST, PUT or PATCH', fits: (value) => METHODS.includes(value) },
  headers: {
    allowed: 'an object of names and values, or a function that gives one',
    fits: (value) => isValues(value) || isFunction(value),
  },
  contentSha256: BOOLEAN,
  contentTypes: {
    allowed: 'an array of media types',
    fits: (value) => Array.isArray(value) && value.every((type) => typeof type === 'string'),
  },
  timeouts: objectOf(STREAM_TIMEOUTS),
  retry: RETRY,
  fetch: FUNCTION,
};

/** @throws StreamError with code INPUT_INVALID */
export function checkFetcherOptions(contract: StreamContract, options: unknown): void {
  checkContract('streamFetcher', contract);
  checkOptions('streamFetcher', options, FETCHER);
}

/** @throws StreamError with code INPUT_INVALID */
export function checkFetchCallOptions(call: unknown): void {
  checkOptions('invoke()', call, CALL);
}
