/**
 * Whether one policy statement applies to one request, and if not, what kept it from doing so.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
 */

import type { PolicyDocument, PolicyStatement } from '../state';
import { conditionMismatch } from './conditions';
import type { Mismatch } from './decision';
import { parseOperator } from './operators';
import { isSpared, type Principal, type PrincipalMatch, principalMatches } from './principals';
import { type ContextValues, misplacedVariable, resolveResources } from './variables';
import { matchesResource, matchesWildcardIgnoringCase } from './wildcards';

/** The request, as statements look at it. */
export interface StatementScope {
  readonly principal: Principal;
  readonly action: string;
  readonly resource: string;
  readonly context: ContextValues;
  /** Whether `${…}` is a variable in this policy. */
  readonly variables: boolean;
}

/** The statements of a document, which may hold one without a list around it. */
export function statementsOf(document: PolicyDocument): readonly PolicyStatement[] {
  return listOf(document.Statement);
}

/**
 * Whether a document has policy variables. In the older version of the language, which a document without `Version` is
 * written in, they are literal text.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
 */
export function hasVariables(document: PolicyDocument): boolean {
  return document.Version === '2012-10-17';
}

/** What keeps a statement from applying, its principal aside; undefined when it applies. */
export function statementMismatch(statement: PolicyStatement, scope: StatementScope): Mismatch | undefined {
  const { Action, NotAction, Condition } = statement;
  const namesAction = (patterns: string | readonly string[]) =>
    listOf(patterns).some((pattern) => matchesWildcardIgnoringCase(pattern, scope.action));
  if (Action !== undefined && !namesAction(Action)) return { element: 'Action' };
  if (NotAction !== undefined && namesAction(NotAction)) return { element: 'NotAction' };
  const mismatch = resourceMismatch(statement, scope);
  if (mismatch || !Condition) return mismatch;
  return conditionMismatch(Condition, { ...scope, needsVariables: needsVariables(statement) });
}

/**
 * AWS says that a variable without a value "might" make the whole statement invalid. Taken for sure where the statement
 * allows; a statement that denies stays, and what cannot be compared matches nothing. So nobody gets in by it.
 */
function needsVariables(statement: PolicyStatement): boolean {
  return statement.Effect === 'Allow';
}

function resourceMismatch(statement: PolicyStatement, scope: StatementScope): Mismatch | undefined {
  const element = statement.Resource !== undefined ? 'Resource' : 'NotResource';
  const listed = statement[element];
  if (listed === undefined) return undefined;
  const written = listOf(listed);
  const { patterns, missing } = scope.variables
    ? resolveResources(written, scope.context)
    : { patterns: written, missing: undefined };
  const variable = missing ?? (scope.variables && element === 'NotResource' ? misplacedVariable(written) : undefined);
  if (variable !== undefined && needsVariables(statement)) return { element: 'Variable', variable, within: element };
  const isNamed = patterns.some((pattern) => matchesResource(pattern, scope.resource));
  return isNamed === (element === 'Resource') ? undefined : { element };
}

/** How a statement of a resource-based policy covers the caller. */
export interface PrincipalCover {
  readonly covers: boolean;
  /** The ways in which `Principal` names the caller; `NotPrincipal` covers without naming anybody. */
  readonly matches: readonly PrincipalMatch[];
}

/** A boundary makes its role known to every `Deny` with `NotPrincipal`, whomever that names. */
export function principalCover(statement: PolicyStatement, principal: Principal, hasBoundary: boolean): PrincipalCover {
  if (statement.NotPrincipal === undefined) {
    const matches = principalMatches(statement.Principal, principal);
    return { covers: matches.length > 0, matches };
  }
  const covers = !isSpared(statement.NotPrincipal, principal) || (statement.Effect === 'Deny' && hasBoundary);
  return { covers, matches: [] };
}

/**
 * Whether a statement for everybody allows by the ARN of the caller's role. A permissions boundary or a session policy
 * that merely does not allow takes nothing from such a permission.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
 */
export function allowsByPrincipalArn({ Condition = {} }: PolicyStatement): boolean {
  return Object.entries(Condition).some(
    ([operator, keys]) =>
      /^(String|Arn)(?!Not)/.test(parseOperator(operator).base) &&
      Object.keys(keys).some((key) => key.toLowerCase() === 'aws:principalarn'),
  );
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}
