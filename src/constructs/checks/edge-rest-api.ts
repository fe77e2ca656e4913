/** A streaming method on an edge-optimized REST API: 30 seconds of silence end the stream. It is API Gateway's default. */
import { API_GATEWAY_EDGE_IDLE_SECONDS, API_GATEWAY_REGIONAL_IDLE_SECONDS } from '../../wire/limits';
import type { CheckedApp } from './checked-app';
import { listOf, member, pathOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { restApiOf, streamingMethods } from './streaming-front-ends';

export function edgeRestApiMessage(api: string): string {
  return (
    `the REST API ${api} is edge-optimized, where a stream ends after ${API_GATEWAY_EDGE_IDLE_SECONDS} s of silence (regional: ${API_GATEWAY_REGIONAL_IDLE_SECONDS} s); ` +
    'set endpointConfiguration: { types: [EndpointType.REGIONAL] }'
  );
}

export const edgeRestApi: Rule = {
  id: 'EdgeRestApi',
  *find(app: CheckedApp): Iterable<Finding> {
    for (const { at, resource } of streamingMethods(app)) {
      const api = restApiOf(app, resource);
      const types = listOf(member(api?.properties['EndpointConfiguration'], 'Types'));
      if (api && (types.length === 0 || types.includes('EDGE'))) {
        yield { at, message: edgeRestApiMessage(pathOf(api)) };
      }
    }
  },
};
