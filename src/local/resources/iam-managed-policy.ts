/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html */

import type { LocalState, PolicyHolder, RoleState, UserState } from '../state';
import { findHolders, requireHolders } from './iam-policy';
import type { ResourceProvider } from './provider';

export const iamManagedPolicy: ResourceProvider = {
  type: 'AWS::IAM::ManagedPolicy',
  properties: ['Groups', 'ManagedPolicyName', 'Path', 'PolicyDocument', 'Roles', 'Users'],
  withoutEffect: ['Description', 'Tags'],
  replacedBy: ['ManagedPolicyName', 'Path'],

  create(context, properties) {
    const name = properties.optionalText('ManagedPolicyName', { min: 1, max: 128 }) ?? context.generateName(128);
    const arn = `arn:${context.partition}:iam::${context.account}:policy${properties.optionalText('Path') ?? '/'}${name}`;
    if (context.state.managedPolicies.has(arn)) throw new Error(`A policy called ${name} already exists.`);
    const document = properties.policyDocument('PolicyDocument', 'identity');
    context.state.managedPolicies.set(arn, document);
    for (const { policies } of requireHolders(context, properties)) policies.set(arn, document);
    return { physicalId: arn, attributes: { PolicyArn: arn } };
  },

  update(context, properties, previous) {
    const arn = previous.physicalId;
    const document = properties.policyDocument('PolicyDocument', 'identity');
    context.state.managedPolicies.set(arn, document);
    for (const { policies } of findHolders(context, previous.properties)) policies.delete(arn);
    for (const { policies } of requireHolders(context, properties)) policies.set(arn, document);
    for (const { policies } of everyHolder(context.state)) {
      if (policies.has(arn)) policies.set(arn, document); // attached by the role, user or group itself
    }
    const { roles, users } = context.state;
    for (const [key, role] of roles)
      if (isBoundedBy(role, arn)) roles.set(key, { ...role, permissionsBoundary: document });
    for (const [key, user] of users)
      if (isBoundedBy(user, arn)) users.set(key, { ...user, permissionsBoundary: document });
    return { physicalId: arn, attributes: previous.attributes };
  },

  delete(context, previous) {
    const { state } = context;
    const arn = previous.physicalId;
    for (const { policies } of findHolders(context, previous.properties)) policies.delete(arn);
    const isBoundary = [...state.roles.values(), ...state.users.values()].some((each) => isBoundedBy(each, arn));
    if (isBoundary || everyHolder(state).some(({ policies }) => policies.has(arn)))
      throw new Error('Cannot delete a policy attached to entities.');
    state.managedPolicies.delete(arn);
  },
};

const isBoundedBy = ({ permissionsBoundaryArn }: RoleState | UserState, arn: string) => permissionsBoundaryArn === arn;

function everyHolder({ groups, roles, users }: LocalState): PolicyHolder[] {
  return [...roles.values(), ...users.values(), ...groups.values()];
}
