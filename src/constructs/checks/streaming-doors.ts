/** Finds the doors of an app that promise a stream: function URLs and REST methods, with the function behind each. */
import { API_GATEWAY_DEFAULT_TIMEOUT_MS } from '../../wire/limits';
import type { App } from './app';
import { type LambdaTarget, lambdaTarget, streamUriTarget } from './lambda-target';
import { isObject, type JsonObject, member, type RenderedResource, textOf } from './rendered-resource';

export interface StreamingDoor {
  readonly at: RenderedResource['at'];
  readonly resource: RenderedResource;
  /** Undefined where the function cannot be told from the template. */
  readonly target?: LambdaTarget;
}

export function streamingDoors(app: App): readonly StreamingDoor[] {
  return [...streamingUrls(app), ...streamingMethods(app)];
}

/** Function URLs with invoke mode `RESPONSE_STREAM`. */
export function streamingUrls(app: App): readonly StreamingDoor[] {
  return app.once(readUrls);
}

function readUrls(app: App): StreamingDoor[] {
  return app
    .ofType('AWS::Lambda::Url')
    .filter(({ properties }) => properties['InvokeMode'] === 'RESPONSE_STREAM')
    .map((resource) => {
      const target = lambdaTarget(app, resource.stack, { 'Fn::GetAtt': [resource.logicalId, 'FunctionArn'] });
      return { at: resource.at, resource, target };
    });
}

/** REST API methods with response transfer mode `STREAM`. */
export function streamingMethods(app: App): readonly StreamingDoor[] {
  return app.once(readMethods);
}

function readMethods(app: App): StreamingDoor[] {
  return app
    .ofType('AWS::ApiGateway::Method')
    .filter((resource) => integrationOf(resource)['ResponseTransferMode'] === 'STREAM')
    .map((resource) => {
      const target = streamUriTarget(app, resource.stack, integrationOf(resource)['Uri']);
      return { at: resource.at, resource, target };
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
export function restApiOf(app: App, method: RenderedResource): RenderedResource | undefined {
  const logicalId = textOf(member(method.properties['RestApiId'], 'Ref'));
  return logicalId === undefined ? undefined : app.byLogicalId(method.stack, logicalId);
}
