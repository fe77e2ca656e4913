/** A grant on the unqualified function, while its streaming doors and callers use an alias: the grant does not cover them. */
import type { App } from './app';
import { INVOKE, INVOKE_URL, permissionsOf, principalText } from './permissions';
import { allows, identityStatements, targetsOf } from './policy-statements';
import { pathOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { streamingDoors } from './streaming-doors';

function message(fn: string, alias: string): string {
  return (
    `this allows invoking the function ${fn} without a qualifier, and its streaming door opens on the alias '${alias}', which has a policy of its own; ` +
    `grant on the alias: alias.grantInvoke(…), or streamGrants`
  );
}

export const unqualifiedGrant: Rule = {
  id: 'UnqualifiedGrant',
  *find(app: App): Iterable<Finding> {
    const aliases = new Map<string, string>();
    for (const { target } of streamingDoors(app)) {
      if (target?.qualifier && target.qualifier !== '$LATEST') aliases.set(target.key, target.qualifier);
    }
    for (const { at, action, target, principal } of permissionsOf(app)) {
      const alias = target && aliases.get(target.key);
      if (
        alias &&
        isUnqualified(target.qualifier) &&
        [INVOKE, INVOKE_URL].includes(action) &&
        !isOwnBusiness(principalText(principal))
      ) {
        yield { at, message: message(target.fn ? pathOf(target.fn) : target.key, alias) };
      }
    }
    for (const found of identityStatements(app)) {
      if (!allows(found, INVOKE) && !allows(found, INVOKE_URL)) continue;
      const targets = targetsOf(app, found);
      for (const target of targets) {
        const alias = aliases.get(target.key);
        const covered = targets.some((other) => other.key === target.key && !isUnqualified(other.qualifier));
        if (alias && isUnqualified(target.qualifier) && !covered) {
          yield { at: found.at, message: message(target.fn ? pathOf(target.fn) : target.key, alias) };
        }
      }
    }
  },
};

function isUnqualified(qualifier: string | undefined): boolean {
  return qualifier === undefined || qualifier === '$LATEST';
}

/** Services that deliver events, S3 or EventBridge say, name what they invoke themselves; the doors are not their way in. */
function isOwnBusiness(principal: string | undefined): boolean {
  const isService = principal?.endsWith('.amazonaws.com') ?? false;
  return isService && !['apigateway.amazonaws.com', 'cloudfront.amazonaws.com'].includes(principal ?? '');
}
