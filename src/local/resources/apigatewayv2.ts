/**
 * HTTP APIs of API Gateway. WebSocket APIs deploy, and refuse every call.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGatewayV2.html
 */

import type { HttpApiState, HttpAuthorization, HttpIntegration } from '../http-api-state';
import { authorizerFunction } from './apigateway-authorizer';
import { apiGatewayId, textMap, withEntry, withoutEntry } from './apigateway-rest-api';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

export const httpApi: ResourceProvider = {
  type: 'AWS::ApiGatewayV2::Api',
  properties: ['Body', 'BodyS3Location', 'CorsConfiguration', 'DisableExecuteApiEndpoint', 'ProtocolType', 'Target'],
  withoutEffect: ['Description', 'Name', 'RouteSelectionExpression', 'Tags', 'Version'],
  replacedBy: ['ProtocolType'],

  create: (context, properties) => {
    const apiId = apiGatewayId(context, 10);
    const none = { routes: new Map(), integrations: new Map(), authorizers: new Map(), stages: new Map() };
    const { account, region, partition } = context;
    context.state.httpApis.set(apiId, { apiId, account, region, partition, ...none, ...readApi(context, properties) });
    const scheme = properties.optionalText('ProtocolType') === 'WEBSOCKET' ? 'wss' : 'https';
    const ApiEndpoint = `${scheme}://${apiId}.execute-api.${region}.amazonaws.com`;
    return { physicalId: apiId, attributes: { ApiId: apiId, ApiEndpoint } };
  },

  update(context, properties, { physicalId, attributes }) {
    changeHttpApi(context, physicalId, () => readApi(context, properties));
    return { physicalId, attributes };
  },

  delete({ state }, { physicalId }) {
    state.httpApis.delete(physicalId);
  },
};

function readApi(
  context: ResourceContext,
  properties: Properties,
): Pick<HttpApiState, 'cors' | 'disabled' | 'unplayed'> {
  const unplayed = unplayedApi(properties);
  if (unplayed !== undefined) context.warn(`every call is refused: the local target does not play ${unplayed}`);
  return {
    cors: properties.optionalObject('CorsConfiguration')?.values,
    disabled: properties.optionalText('DisableExecuteApiEndpoint') === 'true',
    unplayed,
  };
}

function unplayedApi(properties: Properties): string | undefined {
  if (properties.optionalText('ProtocolType') === 'WEBSOCKET') return 'WebSocket APIs';
  if (properties.has('Body') || properties.has('BodyS3Location')) return 'an API that is defined by an OpenAPI body';
  return properties.has('Target') ? 'an API with a Target instead of routes' : undefined;
}

function changeHttpApi(
  { state }: ResourceContext,
  apiId: string,
  change: (api: HttpApiState) => Partial<HttpApiState>,
): void {
  const api = state.httpApis.get(apiId);
  if (api) state.httpApis.set(apiId, { ...api, ...change(api) });
}

type Part = 'authorizers' | 'integrations' | 'routes' | 'stages';

/** A provider of what is kept under an id in one of the maps of an API. */
function partProvider<P extends Part>(
  props: Pick<ResourceProvider, 'type' | 'properties' | 'withoutEffect' | 'replacedBy'>,
  part: P,
  read: (
    context: ResourceContext,
    properties: Properties,
    id: string,
  ) => HttpApiState[P] extends ReadonlyMap<string, infer V> ? V : never,
  idOf: (context: ResourceContext, properties: Properties) => string,
): ResourceProvider {
  const put = (context: ResourceContext, properties: Properties, id: string): ResourceValues => {
    const apiId = properties.text('ApiId');
    if (!context.state.httpApis.has(apiId)) throw new Error(`Invalid API identifier specified: ${apiId}`);
    const value = read(context, properties, id);
    const changed = (api: HttpApiState) => withEntry(api[part] as ReadonlyMap<string, typeof value>, id, value);
    changeHttpApi(context, apiId, (api) => ({ [part]: changed(api) }));
    const name = `${props.type.split('::').at(-1) ?? ''}Id`;
    return { physicalId: id, attributes: { [name]: id } };
  };
  return {
    ...props,
    create: (context, properties) => put(context, properties, idOf(context, properties)),
    update: (context, properties, { physicalId }) => put(context, properties, physicalId),
    delete: (context, { physicalId, properties }) => {
      changeHttpApi(context, properties.text('ApiId'), (api) => ({
        [part]: withoutEntry(api[part] as ReadonlyMap<string, unknown>, physicalId),
      }));
    },
  };
}

export const httpRoute = partProvider(
  {
    type: 'AWS::ApiGatewayV2::Route',
    properties: ['ApiId', 'AuthorizationScopes', 'AuthorizationType', 'AuthorizerId', 'RouteKey', 'Target'],
    withoutEffect: ['ApiKeyRequired', 'OperationName'],
    replacedBy: ['ApiId'],
  },
  'routes',
  (_context, properties) => ({
    routeKey: properties.text('RouteKey'),
    authorization: readAuthorization(properties),
    integrationId: (properties.optionalText('Target') ?? '').replace(/^integrations\//, ''),
  }),
  (context) => apiGatewayId(context, 6),
);

function readAuthorization(properties: Properties): HttpAuthorization {
  const type = properties.optionalChoice('AuthorizationType', ['NONE', 'AWS_IAM', 'CUSTOM', 'JWT']) ?? 'NONE';
  if (type === 'NONE') return { kind: 'none' };
  if (type === 'AWS_IAM') return { kind: 'iam' };
  if (type === 'CUSTOM') return { kind: 'custom', authorizerId: properties.text('AuthorizerId') };
  const authorizerId = properties.text('AuthorizerId');
  return { kind: 'jwt', authorizerId, scopes: properties.texts('AuthorizationScopes') };
}

export const httpIntegration = partProvider(
  {
    type: 'AWS::ApiGatewayV2::Integration',
    properties: [
      'ApiId',
      'CredentialsArn',
      'IntegrationSubtype',
      'IntegrationType',
      'IntegrationUri',
      'PayloadFormatVersion',
      'TimeoutInMillis',
    ],
    withoutEffect: ['Description', 'IntegrationMethod'],
    replacedBy: ['ApiId'],
  },
  'integrations',
  (context, properties) => {
    const integration = readIntegration(properties);
    if (
      integration.kind === 'unplayed' &&
      context.state.httpApis.get(properties.text('ApiId'))?.unplayed === undefined
    ) {
      context.warn(`calls to it are refused: the local target does not play ${integration.what}`);
    }
    return integration;
  },
  (context) => apiGatewayId(context, 6),
);

const FUNCTION_ARN = /(arn:[^:]+:lambda:[^:]*:\d{12}:function:[^/]+)(?:\/invocations)?$/;

function readIntegration(properties: Properties): HttpIntegration {
  const type = properties.text('IntegrationType');
  const subtype = properties.optionalText('IntegrationSubtype');
  const [, functionArn] = FUNCTION_ARN.exec(properties.optionalText('IntegrationUri') ?? '') ?? [];
  if (type !== 'AWS_PROXY' || subtype !== undefined || functionArn === undefined) {
    return { kind: 'unplayed', what: `the integration type ${subtype ?? type}` };
  }
  const format = properties.optionalText('PayloadFormatVersion') ?? '1.0';
  if (format !== '2.0') return { kind: 'unplayed', what: `payload format ${format} of an HTTP API` };
  return {
    kind: 'lambda',
    functionArn,
    timeoutMs: properties.optionalInteger('TimeoutInMillis', { min: 50, max: 30_000 }) ?? 30_000,
    credentials: properties.optionalText('CredentialsArn'),
  };
}

export const httpStage = partProvider(
  {
    type: 'AWS::ApiGatewayV2::Stage',
    properties: ['ApiId', 'StageName', 'StageVariables'],
    withoutEffect: [
      'AccessLogSettings',
      'AutoDeploy',
      'DefaultRouteSettings',
      'DeploymentId',
      'Description',
      'RouteSettings',
      'Tags',
    ],
    replacedBy: ['ApiId', 'StageName'],
  },
  'stages',
  (_context, properties) => textMap(properties, 'StageVariables'),
  (_context, properties) => properties.text('StageName'),
);

export const httpAuthorizer = partProvider(
  {
    type: 'AWS::ApiGatewayV2::Authorizer',
    properties: [
      'ApiId',
      'AuthorizerCredentialsArn',
      'AuthorizerPayloadFormatVersion',
      'AuthorizerResultTtlInSeconds',
      'AuthorizerType',
      'AuthorizerUri',
      'EnableSimpleResponses',
      'IdentitySource',
      'JwtConfiguration',
    ],
    withoutEffect: ['Name'],
    replacedBy: ['ApiId'],
  },
  'authorizers',
  (_context, properties, authorizerId) => {
    if (properties.text('AuthorizerType') === 'JWT') {
      const configuration = properties.object('JwtConfiguration');
      return {
        type: 'JWT' as const,
        issuer: configuration.text('Issuer'),
        audience: configuration.texts('Audience'),
        identitySources: properties.texts('IdentitySource'),
      };
    }
    const format = properties.optionalText('AuthorizerPayloadFormatVersion') ?? '2.0';
    if (format !== '2.0') properties.refuse('AuthorizerPayloadFormatVersion', 'must be 2.0 here');
    return {
      type: 'REQUEST' as const,
      authorizerId,
      functionArn: authorizerFunction(properties),
      credentials: properties.optionalText('AuthorizerCredentialsArn'),
      identitySources: properties.texts('IdentitySource'),
      simpleResponses: properties.optionalText('EnableSimpleResponses') === 'true',
      ttlSeconds: properties.optionalInteger('AuthorizerResultTtlInSeconds', { min: 0, max: 3_600 }) ?? 0,
    };
  },
  (context) => apiGatewayId(context, 6),
);
