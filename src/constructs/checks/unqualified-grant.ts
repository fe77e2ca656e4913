/** A grant on the unqualified function, while its streaming front end and callers use an alias: the grant does not cover them. */
import type { CheckedApp } from './checked-app';
import { INVOKE, INVOKE_URL, permissionsOf, principalText } from './permissions';
import { allows, functionsOf, identityStatements } from './policy-statements';
import { pathOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { streamingFrontEnds } from './streaming-front-ends';

function message(fn: string, alias: string): string {
  return (
    `this allows invoking the function ${fn} without a qualifier, and its streaming front end opens on the alias '${alias}', which has a policy of its own; ` +
    `grant on the alias: alias.grantInvoke(…), or streamGrants`
  );
}

export const unqualifiedGrant: Rule = {
  id: 'UnqualifiedGrant',
  *find(app: CheckedApp): Iterable<Finding> {
    const aliases = new Map<string, string>();
    for (const { callee } of streamingFrontEnds(app)) {
      if (callee?.qualifier && callee.qualifier !== '$LATEST') aliases.set(callee.key, callee.qualifier);
    }
    for (const { at, action, callee, principal } of permissionsOf(app)) {
      const alias = callee && aliases.get(callee.key);
      if (
        alias &&
        isUnqualified(callee.qualifier) &&
        [INVOKE, INVOKE_URL].includes(action) &&
        !isOwnBusiness(principalText(principal))
      ) {
        yield { at, message: message(callee.fn ? pathOf(callee.fn) : callee.key, alias) };
      }
    }
    for (const found of identityStatements(app)) {
      if (!allows(found, INVOKE) && !allows(found, INVOKE_URL)) continue;
      const callees = functionsOf(app, found);
      for (const callee of callees) {
        const alias = aliases.get(callee.key);
        const covered = callees.some((other) => other.key === callee.key && !isUnqualified(other.qualifier));
        if (alias && isUnqualified(callee.qualifier) && !covered) {
          yield { at: found.at, message: message(callee.fn ? pathOf(callee.fn) : callee.key, alias) };
        }
      }
    }
  },
};

function isUnqualified(qualifier: string | undefined): boolean {
  return qualifier === undefined || qualifier === '$LATEST';
}

/** Services that deliver events, S3 or EventBridge say, name what they invoke themselves; the front end are not their way in. */
function isOwnBusiness(principal: string | undefined): boolean {
  const isService = principal?.endsWith('.amazonaws.com') ?? false;
  return isService && !['apigateway.amazonaws.com', 'cloudfront.amazonaws.com'].includes(principal ?? '');
}
