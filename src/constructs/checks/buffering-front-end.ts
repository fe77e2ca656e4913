/** A function that streams stands behind a front end that cannot: HTTP APIs, load balancers and buffered REST methods. */
import type { CheckedApp } from './checked-app';
import { functionInBufferedUri, qualifiedFunction } from './qualified-function';
import { listOf, member, type RenderedResource } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { integrationOf, streamingFrontEnds } from './streaming-front-ends';

export const bufferingFrontEnd: Rule = {
  id: 'BufferingFrontEnd',
  *find(app: CheckedApp): Iterable<Finding> {
    const streaming = new Set(streamingFrontEnds(app).flatMap(({ callee }) => (callee ? [callee.key] : [])));
    for (const { at, kind, keys } of bufferingFrontEnds(app)) {
      if (!keys.some((key) => key !== undefined && streaming.has(key))) continue;
      yield {
        at,
        message:
          `${kind} waits for the whole response, and the function behind it streams through another front end; ` +
          'its callers get one late block of at most 6 MB. Use a function URL or a REST API in STREAM mode instead',
      };
    }
  },
};

interface BufferingFrontEnd {
  readonly at: RenderedResource['at'];
  readonly kind: string;
  readonly keys: readonly (string | undefined)[];
}

function bufferingFrontEnds(app: CheckedApp): BufferingFrontEnd[] {
  const http = app.ofType('AWS::ApiGatewayV2::Integration').map((resource) => {
    const uri = resource.properties['IntegrationUri'];
    const callee = functionInBufferedUri(app, resource.stack, uri) ?? qualifiedFunction(app, resource.stack, uri);
    return { at: resource.at, kind: 'an HTTP or WebSocket API', keys: [callee?.key] };
  });
  const balancers = app.ofType('AWS::ElasticLoadBalancingV2::TargetGroup').map((resource) => {
    const ids = listOf(resource.properties['Targets']).map((one) => member(one, 'Id'));
    return {
      at: resource.at,
      kind: 'a load balancer',
      keys: ids.map((id) => qualifiedFunction(app, resource.stack, id)?.key),
    };
  });
  const methods = app.ofType('AWS::ApiGateway::Method').map((resource) => {
    const callee = functionInBufferedUri(app, resource.stack, integrationOf(resource)['Uri']);
    return { at: resource.at, kind: 'a REST API method without STREAM', keys: [callee?.key] };
  });
  return [...http, ...balancers, ...methods];
}
