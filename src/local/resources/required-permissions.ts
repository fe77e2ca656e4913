/**
 * The permissions that CloudFormation needs to make, change and delete a resource: those of the handlers in the schemas of
 * its resource types, of types that decide who may what, run code or keep data. Other types need none here.
 * https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html#schema-properties-handlers
 */
import { isObject } from '../../base/is-object';
import { ownMember } from '../own-member';
import { findRole } from './iam-role';
import { findGroup, findUser } from './iam-user';
import { passedRole } from './passed-roles';
import { Properties } from './properties';
import type { PreviousResource, RequiredPermission, ResourceContext } from './provider';
import { policySetting } from './resource-policies';

export type ResourceVerb = 'create' | 'update' | 'delete';

/** A resource as a step finds it: one that is deleted has its properties of before. */
interface Step {
  readonly verb: ResourceVerb;
  readonly context: ResourceContext;
  readonly properties: Properties;
  readonly previous: PreviousResource | undefined;
}

type Needs = (step: Step) => RequiredPermission[];

/** A verb of the API by what happens to the resource. */
type Verbs = Readonly<Record<ResourceVerb, string>>;

/** In the order in which they are needed; none for a type that is not in the list. */
export function requiredPermissions(
  type: string,
  verb: ResourceVerb,
  context: ResourceContext,
  given: Properties | undefined,
  previous?: PreviousResource,
): RequiredPermission[] {
  const properties = given ?? previous?.properties ?? new Properties({});
  const needs = ownMember(NEEDS, type) ?? (isCustom(type) ? customResource : undefined);
  const setting = policySetting(context, type, properties);
  const tags = tagKeys(given);
  const own = needs?.({ verb, context, properties, previous }) ?? [];
  return [
    ...own.map((each) => (tags === undefined ? each : { ...each, context: { ...tags, ...each.context } })),
    ...(setting?.owners.map((arn) => only(setting.action, arn)) ?? []),
    ...passRole(type, given, previous),
  ];
}

const isCustom = (type: string) => type === 'AWS::CloudFormation::CustomResource' || type.startsWith('Custom::');

const only = (action: string, resource: string, context?: RequiredPermission['context']): RequiredPermission => ({
  action,
  resource,
  ...(context && { context }),
});

const regional = ({ context: { account, partition, region } }: Step, service: string, rest: string) =>
  `arn:${partition}:${service}:${region}:${account}:${rest}`;

/** One action on what a name stands for. */
function simple(service: string, verbs: Verbs, resourceOf: (step: Step) => string): Needs {
  return (step) => [only(`${service}:${verbs[step.verb]}`, resourceOf(step))];
}

const verbs = (create: string, update: string, remove: string): Verbs => ({ create, update, delete: remove });

/** What a property says, or the name that is there or would be made. */
function nameOf({ context, previous, properties, verb }: Step, property: string, max: number): string {
  if (verb !== 'create' && previous) return previous.physicalId;
  return properties.optionalText(property) ?? context.generateName(max);
}

/** The unqualified ARN for a name, a qualified name or an ARN. */
function functionArn(step: Step, reference: string): string {
  if (reference.startsWith('arn:')) return reference.split(':').slice(0, 7).join(':');
  return regional(step, 'lambda', `function:${reference.split(':').at(reference.includes(':function:') ? 2 : 0)}`);
}

const ofFunction = (property: string) => (step: Step) => functionArn(step, step.properties.text(property));

function codeObject({ context: { partition }, properties }: Step, property: string): RequiredPermission[] {
  const code = properties.optionalObject(property);
  const bucket = code?.optionalText('S3Bucket');
  const key = code?.optionalText('S3Key');
  if (bucket === undefined || key === undefined) return [];
  return [only('s3:GetObject', `arn:${partition}:s3:::${bucket}/${key}`)];
}

/** Whoever hands a role to a service gets what the role may. */
function passRole(
  type: string,
  given: Properties | undefined,
  previous: PreviousResource | undefined,
): RequiredPermission[] {
  const passed = passedRole(type, given);
  if (passed === undefined || passed.roleArn === passedRole(type, previous?.properties)?.roleArn) return [];
  return [only('iam:PassRole', passed.roleArn, { 'iam:PassedToService': passed.service })];
}

const isChanged = ({ previous, properties }: Step, name: string) =>
  JSON.stringify(previous?.properties.values[name]) !== JSON.stringify(properties.values[name]);

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html#awslambda-policy-keys */
function functionKeys(properties: Properties): RequiredPermission['context'] {
  const network = properties.optionalObject('VpcConfig');
  const lists = {
    'lambda:Layer': properties.texts('Layers'),
    'lambda:SecurityGroupIds': network?.texts('SecurityGroupIds') ?? [],
    'lambda:SubnetIds': network?.texts('SubnetIds') ?? [],
  };
  return Object.fromEntries(Object.entries(lists).filter(([, values]) => values.length > 0));
}

/** Tags of a resource that is made or changed, as a list; some types have them in another form. */
function tagKeys(properties: Properties | undefined): RequiredPermission['context'] {
  const { Tags } = properties?.values ?? {};
  const tags = (Array.isArray(Tags) ? Tags : []).filter(isObject);
  if (tags.length === 0) return undefined;
  return {
    'aws:TagKeys': tags.map(({ Key }) => String(Key)),
    ...Object.fromEntries(tags.map(({ Key, Value }) => [`aws:RequestTag/${String(Key)}`, String(Value)])),
  };
}

const lambdaFunction: Needs = (step) => {
  const { previous, properties, verb } = step;
  const arn = functionArn(step, nameOf(step, 'FunctionName', 64));
  if (verb === 'delete') return [only('lambda:DeleteFunction', arn)];
  const concurrency =
    properties.has('ReservedConcurrentExecutions') && isChanged(step, 'ReservedConcurrentExecutions')
      ? [only('lambda:PutFunctionConcurrency', arn)]
      : [];
  const keys = functionKeys(properties);
  const layers = isChanged(step, 'Layers') ? properties.texts('Layers') : [];
  const layerReads = layers.map((layerArn) => only('lambda:GetLayerVersion', layerArn));
  if (verb === 'create') {
    return [only('lambda:CreateFunction', arn, keys), ...layerReads, ...codeObject(step, 'Code'), ...concurrency];
  }
  const isCode = ['Code', 'Architectures'].some((name) => isChanged(step, name));
  const others = Object.keys({ ...previous?.properties.values, ...properties.values }).filter(
    (name) => !['Code', 'Architectures', 'ReservedConcurrentExecutions', 'Tags'].includes(name),
  );
  return [
    ...(isCode ? [only('lambda:UpdateFunctionCode', arn), ...codeObject(step, 'Code')] : []),
    ...(others.some((name) => isChanged(step, name)) ? [only('lambda:UpdateFunctionConfiguration', arn, keys)] : []),
    ...layerReads,
    ...(isChanged(step, 'Tags') ? [only('lambda:TagResource', arn)] : []),
    ...concurrency,
  ];
};

/** Who holds policies: IAM has the same actions for each, under its name. */
type HolderKind = 'Group' | 'Role' | 'User';

const iamHolder =
  (kind: HolderKind, maxLength: number): Needs =>
  (step) => {
    const { context, previous, properties, verb } = step;
    const path = properties.optionalText('Path') ?? '/';
    const arn = `arn:${context.partition}:iam::${context.account}:${kind.toLowerCase()}${path}${nameOf(step, `${kind}Name`, maxLength)}`;
    const boundary = properties.optionalText('PermissionsBoundary');
    const bounded = boundary === undefined ? undefined : { 'iam:PermissionsBoundary': boundary };
    const may = (verbOfAction: string, what: string, keys?: RequiredPermission['context']) =>
      only(`iam:${verbOfAction}${kind}${what}`, arn, keys);
    const inline = properties.items('Policies').map(() => may('Put', 'Policy', bounded));
    const managed = (verbOfAction: string, from: Properties | undefined) =>
      (from?.texts('ManagedPolicyArns') ?? []).map((policy) =>
        may(verbOfAction, 'Policy', { ...bounded, 'iam:PolicyARN': policy }),
      );
    const membership = (action: string, from: Properties | undefined) =>
      kind === 'User' ? memberships(step, action, from) : [];
    if (verb === 'create') {
      const groups = membership('iam:AddUserToGroup', properties);
      return [may('Create', '', bounded), ...managed('Attach', properties), ...inline, ...groups];
    }
    const before = previous?.properties;
    if (verb === 'delete') {
      const removed = (before?.items('Policies') ?? []).map(() => may('Delete', 'Policy'));
      const groups = membership('iam:RemoveUserFromGroup', before);
      return [...managed('Detach', before), ...removed, ...groups, may('Delete', '')];
    }
    const boundaryVerb = boundary === undefined ? 'Delete' : 'Put';
    return [
      ...(isChanged(step, 'AssumeRolePolicyDocument') ? [only('iam:UpdateAssumeRolePolicy', arn)] : []),
      ...(isChanged(step, 'PermissionsBoundary') ? [may(boundaryVerb, 'PermissionsBoundary', bounded)] : []),
      ...(isChanged(step, 'ManagedPolicyArns') ? [...managed('Attach', properties), ...managed('Detach', before)] : []),
      ...(isChanged(step, 'Policies') ? [...inline, ...(inline.length === 0 ? [may('Delete', 'Policy')] : [])] : []),
      ...(['Description', 'MaxSessionDuration'].some((name) => isChanged(step, name)) ? [may('Update', '')] : []),
      ...(isChanged(step, 'Groups')
        ? [...membership('iam:AddUserToGroup', properties), ...membership('iam:RemoveUserFromGroup', before)]
        : []),
      ...(isChanged(step, 'Tags') ? [may('Tag', '')] : []),
    ];
  };

/** In and out of the groups that a user, or an addition to a group, names. */
function memberships({ context }: Step, action: string, from: Properties | undefined): RequiredPermission[] {
  const one = from?.optionalText('GroupName');
  return [...(from?.texts('Groups') ?? []), ...(one === undefined ? [] : [one])].map((name) =>
    only(action, holderArn(context, 'Group', name)),
  );
}

function holderArn(context: ResourceContext, kind: HolderKind, name: string): string {
  const found = {
    Group: () => findGroup(context, name)?.groupArn,
    Role: () => findRole(context, name)?.roleArn,
    User: () => findUser(context, name)?.userArn,
  }[kind]();
  return found ?? `arn:${context.partition}:iam::${context.account}:${kind.toLowerCase()}/${name}`;
}

const HOLDERS = { Role: findRole, User: findUser };
const HOLDER_KINDS: readonly HolderKind[] = ['Group', 'Role', 'User'];

/** One action for each role, user and group that a policy is of. */
function onHolders(
  { context, properties }: Step,
  action: (kind: HolderKind) => string,
  keys?: RequiredPermission['context'],
): RequiredPermission[] {
  return HOLDER_KINDS.flatMap((kind) => {
    const one = properties.optionalText(`${kind}Name`);
    const names = [...properties.texts(`${kind}s`), ...(one === undefined ? [] : [one])];
    return names.map((name) => {
      const boundary = kind === 'Group' ? undefined : HOLDERS[kind](context, name)?.permissionsBoundaryArn;
      const bounded = boundary !== undefined && { 'iam:PermissionsBoundary': boundary };
      return only(action(kind), holderArn(context, kind, name), { ...keys, ...bounded });
    });
  });
}

const inlinePolicy: Needs = (step) =>
  onHolders(step, (kind) => `iam:${step.verb === 'delete' ? 'Delete' : 'Put'}${kind}Policy`);

const managedPolicy: Needs = (step) => {
  const { context, previous, properties, verb } = step;
  const path = properties.optionalText('Path') ?? '/';
  const arn =
    previous && verb !== 'create'
      ? previous.physicalId
      : `arn:${context.partition}:iam::${context.account}:policy${path}${nameOf(step, 'ManagedPolicyName', 128)}`;
  const attaching = onHolders(step, (kind) => `iam:${verb === 'delete' ? 'Detach' : 'Attach'}${kind}Policy`, {
    'iam:PolicyARN': arn,
  });
  const own = verbs('CreatePolicy', 'CreatePolicyVersion', 'DeletePolicy')[verb];
  return [only(`iam:${own}`, arn), ...attaching];
};

const layer: Needs = (step) => {
  const { previous, verb } = step;
  if (verb === 'delete') return [only('lambda:DeleteLayerVersion', previous?.physicalId ?? '*')];
  const arn = regional(
    step,
    'lambda',
    `layer:${step.properties.optionalText('LayerName') ?? step.context.generateName(64)}`,
  );
  return [only('lambda:PublishLayerVersion', arn), ...codeObject(step, 'Content')];
};

/** Its provider is called as whoever deploys. */
const customResource: Needs = ({ properties }) => {
  const token = properties.optionalText('ServiceToken') ?? '';
  return token.includes(':lambda:') ? [only('lambda:InvokeFunction', token)] : [];
};

const functionUrl: Needs = (step) => {
  const arn = functionArn(step, step.properties.text('TargetFunctionArn'));
  const AuthType = step.properties.optionalText('AuthType');
  const action = verbs('CreateFunctionUrlConfig', 'UpdateFunctionUrlConfig', 'DeleteFunctionUrlConfig')[step.verb];
  return [
    only(`lambda:${action}`, arn, AuthType === undefined ? undefined : { 'lambda:FunctionUrlAuthType': AuthType }),
  ];
};

const bucketArn = (step: Step) => `arn:${step.context.partition}:s3:::${nameOf(step, 'BucketName', 63)}`;

/** Its ARN ends in characters that nobody knows before. */
const secretArn = (step: Step) =>
  step.previous && step.verb !== 'create'
    ? step.previous.physicalId
    : regional(step, 'secretsmanager', `secret:${nameOf(step, 'Name', 512)}-??????`);

const table: Needs = (step) => {
  const arn = regional(step, 'dynamodb', `table/${nameOf(step, 'TableName', 255)}`);
  const policies = ({ values }: Properties) => JSON.stringify(values).includes('"ResourcePolicy"');
  const changesPolicy =
    policies(step.properties) && ['ResourcePolicy', 'Replicas'].some((name) => isChanged(step, name));
  return [
    only(`dynamodb:${verbs('CreateTable', 'UpdateTable', 'DeleteTable')[step.verb]}`, arn),
    ...(changesPolicy && step.verb !== 'delete' ? [only('dynamodb:PutResourcePolicy', arn)] : []),
  ];
};

const NEEDS: Readonly<Record<string, Needs>> = {
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::DynamoDB::Table': table,
  'AWS::IAM::Group': iamHolder('Group', 128),
  'AWS::IAM::GroupPolicy': inlinePolicy,
  'AWS::IAM::ManagedPolicy': managedPolicy,
  'AWS::IAM::Policy': inlinePolicy,
  'AWS::IAM::Role': iamHolder('Role', 64),
  'AWS::IAM::RolePolicy': inlinePolicy,
  'AWS::IAM::User': iamHolder('User', 64),
  'AWS::IAM::UserPolicy': inlinePolicy,
  'AWS::IAM::UserToGroupAddition': (step) =>
    step.properties
      .texts('Users')
      .flatMap(() =>
        memberships(step, step.verb === 'delete' ? 'iam:RemoveUserFromGroup' : 'iam:AddUserToGroup', step.properties),
      ),
  'AWS::Lambda::Alias': simple(
    'lambda',
    verbs('CreateAlias', 'UpdateAlias', 'DeleteAlias'),
    ofFunction('FunctionName'),
  ),
  'AWS::Lambda::EventInvokeConfig': simple(
    'lambda',
    verbs('PutFunctionEventInvokeConfig', 'UpdateFunctionEventInvokeConfig', 'DeleteFunctionEventInvokeConfig'),
    ofFunction('FunctionName'),
  ),
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::LayerVersion': layer,
  'AWS::Lambda::LayerVersionPermission': simple(
    'lambda',
    verbs('AddLayerVersionPermission', 'AddLayerVersionPermission', 'RemoveLayerVersionPermission'),
    ({ properties }) => properties.text('LayerVersionArn'),
  ),
  'AWS::Lambda::Permission': (step) => {
    const Principal = step.properties.optionalText('Principal');
    const FunctionUrlAuthType = step.properties.optionalText('FunctionUrlAuthType');
    const keys = {
      ...(Principal !== undefined && { 'lambda:Principal': Principal }),
      ...(FunctionUrlAuthType !== undefined && { 'lambda:FunctionUrlAuthType': FunctionUrlAuthType }),
    };
    const action = verbs('AddPermission', 'AddPermission', 'RemovePermission')[step.verb];
    return [only(`lambda:${action}`, ofFunction('FunctionName')(step), keys)];
  },
  'AWS::Lambda::ResourcePolicy': simple(
    'lambda',
    verbs('PutResourcePolicy', 'PutResourcePolicy', 'DeleteResourcePolicy'),
    ofFunction('ResourceArn'),
  ),
  'AWS::Lambda::Url': functionUrl,
  'AWS::Lambda::Version': simple(
    'lambda',
    verbs('PublishVersion', 'PublishVersion', 'DeleteFunction'),
    ofFunction('FunctionName'),
  ),
  'AWS::Logs::LogGroup': simple('logs', verbs('CreateLogGroup', 'PutRetentionPolicy', 'DeleteLogGroup'), (step) =>
    regional(step, 'logs', `log-group:${nameOf(step, 'LogGroupName', 512)}`),
  ),
  'AWS::S3::Bucket': (step) =>
    step.verb === 'update'
      ? []
      : [only(step.verb === 'create' ? 's3:CreateBucket' : 's3:DeleteBucket', bucketArn(step))],
  'AWS::S3::BucketPolicy': simple(
    's3',
    verbs('PutBucketPolicy', 'PutBucketPolicy', 'DeleteBucketPolicy'),
    ({ context, properties }) => `arn:${context.partition}:s3:::${properties.text('Bucket')}`,
  ),
  'AWS::SecretsManager::Secret': simple(
    'secretsmanager',
    verbs('CreateSecret', 'UpdateSecret', 'DeleteSecret'),
    secretArn,
  ),
  'AWS::SSM::Parameter': simple('ssm', verbs('PutParameter', 'PutParameter', 'DeleteParameter'), (step) =>
    regional(step, 'ssm', `parameter/${nameOf(step, 'Name', 512).replace(/^\//, '')}`),
  ),
};
