/**
 * Resource types that are accepted and do nothing here: they neither change who may invoke nor what an invocation does.
 * This list is the whole truth: it is printed with every deployment that uses it and stands in docs/local.md.
 */

import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

/** By type: what `Ref` and the attributes give, from a generated or given name. */
interface InertType {
  readonly type: string;
  /** The property that names the resource. */
  readonly nameProperty?: string;
  /** Attributes; `{name}`, `{account}`, `{region}` and `{partition}` are filled in. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Any attribute that is asked for has a made-up value. */
  readonly hasAnyAttribute?: boolean;
}

export const INERT_TYPES: readonly InertType[] = [
  { type: 'AWS::ApplicationAutoScaling::ScalableTarget' },
  { type: 'AWS::ApplicationAutoScaling::ScalingPolicy', nameProperty: 'PolicyName' },
  { type: 'AWS::CDK::Metadata' },
  {
    type: 'AWS::CloudWatch::Alarm',
    nameProperty: 'AlarmName',
    attributes: { Arn: 'arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}' },
  },
  {
    type: 'AWS::CloudWatch::CompositeAlarm',
    nameProperty: 'AlarmName',
    attributes: { Arn: 'arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}' },
  },
  { type: 'AWS::CloudWatch::Dashboard', nameProperty: 'DashboardName' },
  { type: 'AWS::CodeDeploy::Application', nameProperty: 'ApplicationName' },
  { type: 'AWS::CodeDeploy::DeploymentGroup', nameProperty: 'DeploymentGroupName' },
  { type: 'AWS::Logs::MetricFilter', nameProperty: 'FilterName' },
  { type: 'AWS::Logs::QueryDefinition', nameProperty: 'Name' },
  { type: 'AWS::Logs::SubscriptionFilter', nameProperty: 'FilterName' },
  {
    type: 'AWS::ResourceGroups::Group',
    nameProperty: 'Name',
    attributes: { Arn: 'arn:{partition}:resource-groups:{region}:{account}:group/{name}' },
  },
  {
    type: 'AWS::SNS::Topic',
    nameProperty: 'TopicName',
    attributes: { TopicArn: 'arn:{partition}:sns:{region}:{account}:{name}', TopicName: '{name}' },
  },
  { type: 'AWS::SNS::TopicPolicy' },
  {
    type: 'AWS::SQS::Queue',
    nameProperty: 'QueueName',
    attributes: { Arn: 'arn:{partition}:sqs:{region}:{account}:{name}', QueueName: '{name}' },
  },
  { type: 'AWS::SQS::QueuePolicy' },
];

/** Types whose `Ref` is an ARN and not the name. */
const REF_IS_ATTRIBUTE: Readonly<Record<string, string>> = { 'AWS::SNS::Topic': 'TopicArn' };

/** A provider that gives an inert resource its name and attributes. */
export function inertProvider({
  type,
  nameProperty,
  attributes = {},
  hasAnyAttribute = false,
}: InertType): ResourceProvider {
  const values = (context: ResourceContext, name: string): ResourceValues => {
    const filled = Object.fromEntries(
      Object.entries(attributes).map(([key, pattern]) => [key, fill(pattern, { ...placeholders(context), name })]),
    );
    const refAttribute = REF_IS_ATTRIBUTE[type];
    return { physicalId: (refAttribute && filled[refAttribute]) ?? name, attributes: filled, hasAnyAttribute };
  };
  return {
    type,
    inert: true,
    properties: nameProperty === undefined ? [] : [nameProperty],
    replacedBy: nameProperty === undefined ? [] : [nameProperty],
    create: (context, properties) =>
      values(context, (nameProperty && properties.optionalText(nameProperty)) ?? context.generateName(64)),
    update: (_context, _properties, { physicalId, attributes: kept }) => ({
      physicalId,
      attributes: kept,
      hasAnyAttribute,
    }),
    delete: () => undefined,
  };
}

function placeholders({ account, region, partition }: ResourceContext): Record<string, string> {
  return { account, region, partition };
}

function fill(pattern: string, by: Readonly<Record<string, string>>): string {
  return pattern.replace(/\{(\w+)\}/g, (_, name: string) => by[name] ?? '');
}
