/** A function that streams stands behind a front end that cannot: HTTP APIs, load balancers, buffered REST methods and URLs. */
import type { CheckedApp } from './checked-app';
import { functionInBufferedUri, type QualifiedFunction, qualifiedFunction } from './qualified-function';
import { listOf, member, pathOf, type RenderedResource } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { integrationOf, streamingFrontEnds } from './streaming-front-ends';
import { modeOfAdapter } from './web-adapter-function';

export const bufferingFrontEnd: Rule = {
  id: 'BufferingFrontEnd',
  *find(app: CheckedApp): Iterable<Finding> {
    const streaming = new Set(streamingFrontEnds(app).flatMap(({ callee }) => (callee ? [callee.key] : [])));
    for (const { at, kind, callees } of bufferingFrontEnds(app)) {
      const callee = callees.find((each) => each && (streaming.has(each.key) || isMadeToStream(each)));
      if (callee) yield { at, message: message(kind, callee) };
    }
  },
};

/** A function that streams whoever calls it: defined by this library, or a web server that its adapter lets stream. */
function isMadeToStream({ fn }: QualifiedFunction): boolean {
  if (!fn) return false;
  const owner = fn.at.node.scope;
  return modeOfAdapter(fn) === 'response_stream' || (owner !== undefined && 'liveAlias' in owner);
}

function message(kind: string, { fn }: QualifiedFunction): string {
  const name = fn ? `the function ${pathOf(fn)}` : 'the function behind it';
  const instead = 'Use a function URL in invoke mode RESPONSE_STREAM, or a REST API method in STREAM mode';
  if (fn && modeOfAdapter(fn) === 'response_stream') {
    return `${kind} does not understand a streamed response, and the Lambda Web Adapter of ${name} always sends one, so each request gets 502. ${instead}, or set AWS_LWA_INVOKE_MODE=buffered`;
  }
  return (
    `${kind} waits for the whole response, and ${name} streams: callers get one late block of at most 6 MB, ` +
    `or 502 where the handler sends a status and headers of its own, as web handlers do. ${instead}`
  );
}

interface BufferingFrontEnd {
  readonly at: RenderedResource['at'];
  readonly kind: string;
  readonly callees: readonly (QualifiedFunction | undefined)[];
}

function bufferingFrontEnds(app: CheckedApp): BufferingFrontEnd[] {
  const http = app.ofType('AWS::ApiGatewayV2::Integration').map((resource) => {
    const uri = resource.properties['IntegrationUri'];
    const callee = functionInBufferedUri(app, resource.stack, uri) ?? qualifiedFunction(app, resource.stack, uri);
    return { at: resource.at, kind: 'an HTTP or WebSocket API', callees: [callee] };
  });
  const balancers = app.ofType('AWS::ElasticLoadBalancingV2::TargetGroup').map((resource) => {
    const ids = listOf(resource.properties['Targets']).map((one) => member(one, 'Id'));
    return {
      at: resource.at,
      kind: 'a load balancer',
      callees: ids.map((id) => qualifiedFunction(app, resource.stack, id)),
    };
  });
  const methods = app.ofType('AWS::ApiGateway::Method').map((resource) => {
    const callee = functionInBufferedUri(app, resource.stack, integrationOf(resource)['Uri']);
    return { at: resource.at, kind: 'a REST API method without STREAM', callees: [callee] };
  });
  const urls = app
    .ofType('AWS::Lambda::Url')
    .filter(({ properties }) => properties['InvokeMode'] !== 'RESPONSE_STREAM')
    .map((resource) => {
      const callee = qualifiedFunction(app, resource.stack, { 'Fn::GetAtt': [resource.logicalId, 'FunctionArn'] });
      return { at: resource.at, kind: 'a function URL in invoke mode BUFFERED', callees: [callee] };
    });
  return [...http, ...balancers, ...methods, ...urls];
}
