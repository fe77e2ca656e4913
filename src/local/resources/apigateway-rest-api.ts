/**
 * A REST API of API Gateway and the parts of it that need no reading of their own.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGateway.html
 */

import { statementsOf } from '../iam/statement';
import type { PolicyDocument } from '../policy-document';
import type { RestApiState } from '../rest-api-state';
import { fillPattern } from './made-up-names';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

/** Ten letters and digits, as API Gateway gives them to APIs; six to what belongs to one. */
export function apiGatewayId(context: ResourceContext, length: 6 | 10): string {
  return fillPattern(`{id${length}}`, context.generateName(255), context);
}

/** The REST API that `RestApiId` of a resource names. */
export function requireRestApi(context: ResourceContext, properties: Properties): RestApiState {
  const apiId = properties.text('RestApiId');
  const api = context.state.restApis.get(apiId);
  if (api) return api;
  throw new Error(`Invalid API identifier specified ${context.account}:${apiId} (no stack here has defined it)`);
}

/** Changes an API; one that is gone already has nothing left to change. */
export function changeRestApi(
  { state }: ResourceContext,
  apiId: string,
  change: (api: RestApiState) => Partial<RestApiState>,
): void {
  const api = state.restApis.get(apiId);
  if (api) state.restApis.set(apiId, { ...api, ...change(api) });
}

/** `map` with one entry more, or another value for it. */
export function withEntry<V>(map: ReadonlyMap<string, V>, key: string, value: V): ReadonlyMap<string, V> {
  return new Map(map).set(key, value);
}

export function withoutEntry<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}

/** The texts of an object such as `Variables` or `ResponseParameters`. */
export function textMap(properties: Properties, name: string): Readonly<Record<string, string>> {
  const object = properties.optionalObject(name);
  return Object.fromEntries(Object.keys(object?.values ?? {}).map((key) => [key, object?.text(key) ?? '']));
}

export const restApi: ResourceProvider = {
  type: 'AWS::ApiGateway::RestApi',
  properties: [
    'ApiKeySourceType',
    'BinaryMediaTypes',
    'Body',
    'BodyS3Location',
    'DisableExecuteApiEndpoint',
    'EndpointConfiguration',
    'Name',
    'Policy',
  ],
  withoutEffect: [
    'CloneFrom',
    'Description',
    'EndpointAccessMode',
    'FailOnWarnings',
    'MinimumCompressionSize',
    'Mode',
    'Parameters',
    'SecurityPolicy',
    'Tags',
  ],

  create(context, properties) {
    const apiId = apiGatewayId(context, 10);
    const rootResourceId = fillPattern('{id10}', `${apiId}/root`, context);
    const none = { methods: new Map(), stages: new Map(), authorizers: new Map() };
    const { account, region, partition } = context;
    context.state.restApis.set(apiId, {
      apiId,
      account,
      region,
      partition,
      rootResourceId,
      ...readApi(context, properties, apiId),
      ...none,
      resources: new Map([[rootResourceId, { resourceId: rootResourceId, parentId: undefined, pathPart: '' }]]),
      validators: new Map(),
      gatewayResponses: new Map(),
    });
    return { physicalId: apiId, attributes: { RestApiId: apiId, RootResourceId: rootResourceId } };
  },

  update(context, properties, { physicalId, attributes }) {
    changeRestApi(context, physicalId, () => readApi(context, properties, physicalId));
    return { physicalId, attributes };
  },

  delete(context, previous) {
    context.state.restApis.delete(previous.physicalId);
  },
};

function readApi(
  context: ResourceContext,
  properties: Properties,
  apiId: string,
): Pick<
  RestApiState,
  'name' | 'policy' | 'binaryMediaTypes' | 'endpointType' | 'apiKeySource' | 'unplayed' | 'disabled'
> {
  const fromBody = properties.has('Body') || properties.has('BodyS3Location');
  if (fromBody) context.warn('the OpenAPI body of this API is not read here: every call to it is refused');
  const endpoints = properties.optionalObject('EndpointConfiguration')?.texts('Types') ?? [];
  return {
    name: properties.optionalText('Name') ?? context.logicalId,
    policy: properties.has('Policy')
      ? wholeArns(context, properties.policyDocument('Policy', 'resource'), apiId)
      : undefined,
    binaryMediaTypes: properties.texts('BinaryMediaTypes'),
    endpointType: endpoints[0] ?? 'EDGE',
    apiKeySource: properties.optionalChoice('ApiKeySourceType', ['AUTHORIZER', 'HEADER']) ?? 'HEADER',
    disabled: properties.optionalText('DisableExecuteApiEndpoint') === 'true',
    unplayed: fromBody ? 'an API that is defined by an OpenAPI body' : undefined,
  };
}

/** API Gateway completes the short form `execute-api:/stage/GET/path`. */
function wholeArns(context: ResourceContext, document: PolicyDocument, apiId: string): PolicyDocument {
  const { partition, region, account } = context;
  const whole = (resource: string) =>
    resource.replace(/^execute-api:\//, `arn:${partition}:execute-api:${region}:${account}:${apiId}/`);
  const each = (resources: string | readonly string[]) => [resources].flat().map(whole);
  return {
    ...document,
    Statement: statementsOf(document).map(({ Resource, NotResource, ...statement }) => ({
      ...statement,
      ...(Resource !== undefined && { Resource: each(Resource) }),
      ...(NotResource !== undefined && { NotResource: each(NotResource) }),
    })),
  };
}

export const restResource: ResourceProvider = {
  type: 'AWS::ApiGateway::Resource',
  properties: ['ParentId', 'PathPart', 'RestApiId'],

  create(context, properties) {
    const api = requireRestApi(context, properties);
    const parentId = properties.text('ParentId');
    if (!api.resources.has(parentId)) throw new Error(`Invalid Resource identifier specified: ${parentId}`);
    const resourceId = apiGatewayId(context, 6);
    const pathPart = properties.text('PathPart', { min: 1 });
    const twin = [...api.resources.values()].find((one) => one.parentId === parentId && one.pathPart === pathPart);
    if (twin) throw new Error(`Another resource with the same parent already has this name: ${pathPart}`);
    const resource = { resourceId, parentId, pathPart };
    changeRestApi(context, api.apiId, ({ resources }) => ({ resources: withEntry(resources, resourceId, resource) }));
    return { physicalId: resourceId, attributes: { ResourceId: resourceId } };
  },

  delete(context, { physicalId, properties }) {
    changeRestApi(context, properties.text('RestApiId'), ({ resources }) => ({
      resources: withoutEntry(resources, physicalId),
    }));
  },
};

/** A deployment is no snapshot here: a stage serves the API as it stands. */
export const restDeployment: ResourceProvider = {
  type: 'AWS::ApiGateway::Deployment',
  properties: ['RestApiId', 'StageDescription', 'StageName'],
  withoutEffect: ['DeploymentCanarySettings', 'Description'],

  create(context, properties) {
    const api = requireRestApi(context, properties);
    const deploymentId = apiGatewayId(context, 6);
    const stageName = properties.optionalText('StageName');
    const description = properties.optionalObject('StageDescription');
    if (stageName !== undefined && !api.stages.has(stageName)) {
      const stage = { stageName, deploymentId, variables: description ? textMap(description, 'Variables') : {} };
      changeRestApi(context, api.apiId, ({ stages }) => ({ stages: withEntry(stages, stageName, stage) }));
    }
    return { physicalId: deploymentId, attributes: { DeploymentId: deploymentId } };
  },

  delete(context, { properties, physicalId }) {
    const stageName = properties.optionalText('StageName') ?? '';
    changeRestApi(context, properties.text('RestApiId'), ({ stages }) => ({
      stages: stages.get(stageName)?.deploymentId === physicalId ? withoutEntry(stages, stageName) : stages,
    }));
  },
};

export const restStage: ResourceProvider = {
  type: 'AWS::ApiGateway::Stage',
  properties: [
    'CacheClusterEnabled',
    'CanarySetting',
    'ClientCertificateId',
    'DeploymentId',
    'RestApiId',
    'StageName',
    'Variables',
  ],
  withoutEffect: [
    'AccessLogSetting',
    'CacheClusterSize',
    'Description',
    'DocumentationVersion',
    'MethodSettings',
    'Tags',
    'TracingEnabled',
  ],
  replacedBy: ['RestApiId', 'StageName'],

  create(context, properties) {
    const stageName = properties.optionalText('StageName') ?? 'Stage';
    if (requireRestApi(context, properties).stages.has(stageName)) throw new Error('Stage already exists');
    return putStage(context, properties, stageName);
  },

  update: (context, properties, { physicalId }) => putStage(context, properties, physicalId),

  delete(context, { properties, physicalId }) {
    changeRestApi(context, properties.text('RestApiId'), ({ stages }) => ({
      stages: withoutEntry(stages, physicalId),
    }));
  },
};

function putStage(context: ResourceContext, properties: Properties, stageName: string): ResourceValues {
  const { apiId } = requireRestApi(context, properties);
  if (properties.has('CanarySetting')) context.warn('the canary of this stage gets no requests here');
  const deploymentId = properties.optionalText('DeploymentId') ?? '';
  const stage = { stageName, deploymentId, variables: textMap(properties, 'Variables') };
  changeRestApi(context, apiId, ({ stages }) => ({ stages: withEntry(stages, stageName, stage) }));
  return { physicalId: stageName, attributes: {} };
}

export const gatewayResponse: ResourceProvider = {
  type: 'AWS::ApiGateway::GatewayResponse',
  properties: ['ResponseParameters', 'ResponseTemplates', 'ResponseType', 'RestApiId', 'StatusCode'],

  create(context, properties) {
    const { apiId } = requireRestApi(context, properties);
    const type = properties.text('ResponseType');
    const response = {
      statusCode: properties.optionalInteger('StatusCode', { min: 100, max: 599 }),
      parameters: textMap(properties, 'ResponseParameters'),
      templates: textMap(properties, 'ResponseTemplates'),
    };
    changeRestApi(context, apiId, (api) => ({ gatewayResponses: withEntry(api.gatewayResponses, type, response) }));
    return { physicalId: `${apiId}/${type}`, attributes: { Id: `${apiId}/${type}` } };
  },

  update: (context, properties) => gatewayResponse.create(context, properties),
  replacedBy: ['ResponseType', 'RestApiId'],

  delete(context, { properties }) {
    const type = properties.text('ResponseType');
    changeRestApi(context, properties.text('RestApiId'), (api) => ({
      gatewayResponses: withoutEntry(api.gatewayResponses, type),
    }));
  },
};

export const requestValidator: ResourceProvider = {
  type: 'AWS::ApiGateway::RequestValidator',
  properties: ['RestApiId', 'ValidateRequestBody', 'ValidateRequestParameters'],
  withoutEffect: ['Name'],

  create(context, properties) {
    const validatorId = apiGatewayId(context, 6);
    return putValidator(context, properties, validatorId);
  },

  update: (context, properties, { physicalId }) => putValidator(context, properties, physicalId),

  delete(context, { properties, physicalId }) {
    changeRestApi(context, properties.text('RestApiId'), ({ validators }) => ({
      validators: withoutEntry(validators, physicalId),
    }));
  },
};

function putValidator(context: ResourceContext, properties: Properties, validatorId: string): ResourceValues {
  const { apiId } = requireRestApi(context, properties);
  const isTrue = (name: string) => properties.optionalText(name) === 'true';
  if (isTrue('ValidateRequestBody')) context.warn('bodies are not checked against their models here');
  const checksParameters = isTrue('ValidateRequestParameters');
  changeRestApi(context, apiId, ({ validators }) => ({
    validators: withEntry(validators, validatorId, checksParameters),
  }));
  return { physicalId: validatorId, attributes: { RequestValidatorId: validatorId } };
}
