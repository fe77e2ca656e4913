/**
 * The `Condition` element of a policy statement: every operator and every key must hold.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
 */

import { comparisonOf, parseOperator } from './operators';
import { literalText } from './wildcards';

/** Condition keys in lower case and their values. */
export type ContextValues = ReadonlyMap<string, readonly string[]>;

/** Condition keys compare without letter case; a key without a value is as if it were not there. */
export function normalizeContext(
  context: Readonly<Record<string, string | readonly string[] | undefined>>,
): ContextValues {
  const values = new Map<string, readonly string[]>();
  for (const [key, value] of Object.entries(context)) {
    if (value !== undefined) values.set(key.toLowerCase(), typeof value === 'string' ? [value] : value);
  }
  return values;
}

/** Whether all of `condition` holds in `context`. */
export function conditionHolds(
  condition: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  context: ContextValues,
): boolean {
  return Object.entries(condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, expected]) => keyHolds(operator, key, valuesOf(expected), context)),
  );
}

function keyHolds(operatorName: string, key: string, policyValues: readonly string[], context: ContextValues): boolean {
  const requestValues = context.get(key.toLowerCase());
  const { base, ifExists, quantifier } = parseOperator(operatorName);
  if (base === 'Null') return policyValues.some((value) => (requestValues === undefined) === (value === 'true'));

  const { matches, negated } = comparisonOf(base);
  const expected = policyValues.flatMap((value) => substituteVariables(value, context) ?? []);
  /** A negated operator wants the request value to be none of the policy's values. */
  const holds = (value: string) => expected.some((pattern) => matches(pattern, value)) !== negated;

  if (requestValues === undefined) return ifExists || quantifier === 'ForAllValues' || (negated && !quantifier);
  if (quantifier === 'ForAllValues') return requestValues.every(holds);
  if (quantifier === 'ForAnyValue') return requestValues.some(holds);
  return negated ? requestValues.every(holds) : requestValues.some(holds);
}

/**
 * `${key}` in a policy stands for the request's value; a wildcard in that value is literal text. Undefined when the
 * request has no single value for it and the variable gives no default: nothing can match then.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function substituteVariables(text: string, context: ContextValues): string | undefined {
  if (!text.includes('${')) return text;
  let missing = false;
  const substituted = text.replace(/\$\{([^}]*)\}/g, (_, inner: string) => {
    if (inner === '*' || inner === '?' || inner === '$') return literalText(inner);
    const [, key = '', fallback] = /^\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?$/.exec(inner) ?? [];
    const values = context.get(key.toLowerCase());
    const value = values?.length === 1 ? values[0] : fallback;
    missing ||= value === undefined;
    return literalText(value ?? '');
  });
  return missing ? undefined : substituted;
}

function valuesOf(expected: unknown): readonly string[] {
  return (Array.isArray(expected) ? expected : [expected]).map(String);
}
