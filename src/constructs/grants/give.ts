/**
 * Gives one grantee access to one ARN: decides which halves are needed, writes those it can, and reports the others.
 * Same account: either policy is enough. Another account: both. A service: the function's policy alone.
 * https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-cross-account.html
 */
import * as iam from 'aws-cdk-lib/aws-iam';
import { type CfnResource, Stack, Stage, Token } from 'aws-cdk-lib/core';
import { Dependable } from 'constructs';
import { referencesIn } from '../facts/stable-text';
import { type CheckedProps, checkProps, FLAG, TEXT } from '../problems/check-props';
import { StreamingConstructError } from '../problems/construct-error';
import { warn } from '../problems/warnings';
import { relate } from './environment';
import { checkAcrossStacks, checkNameable, narrowsEveryone } from './grant-checks';
import type { GrantedFunction } from './granted-function';
import { type Grantee, granteesOf, knowsAccount } from './grantee';
import { reportIdentityHalf, reportResourceHalf } from './half-report';
import { definePermission } from './permission';
import { StreamResourcePolicy } from './resource-policy';
import { type Access, mergeConditions, type ResourceStatement } from './resource-statement';
import { sourceConditions } from './source';

export interface GiveOptions {
  readonly sourceArn?: string;
  readonly sourceAccount?: string;
  readonly allowPublic?: boolean;
  readonly preferResourcePolicy?: boolean;
}

const GRANT_OPTIONS: CheckedProps = {
  noun: 'options of the grant',
  rules: { sourceArn: TEXT, sourceAccount: TEXT, allowPublic: FLAG, preferResourcePolicy: FLAG },
};

/** Gives a grantee, or each of those that a composite principal stands for, access to a function. */
export function give(
  granted: GrantedFunction,
  { grantee, access, options = {} }: { grantee: iam.IGrantable; access: readonly Access[]; options?: GiveOptions },
): iam.Grant {
  checkProps(granted.scope, '', options, GRANT_OPTIONS);
  const grants = granteesOf(granted.scope, grantee).map((each) => giveOne(granted, each, access, options));
  const [first, ...others] = grants;
  if (!first) {
    throw new StreamingConstructError(granted.scope, 'NoGrantee', 'the composite principal has no principals');
  }
  return others.reduce((all, grant) => all.combine(grant), first);
}

export function giveOne(
  granted: GrantedFunction,
  grantee: Grantee,
  access: readonly Access[],
  options: GiveOptions,
): iam.Grant {
  const extra = sourceConditions(granted, grantee, options);
  const statements = access.map(
    (each): ResourceStatement => ({
      action: each.action,
      principal: grantee.statement,
      conditions: mergeConditions(grantee.conditions, each.conditions, extra),
    }),
  );
  if (grantee.statement.kind === 'service') return writeResourceHalf(granted, grantee, statements);
  if (grantee.statement.kind === 'policy') return givePolicy(granted, grantee, access);
  if (grantee.statement.kind === 'everyone') return giveEveryone(granted, grantee, access, statements, options);
  return giveAws(granted, grantee, access, statements, options);
}

function giveEveryone(
  granted: GrantedFunction,
  grantee: Grantee,
  access: readonly Access[],
  statements: readonly ResourceStatement[],
  options: GiveOptions,
): iam.Grant {
  if (narrowsEveryone(grantee.conditions)) {
    const who = `those who meet ${JSON.stringify(grantee.conditions)}`;
    reportIdentityHalf({ granted, who, access, expected: true });
  } else if (options.allowPublic) {
    warn(granted.scope, 'PublicGrant', 'anyone in any AWS account may invoke this function, at your cost');
  } else {
    throw new StreamingConstructError(
      granted.scope,
      'PublicGrantNotConfirmed',
      'the principal * allows every AWS account to invoke this function; grant to an account, an organization or a role, or pass allowPublic: true',
    );
  }
  return writeResourceHalf(granted, grantee, statements);
}

/** A policy document without a principal, as iam.ManagedPolicy is: it can hold the caller's half, and only that. */
function givePolicy(granted: GrantedFunction, grantee: Grantee, access: readonly Access[]): iam.Grant {
  const attached = attach(granted, grantee, access);
  if (attached && relate(granted.stack, granted.account, grantee.account) === 'same') return attached;
  throw new StreamingConstructError(
    granted.scope,
    'PolicyAcrossAccounts',
    'a policy is not a principal, so the function cannot allow another account through it; grant to the roles it is attached to, or to their account',
  );
}

function giveAws(
  granted: GrantedFunction,
  grantee: Grantee,
  access: readonly Access[],
  statements: readonly ResourceStatement[],
  options: GiveOptions,
): iam.Grant {
  const relation = relate(granted.stack, granted.account, grantee.account);
  checkAcrossStacks(granted, grantee);
  const identityAccess = access.map((each) => ({
    ...each,
    conditions: mergeConditions(grantee.conditions, each.conditions),
  }));
  // A function is deployed after its role's policy, which would name an alias of that very function.
  const isItself = grantee.carrier !== undefined && grantee.carrier === granted.invoked.role;
  const isLeftOut = relation === 'same' && granted.writable && (isItself || options.preferResourcePolicy === true);
  const attached = isLeftOut ? undefined : attach(granted, grantee, identityAccess);
  const half = { granted, who: grantee.statement.value, access: identityAccess, attached };
  if (relation === 'same' && attached) {
    reportIdentityHalf({ ...half, expected: false });
    return attached;
  }
  const resource = writeResourceHalf(granted, grantee, statements);
  const isResourceHalfEnough = relation === 'same' && granted.writable;
  if (!isResourceHalfEnough) reportIdentityHalf({ ...half, expected: isExpectedElsewhere(grantee) });
  return attached ? attached.combine(resource) : resource;
}

/** An account's own administrators decide on its callers; and where the account is hidden, perhaps nothing is missing. */
function isExpectedElsewhere(grantee: Grantee): boolean {
  const isAccount = !grantee.statement.value.includes(':') && !Token.isUnresolved(grantee.statement.value);
  return isAccount || (grantee.carrier === undefined && !knowsAccount(grantee));
}

/** Statements in the grantee's own policy; undefined where they would not land in the grantee's account, or nowhere. */
function attach(granted: GrantedFunction, grantee: Grantee, access: readonly Access[]): iam.Grant | undefined {
  if (!grantee.isAttachable) return undefined;
  const grants = access.map((each) =>
    iam.Grant.addToPrincipal({
      grantee: { grantPrincipal: grantee.principal },
      actions: [each.action],
      resourceArns: [granted.arn],
      conditions: each.conditions,
    }),
  );
  const grant = grants.reduce((all, each) => all.combine(each));
  return isAttached(grantee, grant) ? grant : undefined;
}

/**
 * An immutable role takes a statement and drops it: it says yes, and has nothing to depend on.
 * A role of this app names its policy only at synth; the report looks again then.
 */
function isAttached(grantee: Grantee, grant: iam.Grant): boolean {
  if (!grant.success) return false;
  return iam.Role.isRole(grantee.carrier) || Dependable.of(grant).dependencyRoots.length > 0;
}

function writeResourceHalf(
  granted: GrantedFunction,
  grantee: Grantee,
  statements: readonly ResourceStatement[],
): iam.Grant {
  if (!granted.writable) {
    reportResourceHalf({ granted, statements });
    return iam.Grant.drop({ grantPrincipal: grantee.principal }, 'the resource-based policy belongs to another stack');
  }
  checkNameable(granted, grantee);
  const policy = StreamResourcePolicy.find(granted);
  const resources = statements.map((statement) =>
    policy ? policy.add(statement) : definePermission(granted, statement),
  );
  for (const resource of resources) deployAfterPrincipal(resource, grantee);
  const grants = statements.map((statement, index) => resourceGrant(granted, grantee, statement, resources[index]));
  return grants.reduce((all, grant) => all.combine(grant));
}

function resourceGrant(
  granted: GrantedFunction,
  grantee: Grantee,
  statement: ResourceStatement,
  resource: CfnResource | undefined,
): iam.Grant {
  return iam.Grant.addStatementToResourcePolicy({
    grantee: { grantPrincipal: grantee.principal },
    actions: [statement.action],
    resourceArns: [granted.arn],
    statement: new iam.PolicyStatement({
      actions: [statement.action],
      resources: [granted.arn],
      principals: [grantee.principal],
    }),
    resource: {
      env: granted.invoked.env,
      addToResourcePolicy: () => ({ statementAdded: true, policyDependable: resource }),
    },
  });
}

/** Lambda refuses a principal that does not exist yet, so the stack that defines it has to be deployed first. */
function deployAfterPrincipal(permission: CfnResource, grantee: Grantee): void {
  for (const { target: role } of referencesIn(grantee.statement.value)) {
    if (Stack.of(role) === Stack.of(permission)) continue;
    if (Stage.of(role) === Stage.of(permission)) {
      permission.node.addDependency(role);
    } else {
      warn(
        permission,
        'OrderAcrossStages',
        `${role.node.path} is in another stage: deploy that stage first, else Lambda refuses the principal of this permission as invalid`,
      );
    }
  }
}
