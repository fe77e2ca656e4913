/** Says what is wrong with options, for callers without the compiler's checks and for values it cannot check. */
import { isObject } from './is-object';
import { nearestName } from './nearest-name';
import { LONGEST_TIMER_MS } from './timers';

/** What an option may be. */
export interface Rule {
  /** In the words of a message: `retry must be …` */
  readonly allowed: string;
  fits(value: unknown): boolean;
  /** For an object: these members, and no others. */
  readonly members?: Rules;
}

/** Rules by the name of the option. */
export type Rules = Readonly<Record<string, Rule>>;

const SHOWN_CHARACTERS = 80;

export const isFunction = (value: unknown): value is (...args: never[]) => unknown => typeof value === 'function';
export const isString = (value: unknown): value is string => typeof value === 'string';
export const isNonEmptyString = (value: unknown): value is string => isString(value) && value !== '';

export const ANYTHING: Rule = { allowed: 'anything', fits: () => true };
export const BOOLEAN: Rule = { allowed: 'true or false', fits: (value) => typeof value === 'boolean' };
export const FUNCTION: Rule = { allowed: 'a function', fits: isFunction };
export const OBJECT: Rule = { allowed: 'an object', fits: isObject };
export const STRING: Rule = { allowed: 'a non-empty string', fits: isNonEmptyString };
export const STRINGS: Rule = {
  allowed: 'an array of non-empty strings',
  fits: (value) => Array.isArray(value) && value.every(isNonEmptyString),
};

/** By shape: a signal of another realm, or of a polyfill, is accepted. */
export const SIGNAL: Rule = {
  allowed: 'an AbortSignal',
  fits: (value) => isObject(value) && typeof value['aborted'] === 'boolean' && isFunction(value['addEventListener']),
};

/** An object that has only these members. */
export function objectOf(members: Rules): Rule {
  return { ...OBJECT, members };
}

export function oneOf(...values: readonly unknown[]): Rule {
  return { allowed: values.map(show).join(' or '), fits: (value) => values.includes(value) };
}

export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): Rule {
  const range = max === Number.MAX_SAFE_INTEGER ? `, ${min} or more` : ` from ${min} to ${max}`;
  return {
    allowed: `a whole number${range}`,
    fits: (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max,
  };
}

/** A delay that timers can count. A longer one would fire at once. */
export function milliseconds(min: number): Rule {
  return {
    allowed: `a number of milliseconds from ${min} to ${LONGEST_TIMER_MS}`,
    fits: (value) => typeof value === 'number' && value >= min && value <= LONGEST_TIMER_MS,
  };
}

/**
 * The first option that is unknown or has a wrong value, as a sentence; undefined when all are good.
 * An option that is undefined counts as left out.
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
    if (rule === undefined) return `there is no ${noun} '${path}${name}'; ${suggestion(name, Object.keys(rules))}`;
    if (value === undefined) continue;
    if (!rule.fits(value)) return `${path}${name} must be ${rule.allowed}, got ${show(value)}`;
    if (rule.members === undefined || !isObject(value)) continue;
    const inside = memberProblem(value, rule.members, { noun, path: `${path}${name}.` });
    if (inside !== undefined) return inside;
  }
  return undefined;
}

/** A value as a message shows it: of an object its keys only, as values may be secret. */
export function show(value: unknown): string {
  if (typeof value === 'string') return shorten(`'${value}'`);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return shorten(`[${value.map(show).join(', ')}]`);
  if (typeof value !== 'object' || value === null) return String(value);
  return isPlain(value) ? shorten(`{ ${Object.keys(value).join(', ')} }`.replace('{  }', '{}')) : 'an object';
}

/** By depth, as `Object.prototype` of another realm is another object. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function shorten(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

function suggestion(name: string, names: readonly string[]): string {
  const near = nearestName(name, names);
  return near === undefined ? `there are ${names.join(', ')}` : `did you mean '${near}'?`;
}
