/** A permission asks for another auth type than the URL has: it never matches. */
import type { App } from './app';
import { permissionsOn } from './permissions';
import { pathOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { streamingUrls } from './streaming-doors';

export const urlAuthMismatch: Rule = {
  id: 'UrlAuthMismatch',
  *find(app: App): Iterable<Finding> {
    for (const { resource, target } of streamingUrls(app)) {
      if (!target) continue;
      const authType = resource.properties['AuthType'];
      for (const { at, resource: permission } of permissionsOn(app, target)) {
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
