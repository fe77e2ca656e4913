/**
 * Checks a policy document the way IAM does when it is stored, so that a mistake fails the deployment and not
 * a later request. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */

import { isObject } from '../../base/is-object';
import { excerpt } from '../local-error';
import type { PolicyStatement } from '../state';
import { parseOperator, valueProblem } from './operators';

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

const PRINCIPAL_TYPES: ReadonlySet<string> = new Set(['AWS', 'Service', 'Federated', 'CanonicalUser']);

/** What IAM would refuse in a policy document, in words that follow the name of the document; undefined for a good one. */
export function policyProblem(document: Readonly<Record<string, unknown>>, use: PolicyUse): string | undefined {
  const version = document['Version'];
  if (version !== undefined && version !== '2012-10-17' && version !== '2008-10-17') {
    return `must have Version '2012-10-17', got ${excerpt(version)}`;
  }
  const statements: unknown[] = [document['Statement'] ?? []].flat();
  if (statements.length === 0) return 'must have a Statement';
  const names = new Set<unknown>();
  for (const [i, statement] of statements.entries()) {
    const problem = statementProblem(statement, use) ?? sidProblem(statement, names);
    if (problem) return `is malformed: statement ${nameOf(statement, i)} ${problem}`;
  }
  return undefined;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html */
function sidProblem(statement: unknown, names: Set<unknown>): string | undefined {
  const sid = isObject(statement) ? statement['Sid'] : undefined;
  if (sid === undefined || sid === '') return undefined;
  if (names.has(sid)) return 'has the Sid of another one; Statement IDs (SID) in a single policy must be unique';
  names.add(sid);
  return undefined;
}

/** A statement by its place, counted from 0, and its `Sid` where it has one. */
function nameOf(statement: unknown, index: number): string {
  const sid = isObject(statement) ? statement['Sid'] : undefined;
  return typeof sid === 'string' ? `${index} ('${sid}')` : String(index);
}

/** What is wrong with a statement, or undefined. */
function statementProblem(statement: unknown, use: PolicyUse): string | undefined {
  if (!isObject(statement)) return 'must be an object';
  const unknown = Object.keys(statement).find((element) => !ELEMENTS.has(element));
  if (unknown !== undefined) return `has the unknown element '${unknown}'`;
  const empty = Object.entries(statement).find(([, value]) => value === null);
  if (empty !== undefined) return `has no value for ${empty[0]}; give it one, or leave it out`;
  const { Effect, Action, NotAction, Resource, NotResource, Condition, Principal, NotPrincipal } =
    statement as Partial<PolicyStatement>;
  if (Effect !== 'Allow' && Effect !== 'Deny') return "must have the Effect 'Allow' or 'Deny'";
  if ((Action === undefined) === (NotAction === undefined)) return 'must have either Action or NotAction';
  if (Resource !== undefined && NotResource !== undefined) return 'must not have both Resource and NotResource';
  if (Principal !== undefined && NotPrincipal !== undefined) return 'must not have both Principal and NotPrincipal';
  const hasPrincipal = Principal !== undefined || NotPrincipal !== undefined;
  const hasResource = Resource !== undefined || NotResource !== undefined;
  if (use === 'identity' && hasPrincipal)
    return 'must not have a Principal: an identity-based policy is attached to one';
  if (use !== 'identity' && !hasPrincipal) return 'must have a Principal';
  if (use === 'identity' && !hasResource) return 'must have either Resource or NotResource';
  if (use === 'trust' && hasResource) return 'must not have a Resource: a trust policy belongs to its role';
  if (NotPrincipal !== undefined && Effect === 'Allow') {
    return "must not have NotPrincipal with the Effect 'Allow', which AWS does not support; name who is allowed in Principal";
  }
  return (
    principalProblem({ Principal, NotPrincipal }) ??
    patternProblem({ Action, NotAction, Resource, NotResource }) ??
    actionProblem([Action ?? NotAction ?? []].flat()) ??
    (use === 'identity' ? resourceProblem([Resource ?? NotResource ?? []].flat()) : undefined) ??
    conditionProblem(Condition ?? {})
  );
}

/** `*`, or names by type. */
function principalProblem(elements: Readonly<Record<string, unknown>>): string | undefined {
  for (const [element, principal] of Object.entries(elements)) {
    if (principal === undefined || principal === '*') continue;
    if (!isObject(principal)) return `must have '*' or an object in ${element}, got ${excerpt(principal)}`;
    const unknown = Object.keys(principal).find((type) => !PRINCIPAL_TYPES.has(type));
    if (unknown !== undefined) {
      return `has the unknown type '${unknown}' in ${element}; types are ${[...PRINCIPAL_TYPES].join(', ')}`;
    }
  }
  return undefined;
}

/** Actions and resources are patterns: one string, or a list of them. */
function patternProblem(elements: Readonly<Record<string, unknown>>): string | undefined {
  for (const [element, patterns] of Object.entries(elements)) {
    const areStrings = [patterns ?? []].flat().every((pattern) => typeof pattern === 'string');
    if (!areStrings) return `must have text in ${element}`;
    if (Array.isArray(patterns) && patterns.length === 0) return `must have a value in ${element}`;
  }
  return undefined;
}

/**
 * An action without its service names none, so that a `Deny` of it would deny nothing.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
 */
function actionProblem(actions: readonly string[]): string | undefined {
  const wrong = actions.find((action) => action !== '*' && !/^[^:]+:[^:]+$/.test(action));
  if (wrong === undefined) return undefined;
  return `must have actions such as 's3:GetObject', the service in front of one colon, got '${wrong}'`;
}

/**
 * What begins as an ARN or with a wildcard may name something; any other text names nothing, and a `Deny` of it denies nothing.
 * The name of a resource that does nothing here may stand for an ARN: not of each type is known what `Ref` gives.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
function resourceProblem(resources: readonly string[]): string | undefined {
  const wrong = resources.find((resource) => !/^(?:\*|arn:)/.test(resource) && !/-[0-9A-Z]{12,}$/.test(resource));
  return wrong === undefined ? undefined : `must have resources that are ARNs or '*', got '${wrong}'`;
}

function conditionProblem(condition: unknown): string | undefined {
  if (!isObject(condition)) return 'must have an object as its Condition';
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isObject(keys)) return `must have an object of keys and values under the operator '${operator}'`;
    try {
      parseOperator(operator);
    } catch (error) {
      return `has a malformed Condition: ${(error as Error).message}`;
    }
    for (const [key, values] of Object.entries(keys)) {
      const problem = valuesProblem(operator, key, [values].flat());
      if (problem) return problem;
    }
  }
  return undefined;
}

/** A value that an operator cannot compare would never match, and a negated operator would then always hold. */
function valuesProblem(operator: string, key: string, values: readonly unknown[]): string | undefined {
  const place = `has a malformed Condition: ${operator} ${key}`;
  if (values.length === 0) return `${place} must have a value`;
  for (const value of values) {
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      return `${place} must be a string, a number, a boolean or a list of them, got ${excerpt(value)}`;
    }
    const expected = valueProblem(operator, String(value));
    if (expected !== undefined) return `${place} must be ${expected}, got '${value}'${hintFor(String(value))}`;
  }
  return undefined;
}

function hintFor(value: string): string {
  return value.includes('${') ? '; policy variables work with String and Arn operators only' : '';
}
