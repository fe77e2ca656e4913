/**
 * Gives one grantee access to one ARN: decides which halves are needed, writes those it can, and reports the others.
 * Same account: either policy is enough. Another account: both. A service: the function's policy alone.
 * https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-cross-account.html
 */
import * as iam from 'aws-cdk-lib/aws-iam';
import { type CfnResource, Stack, Stage, Token } from 'aws-cdk-lib/core';
import { Dependable } from 'constructs';
import { StreamingConstructError } from '../errors';
import { warn } from '../warnings';
import { relate } from './environment';
import { checkAcrossStacks, checkNameable, narrowsEveryone } from './grant-checks';
import type { GrantTarget } from './grant-target';
import { type Grantee, knowsAccount } from './grantee';
import { reportIdentityHalf, reportResourceHalf } from './half-report';
import { definePermission } from './permission';
import { StreamResourcePolicy } from './resource-policy';
import { type Access, mergeConditions, type ResourceStatement } from './resource-statement';
import { sourceConditions } from './source';
import { referencesIn } from './stable-text';

export interface GiveOptions {
  readonly sourceArn?: string;
  readonly sourceAccount?: string;
  readonly allowPublic?: boolean;
  readonly preferResourcePolicy?: boolean;
}

export function give(
  target: GrantTarget,
  grantee: Grantee,
  access: readonly Access[],
  options: GiveOptions,
): iam.Grant {
  const extra = sourceConditions(target, grantee, options);
  const statements = access.map(
    (each): ResourceStatement => ({
      action: each.action,
      principal: grantee.statement,
      conditions: mergeConditions(grantee.conditions, each.conditions, extra),
    }),
  );
  if (grantee.statement.kind === 'service') return writeResourceHalf(target, grantee, statements);
  if (grantee.statement.kind === 'policy') return givePolicy(target, grantee, access);
  if (grantee.statement.kind === 'everyone') return giveEveryone(target, grantee, access, statements, options);
  return giveAws(target, grantee, access, statements, options);
}

function giveEveryone(
  target: GrantTarget,
  grantee: Grantee,
  access: readonly Access[],
  statements: readonly ResourceStatement[],
  options: GiveOptions,
): iam.Grant {
  if (narrowsEveryone(grantee.conditions)) {
    const who = `those who meet ${JSON.stringify(grantee.conditions)}`;
    reportIdentityHalf({ target, who, access, expected: true });
  } else if (options.allowPublic) {
    warn(target.scope, 'PublicGrant', 'anyone in any AWS account may invoke this function, at your cost');
  } else {
    throw new StreamingConstructError(
      target.scope,
      'PublicGrantNotConfirmed',
      'the principal * allows every AWS account to invoke this function; grant to an account, an organization or a role, or pass allowPublic: true',
    );
  }
  return writeResourceHalf(target, grantee, statements);
}

/** A policy document without a principal, as iam.ManagedPolicy is: it can hold the caller's half, and only that. */
function givePolicy(target: GrantTarget, grantee: Grantee, access: readonly Access[]): iam.Grant {
  const attached = attach(target, grantee, access);
  if (attached && relate(target.stack, target.account, grantee.account) === 'same') return attached;
  throw new StreamingConstructError(
    target.scope,
    'PolicyAcrossAccounts',
    'a policy is no principal, so the function cannot allow another account by it; grant to the roles it is attached to, or to their account',
  );
}

function giveAws(
  target: GrantTarget,
  grantee: Grantee,
  access: readonly Access[],
  statements: readonly ResourceStatement[],
  options: GiveOptions,
): iam.Grant {
  const relation = relate(target.stack, target.account, grantee.account);
  checkAcrossStacks(target, grantee);
  const identityAccess = access.map((each) => ({
    ...each,
    conditions: mergeConditions(grantee.conditions, each.conditions),
  }));
  // A function is deployed after its role's policy, which would name an alias of that very function.
  const isItself = grantee.carrier !== undefined && grantee.carrier === target.fn.role;
  const isLeftOut = relation === 'same' && target.writable && (isItself || options.preferResourcePolicy === true);
  const attached = isLeftOut ? undefined : attach(target, grantee, identityAccess);
  const half = { target, who: grantee.statement.value, access: identityAccess, attached };
  if (relation === 'same' && attached) {
    reportIdentityHalf({ ...half, expected: false });
    return attached;
  }
  const resource = writeResourceHalf(target, grantee, statements);
  const isResourceHalfEnough = relation === 'same' && target.writable;
  if (!isResourceHalfEnough) reportIdentityHalf({ ...half, expected: isExpectedElsewhere(grantee) });
  return attached ? attached.combine(resource) : resource;
}

/** An account's own administrators decide on its callers; and where the account is hidden, perhaps nothing is missing. */
function isExpectedElsewhere(grantee: Grantee): boolean {
  const isAccount = !grantee.statement.value.includes(':') && !Token.isUnresolved(grantee.statement.value);
  return isAccount || (grantee.carrier === undefined && !knowsAccount(grantee));
}

/** Statements in the grantee's own policy; undefined where they would not land in the grantee's account, or nowhere. */
function attach(target: GrantTarget, grantee: Grantee, access: readonly Access[]): iam.Grant | undefined {
  if (!grantee.isAttachable) return undefined;
  const grants = access.map((each) =>
    iam.Grant.addToPrincipal({
      grantee: { grantPrincipal: grantee.principal },
      actions: [each.action],
      resourceArns: [target.arn],
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

function writeResourceHalf(target: GrantTarget, grantee: Grantee, statements: readonly ResourceStatement[]): iam.Grant {
  if (!target.writable) {
    reportResourceHalf({ target, statements });
    return iam.Grant.drop({ grantPrincipal: grantee.principal }, 'the resource-based policy belongs to another stack');
  }
  checkNameable(target, grantee);
  const policy = StreamResourcePolicy.find(target);
  const resources = statements.map((statement) =>
    policy ? policy.add(statement) : definePermission(target, statement),
  );
  for (const resource of resources) deployAfterPrincipal(resource, grantee);
  const grants = statements.map((statement, index) => resourceGrant(target, grantee, statement, resources[index]));
  return grants.reduce((all, grant) => all.combine(grant));
}

function resourceGrant(
  target: GrantTarget,
  grantee: Grantee,
  statement: ResourceStatement,
  resource: CfnResource | undefined,
): iam.Grant {
  return iam.Grant.addStatementToResourcePolicy({
    grantee: { grantPrincipal: grantee.principal },
    actions: [statement.action],
    resourceArns: [target.arn],
    statement: new iam.PolicyStatement({
      actions: [statement.action],
      resources: [target.arn],
      principals: [grantee.principal],
    }),
    resource: {
      env: target.fn.env,
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
