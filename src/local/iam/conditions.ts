/**
 * The `Condition` element of a policy statement: every operator and every key must hold.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
 */

import type { Mismatch } from './decision';
import { comparisonOf, parseOperator } from './operators';
import { type ContextValues, resolveValues } from './variables';

/** Condition keys compare without letter case; a key without a value is as if it were not there. */
export function normalizeContext(
  context: Readonly<Record<string, string | readonly string[] | undefined>>,
): ContextValues {
  const values = new Map<string, string | readonly string[]>();
  for (const [key, value] of Object.entries(context)) {
    if (value !== undefined && (typeof value === 'string' || value.length > 0)) values.set(key.toLowerCase(), value);
  }
  return values;
}

/** How a condition is read. */
export interface ConditionReading {
  readonly context: ContextValues;
  /** Whether `${…}` is a variable: not before version 2012-10-17 of the policy language. */
  readonly variables: boolean;
  /** Whether a variable without a value makes the whole condition fail, as in an `Allow`. */
  readonly needsVariables: boolean;
}

/** The first part of `condition` that does not hold, or undefined when all of it holds. */
export function conditionMismatch(
  condition: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  reading: ConditionReading,
): Mismatch | undefined {
  for (const [operator, keys] of Object.entries(condition)) {
    for (const [key, expected] of Object.entries(keys)) {
      const mismatch = keyMismatch(operator, key, valuesOf(expected), reading);
      if (mismatch) return mismatch;
    }
  }
  return undefined;
}

function keyMismatch(
  operator: string,
  key: string,
  policyValues: readonly string[],
  { context, variables, needsVariables }: ConditionReading,
): Mismatch | undefined {
  const found = context.get(key.toLowerCase());
  const seen = typeof found === 'string' ? [found] : found;
  const mismatch: Mismatch = { element: 'Condition', operator, key, expected: policyValues, seen };
  const { base, ifExists, quantifier } = parseOperator(operator);
  if (base === 'Null') {
    return policyValues.some((value) => (seen === undefined) === (value.toLowerCase() === 'true'))
      ? undefined
      : mismatch;
  }
  if (seen === undefined && ifExists) return undefined;

  const { matches, negated, takesVariables } = comparisonOf(base);
  const { patterns, missing } =
    variables && takesVariables ? resolveValues(policyValues, context) : { patterns: policyValues };
  if (missing !== undefined && needsVariables) return { element: 'Variable', variable: missing, within: 'Condition' };
  /** A negated operator wants the request value to be none of the policy's values. */
  const holds = (value: string) => patterns.some((pattern) => matches(pattern, value)) !== negated;

  const isTrue = (() => {
    if (seen === undefined || (quantifier && seen.every((value) => value === ''))) {
      return quantifier === 'ForAllValues' || (negated && !quantifier);
    }
    if (quantifier === 'ForAllValues') return seen.every(holds);
    if (quantifier === 'ForAnyValue') return seen.some(holds);
    return negated ? seen.every(holds) : seen.some(holds);
  })();
  return isTrue ? undefined : mismatch;
}

function valuesOf(expected: unknown): readonly string[] {
  return (Array.isArray(expected) ? expected : [expected]).map(String);
}
