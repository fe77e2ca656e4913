/**
 * Inline policies as resources of their own.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-rolepolicy.html
 */

import type { RoleState } from '../state';
import { findRole } from './iam-role';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

export const iamPolicy: ResourceProvider = {
  type: 'AWS::IAM::Policy',
  properties: ['PolicyDocument', 'PolicyName', 'Roles'],
  withoutEffect: ['Groups', 'Users'],
  replacedBy: [],

  create: (context, properties) => attach(context, properties, context.generateName(128)),

  update(context, properties, previous) {
    detach(context, previous.properties);
    return attach(context, properties, previous.physicalId);
  },

  delete: (context, previous) => detach(context, previous.properties),
};

/** The same for one role, which keeps its policy by the names of both. */
export const iamRolePolicy: ResourceProvider = {
  type: 'AWS::IAM::RolePolicy',
  properties: ['PolicyDocument', 'PolicyName', 'RoleName'],
  replacedBy: ['PolicyName', 'RoleName'],

  create: put,
  update: put,

  delete(context, { properties }) {
    findRole(context, properties.text('RoleName'))?.policies.delete(properties.text('PolicyName'));
  },
};

function put(context: ResourceContext, properties: Properties): ResourceValues {
  const [roleName, policyName] = [properties.text('RoleName'), properties.text('PolicyName')];
  const document = properties.policyDocument('PolicyDocument', 'identity');
  requireRole(context, roleName).policies.set(policyName, document);
  return { physicalId: `${policyName}|${roleName}`, attributes: {} };
}

function attach(context: ResourceContext, properties: Properties, physicalId: string): ResourceValues {
  const document = properties.policyDocument('PolicyDocument', 'identity');
  for (const role of requireRoles(context, properties)) role.policies.set(properties.text('PolicyName'), document);
  return { physicalId, attributes: { Id: physicalId } };
}

function detach(context: ResourceContext, properties: Properties): void {
  for (const roleName of properties.texts('Roles')) {
    findRole(context, roleName)?.policies.delete(properties.text('PolicyName'));
  }
}

/** The roles named in `Roles`; they are names, so they can only be roles of the same account. */
export function requireRoles(context: ResourceContext, properties: Properties): RoleState[] {
  return properties.texts('Roles').map((roleName) => requireRole(context, roleName));
}

function requireRole(context: ResourceContext, roleName: string): RoleState {
  const role = findRole(context, roleName);
  if (!role) throw new Error(`The role with name ${roleName} cannot be found in account ${context.account}.`);
  return role;
}
