/**
 * The comparison operators of policy conditions, and the values each one takes.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */

import { BlockList, isIP } from 'node:net';
import { matchesArn, matchesWildcard, plainText } from './wildcards';

/** An operator taken apart: `ForAnyValue:StringLikeIfExists`. */
export interface ParsedOperator {
  readonly base: string;
  readonly ifExists: boolean;
  readonly quantifier: 'ForAllValues' | 'ForAnyValue' | undefined;
}

export interface Comparison {
  /** Whether the request's value matches the policy's. */
  readonly matches: (pattern: string, value: string) => boolean;
  /** Whether the operator holds when nothing matches. */
  readonly negated: boolean;
  /** Whether the policy's value may hold `${variables}`. */
  readonly takesVariables: boolean;
  /** What a value must be; undefined where any text will do. */
  readonly values: ValueRule | undefined;
}

interface ValueRule {
  readonly expected: string;
  readonly accepts: (value: string) => boolean;
}

type Matcher = Comparison['matches'];

const equalText: Matcher = (pattern, value) => plainText(pattern) === value;
const equalTextIgnoringCase: Matcher = (pattern, value) => plainText(pattern).toLowerCase() === value.toLowerCase();
const compareNumbers =
  (holds: (value: number, limit: number) => boolean): Matcher =>
  (pattern, value) =>
    holds(Number(value), Number(pattern));
const compareDates =
  (holds: (value: number, limit: number) => boolean): Matcher =>
  (pattern, value) =>
    holds(milliseconds(value), milliseconds(pattern));

const NUMBER: ValueRule = {
  expected: 'a number such as 10 or 2.5',
  accepts: (value) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value),
};
const DATE: ValueRule = {
  expected: 'a date such as 2026-01-31T12:00:00Z, or seconds since 1970',
  accepts: (value) => !Number.isNaN(milliseconds(value)),
};
const BOOLEAN: ValueRule = { expected: 'true or false', accepts: (value) => /^(true|false)$/i.test(value) };
const BASE64: ValueRule = {
  expected: 'base64',
  accepts: (value) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value),
};
const ADDRESSES: ValueRule = {
  expected: 'an address or a range such as 203.0.113.0/24 or 2001:db8::/32',
  accepts: (value) => addressRange(value) !== undefined,
};

/** Operators that hold when a value matches, and the name of each one's negation. */
const OPERATORS: readonly (readonly [string, string | undefined, Matcher, ValueRule?])[] = [
  ['StringEquals', 'StringNotEquals', equalText],
  ['StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', equalTextIgnoringCase],
  ['StringLike', 'StringNotLike', matchesWildcard],
  ['ArnEquals', 'ArnNotEquals', matchesArn],
  ['ArnLike', 'ArnNotLike', matchesArn],
  ['NumericEquals', 'NumericNotEquals', compareNumbers((value, limit) => value === limit), NUMBER],
  ['NumericLessThan', undefined, compareNumbers((value, limit) => value < limit), NUMBER],
  ['NumericLessThanEquals', undefined, compareNumbers((value, limit) => value <= limit), NUMBER],
  ['NumericGreaterThan', undefined, compareNumbers((value, limit) => value > limit), NUMBER],
  ['NumericGreaterThanEquals', undefined, compareNumbers((value, limit) => value >= limit), NUMBER],
  ['DateEquals', 'DateNotEquals', compareDates((value, limit) => value === limit), DATE],
  ['DateLessThan', undefined, compareDates((value, limit) => value < limit), DATE],
  ['DateLessThanEquals', undefined, compareDates((value, limit) => value <= limit), DATE],
  ['DateGreaterThan', undefined, compareDates((value, limit) => value > limit), DATE],
  ['DateGreaterThanEquals', undefined, compareDates((value, limit) => value >= limit), DATE],
  ['Bool', undefined, equalTextIgnoringCase, BOOLEAN],
  ['BinaryEquals', undefined, equalText, BASE64],
  ['IpAddress', 'NotIpAddress', inAddressRange, ADDRESSES],
];

const comparisons = new Map<string, Comparison>(
  OPERATORS.flatMap(([name, negation, matches, values]): [string, Comparison][] => {
    const comparison = { matches, values, takesVariables: values === undefined };
    const pair: [string, Comparison][] = [[name, { ...comparison, negated: false }]];
    return negation === undefined ? pair : [...pair, [negation, { ...comparison, negated: true }]];
  }),
);

const parsed = new Map<string, ParsedOperator>();

/** Takes an operator apart; throws for one that IAM does not have. */
export function parseOperator(operator: string): ParsedOperator {
  const known = parsed.get(operator);
  if (known) return known;
  const [, quantifier, name = ''] = /^(?:(ForAllValues|ForAnyValue):)?(.*)$/s.exec(operator) ?? [];
  const ifExists = name.endsWith('IfExists');
  const base = ifExists ? name.slice(0, -'IfExists'.length) : name;
  if (base === 'Null' ? ifExists || quantifier !== undefined : !comparisons.has(base)) {
    throw new Error(`condition operator '${operator}' does not exist; see IAM's list of condition operators`);
  }
  const result: ParsedOperator = { base, ifExists, quantifier: quantifier as ParsedOperator['quantifier'] };
  parsed.set(operator, result); // there are few: each was spelled as IAM spells it
  return result;
}

/** The comparison behind an operator's base name. */
export function comparisonOf(base: string): Comparison {
  const comparison = comparisons.get(base);
  if (!comparison)
    throw new Error(`condition operator '${base}' does not exist; see IAM's list of condition operators`);
  return comparison;
}

/** What a value of this operator must be, or undefined when `value` is good. Throws for an unknown operator. */
export function valueProblem(operator: string, value: string): string | undefined {
  const { base } = parseOperator(operator);
  const rule = base === 'Null' ? BOOLEAN : comparisonOf(base).values;
  return rule === undefined || rule.accepts(value) ? undefined : rule.expected;
}

const DAY = /^\d{4}(-\d{2}(-\d{2})?)?$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

/** Milliseconds since 1970 of a W3C date or of epoch seconds; four digits are a year. NaN for anything else. */
function milliseconds(date: string): number {
  if (DAY.test(date) || MOMENT.test(date)) return Date.parse(date);
  return /^\d+$/.test(date) ? Number(date) * 1_000 : Number.NaN;
}

interface AddressRange {
  readonly family: 4 | 6;
  readonly list: BlockList;
}

const ranges = new Map<string, AddressRange | undefined>();

/** The range a policy names; an address alone is a range of one. Undefined for what is neither. */
function addressRange(text: string): AddressRange | undefined {
  if (ranges.has(text)) return ranges.get(text);
  const [, network = '', bits] = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(network);
  const longest = family === 4 ? 32 : 128;
  const prefix = bits === undefined ? longest : Number(bits);
  let range: AddressRange | undefined;
  if ((family === 4 || family === 6) && prefix <= longest) {
    range = { family, list: new BlockList() };
    range.list.addSubnet(network, prefix, `ipv${family}`);
  }
  if (ranges.size > 1_000) ranges.clear(); // a bound for long-lived processes
  ranges.set(text, range);
  return range;
}

function inAddressRange(range: string, address: string): boolean {
  const { family, list } = addressRange(range) ?? {};
  return list !== undefined && isIP(address) === family && list.check(address, `ipv${family}`);
}
