/** A service may invoke the function for anyone who asks it to: the confused deputy. */
import type { CheckedApp } from './checked-app';
import { permissionsOf, principalText } from './permissions';
import type { Finding, Rule } from './rule';

const SOURCES = ['SourceArn', 'SourceAccount', 'PrincipalOrgID', 'EventSourceToken'];

export const bareService: Rule = {
  id: 'BareService',
  *find(app: CheckedApp): Iterable<Finding> {
    for (const { at, resource, principal } of permissionsOf(app)) {
      const service = principalText(principal);
      if (!service?.endsWith('.amazonaws.com') || SOURCES.some((source) => resource.properties[source] !== undefined))
        continue;
      yield {
        at,
        message:
          `${service} may invoke the function on behalf of any customer of AWS, since no source is named; ` +
          'add the ARN of the resource that calls (sourceArn), or its account (sourceAccount)',
      };
    }
  },
};
