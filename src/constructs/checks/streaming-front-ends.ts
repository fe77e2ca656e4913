/** Finds the front end of an app that promise a stream: function URLs and REST methods, with the function behind each. */
import { API_GATEWAY_DEFAULT_TIMEOUT_MS } from '../../wire/limits';
import type { CheckedApp } from './checked-app';
import { functionInStreamUri, type QualifiedFunction, qualifiedFunction } from './qualified-function';
import { isObject, type JsonObject, member, type RenderedResource, textOf } from './rendered-resource';

export interface StreamingFrontEnd {
  readonly at: RenderedResource['at'];
  readonly resource: RenderedResource;
  /** Undefined where the function cannot be told from the template. */
  readonly callee?: QualifiedFunction;
}

export function streamingFrontEnds(app: CheckedApp): readonly StreamingFrontEnd[] {
  return [...streamingUrls(app), ...streamingMethods(app)];
}

/** Function URLs with invoke mode `RESPONSE_STREAM`. */
export function streamingUrls(app: CheckedApp): readonly StreamingFrontEnd[] {
  return app.once(readUrls);
}

function readUrls(app: CheckedApp): StreamingFrontEnd[] {
  return app
    .ofType('AWS::Lambda::Url')
    .filter(({ properties }) => properties['InvokeMode'] === 'RESPONSE_STREAM')
    .map((resource) => {
      const callee = qualifiedFunction(app, resource.stack, { 'Fn::GetAtt': [resource.logicalId, 'FunctionArn'] });
      return { at: resource.at, resource, callee };
    });
}

/** REST API methods with response transfer mode `STREAM`. */
export function streamingMethods(app: CheckedApp): readonly StreamingFrontEnd[] {
  return app.once(readMethods);
}

function readMethods(app: CheckedApp): StreamingFrontEnd[] {
  return app
    .ofType('AWS::ApiGateway::Method')
    .filter((resource) => integrationOf(resource)['ResponseTransferMode'] === 'STREAM')
    .map((resource) => {
      const callee = functionInStreamUri(app, resource.stack, integrationOf(resource)['Uri']);
      return { at: resource.at, resource, callee };
    });
}

export function integrationOf(method: RenderedResource): JsonObject {
  const integration = method.properties['Integration'];
  return isObject(integration) ? integration : {};
}

/** Time after which API Gateway cuts the method's response, in milliseconds. */
export function timeoutOf(method: RenderedResource): number {
  const timeout = integrationOf(method)['TimeoutInMillis'];
  return typeof timeout === 'number' ? timeout : API_GATEWAY_DEFAULT_TIMEOUT_MS;
}

/** The REST API a method belongs to, where the app defines it. */
export function restApiOf(app: CheckedApp, method: RenderedResource): RenderedResource | undefined {
  const logicalId = textOf(member(method.properties['RestApiId'], 'Ref'));
  return logicalId === undefined ? undefined : app.byLogicalId(method.stack, logicalId);
}

/** The stages of a REST API, in its own stack. */
export function stagesOf(app: CheckedApp, api: RenderedResource): readonly RenderedResource[] {
  return app
    .ofType('AWS::ApiGateway::Stage')
    .filter(
      (stage) => stage.stack === api.stack && textOf(member(stage.properties['RestApiId'], 'Ref')) === api.logicalId,
    );
}
