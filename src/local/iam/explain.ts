/**
 * Says why a request was allowed or refused: statement by statement, which policies are missing, and what to paste into
 * them. For people; AWS's own words are in the message of the decision.
 */

import type { PolicyStatement } from '../state';
import type { ConsideredStatement, Decision, Mismatch, PolicyKind } from './decision';
import { policyKindName } from './decision';
import { principalAccount, principalName } from './principals';

/** One policy that took part, with a line for each of its statements. */
export interface ExplainedPolicy {
  readonly kind: PolicyKind;
  readonly name: string;
  readonly statements: readonly ExplainedStatement[];
}

export interface ExplainedStatement {
  /** `Sid`, or its place in the policy, from 0. */
  readonly name: string;
  readonly effect: 'Allow' | 'Deny';
  readonly applies: boolean;
  /** Why it does not apply; undefined when it does. */
  readonly because: string | undefined;
}

/** A policy that would have to allow, and a statement that would. */
export interface MissingPermission {
  readonly kind: PolicyKind;
  /** Where the statement belongs, for example `the trust policy of arn:aws:iam::111111111111:role/Caller`. */
  readonly where: string;
  readonly statement: PolicyStatement;
}

/** As text, such as `${explanation}`, the summary and the details. */
export interface Explanation {
  readonly allowed: boolean;
  /** One sentence. */
  readonly summary: string;
  readonly policies: readonly ExplainedPolicy[];
  /** In the order in which AWS would name them; empty unless nothing denied and something did not allow. */
  readonly missing: readonly MissingPermission[];
  /** Policies and what is missing, in indented lines for a terminal. */
  readonly details: string;
}

/** The text is no member for whoever compares or copies it. */
export function withText(explanation: Explanation): Explanation {
  const { summary, details } = explanation;
  const text = details === '' ? summary : `${summary}\n${details}`;
  return Object.defineProperty(explanation, 'toString', { value: () => text });
}

/** @param others further decisions on the same request, where it needs several permissions */
export function explain(decision: Decision, ...others: readonly Decision[]): Explanation {
  const all = [decision, ...others].map(explainOne);
  return withText({
    allowed: all.every(({ allowed }) => allowed),
    summary: all.map(({ summary }) => summary).join('; '),
    policies: all.flatMap(({ policies }) => policies),
    missing: all.flatMap(({ missing }) => missing),
    details: all.map(({ details }) => details).join('\n'),
  });
}

function explainOne(decision: Decision): Explanation {
  const policies = policiesOf(decision);
  const missing = decision.missing.map((kind) => missingPermission(decision, kind));
  const summary = summaryOf(decision);
  const { isTrustPolicy } = decision.request;
  const lines = [
    ...policies.flatMap((policy) => policyLines(policy, isTrustPolicy)),
    ...missing.flatMap((each) => missingLines(each, isNearlyAllowed(decision, each.kind))),
  ];
  return { allowed: decision.allowed, summary, policies, missing, details: lines.join('\n') };
}

/** Why a front end refused, in one line, where AWS says nothing: its words for the first refusal, and what is missing. */
export function refusalReason(...[decision, ...others]: readonly [Decision, ...Decision[]]): string {
  const statements = explain(decision, ...others).missing.map(({ where, statement }) => {
    return `${where} lacks ${JSON.stringify(statement)}`;
  });
  return [decision.message ?? decision.reason, ...statements].join('; ');
}

function summaryOf(decision: Decision): string {
  const { request, allowed, reason, missing, decidingStatement } = decision;
  const { principal, action, resource, isTrustPolicy } = request;
  const may = `${principalName(principal)} ${allowed ? 'may' : 'may not'} ${action} on ${resource}`;
  if (reason === 'implicit-deny') {
    return `${may}: no ${missing.map((kind) => policyKindName(kind, isTrustPolicy)).join(' and no ')} allows it${aliasAdvice(decision)}`;
  }
  if (!decidingStatement) return may;
  const { policy, policyName, statement } = decidingStatement;
  const name = statement.Sid === undefined ? 'a statement' : `statement '${statement.Sid}'`;
  const spares =
    statement.NotPrincipal === undefined
      ? ''
      : '; NotPrincipal spares a role or user that it names together with the account, and none that has a permissions boundary';
  return `${may}: ${name} of the ${titleOf(policy, policyName, isTrustPolicy)} ${allowed ? 'allows' : 'denies'} it${spares}`;
}

/** A function was named where its alias is what may be called. */
function aliasAdvice({ request: { resource }, considered }: Decision): string {
  const near = considered.flatMap(({ statement, mismatch, matches, policy }) => {
    const isNamed = mismatch?.element === 'Resource' && (policy !== 'resource-based' || matches.length > 0);
    return isNamed && statement.Effect === 'Allow' ? [statement.Resource ?? []].flat() : [];
  });
  const alias = near.find((arn) => arn.startsWith(`${resource}:`) && /^[\w$-]+$/.test(arn.slice(resource.length + 1)));
  if (alias === undefined) return '';
  return `; it allows ${alias}: name that in the call, as the qualifier '${alias.slice(resource.length + 1)}' or by find(…).invokeArn`;
}

function policiesOf({ considered, request }: Decision): ExplainedPolicy[] {
  const policies = new Map<string, { kind: PolicyKind; name: string; statements: ExplainedStatement[] }>();
  for (const one of considered) {
    const key = `${one.policy} ${one.policyIndex}`;
    const policy = policies.get(key) ?? { kind: one.policy, name: one.policyName, statements: [] };
    policies.set(key, policy);
    policy.statements.push({
      name: one.statement.Sid ?? String(one.statementIndex),
      effect: one.statement.Effect,
      applies: one.mismatch === undefined,
      because: one.mismatch && mismatchText(one.mismatch, one, request),
    });
  }
  return [...policies.values()];
}

function mismatchText(mismatch: Mismatch, { statement }: ConsideredStatement, request: Decision['request']): string {
  switch (mismatch.element) {
    case 'Condition': {
      const { operator, key, expected, seen } = mismatch;
      const has = seen === undefined ? 'has no such key' : `has ${quoted(seen)}`;
      return `${operator} ${key} wants ${quoted(expected)}, the request ${has}`;
    }
    case 'Variable':
      return `the request has no value for ${mismatch.variable} in ${mismatch.within}`;
    case 'Action':
    case 'NotAction':
      return `${mismatch.element} is ${quoted(statement[mismatch.element])}, the request is ${request.action}`;
    case 'Resource':
    case 'NotResource':
      return `${mismatch.element} is ${quoted(statement[mismatch.element])}, the request is for ${request.resource}`;
    case 'Principal':
      return `Principal is ${JSON.stringify(statement.Principal)}, the caller is ${principalName(request.principal)}`;
    case 'NotPrincipal':
      return `NotPrincipal is ${JSON.stringify(statement.NotPrincipal)} and spares ${principalName(request.principal)}`;
  }
}

function quoted(values: string | readonly string[] | undefined): string {
  return [values ?? []]
    .flat()
    .map((value) => `'${value}'`)
    .join(', ');
}

function missingPermission({ request }: Decision, kind: PolicyKind): MissingPermission {
  const { principal, action, resource, isTrustPolicy } = request;
  const caller = principal.kind === 'assumed-role' ? principal.roleArn : principalName(principal);
  const where: Record<PolicyKind, string> = {
    'identity-based': `an identity-based policy of ${caller}`,
    'resource-based': `the ${isTrustPolicy ? 'trust' : 'resource-based'} policy of ${resource}`,
    'permissions-boundary': `the permissions boundary of ${caller}`,
    session: `the session policy of ${principalName(principal)}`,
    'service-control': `each level of the service control policies of account ${principalAccount(principal) ?? ''}`,
  };
  const allow = { Effect: 'Allow', Action: action } as const;
  if (kind !== 'resource-based') return { kind, where: where[kind], statement: { ...allow, Resource: resource } };
  const Condition = conditionOf(request);
  const statement: PolicyStatement = {
    Effect: 'Allow',
    Principal: principalElement(request),
    Action: action,
    ...(!isTrustPolicy && { Resource: resource }),
    ...(Condition && { Condition }),
  };
  return { kind, where: where[kind], statement };
}

function principalElement({ principal }: Decision['request']): unknown {
  if (principal.kind === 'anonymous') return '*';
  if (principal.kind === 'service') return { Service: principal.service };
  if (principal.kind === 'federated') return { Federated: principal.provider };
  return { AWS: principal.kind === 'assumed-role' ? principal.roleArn : principal.arn };
}

/** Keys by which a resource's owner narrows a permission, with the operator AWS writes for each. */
const NARROWING: readonly (readonly [key: string, operator: string])[] = [
  ['aws:SourceArn', 'ArnLike'],
  ['aws:SourceAccount', 'StringEquals'],
  ['sts:ExternalId', 'StringEquals'],
  ['lambda:FunctionUrlAuthType', 'StringEquals'],
  ['lambda:InvokedViaFunctionUrl', 'Bool'],
];

/** Allows no more than the request that was refused. */
function conditionOf({ context, principal }: Decision['request']): PolicyStatement['Condition'] {
  const condition: Record<string, Record<string, unknown>> = {};
  for (const [key, value] of Object.entries(principal.kind === 'federated' ? principal.keys : {})) {
    const operator = typeof value === 'string' ? 'StringEquals' : 'ForAnyValue:StringEquals';
    condition[operator] = { ...condition[operator], [key]: value };
  }
  for (const [key, operator] of NARROWING) {
    const value = context[key];
    if (value !== undefined) condition[operator] = { ...condition[operator], [key]: value };
  }
  return Object.keys(condition).length > 0 ? condition : undefined;
}

function policyLines({ kind, name, statements }: ExplainedPolicy, isTrustPolicy: boolean): string[] {
  const lines = statements.map(({ name: statement, effect, because }) => {
    return `    ${effect} ${statement}: ${because === undefined ? 'applies' : because}`;
  });
  return [`  ${titleOf(kind, name, isTrustPolicy)}`, ...lines];
}

/** Of a boundary and of a session there is one, which is called what it is. */
function titleOf(policy: PolicyKind, name: string, isTrustPolicy: boolean): string {
  const kind = policyKindName(policy, isTrustPolicy);
  return kind === name ? kind : `${kind} ${name}`;
}

/** Whether there is a statement for the request whose condition does not hold: one without it would let in everybody. */
function isNearlyAllowed({ considered }: Decision, kind: PolicyKind): boolean {
  return considered.some(
    ({ mismatch, policy, statement }) =>
      policy === kind && statement.Effect === 'Allow' && /^(Condition|Variable)$/.test(mismatch?.element ?? ''),
  );
}

function missingLines({ where, statement }: MissingPermission, isNearlyAllowed: boolean): string[] {
  if (isNearlyAllowed)
    return [`  ${where} has a statement for it that asks for more: change the request, or what it asks for`];
  return [`  missing in ${where}, for example:`, `    ${JSON.stringify(statement)}`];
}
