/** Across accounts both sides must allow an invoke, and the app contains only one of them. */
import type { CheckedApp } from './checked-app';
import { INVOKE, INVOKE_URL, type Permission, permissionsOf, principalText } from './permissions';
import { allows, functionsOf, identityStatements, type PolicyStatement } from './policy-statements';
import { literalAccount } from './qualified-function';
import { member, pathOf, textOf } from './rendered-resource';
import type { Finding, Rule } from './rule';

const ROLE_ARN = /^arn:[\w-]+:iam::(\d{12}):role\/(?:.*\/)?([\w+=,.@-]+)$/;

/** Ids of the permissions that `streamGrants` defines; it reports halves it cannot write by itself, and better. */
const OF_STREAM_GRANTS = /^Stream[0-9a-f]{12}$/;

export const halfGrant: Rule = {
  id: 'HalfGrant',
  *find(app: CheckedApp): Iterable<Finding> {
    const statements = identityStatements(app).filter((found) => allows(found, INVOKE) || allows(found, INVOKE_URL));
    const permissions = permissionsOf(app);
    for (const permission of permissions.filter(({ at }) => !OF_STREAM_GRANTS.test(at.node.id))) {
      yield* withoutIdentityHalf(app, permission, statements);
    }
    for (const statement of statements) yield* withoutResourceHalf(app, statement, permissions);
  },
};

function* withoutIdentityHalf(
  app: CheckedApp,
  permission: Permission,
  statements: readonly PolicyStatement[],
): Iterable<Finding> {
  const { at, action, callee, resource } = permission;
  const [, account, role] = ROLE_ARN.exec(principalText(permission.principal) ?? '') ?? [];
  const home = callee?.account ?? literalAccount(resource.stack);
  if (!account || !role || !callee || !home || home === account) return;
  const half = statements.some(
    (found) =>
      allows(found, action) &&
      literalAccount(found.resource.stack) === account &&
      found.holders.some((holder) => roleName(app, found, textOf(member(holder, 'Ref')) ?? textOf(holder)) === role) &&
      functionsOf(app, found).some((other) => other.key === callee.key),
  );
  if (half) return;
  yield {
    at,
    message:
      `the role ${role} of account ${account} is allowed here, and needs the same permission in its own account, which this app does not give; ` +
      `add to the role: ${JSON.stringify({ Effect: 'Allow', Action: action, Resource: '<ARN of the alias>' })}`,
  };
}

function* withoutResourceHalf(
  app: CheckedApp,
  found: PolicyStatement,
  permissions: readonly Permission[],
): Iterable<Finding> {
  const account = literalAccount(found.resource.stack);
  if (!account) return;
  for (const callee of functionsOf(app, found)) {
    if (!callee.fn) continue;
    const home = literalAccount(callee.fn.stack);
    if (!home || home === account) continue;
    const half = permissions.some(
      (permission) => permission.callee?.key === callee.key && mentions(permission, account),
    );
    if (half) continue;
    yield {
      at: found.at,
      message:
        `this allows account ${account} to invoke the function ${pathOf(callee.fn)} of account ${home}, whose resource policy does not allow it; ` +
        'grant on the alias of the function as well, for example by streamGrants.invoke(role), which gives both halves',
    };
  }
}

/** A permission that can be for a principal of the account; who it is for exactly is not always to be told. */
function mentions(permission: Permission, account: string): boolean {
  const principal = principalText(permission.principal);
  return principal === undefined || principal === '*' || principal.includes(account);
}

function roleName(app: CheckedApp, found: PolicyStatement, logicalId: string | undefined): string | undefined {
  const role = logicalId === undefined ? undefined : app.byLogicalId(found.resource.stack, logicalId);
  return role ? textOf(role.properties['RoleName']) : logicalId;
}
