/** A permission asks for another auth type than the URL has: it never matches. */
import type { CheckedApp } from './checked-app';
import { permissionsOn } from './permissions';
import { pathOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { streamingUrls } from './streaming-front-ends';

export const urlAuthMismatch: Rule = {
  id: 'UrlAuthMismatch',
  *find(app: CheckedApp): Iterable<Finding> {
    for (const { resource, callee } of streamingUrls(app)) {
      if (!callee) continue;
      const authType = resource.properties['AuthType'];
      for (const { at, resource: permission } of permissionsOn(app, callee)) {
        const asked = permission.properties['FunctionUrlAuthType'];
        if (asked === undefined || asked === authType) continue;
        yield {
          at,
          message:
            `this permission holds for URLs with auth type ${String(asked)}, and the URL ${pathOf(resource)} has ${String(authType)}, so it never applies; ` +
            `set the auth type of the permission to ${String(authType)}, or remove it`,
        };
      }
    }
  },
};
