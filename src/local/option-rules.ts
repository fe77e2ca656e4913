/** Says what is wrong with options, for callers without the compiler's checks and for values it cannot check. */

import { inspect } from 'node:util';
import { isObject } from '../wire/is-object';
import { LONGEST_TIMER_MS } from '../wire/longest-timer';
import { nearestName } from '../wire/nearest-name';

/** What an option may be. */
export interface Rule {
  /** In the words of a message: `port must be …` */
  readonly allowed: string;
  fits(value: unknown): boolean;
  /** Of an object: these members, and no others. */
  readonly members?: Rules;
}

/** Rules by the name of the option. */
export type Rules = Readonly<Record<string, Rule>>;

const SHOWN_CHARACTERS = 100;

export const FUNCTION: Rule = { allowed: 'a function', fits: (value) => typeof value === 'function' };
export const BOOLEAN: Rule = { allowed: 'true or false', fits: (value) => typeof value === 'boolean' };
export const OBJECT: Rule = { allowed: 'an object', fits: isObject };
export const TEXT: Rule = { allowed: 'a text of at least one character', fits: isText };
export const TEXTS: Rule = {
  allowed: 'an array of texts',
  fits: (value) => Array.isArray(value) && value.every(isText),
};

export function oneOf(...values: readonly string[]): Rule {
  return { allowed: values.map(show).join(' or '), fits: (value) => values.some((known) => known === value) };
}

export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): Rule {
  const allowed = max === Number.MAX_SAFE_INTEGER ? `from ${min} on` : `from ${min} to ${max}`;
  return {
    allowed: `a whole number ${allowed}`,
    fits: (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max,
  };
}

export function milliseconds(min: number): Rule {
  return {
    allowed: `a number of milliseconds from ${min} to ${LONGEST_TIMER_MS}`,
    fits: (value) => typeof value === 'number' && value >= min && value <= LONGEST_TIMER_MS,
  };
}

/**
 * The first option that is unknown or cannot be, as a sentence; undefined when all are good.
 * @param noun what a message calls a member
 */
export function optionProblem(options: unknown, rules: Rules, noun = 'option'): string | undefined {
  if (!isObject(options)) return `the ${noun}s must be an object, got ${show(options)}`;
  return memberProblem(options, rules, { noun, path: '' });
}

function memberProblem(
  options: Readonly<Record<string, unknown>>,
  rules: Rules,
  words: { readonly noun: string; readonly path: string },
): string | undefined {
  const { noun, path } = words;
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) return `there is no ${noun} "${path}${name}"; ${suggestion(name, Object.keys(rules))}`;
    if (value === undefined) continue;
    if (!rule.fits(value)) return `${path}${name} must be ${rule.allowed}, got ${show(value)}`;
    if (rule.members === undefined || !isObject(value)) continue;
    const inside = memberProblem(value, rule.members, { noun, path: `${path}${name}.` });
    if (inside !== undefined) return inside;
  }
  return undefined;
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** A value as a message shows it. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 2, breakLength: Infinity });
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

function suggestion(name: string, names: readonly string[]): string {
  const near = nearestName(name, names);
  return near === undefined ? `there are: ${names.join(', ')}` : `did you mean "${near}"?`;
}
