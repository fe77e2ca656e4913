/** A function that streams stands behind a door that cannot: HTTP APIs, load balancers and buffered REST methods. */
import type { App } from './app';
import { bufferedUriTarget, lambdaTarget } from './lambda-target';
import { listOf, member, type RenderedResource } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { integrationOf, streamingDoors } from './streaming-doors';

export const bufferingDoor: Rule = {
  id: 'BufferingDoor',
  *find(app: App): Iterable<Finding> {
    const streaming = new Set(streamingDoors(app).flatMap(({ target }) => (target ? [target.key] : [])));
    for (const { at, kind, keys } of bufferingDoors(app)) {
      if (!keys.some((key) => key !== undefined && streaming.has(key))) continue;
      yield {
        at,
        message:
          `${kind} waits for the whole response, and the function behind it streams through another door; ` +
          'its callers get one late block of at most 6 MB. Use a function URL or a REST API in STREAM mode instead',
      };
    }
  },
};

interface BufferingDoor {
  readonly at: RenderedResource['at'];
  readonly kind: string;
  readonly keys: readonly (string | undefined)[];
}

function bufferingDoors(app: App): BufferingDoor[] {
  const http = app.ofType('AWS::ApiGatewayV2::Integration').map((resource) => {
    const uri = resource.properties['IntegrationUri'];
    const target = bufferedUriTarget(app, resource.stack, uri) ?? lambdaTarget(app, resource.stack, uri);
    return { at: resource.at, kind: 'an HTTP or WebSocket API', keys: [target?.key] };
  });
  const balancers = app.ofType('AWS::ElasticLoadBalancingV2::TargetGroup').map((resource) => {
    const ids = listOf(resource.properties['Targets']).map((target) => member(target, 'Id'));
    return {
      at: resource.at,
      kind: 'a load balancer',
      keys: ids.map((id) => lambdaTarget(app, resource.stack, id)?.key),
    };
  });
  const methods = app.ofType('AWS::ApiGateway::Method').map((resource) => {
    const target = bufferedUriTarget(app, resource.stack, integrationOf(resource)['Uri']);
    return { at: resource.at, kind: 'a REST API method without STREAM', keys: [target?.key] };
  });
  return [...http, ...balancers, ...methods];
}
