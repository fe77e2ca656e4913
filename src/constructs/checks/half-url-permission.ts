/** A caller of a function URL has one of the two permissions: Lambda answers 403 since November 2026. */
import type { CheckedApp } from './checked-app';
import { INVOKE, INVOKE_URL, type Permission, permissionsOf, permissionsOn } from './permissions';
import { allows, identityStatements, type PolicyStatement } from './policy-statements';
import { listOf } from './rendered-resource';
import type { Finding, Rule } from './rule';

const SECOND = 'InvokedViaFunctionUrl: true';

function message(has: string, lacks: string): string {
  return (
    `callers of a function URL need lambda:InvokeFunctionUrl and lambda:InvokeFunction, and this gives only ${has}, so they get 403; ` +
    `add ${lacks}, or let grantInvokeUrl() give both`
  );
}

export const halfUrlPermission: Rule = {
  id: 'HalfUrlPermission',
  *find(app: CheckedApp): Iterable<Finding> {
    for (const one of permissionsOf(app)) {
      const has = (action: string) =>
        one.callee && permissionsOn(app, one.callee).some((other) => other.action === action && sameCaller(one, other));
      if (one.action === INVOKE_URL && !has(INVOKE)) {
        yield { at: one.at, message: message(INVOKE_URL, `a permission for ${INVOKE} with ${SECOND}`) };
      }
      const viaUrl = one.action === INVOKE && one.resource.properties['InvokedViaFunctionUrl'] === true;
      if (viaUrl && !has(INVOKE_URL)) {
        yield { at: one.at, message: message(`${INVOKE} with ${SECOND}`, `a permission for ${INVOKE_URL}`) };
      }
    }
    yield* halfStatements(app);
  },
};

/** The same principal, from the same source. */
function sameCaller(one: Permission, other: Permission): boolean {
  const keys = ['Principal', 'SourceArn', 'SourceAccount', 'PrincipalOrgID'];
  return keys.every((key) => same(one.resource.properties[key], other.resource.properties[key]));
}

function* halfStatements(app: CheckedApp): Iterable<Finding> {
  const statements = identityStatements(app);
  for (const one of statements.filter((found) => allows(found, INVOKE_URL) && !allows(found, INVOKE))) {
    const completed = listOf(one.statement['Resource']).every((resource) =>
      statements.some((other) => allows(other, INVOKE) && sharesHolder(one, other) && covers(other, resource)),
    );
    if (!completed) yield { at: one.at, message: message(INVOKE_URL, `${INVOKE} on the same function`) };
  }
}

function sharesHolder(one: PolicyStatement, other: PolicyStatement): boolean {
  if (one.resource === other.resource) return true;
  return one.holders.some((holder) => other.holders.some((candidate) => same(holder, candidate)));
}

function covers(other: PolicyStatement, resource: unknown): boolean {
  return listOf(other.statement['Resource']).some((candidate) => candidate === '*' || same(candidate, resource));
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
