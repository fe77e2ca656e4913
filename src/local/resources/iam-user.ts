/**
 * Users, groups, and who is in which.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-user.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-group.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-usertogroupaddition.html
 */

import type { GroupState, LocalState, PolicyDocument, UserState } from '../state';
import { boundaryOf, ownPolicies } from './iam-role';
import { orphanPrincipal, orphanWarning } from './orphan-principal';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

type Account = Pick<ResourceContext, 'account'> & { readonly state: Pick<LocalState, 'groups' | 'users'> };

/** The user of this account with a name; names are unique in an account, whatever the path. */
export function findUser({ state, account }: Account, name: string): UserState | undefined {
  return [...state.users.values()].find((user) => user.account === account && isSame(user.userName, name));
}

/** The group of this account with a name. */
export function findGroup({ state, account }: Account, name: string): GroupState | undefined {
  return [...state.groups.values()].find((group) => group.account === account && isSame(group.groupName, name));
}

/** Names differ by more than letter case. */
const isSame = (left: string, right: string) => left.toLowerCase() === right.toLowerCase();

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const IAM_NAME = /^[\w+=,.@-]+$/;
const NAME_RULE = 'It must contain only alphanumeric characters and/or the following: +=,.@_-';

export const iamUser: ResourceProvider = {
  type: 'AWS::IAM::User',
  properties: ['Groups', 'ManagedPolicyArns', 'Path', 'PermissionsBoundary', 'Policies', 'Tags', 'UserName'],
  withoutEffect: ['LoginProfile'],
  replacedBy: ['Path', 'UserName'],

  create(context, properties) {
    const userName = properties.optionalText('UserName', { min: 1, max: 64 }) ?? context.generateName(64);
    if (findUser(context, userName)) throw new Error(`User with name ${userName} already exists.`);
    const userArn = arnOf(context, 'user', properties, userName);
    const userId = `AIDA${context.generateName(128).slice(-12)}`;
    return putUser(context, properties, { userArn, userName, userId });
  },

  update(context, properties, previous) {
    const user = findUser(context, previous.physicalId);
    if (user === undefined) throw new Error(`The user with name ${previous.physicalId} cannot be found.`);
    for (const name of previous.properties.texts('Groups')) leave(user, name);
    return putUser(context, properties, user, {
      attached: attachedTo(context, previous.properties, user.policies),
      groups: user.groups,
    });
  },

  delete(context, { attributes }) {
    const { state } = context;
    const userArn = String(attributes['Arn']);
    const { userId = '' } = state.users.get(userArn) ?? {};
    state.users.delete(userArn);
    state.formerUsers.set(userArn, userId);
    const orphaned = orphanPrincipal(state, userArn, userId);
    if (orphaned.length > 0) context.warn(orphanWarning(orphaned, 'user'));
  },
};

export const iamGroup: ResourceProvider = {
  type: 'AWS::IAM::Group',
  properties: ['GroupName', 'ManagedPolicyArns', 'Path', 'Policies'],
  replacedBy: ['GroupName', 'Path'],

  create(context, properties) {
    const groupName = properties.optionalText('GroupName', { min: 1, max: 128 }) ?? context.generateName(128);
    if (findGroup(context, groupName)) throw new Error(`Group with name ${groupName} already exists.`);
    return putGroup(context, properties, { groupArn: arnOf(context, 'group', properties, groupName), groupName });
  },

  update(context, properties, previous) {
    const group = findGroup(context, previous.physicalId);
    if (group === undefined) throw new Error(`The group with name ${previous.physicalId} cannot be found.`);
    return putGroup(context, properties, group, attachedTo(context, previous.properties, group.policies));
  },

  delete(context, { attributes, physicalId }) {
    const members = [...context.state.users.values()].filter(({ account }) => account === context.account);
    if (members.some(({ groups }) => groups.has(physicalId)))
      throw new Error('Cannot delete entity, must remove users from group first.');
    context.state.groups.delete(String(attributes['Arn']));
  },
};

export const iamUserToGroupAddition: ResourceProvider = {
  type: 'AWS::IAM::UserToGroupAddition',
  properties: ['GroupName', 'Users'],
  replacedBy: ['GroupName'],

  create(context, properties) {
    add(context, properties);
    return { physicalId: context.generateName(128), attributes: {} };
  },

  update(context, properties, previous) {
    remove(context, previous.properties);
    add(context, properties);
    return { physicalId: previous.physicalId, attributes: previous.attributes };
  },

  delete: (context, { properties }) => remove(context, properties),
};

function add(context: ResourceContext, properties: Properties): void {
  const groupName = requireGroup(context, properties.text('GroupName')).groupName;
  for (const name of properties.texts('Users')) {
    const user = findUser(context, name);
    if (user === undefined) throw new Error(`The user with name ${name} cannot be found.`);
    user.groups.add(groupName);
  }
}

function remove(context: ResourceContext, properties: Properties): void {
  for (const name of properties.texts('Users')) leave(findUser(context, name), properties.text('GroupName'));
}

/** A template may write the name of a group in other letter case than the group has. */
function leave(user: UserState | undefined, groupName: string): void {
  for (const name of user?.groups ?? []) if (isSame(name, groupName)) user?.groups.delete(name);
}

function requireGroup(context: ResourceContext, name: string): GroupState {
  const group = findGroup(context, name);
  if (group === undefined) throw new Error(`The group with name ${name} cannot be found.`);
  return group;
}

function arnOf(context: ResourceContext, kind: 'group' | 'user', properties: Properties, name: string): string {
  if (!IAM_NAME.test(name)) throw new Error(`The specified value for ${kind}Name is invalid: '${name}'; ${NAME_RULE}`);
  const path = properties.optionalText('Path') ?? '/';
  if (!/^\/([\x21-\x7f]+\/)?$/.test(path)) properties.refuse('Path', 'must begin and end with /');
  return `arn:${context.partition}:iam::${context.account}:${kind}${path}${name}`;
}

/** The policies that other resources attached. */
function attachedTo(
  context: ResourceContext,
  previous: Properties,
  policies: ReadonlyMap<string, PolicyDocument>,
): ReadonlyMap<string, PolicyDocument> {
  const own = ownPolicies(context, previous);
  return new Map([...policies].filter(([name]) => !own.has(name)));
}

function putUser(
  context: ResourceContext,
  properties: Properties,
  { userArn, userName, userId }: Pick<UserState, 'userArn' | 'userId' | 'userName'>,
  kept: { readonly attached?: ReadonlyMap<string, PolicyDocument>; readonly groups?: ReadonlySet<string> } = {},
): ResourceValues {
  const groups = properties.texts('Groups').map((name) => requireGroup(context, name).groupName);
  context.state.users.set(userArn, {
    userArn,
    userName,
    userId,
    account: context.account,
    policies: new Map([...(kept.attached ?? []), ...ownPolicies(context, properties)]),
    groups: new Set([...(kept.groups ?? []), ...groups]),
    tags: properties.tags(),
    ...boundaryOf(context, properties),
  });
  return { physicalId: userName, attributes: { Arn: userArn } };
}

function putGroup(
  context: ResourceContext,
  properties: Properties,
  { groupArn, groupName }: Pick<GroupState, 'groupArn' | 'groupName'>,
  attached: ReadonlyMap<string, PolicyDocument> = new Map(),
): ResourceValues {
  const policies = new Map([...attached, ...ownPolicies(context, properties)]);
  context.state.groups.set(groupArn, { groupArn, groupName, account: context.account, policies });
  return { physicalId: groupName, attributes: { Arn: groupArn } };
}
