/**
 * Policy variables: `${key}` in a policy stands for the request's value of that key.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */

import { fifthColon, literalText } from './wildcards';

/** Condition keys in lower case. A key of several values has a list, also where the list holds one value. */
export type ContextValues = ReadonlyMap<string, string | readonly string[]>;

/** Patterns whose variables are replaced; those with a variable that the request has no value for are left out. */
export interface ResolvedPatterns {
  readonly patterns: readonly string[];
  /** The first variable without a value, as the policy writes it: `${aws:PrincipalTag/team}`. */
  readonly missing?: string;
}

/** Replaces the variables of condition values. */
export function resolveValues(values: readonly string[], context: ContextValues): ResolvedPatterns {
  return resolve(values, (value) => substitute(value, context));
}

/**
 * Replaces the variables of `Resource` patterns. Variables exist in the resource part of an ARN only; before the fifth
 * colon the same characters are literal text.
 */
export function resolveResources(patterns: readonly string[], context: ContextValues): ResolvedPatterns {
  return resolve(patterns, (pattern) => {
    const start = resourcePart(pattern);
    const resolved = substitute(pattern.slice(start), context);
    return typeof resolved === 'string' ? pattern.slice(0, start) + resolved : resolved;
  });
}

/** The first variable before the fifth colon of a pattern, where AWS has none. */
export function misplacedVariable(patterns: readonly string[]): string | undefined {
  for (const pattern of patterns) {
    const [variable] = VARIABLE.exec(pattern.slice(0, resourcePart(pattern))) ?? [];
    if (variable !== undefined) return variable;
  }
  return undefined;
}

const VARIABLE = /\$\{[^}]*\}/;
const VARIABLES = /\$\{([^}]*)\}/g;

interface Missing {
  readonly missing: string;
}

function resolve(patterns: readonly string[], one: (pattern: string) => string | Missing): ResolvedPatterns {
  const resolved: string[] = [];
  let missing: string | undefined;
  for (const pattern of patterns) {
    const text = one(pattern);
    if (typeof text === 'string') resolved.push(text);
    else missing ??= text.missing;
  }
  return missing === undefined ? { patterns: resolved } : { patterns: resolved, missing };
}

/** The colon inside of `${aws:…}` does not count. */
function resourcePart(pattern: string): number {
  return fifthColon(pattern.replace(VARIABLES, (variable) => '_'.repeat(variable.length)));
}

/** A wildcard in a value is literal text; a key of several values cannot be a variable. */
function substitute(text: string, context: ContextValues): string | Missing {
  let missing: string | undefined;
  const substituted = text.replace(VARIABLES, (variable, inner: string) => {
    if (inner === '*' || inner === '?' || inner === '$') return literalText(inner);
    const [, key = '', fallback] = /^\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?$/.exec(inner) ?? [];
    const found = context.get(key.toLowerCase());
    const value = typeof found === 'string' ? found : fallback;
    if (value === undefined) missing ??= variable;
    return literalText(value ?? '');
  });
  return missing === undefined ? substituted : { missing };
}
