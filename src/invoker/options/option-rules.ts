/** Checks options at run time, for callers without the compiler's checks and for values it cannot check. Portable. */
import { isObject } from '../../wire/is-object';
import { nearestName } from '../../wire/nearest-name';
import { StreamError } from '../errors/stream-error';

/** What an option may be. */
export interface Rule {
  /** In the words of a message: `retry must be …` */
  readonly allowed: string;
  fits(value: unknown): boolean;
  /** Of an object of options: these, and no others. */
  readonly inside?: Rules;
}

/** Rules by the name of the option. */
export type Rules = Readonly<Record<string, Rule>>;

/**
 * @param where what was called, for a message
 * @throws StreamError with code INPUT_INVALID for the first option that is unknown or cannot be
 */
export function checkOptions(where: string, options: unknown, rules: Rules): void {
  if (!isObject(options)) throw invalidOption(where, `the options must be an object, got ${show(options)}`);
  checkMembers(where, options, rules, '');
}

function checkMembers(where: string, options: Readonly<Record<string, unknown>>, rules: Rules, path: string): void {
  for (const name of Object.keys(options)) {
    const value = options[name];
    if (!Object.hasOwn(rules, name)) {
      throw invalidOption(where, `there is no option '${path}${name}'; ${suggest(name, Object.keys(rules))}`);
    }
    const { allowed, fits, inside } = rules[name] as Rule;
    if (value === undefined) continue;
    if (!fits(value)) throw invalidOption(where, `${path}${name} must be ${allowed}, got ${show(value)}`);
    if (inside !== undefined && isObject(value)) checkMembers(where, value, inside, `${path}${name}.`);
  }
}

export function invalidOption(where: string, message: string): StreamError {
  return StreamError.of('INPUT_INVALID', `${where}: ${message}`, {}, {});
}

/** A value as a message shows it. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 80)}'`;
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

function suggest(name: string, names: readonly string[]): string {
  const near = nearestName(name, names);
  return near === undefined ? `there are ${names.join(', ')}` : `did you mean '${near}'?`;
}
