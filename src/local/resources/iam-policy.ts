/**
 * Inline policies as resources of their own.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-rolepolicy.html
 */

import type { PolicyHolder } from '../state';
import { findRole } from './iam-role';
import { findGroup, findUser } from './iam-user';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

type Find = (context: ResourceContext, name: string) => PolicyHolder | undefined;

/** By the property that lists their names. */
const HOLDERS: Readonly<Record<string, readonly [kind: string, find: Find]>> = {
  Roles: ['role', findRole],
  Users: ['user', findUser],
  Groups: ['group', findGroup],
};

export const iamPolicy: ResourceProvider = {
  type: 'AWS::IAM::Policy',
  properties: ['Groups', 'PolicyDocument', 'PolicyName', 'Roles', 'Users'],
  replacedBy: [],

  create: (context, properties) => attach(context, properties, context.generateName(128)),

  update(context, properties, previous) {
    detach(context, previous.properties);
    return attach(context, properties, previous.physicalId);
  },

  delete: (context, previous) => detach(context, previous.properties),
};

/** The same for one role, user or group, which keeps its policy by the names of both. */
export const iamRolePolicy = policyOf('Role', findRole);
export const iamUserPolicy = policyOf('User', findUser);
export const iamGroupPolicy = policyOf('Group', findGroup);

function policyOf(kind: 'Group' | 'Role' | 'User', find: Find): ResourceProvider {
  const property = `${kind}Name`;
  const put = (context: ResourceContext, properties: Properties): ResourceValues => {
    const [name, policyName] = [properties.text(property), properties.text('PolicyName')];
    const document = properties.policyDocument('PolicyDocument', 'identity');
    requireHolder(context, [kind.toLowerCase(), find], name).policies.set(policyName, document);
    return { physicalId: `${policyName}|${name}`, attributes: {} };
  };
  return {
    type: `AWS::IAM::${kind}Policy`,
    properties: ['PolicyDocument', 'PolicyName', property],
    replacedBy: ['PolicyName', property],
    create: put,
    update: put,
    delete(context, { properties }) {
      find(context, properties.text(property))?.policies.delete(properties.text('PolicyName'));
    },
  };
}

function attach(context: ResourceContext, properties: Properties, physicalId: string): ResourceValues {
  const document = properties.policyDocument('PolicyDocument', 'identity');
  for (const { policies } of requireHolders(context, properties)) policies.set(properties.text('PolicyName'), document);
  return { physicalId, attributes: { Id: physicalId } };
}

function detach(context: ResourceContext, properties: Properties): void {
  for (const { policies } of findHolders(context, properties)) policies.delete(properties.text('PolicyName'));
}

/** Those of `Roles`, `Users` and `Groups` that are there. */
export function findHolders(context: ResourceContext, properties: Properties): PolicyHolder[] {
  return Object.entries(HOLDERS).flatMap(([property, [, find]]) =>
    properties.texts(property).flatMap((name) => find(context, name) ?? []),
  );
}

/** What `Roles`, `Users` and `Groups` name; they are names, so they can only be of the same account. */
export function requireHolders(context: ResourceContext, properties: Properties): PolicyHolder[] {
  return Object.entries(HOLDERS).flatMap(([property, holder]) =>
    properties.texts(property).map((name) => requireHolder(context, holder, name)),
  );
}

function requireHolder(context: ResourceContext, [kind, find]: readonly [string, Find], name: string): PolicyHolder {
  const holder = find(context, name);
  if (!holder) throw new Error(`The ${kind} with name ${name} cannot be found in account ${context.account}.`);
  return holder;
}
