/**
 * The comparison operators of policy conditions.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */

import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { matchesArn, matchesWildcard, plainText } from './wildcards';

/** An operator taken apart: `ForAnyValue:StringLikeIfExists`. */
export interface ParsedOperator {
  readonly base: string;
  readonly ifExists: boolean;
  readonly quantifier: 'ForAllValues' | 'ForAnyValue' | undefined;
}

interface Comparison {
  /** Whether the request's value matches the policy's. */
  readonly matches: (pattern: string, value: string) => boolean;
  /** Whether the operator holds when nothing matches. */
  readonly negated: boolean;
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

/** Operators that hold when a value matches, and the name of each one's negation. */
const OPERATORS: readonly (readonly [name: string, negation: string | undefined, matches: Matcher])[] = [
  ['StringEquals', 'StringNotEquals', equalText],
  ['StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', equalTextIgnoringCase],
  ['StringLike', 'StringNotLike', matchesWildcard],
  ['ArnEquals', 'ArnNotEquals', matchesArn],
  ['ArnLike', 'ArnNotLike', matchesArn],
  ['NumericEquals', 'NumericNotEquals', compareNumbers((value, limit) => value === limit)],
  ['NumericLessThan', undefined, compareNumbers((value, limit) => value < limit)],
  ['NumericLessThanEquals', undefined, compareNumbers((value, limit) => value <= limit)],
  ['NumericGreaterThan', undefined, compareNumbers((value, limit) => value > limit)],
  ['NumericGreaterThanEquals', undefined, compareNumbers((value, limit) => value >= limit)],
  ['DateEquals', 'DateNotEquals', compareDates((value, limit) => value === limit)],
  ['DateLessThan', undefined, compareDates((value, limit) => value < limit)],
  ['DateLessThanEquals', undefined, compareDates((value, limit) => value <= limit)],
  ['DateGreaterThan', undefined, compareDates((value, limit) => value > limit)],
  ['DateGreaterThanEquals', undefined, compareDates((value, limit) => value >= limit)],
  ['Bool', undefined, equalTextIgnoringCase],
  ['BinaryEquals', undefined, equalText],
  ['IpAddress', 'NotIpAddress', inAddressRange],
];

const comparisons = new Map<string, Comparison>(
  OPERATORS.flatMap(([name, negation, matches]): [string, Comparison][] => [
    [name, { matches, negated: false }],
    ...(negation === undefined ? [] : [[negation, { matches, negated: true }] as [string, Comparison]]),
  ]),
);

/** Takes an operator apart; throws for one that IAM does not have. */
export function parseOperator(operator: string): ParsedOperator {
  const [, quantifier, name = ''] = /^(?:(ForAllValues|ForAnyValue):)?(.*)$/.exec(operator) ?? [];
  const ifExists = name.endsWith('IfExists');
  const base = ifExists ? name.slice(0, -'IfExists'.length) : name;
  if (base === 'Null' ? ifExists || quantifier !== undefined : !comparisons.has(base)) {
    throw new Error(`condition operator "${operator}" does not exist; see IAM's list of condition operators`);
  }
  return { base, ifExists, quantifier: quantifier as ParsedOperator['quantifier'] };
}

/** The comparison behind an operator's base name. */
export function comparisonOf(base: string): Comparison {
  const comparison = comparisons.get(base);
  if (!comparison)
    throw new Error(`condition operator "${base}" does not exist; see IAM's list of condition operators`);
  return comparison;
}

function milliseconds(date: string): number {
  return /^\d+$/.test(date) ? Number(date) * 1_000 : Date.parse(date);
}

function inAddressRange(range: string, address: string): boolean {
  const [network = '', bits] = range.split('/');
  const family = isIPv4(network) ? 'ipv4' : 'ipv6';
  if ((family === 'ipv4' && !isIPv4(address)) || (family === 'ipv6' && !(isIPv6(network) && isIPv6(address))))
    return false;
  const list = new BlockList();
  list.addSubnet(network, bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits), family);
  return list.check(address, family);
}
