/** Finds out what kind of principal a grantee is, and where its half of a grant could be written. */
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Stack, Token } from 'aws-cdk-lib/core';
import { Construct, type IConstruct } from 'constructs';
import { described, isDefinedHere } from '../facts/invoked-function';
import { stableText } from '../facts/stable-text';
import { StreamingConstructError } from '../problems/construct-error';
import { environmentOfArn, relate } from './environment';
import type { Conditions, StatementPrincipal } from './resource-statement';

export interface Grantee {
  readonly principal: iam.IPrincipal;
  /** What a resource-based policy says. */
  readonly statement: StatementPrincipal;
  /** The conditions the principal itself came with. */
  readonly conditions: Conditions;
  /** The account the principal belongs to; undefined where unknown, and for services and everyone. */
  readonly account?: string;
  /** The role, user or group itself: what an identity-based policy can be attached to. */
  readonly carrier?: Construct;
  /** The carrier is a resource of this app, not one imported by its ARN. */
  readonly isOwned: boolean;
  /** An identity-based policy for the carrier would be deployed into the carrier's own account. */
  readonly isAttachable: boolean;
}

/**
 * A composite principal is several grantees.
 *
 * @throws StreamingConstructError `NotGrantable` for a value that is not a grantee, as callers without a compiler may pass
 */
export function granteesOf(at: IConstruct, grantee: iam.IGrantable): Grantee[] {
  if (typeof grantee !== 'object' || grantee === null || !('grantPrincipal' in grantee)) {
    throw new StreamingConstructError(
      at,
      'NotGrantable',
      `a grantee must be a role, a user, a group or a principal of aws-iam, got ${described(grantee)}; ` +
        "for an ARN pass new iam.ArnPrincipal('arn:…'), for an account new iam.AccountPrincipal('111111111111')",
    );
  }
  return principalsIn(grantee.grantPrincipal).map((principal) => readGrantee(at, principal));
}

function principalsIn(principal: iam.IPrincipal): iam.IPrincipal[] {
  const parts = 'principals' in principal ? (principal.principals as iam.IPrincipal[] | undefined) : undefined;
  return parts ? parts.flatMap(principalsIn) : [principal];
}

function readGrantee(at: IConstruct, principal: iam.IPrincipal): Grantee {
  const { principalJson, conditions } = fragmentOf(at, principal);
  if (isPolicy(at, principal, principalJson)) return policyGrantee(principal);
  const statement = statementPrincipal(at, principal, principalJson);
  const carrier = carrierOf(principal);
  const account = statement.kind === 'aws' ? accountOf(principal, statement.value) : undefined;
  const isOwned = carrier !== undefined && isDefinedHere(carrier);
  return {
    principal,
    statement,
    conditions: conditions as Conditions,
    account,
    carrier,
    isOwned,
    isAttachable: carrier !== undefined && (isOwned || isOfItsStack(carrier, account)),
  };
}

/** iam.Policy and iam.ManagedPolicy know their account, and throw when asked for the ARN of a principal. */
function isPolicy(at: IConstruct, principal: iam.IPrincipal, json: unknown): boolean {
  if (principal.principalAccount === undefined || Construct.isConstruct(unwrap(principal))) return false;
  try {
    stableText(Stack.of(at), json);
    return false;
  } catch {
    return true;
  }
}

function policyGrantee(principal: iam.IPrincipal): Grantee {
  return {
    principal,
    statement: { kind: 'policy', value: '' },
    conditions: {},
    account: principal.principalAccount,
    isOwned: true,
    isAttachable: true,
  };
}

function fragmentOf(at: IConstruct, principal: iam.IPrincipal): iam.PrincipalPolicyFragment {
  try {
    return principal.policyFragment;
  } catch (cause) {
    throw new StreamingConstructError(
      at,
      'UnknownGrantee',
      `the grantee has no known principal (${(cause as Error).message}); pass its role, or an ArnPrincipal with the ARN of its role`,
    );
  }
}

const ACCOUNT_ROOT = /^arn:.+:iam::(\d{12}):root$/;

function statementPrincipal(
  at: IConstruct,
  principal: iam.IPrincipal,
  json: Readonly<Record<string, readonly string[]>>,
): StatementPrincipal {
  const [kind = '', ...others] = Object.keys(json);
  const values = [json[kind] ?? []].flat();
  const [value = ''] = values;
  const isSingle = others.length === 0 && values.length === 1;
  if (isSingle && value === '*') return { kind: 'everyone', value };
  if (isSingle && kind === 'Service') return { kind: 'service', value };
  if (isSingle && kind === 'AWS') {
    const accountId = accountIdOf(principal) ?? ACCOUNT_ROOT.exec(value)?.[1];
    return { kind: 'aws', value: accountId ?? value };
  }
  throw new StreamingConstructError(
    at,
    'UnsupportedGrantee',
    `cannot grant to ${String(principal)} (${JSON.stringify(json)}): ` +
      'Lambda takes accounts, roles, users, organizations and services; ' +
      'callers that sign in through an identity provider assume a role, so grant to that role',
  );
}

/** An AccountPrincipal is written as the bare account id, whatever the partition. */
function accountIdOf(principal: iam.IPrincipal): string | undefined {
  const inner = unwrap(principal);
  return 'accountId' in inner ? String(inner.accountId) : undefined;
}

function accountOf(principal: iam.IPrincipal, value: string): string | undefined {
  return principal.principalAccount ?? accountIdOf(principal) ?? accountFromValue(value);
}

function accountFromValue(value: string): string | undefined {
  return /^\d{12}$/.test(value) ? value : environmentOfArn(value, 'AWS::IAM::').account;
}

/** PrincipalWithConditions and SessionTagsPrincipal wrap the principal they speak for. */
function unwrap(principal: iam.IPrincipal): iam.IPrincipal {
  return 'wrapped' in principal ? unwrap(principal.wrapped as iam.IPrincipal) : principal;
}

function carrierOf(principal: iam.IPrincipal): Construct | undefined {
  const inner = unwrap(principal);
  return Construct.isConstruct(inner) ? inner : undefined;
}

/** An imported role gets its policy from the stack it is imported in: right only in the role's own account. */
function isOfItsStack(carrier: Construct, account: string | undefined): boolean {
  const stack = Stack.of(carrier);
  return relate(stack, stack.account, account) === 'same';
}

/** The account is plain to read, not hidden behind a token. */
export function knowsAccount(grantee: Grantee): boolean {
  return grantee.account !== undefined && !Token.isUnresolved(grantee.account);
}
