/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html */

import { managedPolicyDocument } from '../iam/aws-managed-policies';
import type { PolicyDocument, RoleState } from '../state';
import { orphanPrincipal, orphanWarning } from './orphan-principal';
import { requirePrincipals } from './principal-check';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

export const iamRole: ResourceProvider = {
  type: 'AWS::IAM::Role',
  properties: [
    'AssumeRolePolicyDocument',
    'ManagedPolicyArns',
    'MaxSessionDuration',
    'Path',
    'PermissionsBoundary',
    'Policies',
    'RoleName',
    'Tags',
  ],
  withoutEffect: ['Description'],
  replacedBy: ['RoleName', 'Path'],

  create(context, properties) {
    const roleName = properties.optionalText('RoleName', { min: 1, max: 64 }) ?? context.generateName(64);
    const roleArn = `arn:${context.partition}:iam::${context.account}:role${properties.optionalText('Path') ?? '/'}${roleName}`;
    if (findRole(context, roleName)) throw new Error(`Role with name ${roleName} already exists.`);
    const roleId = `AROA${context.generateName(128).slice(-12)}`;
    return put(context, properties, { roleArn, roleName, roleId }, new Map());
  },

  update(context, properties, previous) {
    const roleArn = String(previous.attributes['Arn']);
    const attached = new Map(context.state.roles.get(roleArn)?.policies);
    for (const name of ownPolicies(context, previous.properties).keys()) attached.delete(name);
    const identity = { roleArn, roleName: previous.physicalId, roleId: String(previous.attributes['RoleId']) };
    return put(context, properties, identity, attached);
  },

  delete(context, previous) {
    const roleArn = String(previous.attributes['Arn']);
    context.state.roles.delete(roleArn);
    const orphaned = orphanPrincipal(context.state, roleArn, String(previous.attributes['RoleId']));
    if (orphaned.length > 0) context.warn(orphanWarning(orphaned, 'role'));
  },
};

/** The role of this account with a name; names are unique in an account, whatever the path. */
export function findRole(context: Pick<ResourceContext, 'state' | 'account'>, roleName: string): RoleState | undefined {
  for (const role of context.state.roles.values()) {
    if (role.account === context.account && role.roleName === roleName) return role;
  }
  return undefined;
}

function put(
  context: ResourceContext,
  properties: Properties,
  { roleArn, roleName, roleId }: Pick<RoleState, 'roleArn' | 'roleName' | 'roleId'>,
  attached: ReadonlyMap<string, PolicyDocument>,
): ResourceValues {
  const trustPolicy = properties.policyDocument('AssumeRolePolicyDocument', 'trust');
  requirePrincipals(context, trustPolicy);
  context.state.roles.set(roleArn, {
    roleArn,
    roleName,
    roleId,
    account: context.account,
    trustPolicy,
    policies: new Map([...attached, ...ownPolicies(context, properties)]),
    maxSessionSeconds: properties.optionalInteger('MaxSessionDuration', { min: 3_600, max: 43_200 }) ?? 3_600,
    tags: properties.tags(),
    ...boundaryOf(context, properties),
  });
  return { physicalId: roleName, attributes: { Arn: roleArn, RoleId: roleId } };
}

/** Inline policies and attached managed policies of the own properties of a role, a user or a group. */
export function ownPolicies(context: ResourceContext, properties: Properties): Map<string, PolicyDocument> {
  const policies = new Map<string, PolicyDocument>();
  for (const policy of properties.items('Policies')) {
    policies.set(policy.text('PolicyName'), policy.policyDocument('PolicyDocument', 'identity'));
  }
  for (const arn of properties.texts('ManagedPolicyArns')) policies.set(arn, managedPolicy(context, arn));
  return policies;
}

/** The boundary of a role or a user. */
export function boundaryOf(
  context: ResourceContext,
  properties: Properties,
): Pick<RoleState, 'permissionsBoundary' | 'permissionsBoundaryArn'> {
  const arn = properties.optionalText('PermissionsBoundary');
  return arn === undefined ? {} : { permissionsBoundary: managedPolicy(context, arn), permissionsBoundaryArn: arn };
}

/** The document of a managed policy, from the stacks or from AWS's own. */
function managedPolicy(context: ResourceContext, arn: string): PolicyDocument {
  const document = context.state.managedPolicies.get(arn) ?? managedPolicyDocument(arn);
  if (document) return document;
  if (!/^arn:[^:]+:iam::aws:policy\//.test(arn)) throw new Error(`Policy ${arn} does not exist or is not attachable.`);
  context.warn(`the local target does not know the AWS managed policy ${arn}; here it grants nothing`);
  return { Version: '2012-10-17', Statement: [] };
}
