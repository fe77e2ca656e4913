/** What the options of an invoker, and of a single call, may be. */

import { isObject } from '../../base/is-object';
import {
  FUNCTION,
  isFunction,
  isString,
  OBJECT,
  objectOf,
  oneOf,
  type Rules,
  SIGNAL,
  wholeNumber,
} from '../../base/option-problem';
import type { StreamContract } from '../../contract/stream-contract';
import { checkContract, MILLISECONDS, READING, RETRY, STREAM_TIMEOUTS } from '../../stream/options/common-rules';
import { checkOptions, invalidOption } from '../../stream/options/option-rules';

/** Travels in every request, so it is the same for the invoker and for a call. */
const REQUEST: Rules = {
  clientContext: {
    allowed: 'an object, and custom in it too',
    fits: (value) => isObject(value) && (value['custom'] === undefined || isObject(value['custom'])),
  },
  traceparent: { allowed: 'a string or a function', fits: (value) => isString(value) || isFunction(value) },
  // It becomes a header.
  tenantId: {
    allowed: 'one or more printable ASCII characters',
    fits: (value) => isString(value) && /^[\x20-\x7e]+$/.test(value),
  },
};

const CALL: Rules = { ...REQUEST, signal: SIGNAL, timeouts: objectOf(STREAM_TIMEOUTS) };

const HOOKS = ['onStart', 'onRequest', 'onRetry', 'onHeaders', 'onEnd', 'onWarning'];

const INVOKER: Rules = {
  ...REQUEST,
  ...READING,
  timeouts: objectOf({ connectMs: MILLISECONDS, ...STREAM_TIMEOUTS }),
  logs: oneOf('none', 'tail'),
  retry: RETRY,
  highWaterMark: wholeNumber(1),
  hooks: objectOf(Object.fromEntries(HOOKS.map((name) => [name, FUNCTION]))),
  target: { allowed: 'a StreamTarget', fits: (value) => isObject(value) && isFunction(value['resolve']) },
  functionName: { allowed: 'a string, the name or ARN of a function', fits: isString },
  qualifier: { allowed: 'a string, a version or alias', fits: isString },
  client: {
    allowed: 'a LambdaClient',
    fits: (value) => isObject(value) && isFunction(value['send']) && isObject(value['middlewareStack']),
  },
  clientConfig: OBJECT,
};

/** @throws StreamError with code INPUT_INVALID for what cannot be, or contradicts itself */
export function checkInvokerOptions(contract: StreamContract, options: unknown): void {
  const where = 'streamInvoker';
  checkContract(where, contract);
  checkOptions(where, options, INVOKER);
  const { target, functionName, qualifier, client, clientConfig } = options as Readonly<Record<string, unknown>>;
  const both = (left: string, right: string) =>
    invalidOption(where, `${left} and ${right} exclude each other; give one`);
  if (target !== undefined && functionName !== undefined) throw both('target', 'functionName');
  if (target !== undefined && qualifier !== undefined) {
    throw invalidOption(where, "qualifier goes with functionName; a target's ARN has its own version or alias");
  }
  if (target === undefined && functionName === undefined) {
    throw invalidOption(where, 'give the function as target or functionName');
  }
  if (client !== undefined && clientConfig !== undefined) throw both('client', 'clientConfig');
}

/** @param where `invoke()` or `dryRun()` */
export function checkCallOptions(where: string, call: unknown): void {
  checkOptions(where, call, CALL);
}
