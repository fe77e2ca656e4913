/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html */

import { createHash } from 'node:crypto';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider } from './provider';

export const secretsManagerSecret: ResourceProvider = {
  type: 'AWS::SecretsManager::Secret',
  properties: ['GenerateSecretString', 'Name', 'SecretString', 'Tags'],
  withoutEffect: ['Description', 'KmsKeyId', 'ReplicaRegions', 'Type'],
  replacedBy: ['Name'],

  create(context, properties) {
    const name = properties.optionalText('Name', { min: 1, max: 512 }) ?? context.generateName(512);
    const suffix = createHash('sha256').update(context.generateName(64)).digest('hex').slice(0, 6);
    const arn = `arn:${context.partition}:secretsmanager:${context.region}:${context.account}:secret:${name}-${suffix}`;
    context.state.secrets.set(arn, { name, value: secretString(context, properties) });
    context.state.resourceTags.set(arn, properties.tags());
    return { physicalId: arn, attributes: { Id: arn } };
  },

  update(context, properties, { physicalId, attributes }) {
    const name = context.state.secrets.get(physicalId)?.name ?? physicalId;
    context.state.secrets.set(physicalId, { name, value: secretString(context, properties) });
    context.state.resourceTags.set(physicalId, properties.tags());
    return { physicalId, attributes };
  },

  delete(context, previous) {
    context.state.secrets.delete(previous.physicalId);
    context.state.resourceTags.delete(previous.physicalId);
  },
};

/** A generated secret is the same in every process: nothing here is worth guessing. */
function secretString(context: ResourceContext, properties: Properties): string {
  const given = properties.optionalText('SecretString');
  if (given !== undefined) return given;
  const generate = properties.optionalObject('GenerateSecretString');
  const length = generate?.optionalInteger('PasswordLength', { min: 1, max: 4_096 }) ?? 32;
  const digest = createHash('sha512').update(context.logicalId).digest('hex');
  const password = digest.repeat(Math.ceil(length / digest.length)).slice(0, length);
  const template = generate?.optionalText('SecretStringTemplate');
  const key = generate?.optionalText('GenerateStringKey');
  if (template === undefined || key === undefined) return password;
  try {
    return JSON.stringify({ ...(JSON.parse(template) as object), [key]: password });
  } catch (cause) {
    throw new Error(`SecretStringTemplate must be JSON, got ${template}`, { cause });
  }
}
