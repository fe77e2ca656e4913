/**
 * Identity providers of an account. Nobody asks them anything here: roles trust them by their ARN, and STS looks for whom the
 * tokens of one may be.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-oidcprovider.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-samlprovider.html
 */

import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

const oidcProvider = (type: string, clientIds: string): ResourceProvider => {
  const put: ResourceProvider['create'] = (context, properties) => {
    const values = identified(context, properties);
    context.state.identityProviders.set(values.physicalId, properties.texts(clientIds));
    context.state.formerProviders.delete(values.physicalId);
    return values;
  };
  return {
    type,
    properties: ['Url', clientIds],
    withoutEffect: ['CodeHash', 'RejectUnauthorized', 'ServiceToken', 'Tags', 'ThumbprintList'],
    replacedBy: ['Url'],
    create: put,
    update: put,
    delete({ state }, { physicalId }) {
      state.identityProviders.delete(physicalId);
      state.formerProviders.set(physicalId, type);
    },
  };
};

export const iamOidcProvider = oidcProvider('AWS::IAM::OIDCProvider', 'ClientIdList');

/** The same, made by a provider of the CDK that asks the issuer for the thumbprint of its certificate. */
export const cdkOidcProvider = oidcProvider('Custom::AWSCDKOpenIdConnectProvider', 'ClientIDList');

export const iamSamlProvider: ResourceProvider = {
  type: 'AWS::IAM::SAMLProvider',
  properties: ['Name'],
  withoutEffect: [
    'AddPrivateKey',
    'AssertionEncryptionMode',
    'PrivateKeyList',
    'RemovePrivateKey',
    'SamlMetadataDocument',
    'Tags',
  ],
  replacedBy: ['Name'],
  create(context, properties) {
    const name = properties.optionalText('Name', { min: 1, max: 128 }) ?? context.generateName(128);
    const values = provided(arnOf(context, 'saml-provider', name));
    context.state.formerProviders.delete(values.physicalId);
    return values;
  },
  update: (_, __, { attributes, physicalId }) => ({ physicalId, attributes }),
  delete({ state }, { physicalId }) {
    state.formerProviders.set(physicalId, 'AWS::IAM::SAMLProvider');
  },
};

/** The issuer's address without its scheme is what the provider is called. */
function identified(context: ResourceContext, properties: Properties): ResourceValues {
  const url = properties.text('Url', { min: 1, max: 255 });
  if (!url.startsWith('https://')) properties.refuse('Url', 'must begin with https://');
  return provided(arnOf(context, 'oidc-provider', url.slice('https://'.length)));
}

const arnOf = ({ account, partition }: ResourceContext, kind: string, name: string) =>
  `arn:${partition}:iam::${account}:${kind}/${name}`;

const provided = (arn: string): ResourceValues => ({ physicalId: arn, attributes: { Arn: arn, Thumbprints: '' } });
