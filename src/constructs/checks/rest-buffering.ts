/** A streamed REST method on an API that compresses, or on a stage that caches: neither works on a streamed response. */
import type { CheckedApp } from './checked-app';
import { listOf, member, pathOf, type RenderedResource } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { restApiOf, stagesOf, streamingMethods } from './streaming-front-ends';

export const restBuffering: Rule = {
  id: 'RestBuffering',
  *find(app: CheckedApp): Iterable<Finding> {
    for (const { at, resource } of streamingMethods(app)) {
      const api = restApiOf(app, resource);
      if (!api) continue;
      if (api.properties['MinimumCompressionSize'] !== undefined) {
        yield {
          at,
          message: `the REST API ${pathOf(api)} compresses responses, which API Gateway cannot do on a streamed one; remove its minimum compression size, or compress in the function`,
        };
      }
      for (const stage of stagesOf(app, api).filter(cachesAll)) {
        yield {
          at,
          message: `the stage ${pathOf(stage)} caches all methods, which API Gateway cannot do on a streamed one; do not cache the stage, or move the streamed method to another API`,
        };
      }
    }
  },
};

/** Caches everything and exempts nothing. */
function cachesAll(stage: RenderedResource): boolean {
  const settings = listOf(stage.properties['MethodSettings']);
  const exempt = settings.some((setting) => member(setting, 'CachingEnabled') === false);
  return (
    !exempt &&
    settings.some((setting) => member(setting, 'CachingEnabled') === true && member(setting, 'ResourcePath') === '/*')
  );
}
