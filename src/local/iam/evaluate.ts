/**
 * Decides one request from the policies that apply to it. Pure: no state, no clock, no I/O.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */

import type { PolicyDocument } from '../state';
import { normalizeContext } from './conditions';
import {
  type ConsideredStatement,
  type DecidingStatement,
  type Decision,
  decisionMessage,
  type Mismatch,
  type PolicyKind,
} from './decision';
import { type Principal, principalAccount } from './principals';
import { allowsByPrincipalArn, hasVariables, principalCover, statementMismatch, statementsOf } from './statement';
import type { ContextValues } from './variables';

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
  /** Whose the resource is. @default - the account in its ARN */
  readonly resourceAccount?: string;
  /** Condition keys and their values; a key that can have several values has a list. */
  readonly context?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly identityPolicies: readonly NamedPolicy[];
  /** The resource's own policy, or undefined where it has none. */
  readonly resourcePolicy?: PolicyDocument | undefined;
  readonly permissionsBoundary?: PolicyDocument | undefined;
  readonly sessionPolicy?: PolicyDocument | undefined;
  /** Of the caller's organization, one per level down to its account; each must allow. */
  readonly serviceControlPolicies?: readonly PolicyDocument[] | undefined;
  /** The resource is a role: its trust policy must allow, also within the account. */
  readonly isTrustPolicy?: boolean;
}

/** Whether the request is allowed, why, and by which statement. */
export function evaluate(request: EvaluationRequest): Decision {
  const considered = considerAll(request);
  const applying = considered.filter(({ mismatch }) => mismatch === undefined);
  const denied = applying.find(({ statement }) => statement.Effect === 'Deny');
  if (denied) return decide(request, considered, { reason: 'explicit-deny', policy: denied.policy, deciding: denied });
  const missing = missingPolicies(request, applying);
  const [first] = missing;
  if (first) return decide(request, considered, { reason: 'implicit-deny', policy: first, missing });
  const allowing = applying.find(({ policy }) => policy === 'identity-based' || policy === 'resource-based');
  return decide(request, considered, {
    reason: 'allowed',
    policy: allowing?.policy ?? 'identity-based',
    deciding: allowing,
  });
}

function considerAll(request: EvaluationRequest): ConsideredStatement[] {
  const context = normalizeContext(request.context ?? {});
  // Service control policies bind the principals of an account; a service and an anonymous caller belong to none.
  const limits = principalAccount(request.principal) === undefined ? [] : (request.serviceControlPolicies ?? []);
  const { permissionsBoundary, sessionPolicy, resourcePolicy } = request;
  return [
    ...consider(request, context, 'identity-based', request.identityPolicies),
    ...consider(request, context, 'resource-based', named(request.resource, resourcePolicy)),
    ...consider(request, context, 'permissions-boundary', named('permissions boundary', permissionsBoundary)),
    ...consider(request, context, 'session', named('session policy', sessionPolicy)),
    ...consider(
      request,
      context,
      'service-control',
      limits.map((document, i) => ({ name: `level ${i}`, document })),
    ),
  ];
}

function named(name: string, document: PolicyDocument | undefined): readonly NamedPolicy[] {
  return document ? [{ name, document }] : [];
}

function consider(
  request: EvaluationRequest,
  context: ContextValues,
  policy: PolicyKind,
  policies: readonly NamedPolicy[],
): ConsideredStatement[] {
  const { principal, action, resource } = request;
  const hasBoundary = request.permissionsBoundary !== undefined && principalAccount(principal) !== undefined;
  return policies.flatMap(({ name, document }, policyIndex) => {
    const scope = { principal, action, resource, context, variables: hasVariables(document) };
    return statementsOf(document).map((statement, statementIndex): ConsideredStatement => {
      const { covers, matches } =
        policy === 'resource-based' ? principalCover(statement, principal, hasBoundary) : { covers: true, matches: [] };
      const mismatch: Mismatch | undefined = covers
        ? statementMismatch(statement, scope)
        : { element: statement.NotPrincipal === undefined ? 'Principal' : 'NotPrincipal' };
      return { policy, policyName: name, policyIndex, statement, statementIndex, mismatch, matches };
    });
  });
}

/**
 * The kinds of policies that would have to allow the request and do not; the first is the one AWS names.
 * Within an account either half is enough, unless the resource-based policy only names the account, which hands the
 * decision to identity-based policies. Across accounts both halves are needed. Services and anonymous callers have no
 * identity-based policies.
 */
function missingPolicies(request: EvaluationRequest, allows: readonly ConsideredStatement[]): PolicyKind[] {
  const fromResource = allows.filter(({ policy }) => policy === 'resource-based');
  const account = principalAccount(request.principal);
  if (account === undefined) return fromResource.length > 0 ? [] : ['resource-based'];

  const missing: PolicyKind[] = [];
  if (!everyLevelAllows(request, allows)) missing.push('service-control');
  const sameAccount = account === (request.resourceAccount ?? request.resource.split(':')[4]);
  const needsResource = request.isTrustPolicy || !sameAccount;
  if (request.isTrustPolicy && fromResource.length === 0) missing.push('resource-based');

  if (sameAccount && fromResource.some(isBeyondLimits)) return missing;
  const allowedBy = (kind: PolicyKind) => allows.some(({ policy }) => policy === kind);
  const resourceIsEnough =
    sameAccount && fromResource.some(({ matches }) => matches.some((match) => match !== 'account'));
  if (!allowedBy('identity-based') && !resourceIsEnough) missing.push('identity-based');
  const isBeyondBoundary = sameAccount && fromResource.some((each) => namesUser(each, request.principal));
  if (request.permissionsBoundary && !isBeyondBoundary && !allowedBy('permissions-boundary'))
    missing.push('permissions-boundary');
  if (request.sessionPolicy && !allowedBy('session')) missing.push('session');
  if (needsResource && !request.isTrustPolicy && fromResource.length === 0) missing.push('resource-based');
  return missing;
}

/** A permission of the caller's own session, or of everybody by the ARN of the role: no boundary or session policy caps it. */
function isBeyondLimits({ matches, statement }: ConsideredStatement): boolean {
  return matches.includes('session') || (matches.includes('public') && allowsByPrincipalArn(statement));
}

/**
 * A permission of a user by its ARN: its boundary does not cap it, what narrows a session does.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-eval-logic
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
 */
function namesUser({ matches }: ConsideredStatement, { kind }: Principal): boolean {
  return kind === 'user' && matches.includes('direct');
}

/** Service control policies of one level do not make up for those of another. */
function everyLevelAllows(request: EvaluationRequest, allows: readonly ConsideredStatement[]): boolean {
  return (request.serviceControlPolicies ?? []).every((_, level) =>
    allows.some(({ policy, policyIndex }) => policy === 'service-control' && policyIndex === level),
  );
}

interface Outcome {
  readonly reason: Decision['reason'];
  readonly policy: PolicyKind;
  readonly deciding?: DecidingStatement | undefined;
  readonly missing?: readonly PolicyKind[];
}

function decide(
  { action, resource, principal, context = {}, isTrustPolicy = false }: EvaluationRequest,
  considered: readonly ConsideredStatement[],
  { reason, policy, deciding, missing = [] }: Outcome,
): Decision {
  const allowed = reason === 'allowed';
  const request = { principal, action, resource, context, isTrustPolicy };
  return {
    request,
    allowed,
    reason,
    policy,
    missing,
    considered,
    ...(!allowed && { message: decisionMessage(request, reason, policy) }),
    ...(deciding && {
      decidingStatement: { policy: deciding.policy, policyName: deciding.policyName, statement: deciding.statement },
    }),
  };
}
