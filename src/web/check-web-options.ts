/** Checks options for callers without a compiler. Small, because it ships inside every function. */
import { LONGEST_TIMER_MS } from '../base/timers';
import type { WebHandlerOptions } from './web-options';

/** What each option may be: types, and values that are their own names. */
const ALLOWED: Readonly<Record<keyof WebHandlerOptions, string>> = {
  basePath: 'string or function',
  trustProxy: 'boolean',
  keepAliveMs: 'milliseconds or false',
  errorFrame: 'auto or false or function',
  endMark: 'boolean',
  headersWaitMs: 'milliseconds',
  onError: 'function',
  deadlineMarginMs: 'milliseconds',
  metrics: 'function',
};

/** @throws TypeError for an option that there is not, or a value that it cannot have */
export function checkWebOptions(name: string, options: object): void {
  for (const [option, value] of Object.entries(options)) {
    const allowed = new Map(Object.entries(ALLOWED)).get(option);
    if (!allowed)
      throw new TypeError(`${name}: there is no option '${option}', only ${Object.keys(ALLOWED).join(', ')}`);
    const kinds =
      typeof value === 'number'
        ? value >= 0 && value <= LONGEST_TIMER_MS
          ? ['milliseconds']
          : []
        : [typeof value, `${value}`];
    if (value !== undefined && !allowed.split(' or ').some((kind) => kinds.includes(kind))) {
      throw new TypeError(`${name}: ${option} must be ${allowed}, got ${value}`);
    }
  }
}
