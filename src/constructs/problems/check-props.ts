/**
 * Says what is wrong with the properties of a construct, for callers without a compiler: JavaScript, and values from
 * outside. jsii checks those of other languages before they come here, and leaves out what a struct does not have.
 */
import { Token } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import { isObject } from '../../base/is-object';
import { nearestName } from '../../base/nearest-name';
import { isFunction, type Rule, type Rules, show } from '../../base/option-problem';
import { StreamingConstructError } from './construct-error';
import { warn } from './warnings';

export const DURATION: Rule = {
  allowed: 'a Duration, such as Duration.seconds(60)',
  fits: (value) => isObject(value) && isFunction(value['toMilliseconds']),
};

export const NUMBER: Rule = { allowed: 'a number', fits: (value) => typeof value === 'number' };

export const TEXT: Rule = { allowed: 'a string', fits: (value) => typeof value === 'string' };

export const FLAG: Rule = { allowed: 'true or false', fits: (value) => typeof value === 'boolean' };

export const LIST: Rule = { allowed: 'an array', fits: (value) => Array.isArray(value) || Token.isUnresolved(value) };

/** An object of a class, recognised by a member: two copies of a package may meet in one app. */
export function having(member: string, allowed: string): Rule {
  return { allowed, fits: (value) => typeof value === 'object' && value !== null && member in value };
}

export interface CheckedProps {
  /** How a message calls them: `properties of the function URL`. */
  readonly noun: string;
  readonly rules: Rules;
  /** What cannot be left out, with an example of it. */
  readonly required?: Readonly<Record<string, string>>;
}

/**
 * A property whose name nearly is one of ours is a slip, and an error. Any other unknown one may belong to a newer
 * aws-cdk-lib, or to an object that serves several constructs: it is a warning.
 *
 * @throws StreamingConstructError `Properties` for a wrong value, a missing one, and a name that is nearly right
 */
export function checkProps(scope: IConstruct, id: string, props: unknown, checked: CheckedProps): void {
  const fail = (message: string) =>
    new StreamingConstructError(scope, 'Properties', id ? `${id}: ${message}` : message);
  const { noun, rules, required = {} } = checked;
  if (!isObject(props)) {
    const [first] = Object.entries(required);
    const hint = first ? `; pass at least { ${first[0]}: ${first[1]} }` : '';
    throw fail(`the ${noun} must be an object, got ${show(props)}${hint}`);
  }
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined) continue;
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) unknownName(scope, name, checked, fail);
    else if (!rule.fits(value)) throw fail(`${name} must be ${rule.allowed}, got ${show(value)}`);
  }
  for (const [name, example] of Object.entries(required)) {
    if (props[name] === undefined)
      throw fail(`${name} is missing in the ${noun}; pass for example ${name}: ${example}`);
  }
}

function unknownName(
  scope: IConstruct,
  name: string,
  { noun, rules }: CheckedProps,
  fail: (message: string) => Error,
): void {
  const known = Object.keys(rules);
  const near = nearestName(name, known);
  // aws-cdk-lib gives second versions longer names, as `systemLogLevelV2`: not a slip, but newer than we are.
  if (near !== undefined && !known.some((shorter) => name.startsWith(shorter))) {
    throw fail(`there is no '${name}' among the ${noun}; did you mean '${near}'?`);
  }
  warn(scope, 'UnknownProperty', `there is no '${name}' among the ${noun}, so it has no effect; remove it`);
}
