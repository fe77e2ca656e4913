/** A tenant-isolated function behind a front end that sends no tenant id: every request fails. */
import type { CheckedApp } from './checked-app';
import { member, pathOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { integrationOf, streamingMethods, streamingUrls } from './streaming-front-ends';

const HEADER = 'integration.request.header.x-amz-tenant-id';

export const tenantFrontEnd: Rule = {
  id: 'TenantFrontEnd',
  *find(app: CheckedApp): Iterable<Finding> {
    for (const { at, callee } of streamingUrls(app)) {
      if (!callee?.fn?.properties['TenancyConfig']) continue;
      yield {
        at,
        message: `the function ${pathOf(callee.fn)} has tenant isolation, which function URLs do not support; use a streaming REST API, or the InvokeWithResponseStream API`,
      };
    }
    for (const { at, resource, callee } of streamingMethods(app)) {
      if (!callee?.fn?.properties['TenancyConfig']) continue;
      const mapped = Object.keys(member(integrationOf(resource), 'RequestParameters') ?? {});
      if (mapped.some((name) => name.toLowerCase() === HEADER)) continue;
      yield {
        at,
        message: `the function ${pathOf(callee.fn)} has tenant isolation, and the method sends no tenant id, so each request fails; map one to integration.request.header.X-Amz-Tenant-Id`,
      };
    }
  },
};
