/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-authorizer.html */

import { apiGatewayId, changeRestApi, requireRestApi, withEntry, withoutEntry } from './apigateway-rest-api';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

const FUNCTION_URI = /:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/;

/** The ARN of the function in an `AuthorizerUri`; throws for any other. */
export function authorizerFunction(properties: Properties): string {
  const [, functionArn] = FUNCTION_URI.exec(properties.text('AuthorizerUri')) ?? [];
  return functionArn ?? properties.refuse('AuthorizerUri', 'must lead to a Lambda function');
}

export const restAuthorizer: ResourceProvider = {
  type: 'AWS::ApiGateway::Authorizer',
  properties: [
    'AuthorizerCredentials',
    'AuthorizerResultTtlInSeconds',
    'AuthorizerUri',
    'IdentitySource',
    'IdentityValidationExpression',
    'ProviderARNs',
    'RestApiId',
    'Type',
  ],
  withoutEffect: ['AuthType', 'Name'],
  replacedBy: ['RestApiId', 'Type'],

  create: (context, properties) => put(context, properties, apiGatewayId(context, 6)),
  update: (context, properties, { physicalId }) => put(context, properties, physicalId),

  delete(context, { physicalId, properties }) {
    changeRestApi(context, properties.text('RestApiId'), ({ authorizers }) => ({
      authorizers: withoutEntry(authorizers, physicalId),
    }));
  },
};

function put(context: ResourceContext, properties: Properties, authorizerId: string): ResourceValues {
  const { apiId } = requireRestApi(context, properties);
  const values = { physicalId: authorizerId, attributes: { AuthorizerId: authorizerId } };
  const type = properties.optionalChoice('Type', ['TOKEN', 'REQUEST', 'COGNITO_USER_POOLS']) ?? 'TOKEN';
  if (type === 'COGNITO_USER_POOLS') {
    const userPools = properties.texts('ProviderARNs');
    const identitySource = properties.optionalText('IdentitySource') ?? 'method.request.header.Authorization';
    const authorizer = { type, userPools, identitySource };
    changeRestApi(context, apiId, ({ authorizers }) => ({
      authorizers: withEntry(authorizers, authorizerId, authorizer),
    }));
    return values;
  }
  const identitySource = properties.optionalText('IdentitySource') ?? '';
  const identitySources = identitySource.split(',').map((source) => source.trim());
  const authorizer = {
    authorizerId,
    type,
    functionArn: authorizerFunction(properties),
    credentials: properties.optionalText('AuthorizerCredentials'),
    identitySources: identitySources.filter((source) => source !== ''),
    identityValidation: properties.optionalText('IdentityValidationExpression'),
    ttlSeconds: properties.optionalInteger('AuthorizerResultTtlInSeconds', { min: 0, max: 3_600 }) ?? 300,
  };
  if (type === 'TOKEN' && authorizer.identitySources.length !== 1) {
    properties.refuse('IdentitySource', 'must name one header, such as method.request.header.Authorization');
  }
  if (type === 'REQUEST' && authorizer.ttlSeconds > 0 && authorizer.identitySources.length === 0) {
    properties.refuse(
      'IdentitySource',
      'must name what answers are cached by, unless AuthorizerResultTtlInSeconds is 0',
    );
  }
  changeRestApi(context, apiId, ({ authorizers }) => ({
    authorizers: withEntry(authorizers, authorizerId, authorizer),
  }));
  return values;
}
