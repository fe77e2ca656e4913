/**
 * Says at synth which half of a grant this app could not write, with the statement to paste on the other side.
 * At synth and not before: whether a policy really reached a role shows only when the tree is complete.
 */
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Dependable } from 'constructs';
import { stableText } from '../facts/stable-text';
import { inform, warn } from '../problems/warnings';
import type { GrantedFunction } from './granted-function';
import { readableArn, readablePrincipal } from './readable';
import { type Access, policyStatement, type ResourceStatement } from './resource-statement';

export interface IdentityHalf {
  readonly granted: GrantedFunction;
  /** Who needs it, in a policy's words: an ARN or an account id. */
  readonly who: string;
  readonly access: readonly Access[];
  /** Where it was attached; undefined where that was not possible. */
  readonly attached?: iam.Grant;
  /** A missing half is expected, as for an account: its owner decides whom it lets in. */
  readonly expected: boolean;
}

export interface ResourceHalf {
  readonly granted: GrantedFunction;
  readonly statements: readonly ResourceStatement[];
}

type Report = Map<string, () => void>;
const reports = new WeakMap<object, Report>();

export function reportIdentityHalf(half: IdentityHalf): void {
  const { scope, stack } = half.granted;
  addToReport(half.granted, `identity ${stableText(stack, half.who)} ${JSON.stringify(half.access)}`, () => {
    if (half.attached && Dependable.of(half.attached).dependencyRoots.length > 0) return;
    const who = readablePrincipal(stack, half.who);
    const arn = readableArn(half.granted);
    const statements = half.access.map((access) => identityStatement(access, arn));
    if (half.expected) {
      inform(scope, 'IdentityHalfElsewhere', elsewhere(who, arn, statements));
    } else {
      warn(scope, 'IdentityHalfMissing', missing(who, arn, statements));
    }
  });
}

export function reportResourceHalf(half: ResourceHalf): void {
  const { scope, stack } = half.granted;
  addToReport(half.granted, `resource ${stableText(stack, half.statements)}`, () => {
    const arn = readableArn(half.granted);
    const statements = half.statements.map((statement) =>
      policyStatement(
        {
          ...statement,
          principal: { ...statement.principal, value: readablePrincipal(stack, statement.principal.value) },
        },
        arn,
      ),
    );
    inform(
      scope,
      'ResourceHalfElsewhere',
      `${arn} is not defined in this app: calls from another account also need its owner to allow them in its resource-based policy:\n${paste(statements)}`,
    );
  });
}

/** Runs in each synth; the same message twice is kept once. */
function addToReport(granted: GrantedFunction, key: string, entry: () => void): void {
  let report = reports.get(granted.scope);
  if (!report) {
    const created: Report = new Map();
    reports.set(granted.scope, created);
    granted.scope.node.addValidation({
      validate: () => {
        for (const run of created.values()) run();
        return [];
      },
    });
    report = created;
  }
  if (!report.has(key)) report.set(key, entry);
}

function identityStatement(access: Access, arn: string): Record<string, unknown> {
  const hasConditions = Object.keys(access.conditions).length > 0;
  return {
    Effect: 'Allow',
    Action: access.action,
    Resource: arn,
    ...(hasConditions && { Condition: access.conditions }),
  };
}

function missing(who: string, arn: string, statements: readonly unknown[]): string {
  return (
    `this app cannot change the policies of ${who}, so its half of the grant is missing; ` +
    `calls to ${arn} are denied until an identity-based policy of ${who} has:\n${paste(statements)}`
  );
}

function elsewhere(who: string, arn: string, statements: readonly unknown[]): string {
  return `callers of ${who} may be let in by ${arn}; each also needs this in an identity-based policy of its own account:\n${paste(statements)}`;
}

function paste(statements: readonly unknown[]): string {
  return JSON.stringify(statements.length === 1 ? statements[0] : statements);
}
