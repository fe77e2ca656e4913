/**
 * Checks a policy document the way IAM does when it is stored, so that a mistake fails the deployment and not
 * a later request. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */

import { isObject } from '../../base/is-object';
import type { PolicyStatement } from '../state';
import { parseOperator } from './operators';

/** What a document is attached to decides which elements it must have. */
export type PolicyUse = 'identity' | 'trust' | 'resource';

const ELEMENTS: ReadonlySet<string> = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);

/** What IAM would refuse in a policy document, in words that follow the name of the document; undefined for a good one. */
export function policyProblem(document: Readonly<Record<string, unknown>>, use: PolicyUse): string | undefined {
  const version = document['Version'];
  if (version !== undefined && version !== '2012-10-17' && version !== '2008-10-17') {
    return 'must have Version "2012-10-17"';
  }
  const statements: unknown[] = [document['Statement'] ?? []].flat();
  if (statements.length === 0) return 'must have a Statement';
  for (const [i, statement] of statements.entries()) {
    const problem = statementProblem(statement, use);
    if (problem) return `is malformed: statement ${i} ${problem}`;
  }
  return undefined;
}

/** What is wrong with a statement, or undefined. */
function statementProblem(statement: unknown, use: PolicyUse): string | undefined {
  if (typeof statement !== 'object' || statement === null) return 'must be an object';
  const unknown = Object.keys(statement).find((element) => !ELEMENTS.has(element));
  if (unknown !== undefined) return `has the unknown element "${unknown}"`;
  const empty = Object.entries(statement).find(([, value]) => value === null);
  if (empty !== undefined) return `has no value for ${empty[0]}; give it one, or leave it out`;
  const { Effect, Action, NotAction, Resource, NotResource, Condition, ...rest } =
    statement as Partial<PolicyStatement>;
  if (Effect !== 'Allow' && Effect !== 'Deny') return 'must have the Effect "Allow" or "Deny"';
  if ((Action === undefined) === (NotAction === undefined)) return 'must have either Action or NotAction';
  const hasPrincipal = rest.Principal !== undefined || rest.NotPrincipal !== undefined;
  const hasResource = Resource !== undefined || NotResource !== undefined;
  if (use === 'identity' && hasPrincipal)
    return 'must not have a Principal: an identity-based policy is attached to one';
  if (use !== 'identity' && !hasPrincipal) return 'must have a Principal';
  if (use === 'identity' && !hasResource) return 'must have either Resource or NotResource';
  if (use === 'trust' && hasResource) return 'must not have a Resource: a trust policy belongs to its role';
  return patternProblem({ Action, NotAction, Resource, NotResource }) ?? conditionProblem(Condition ?? {});
}

/** Actions and resources are patterns: one text, or a list of them. */
function patternProblem(elements: Readonly<Record<string, unknown>>): string | undefined {
  for (const [element, patterns] of Object.entries(elements)) {
    const isText = [patterns ?? []].flat().every((pattern) => typeof pattern === 'string');
    if (!isText) return `must have text in ${element}`;
  }
  return undefined;
}

function conditionProblem(condition: unknown): string | undefined {
  if (!isObject(condition)) return 'must have an object as its Condition';
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isObject(keys)) return `must have an object of keys and values under the operator "${operator}"`;
    try {
      parseOperator(operator);
    } catch (error) {
      return `has a malformed Condition: ${(error as Error).message}`;
    }
  }
  return undefined;
}
