/**
 * A method of a REST API: who may call it, and what it is integrated with.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-method.html
 */

import { API_GATEWAY_DEFAULT_TIMEOUT_MS, API_GATEWAY_STREAM_MAX_SECONDS } from '../../wire/limits';
import { methodKey, type RestAuthorization, type RestIntegration } from '../rest-api-state';
import { changeRestApi, requireRestApi, textMap, withEntry, withoutEntry } from './apigateway-rest-api';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider } from './provider';

export const restMethod: ResourceProvider = {
  type: 'AWS::ApiGateway::Method',
  properties: [
    'ApiKeyRequired',
    'AuthorizationScopes',
    'AuthorizationType',
    'AuthorizerId',
    'HttpMethod',
    'Integration',
    'RequestParameters',
    'RequestValidatorId',
    'ResourceId',
    'RestApiId',
  ],
  withoutEffect: ['MethodResponses', 'OperationName', 'RequestModels'],

  create(context, properties) {
    const { apiId, resources } = requireRestApi(context, properties);
    const resourceId = properties.text('ResourceId');
    if (!resources.has(resourceId)) throw new Error(`Invalid Resource identifier specified: ${resourceId}`);
    const httpMethod = properties.text('HttpMethod').toUpperCase();
    const required = properties.optionalObject('RequestParameters');
    const method = {
      resourceId,
      httpMethod,
      authorization: readAuthorization(properties),
      apiKeyRequired: properties.optionalText('ApiKeyRequired') === 'true',
      requiredParameters: Object.keys(required?.values ?? {}).filter((name) => required?.text(name) === 'true'),
      validatorId: properties.optionalText('RequestValidatorId'),
      integration: readIntegration(context, properties.optionalObject('Integration')),
    };
    const key = methodKey(resourceId, httpMethod);
    changeRestApi(context, apiId, ({ methods }) => ({ methods: withEntry(methods, key, method) }));
    return { physicalId: `${apiId}|${resourceId}|${httpMethod}`, attributes: {} };
  },

  update: (context, properties) => restMethod.create(context, properties),
  replacedBy: ['HttpMethod', 'ResourceId', 'RestApiId'],

  delete(context, { properties }) {
    const key = methodKey(properties.text('ResourceId'), properties.text('HttpMethod').toUpperCase());
    changeRestApi(context, properties.text('RestApiId'), ({ methods }) => ({ methods: withoutEntry(methods, key) }));
  },
};

function readAuthorization(properties: Properties): RestAuthorization {
  const type = properties.optionalText('AuthorizationType') ?? 'NONE';
  switch (type) {
    case 'NONE':
      return { kind: 'none' };
    case 'AWS_IAM':
      return { kind: 'iam' };
    case 'CUSTOM':
      return { kind: 'custom', authorizerId: properties.text('AuthorizerId') };
    case 'COGNITO_USER_POOLS': {
      const authorizerId = properties.text('AuthorizerId');
      return { kind: 'user-pool', authorizerId, scopes: properties.texts('AuthorizationScopes') };
    }
    default:
      return properties.refuse('AuthorizationType', 'must be one of NONE, AWS_IAM, CUSTOM, COGNITO_USER_POOLS');
  }
}

const LAMBDA_URI =
  /^arn:[^:]+:apigateway:[^:]+:lambda:path\/(2015-03-31|2021-11-15)\/functions\/(.+)\/(invocations|response-streaming-invocations)$/;

function readIntegration(context: ResourceContext, integration: Properties | undefined): RestIntegration {
  if (integration === undefined) return { kind: 'unplayed', what: 'a method without an integration' };
  const type = integration.text('Type');
  if (type === 'AWS_PROXY') return readLambda(integration);
  if (type === 'MOCK') {
    return {
      kind: 'mock',
      requestTemplates: textMap(integration, 'RequestTemplates'),
      passthroughBehavior: integration.optionalText('PassthroughBehavior') ?? 'WHEN_NO_MATCH',
      responses: integration.items('IntegrationResponses').map((response) => ({
        selectionPattern: response.optionalText('SelectionPattern') ?? '',
        statusCode: response.optionalInteger('StatusCode', { min: 100, max: 599 }) ?? 200,
        parameters: textMap(response, 'ResponseParameters'),
        templates: textMap(response, 'ResponseTemplates'),
      })),
    };
  }
  const what = `the integration type ${type}`;
  context.warn(`calls to this method are refused: the local target does not play ${what}`);
  return { kind: 'unplayed', what };
}

/** How the body flows is said twice in a template, and API Gateway needs both to agree. */
function readLambda(integration: Properties): RestIntegration {
  const uri = integration.text('Uri');
  const [, , functionArn = '', operation] = LAMBDA_URI.exec(uri) ?? [];
  if (functionArn === '') return { kind: 'unplayed', what: `the AWS_PROXY integration with ${uri}` };
  const mode = integration.optionalChoice('ResponseTransferMode', ['BUFFERED', 'STREAM']) ?? 'BUFFERED';
  const stream = mode === 'STREAM';
  if (stream !== (operation === 'response-streaming-invocations')) {
    const path = stream
      ? '2021-11-15/functions/…/response-streaming-invocations'
      : '2015-03-31/functions/…/invocations';
    integration.refuse('Uri', `must end in ${path} for the response transfer mode ${mode}`);
  }
  const max = stream ? API_GATEWAY_STREAM_MAX_SECONDS * 1_000 : 300_000;
  const method = integration.optionalText('IntegrationHttpMethod') ?? 'POST';
  if (method !== 'POST') integration.refuse('IntegrationHttpMethod', 'must be POST for a Lambda function');
  return {
    kind: 'lambda',
    functionArn,
    stream,
    timeoutMs: integration.optionalInteger('TimeoutInMillis', { min: 50, max }) ?? API_GATEWAY_DEFAULT_TIMEOUT_MS,
    credentials: integration.optionalText('Credentials'),
    requestParameters: textMap(integration, 'RequestParameters'),
  };
}
