/** A tenant-isolated function behind a door that sends no tenant id: every request fails. */
import type { App } from './app';
import { member, pathOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { integrationOf, streamingMethods, streamingUrls } from './streaming-doors';

const HEADER = 'integration.request.header.x-amz-tenant-id';

export const tenantDoor: Rule = {
  id: 'TenantDoor',
  *find(app: App): Iterable<Finding> {
    for (const { at, target } of streamingUrls(app)) {
      if (!target?.fn?.properties['TenancyConfig']) continue;
      yield {
        at,
        message: `the function ${pathOf(target.fn)} has tenant isolation, which function URLs do not support; use a streaming REST API, or the InvokeWithResponseStream API`,
      };
    }
    for (const { at, resource, target } of streamingMethods(app)) {
      if (!target?.fn?.properties['TenancyConfig']) continue;
      const mapped = Object.keys(member(integrationOf(resource), 'RequestParameters') ?? {});
      if (mapped.some((name) => name.toLowerCase() === HEADER)) continue;
      yield {
        at,
        message: `the function ${pathOf(target.fn)} has tenant isolation, and the method sends no tenant id, so each request fails; map one to integration.request.header.X-Amz-Tenant-Id`,
      };
    }
  },
};
