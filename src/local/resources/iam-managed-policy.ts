/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html */

import { requireRoles } from './iam-policy';
import { findRole } from './iam-role';
import type { ResourceProvider } from './provider';

export const iamManagedPolicy: ResourceProvider = {
  type: 'AWS::IAM::ManagedPolicy',
  properties: ['ManagedPolicyName', 'Path', 'PolicyDocument', 'Roles'],
  withoutEffect: ['Description', 'Groups', 'Tags', 'Users'],
  replacedBy: ['ManagedPolicyName', 'Path'],

  create(context, properties) {
    const name = properties.optionalText('ManagedPolicyName', { min: 1, max: 128 }) ?? context.generateName(128);
    const arn = `arn:${context.partition}:iam::${context.account}:policy${properties.optionalText('Path') ?? '/'}${name}`;
    if (context.state.managedPolicies.has(arn)) throw new Error(`A policy called ${name} already exists.`);
    const document = properties.policyDocument('PolicyDocument', 'identity');
    context.state.managedPolicies.set(arn, document);
    for (const role of requireRoles(context, properties)) role.policies.set(arn, document);
    return { physicalId: arn, attributes: { PolicyArn: arn } };
  },

  update(context, properties, previous) {
    const arn = previous.physicalId;
    const document = properties.policyDocument('PolicyDocument', 'identity');
    context.state.managedPolicies.set(arn, document);
    for (const roleName of previous.properties.texts('Roles')) findRole(context, roleName)?.policies.delete(arn);
    for (const role of requireRoles(context, properties)) role.policies.set(arn, document);
    for (const role of context.state.roles.values()) {
      if (role.policies.has(arn)) role.policies.set(arn, document); // attached by the role itself
    }
    return { physicalId: arn, attributes: previous.attributes };
  },

  delete(context, previous) {
    context.state.managedPolicies.delete(previous.physicalId);
    for (const role of context.state.roles.values()) role.policies.delete(previous.physicalId);
  },
};
