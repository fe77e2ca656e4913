/**
 * Decides one request from the policies that apply to it. Pure: no state, no clock, no I/O.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */

import type { PolicyDocument, PolicyStatement } from '../state';
import { type ContextValues, conditionHolds, normalizeContext, substituteVariables } from './conditions';
import { type DecidingStatement, type Decision, decisionMessage, type PolicyKind } from './decision';
import { matchPrincipal, type Principal, type PrincipalMatch, principalAccount } from './principals';
import { matchesArn, matchesWildcardIgnoringCase } from './wildcards';

export type { DecidingStatement, Decision, PolicyKind } from './decision';

/** A policy document and the name a decision mentions it by. */
export interface NamedPolicy {
  readonly name: string;
  readonly document: PolicyDocument;
}

export interface EvaluationRequest {
  readonly principal: Principal;
  /** For example `lambda:InvokeFunction`. */
  readonly action: string;
  readonly resource: string;
  /** Condition keys and their values. */
  readonly context?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly identityPolicies: readonly NamedPolicy[];
  /** Statements of the resource's own policy, or undefined where it has none. */
  readonly resourcePolicy?: readonly PolicyStatement[] | undefined;
  readonly permissionsBoundary?: PolicyDocument | undefined;
  readonly sessionPolicy?: PolicyDocument | undefined;
  /** Of the caller's organization, one per level down to its account; each must allow. */
  readonly serviceControlPolicies?: readonly PolicyDocument[] | undefined;
  /** The resource is a role: its trust policy must allow, also within the account. */
  readonly isTrustPolicy?: boolean;
}

/** Whether the request is allowed, why, and by which statement. */
export function evaluate(request: EvaluationRequest): Decision {
  const found = findStatements(request);
  const denied = found.find(({ statement }) => statement.Effect === 'Deny');
  if (denied) return decide(request, false, 'explicit-deny', denied.policy, denied);
  const missing = missingHalf(request, found);
  if (missing) return decide(request, false, 'implicit-deny', missing);
  const allowing = found.find(({ policy }) => policy === 'identity-based' || policy === 'resource-based');
  return decide(request, true, 'allowed', allowing?.policy ?? 'identity-based', allowing);
}

/** A statement that applies to the request, with the way its principal was named (resource-based policies only). */
interface FoundStatement extends DecidingStatement {
  readonly match?: PrincipalMatch;
}

function findStatements(request: EvaluationRequest): FoundStatement[] {
  const context = normalizeContext(request.context ?? {});
  const applying = (policy: PolicyKind, policyName: string, statements: readonly PolicyStatement[]) =>
    statements
      .filter((statement) => statementApplies(statement, request, context))
      .map((statement): FoundStatement => ({ policy, policyName, statement }));

  const identity = request.identityPolicies.flatMap(({ name, document }) =>
    applying('identity-based', name, statementsOf(document)),
  );
  const resource = applying('resource-based', request.resource, request.resourcePolicy ?? []).flatMap((found) => {
    const match = principalApplies(found.statement, request.principal);
    return match ? [{ ...found, match }] : [];
  });
  const limits = (policy: PolicyKind, document?: PolicyDocument) =>
    document ? applying(policy, policy, statementsOf(document)) : [];
  return [
    ...identity,
    ...resource,
    ...limits('permissions-boundary', request.permissionsBoundary),
    ...limits('session', request.sessionPolicy),
    ...(request.serviceControlPolicies ?? []).flatMap((document) => limits('service-control', document)),
  ];
}

/**
 * The kind of policy that would have to allow the request and does not, or undefined when nothing is missing.
 * Within an account either half is enough, unless the resource-based policy only names the account, which hands the
 * decision to identity-based policies. Across accounts both halves are needed. Services and anonymous callers have no
 * identity-based policies.
 */
function missingHalf(request: EvaluationRequest, allows: readonly FoundStatement[]): PolicyKind | undefined {
  const fromResource = allows.filter(({ policy }) => policy === 'resource-based');
  const account = principalAccount(request.principal);
  if (account === undefined) return fromResource.length > 0 ? undefined : 'resource-based';

  if (!everyLevelAllows(request)) return 'service-control';

  const sameAccount = account === request.resource.split(':')[4];
  if (request.isTrustPolicy && fromResource.length === 0) return 'resource-based';
  // A statement for the session itself is not narrowed by the session's policy, its role's policies or boundary.
  const namesSession = (found: FoundStatement) => JSON.stringify(found.statement.Principal).includes(':assumed-role/');
  if (sameAccount && fromResource.some((found) => found.match === 'direct' && namesSession(found))) return undefined;

  const allowedBy = (kind: PolicyKind) => allows.some(({ policy }) => policy === kind);
  if (!allowedBy('identity-based')) {
    const resourceIsEnough = sameAccount && fromResource.some(({ match }) => match !== 'account');
    if (!resourceIsEnough) return 'identity-based';
  }
  if (request.permissionsBoundary && !allowedBy('permissions-boundary')) return 'permissions-boundary';
  if (request.sessionPolicy && !allowedBy('session')) return 'session';
  return sameAccount || fromResource.length > 0 ? undefined : 'resource-based';
}

/** Service control policies of one level do not make up for those of another. */
function everyLevelAllows(request: EvaluationRequest): boolean {
  const context = normalizeContext(request.context ?? {});
  return (request.serviceControlPolicies ?? []).every((document) =>
    statementsOf(document).some(
      (statement) => statement.Effect === 'Allow' && statementApplies(statement, request, context),
    ),
  );
}

function decide(
  request: EvaluationRequest,
  allowed: boolean,
  reason: Decision['reason'],
  policy: PolicyKind,
  deciding?: DecidingStatement,
): Decision {
  const { action, resource, principal, isTrustPolicy = false } = request;
  const message = allowed ? undefined : decisionMessage({ principal, action, resource, reason, policy, isTrustPolicy });
  return {
    allowed,
    reason,
    policy,
    ...(message !== undefined && { message }),
    ...(deciding && {
      decidingStatement: { policy: deciding.policy, policyName: deciding.policyName, statement: deciding.statement },
    }),
  };
}

function statementApplies(statement: PolicyStatement, request: EvaluationRequest, context: ContextValues): boolean {
  const { Action, NotAction, Resource, NotResource, Condition } = statement;
  const namesAction = (patterns: string | readonly string[]) =>
    listOf(patterns).some((pattern) => matchesWildcardIgnoringCase(pattern, request.action));
  const namesResource = (patterns: string | readonly string[]) =>
    listOf(patterns).some((pattern) => {
      const resolved = substituteVariables(pattern, context);
      return resolved !== undefined && matchesArn(resolved, request.resource);
    });
  if (Action !== undefined && !namesAction(Action)) return false;
  if (NotAction !== undefined && namesAction(NotAction)) return false;
  if (Resource !== undefined && !namesResource(Resource)) return false;
  if (NotResource !== undefined && namesResource(NotResource)) return false;
  return conditionHolds(Condition ?? {}, context);
}

function principalApplies(statement: PolicyStatement, principal: Principal): PrincipalMatch {
  if (statement.NotPrincipal !== undefined) {
    return matchPrincipal(statement.NotPrincipal, principal) ? undefined : 'public';
  }
  return matchPrincipal(statement.Principal, principal);
}

/** The statements of a document, which may hold one without a list around it. */
export function statementsOf(document: PolicyDocument): readonly PolicyStatement[] {
  return listOf(document.Statement);
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}
