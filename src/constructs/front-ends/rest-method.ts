/** What a REST API method needs around a streaming integration, and what its API must not do to it. */
import type { CfnMethod, CfnStage, Method } from 'aws-cdk-lib/aws-apigateway';
import { Aspects, CfnResource, Stack } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import { edgeRestApiMessage } from '../checks/edge-rest-api';
import { warnLate } from '../problems/warnings';

/** Runs when a method binds its streaming integration. */
export function checkStreamMethod(method: Method, requestParameter: string | undefined): void {
  if (requestParameter) declareParameter(method, requestParameter);
  method.node.addValidation({
    validate: () => {
      const api = method.api.node.defaultChild;
      if (!isType(api, 'AWS::ApiGateway::RestApi')) return []; // an imported API: its settings are not known here
      if (isEdge(api)) warnLate(method, 'EdgeRestApi', edgeRestApiMessage(method.api.node.path));
      return [...compressionProblems(api), ...cachingProblems(method)];
    },
  });
}

/**
 * What API Gateway names as source when it calls for this method: of the API's own stage, or of any, where the stack has
 * further stages of this API. A stage that the permission does not cover answers each request with 500.
 */
export function methodArnOfStages(method: Method): string {
  const { api, httpMethod, resource } = method;
  const own = api.deploymentStage?.node.defaultChild;
  const stack = Stack.of(api);
  const apiId = JSON.stringify(stack.resolve(api.restApiId));
  const others = stack.node
    .findAll()
    .filter((node) => isType(node, 'AWS::ApiGateway::Stage') && node !== own)
    .filter((stage) => JSON.stringify(propertyOf(stage as CfnStage, 'restApiId')) === apiId);
  if (others.length === 0) return method.methodArn;
  return api.arnForExecuteApi(httpMethod, resource.path.replace(/\{[^{}]*\}/g, '*'), '*');
}

/** A parameter can only be mapped once the method declares it; its resource does not exist yet when it binds. */
function declareParameter(method: Method, parameter: string): void {
  Aspects.of(method).add({
    visit: (node: IConstruct) => {
      if (!isType(node, 'AWS::ApiGateway::Method')) return;
      const resource = node as CfnMethod;
      const declared = (Stack.of(resource).resolve(resource.requestParameters) ?? {}) as Record<string, boolean>;
      if (declared[parameter] === undefined) resource.requestParameters = { ...declared, [parameter]: true };
    },
  });
}

/** API Gateway's own default is an edge-optimized endpoint. */
function isEdge(api: CfnResource): boolean {
  const configuration = propertyOf(api, 'endpointConfiguration') as { types?: unknown } | undefined;
  const types = configuration?.types;
  return types === undefined || (Array.isArray(types) && types.includes('EDGE'));
}

function compressionProblems(api: CfnResource): string[] {
  const size = propertyOf(api, 'minimumCompressionSize');
  if (size === undefined) return [];
  return [
    `API Gateway cannot compress a streamed response, and the API ${api.node.path} sets a minimum compression size of ${size}; remove it, or compress in the function`,
  ];
}

function cachingProblems(method: Method): string[] {
  const stages = method.api.node.findAll().filter((node) => isType(node, 'AWS::ApiGateway::Stage')) as CfnStage[];
  const route = `${method.resource.path.replace(/\/$/, '')}/${method.httpMethod}`;
  return stages
    .filter((stage) => isCached((propertyOf(stage, 'methodSettings') ?? []) as MethodSetting[], method))
    .map(
      (stage) =>
        `API Gateway cannot cache a streamed response, and the stage ${stage.node.path} caches ${method.httpMethod} ${method.resource.path}; ` +
        `exempt this method with methodOptions: { '${route}': { cachingEnabled: false } }, or do not cache the stage`,
    );
}

interface MethodSetting {
  readonly httpMethod?: string;
  readonly resourcePath?: string;
  readonly cachingEnabled?: boolean;
}

/** Of a stage's settings, those for the method itself win over those for all methods, so a method may be exempt. */
function isCached(settings: readonly MethodSetting[], method: Method): boolean {
  const said = settings.filter((setting) => setting.cachingEnabled !== undefined);
  const own = said.filter((setting) => pathOf(setting) === method.resource.path && coversVerb(setting, method));
  const general = said.filter((setting) => setting.resourcePath === '/*' && coversVerb(setting, method));
  return (own.length > 0 ? own : general).some((setting) => setting.cachingEnabled);
}

function coversVerb(setting: MethodSetting, method: Method): boolean {
  return setting.httpMethod === '*' || setting.httpMethod === method.httpMethod || method.httpMethod === 'ANY';
}

/** `/~1chat~1room` is how a stage writes `/chat/room`. */
function pathOf(setting: MethodSetting): string | undefined {
  const path = setting.resourcePath?.replace(/~1/g, '/');
  return path?.startsWith('//') ? path.slice(1) : path;
}

function isType(node: IConstruct | undefined, type: string): node is CfnResource {
  return node !== undefined && CfnResource.isCfnResource(node) && node.cfnResourceType === type;
}

/** A property as it stands when asked, with tokens resolved. */
function propertyOf(resource: CfnResource, name: string): unknown {
  return Stack.of(resource).resolve((resource as unknown as Record<string, unknown>)[name]);
}
