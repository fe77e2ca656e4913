/** Defines a REST API whose defaults suit streams: regional, uncompressed, uncached. */
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Token } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { StreamingConstructError } from './problems/construct-error';
import { StreamingLambdaIntegration, type StreamingLambdaIntegrationOptions } from './streaming-lambda-integration';

/** Properties of a REST API for streams. */
export interface StreamingRestApiProps extends apigateway.RestApiProps {
  /**
   * The function behind every method and path that has no route of its own.
   *
   * @default - only the routes you add exist
   */
  readonly handler?: lambda.IFunction | undefined;
}

/** Options of one route of a REST API. */
export interface StreamingRouteOptions extends apigateway.MethodOptions {
  /**
   * How the function is integrated: timeout, tenant id, request parameters.
   *
   * @default - 15 minutes, no tenant id, no parameters
   */
  readonly integration?: StreamingLambdaIntegrationOptions | undefined;
}

/**
 * A REST API that streams.
 *
 * It differs from `RestApi` in its defaults only: a regional endpoint (an edge-optimized one ends a stream after
 * 30 seconds of silence), no account-wide CloudWatch role, and routes that are streamed. HTTP APIs cannot stream.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
 *
 * @example
 *
 * declare const alias: lambda.Alias;
 * const api = new StreamingRestApi(this, 'Api');
 * api.addStream('POST', '/chat', alias, { authorizationType: apigateway.AuthorizationType.IAM });
 */
export class StreamingRestApi extends apigateway.RestApi {
  /**
   * Defines the API.
   *
   * @throws an error where compression or caching is asked for: API Gateway supports neither on a streamed response
   */
  public constructor(scope: Construct, id: string, props: StreamingRestApiProps = {}) {
    checkBuffering(scope, id, props);
    const { handler, ...api } = props;
    super(scope, id, {
      ...api,
      endpointConfiguration: api.endpointConfiguration ?? {
        types: api.endpointTypes ?? [apigateway.EndpointType.REGIONAL],
      },
      endpointTypes: undefined,
      cloudWatchRole: api.cloudWatchRole ?? false,
    });
    if (handler) {
      this.root.addMethod('ANY', new StreamingLambdaIntegration(handler));
      this.root.addProxy({ defaultIntegration: new StreamingLambdaIntegration(handler) });
    }
  }

  /**
   * Adds a route that streams what a function writes.
   *
   * @param httpMethod the HTTP method, or `ANY`
   * @param path the path from the root, for example `/chat/{room}`
   * @param handler an alias, or a streaming function, which is entered by its live alias
   * @param options authorization, validation and integration of the route
   */
  public addStream(
    httpMethod: string,
    path: string,
    handler: lambda.IFunction,
    options: StreamingRouteOptions = {},
  ): apigateway.Method {
    if (!Token.isUnresolved(path) && !path.startsWith('/')) {
      throw new StreamingConstructError(
        this,
        'RestPathNotAbsolute',
        `path of a route must start with '/', got '${path}'; use '/${path}'`,
      );
    }
    const { integration, ...method } = options;
    const resource = path === '/' ? this.root : this.root.resourceForPath(path);
    return resource.addMethod(httpMethod, new StreamingLambdaIntegration(handler, integration), method);
  }
}

function checkBuffering(scope: Construct, id: string, props: StreamingRestApiProps): void {
  const { minCompressionSize: size, minimumCompressionSize: bytes } = props;
  if (size !== undefined || bytes !== undefined) {
    const got = size?.isUnresolved() ? 'a token' : `${size?.toBytes() ?? bytes} bytes`;
    throw new StreamingConstructError(
      scope,
      'RestCompression',
      `${id}: API Gateway cannot compress a streamed response, got a minimum compression size of ${got}; remove it, or compress in the function`,
    );
  }
  if (props.deployOptions?.cachingEnabled || props.deployOptions?.cacheClusterEnabled) {
    throw new StreamingConstructError(
      scope,
      'RestCaching',
      `${id}: API Gateway cannot cache a streamed response, got deployOptions with caching; remove it, or serve cached routes from another API`,
    );
  }
}
