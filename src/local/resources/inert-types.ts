/**
 * Resources that are accepted and do nothing here. The types of the table have the names and attributes AWS gives them,
 * all others follow a rule; only what decides who may invoke, or what a function is, is never accepted unseen.
 */

import { ownMember } from '../own-member';
import { fillPattern } from './made-up-names';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

/** What a type gives to its template; the placeholders are those of {@link fillPattern}. */
interface InertType {
  /** The property that names the resource. @default - `<Type>Name` or `Name`, if there is one */
  readonly nameProperty?: string;
  /** What `Ref` gives. @default '{name}' */
  readonly ref?: string;
  /** By attribute, where `{ref}` is what `Ref` gives. */
  readonly attributes?: Readonly<Record<string, string>>;
}

const arn = (rest: string) => `arn:{partition}:${rest}`;
const here = '{region}:{account}';

/** Types that change nothing here even when everything else is played: deployments do not mention them. */
const QUIET: Readonly<Record<string, InertType>> = {
  'AWS::ApiGateway::Account': {},
  'AWS::ApiGateway::Model': {},
  'AWS::ApplicationAutoScaling::ScalableTarget': {},
  'AWS::ApplicationAutoScaling::ScalingPolicy': { nameProperty: 'PolicyName' },
  'AWS::CDK::Metadata': {},
  'AWS::CloudWatch::Alarm': { attributes: { Arn: arn(`cloudwatch:${here}:alarm:{name}`) } },
  'AWS::CloudWatch::CompositeAlarm': {
    nameProperty: 'AlarmName',
    attributes: { Arn: arn(`cloudwatch:${here}:alarm:{name}`) },
  },
  'AWS::CloudWatch::Dashboard': {},
  'AWS::CodeDeploy::Application': {},
  'AWS::CodeDeploy::DeploymentGroup': {},
  'AWS::Logs::MetricFilter': { nameProperty: 'FilterName' },
  'AWS::Logs::QueryDefinition': {},
  'AWS::Logs::SubscriptionFilter': { nameProperty: 'FilterName' },
  'AWS::ResourceGroups::Group': { attributes: { Arn: arn(`resource-groups:${here}:group/{name}`) } },
  'AWS::SNS::Topic': {
    ref: arn(`sns:${here}:{name}`),
    attributes: { TopicArn: '{ref}', TopicName: '{name}' },
  },
  'AWS::SQS::Queue': {
    ref: 'https://sqs.{region}.amazonaws.com/{account}/{name}',
    attributes: { Arn: arn(`sqs:${here}:{name}`), QueueName: '{name}', QueueUrl: '{ref}' },
  },
};

/** Types whose calls go nowhere here, with the forms AWS gives their names. */
const TABLE = {
  Arn: arn(`dynamodb:${here}:table/{name}`),
  StreamArn: arn(`dynamodb:${here}:table/{name}/stream/2026-01-01T00:00:00.000`),
};

const KNOWN: Readonly<Record<string, InertType>> = {
  'AWS::ACMPCA::CertificateAuthority': {
    ref: arn(`acm-pca:${here}:certificate-authority/{uuid}`),
    attributes: { Arn: '{ref}' },
  },
  'AWS::AppSync::GraphQLApi': {
    ref: arn(`appsync:${here}:apis/{id26}`),
    attributes: {
      ApiId: '{id26}',
      Arn: '{ref}',
      GraphQLUrl: 'https://{id26}.appsync-api.{region}.amazonaws.com/graphql',
      GraphQLDns: '{id26}.appsync-api.{region}.amazonaws.com',
    },
  },
  'AWS::Batch::ComputeEnvironment': {
    ref: arn(`batch:${here}:compute-environment/{name}`),
    attributes: { ComputeEnvironmentArn: '{ref}' },
  },
  'AWS::Batch::JobDefinition': { ref: arn(`batch:${here}:job-definition/{name}:1`) },
  'AWS::Batch::JobQueue': { ref: arn(`batch:${here}:job-queue/{name}`), attributes: { JobQueueArn: '{ref}' } },
  'AWS::CertificateManager::Certificate': { ref: arn(`acm:${here}:certificate/{uuid}`) },
  'AWS::CodeBuild::Project': { attributes: { Arn: arn(`codebuild:${here}:project/{name}`) } },
  'AWS::CodeStarConnections::Connection': {
    ref: arn(`codestar-connections:${here}:connection/{uuid}`),
    attributes: { ConnectionArn: '{ref}' },
  },
  'AWS::Cognito::IdentityPool': { ref: '{region}:{uuid}' },
  'AWS::Cognito::UserPool': {
    nameProperty: 'UserPoolName',
    ref: '{region}_{ID9}',
    attributes: {
      Arn: arn(`cognito-idp:${here}:userpool/{ref}`),
      ProviderName: 'cognito-idp.{region}.amazonaws.com/{ref}',
      ProviderURL: 'https://cognito-idp.{region}.amazonaws.com/{ref}',
      UserPoolId: '{ref}',
    },
  },
  'AWS::Cognito::UserPoolClient': { ref: '{id26}', attributes: { ClientId: '{ref}', ClientSecret: '{id26}{id26}' } },
  'AWS::DynamoDB::GlobalTable': { attributes: TABLE },
  'AWS::DynamoDB::Table': { attributes: TABLE },
  'AWS::EC2::SecurityGroup': { nameProperty: '', ref: 'sg-{hex17}', attributes: { GroupId: '{ref}' } },
  'AWS::EC2::Subnet': { ref: 'subnet-{hex17}', attributes: { SubnetId: '{ref}' } },
  'AWS::EC2::VPC': { ref: 'vpc-{hex17}', attributes: { VpcId: '{ref}', DefaultSecurityGroup: 'sg-{hex17}' } },
  'AWS::ECR::Repository': {
    attributes: {
      Arn: arn(`ecr:${here}:repository/{name}`),
      RepositoryUri: '{account}.dkr.ecr.{region}.amazonaws.com/{name}',
    },
  },
  'AWS::ECS::Service': {
    ref: arn(`ecs:${here}:service/{name}`),
    attributes: { ServiceArn: '{ref}', Name: '{name}' },
  },
  'AWS::ECS::TaskDefinition': {
    nameProperty: 'Family',
    ref: arn(`ecs:${here}:task-definition/{name}:1`),
    attributes: { TaskDefinitionArn: '{ref}' },
  },
  'AWS::ElasticLoadBalancingV2::Listener': {
    ref: arn(`elasticloadbalancing:${here}:listener/app/{name}/{hex16}/{hex16}`),
    attributes: { ListenerArn: '{ref}' },
  },
  'AWS::ElasticLoadBalancingV2::ListenerRule': {
    ref: arn(`elasticloadbalancing:${here}:listener-rule/app/{name}/{hex16}/{hex16}/{hex16}`),
    attributes: { RuleArn: '{ref}' },
  },
  'AWS::ElasticLoadBalancingV2::LoadBalancer': {
    ref: arn(`elasticloadbalancing:${here}:loadbalancer/app/{name}/{hex16}`),
    attributes: {
      LoadBalancerArn: '{ref}',
      LoadBalancerName: '{name}',
      LoadBalancerFullName: 'app/{name}/{hex16}',
      DNSName: '{name}-{id10}.{region}.elb.amazonaws.com',
    },
  },
  'AWS::ElasticLoadBalancingV2::TargetGroup': {
    ref: arn(`elasticloadbalancing:${here}:targetgroup/{name}/{hex16}`),
    attributes: {
      TargetGroupArn: '{ref}',
      TargetGroupName: '{name}',
      TargetGroupFullName: 'targetgroup/{name}/{hex16}',
    },
  },
  'AWS::KMS::Alias': { nameProperty: 'AliasName' },
  'AWS::KMS::Key': { ref: '{uuid}', attributes: { Arn: arn(`kms:${here}:key/{ref}`), KeyId: '{ref}' } },
  'AWS::Lambda::CodeSigningConfig': {},
  'AWS::Lambda::EventSourceMapping': { ref: '{uuid}', attributes: { Id: '{ref}' } },
  'AWS::MSK::Cluster': { ref: arn(`kafka:${here}:cluster/{name}/{uuid}-1`), attributes: { Arn: '{ref}' } },
  'AWS::RDS::DBCluster': {
    nameProperty: 'DBClusterIdentifier',
    attributes: { DBClusterArn: arn(`rds:${here}:cluster:{name}`), DBClusterResourceId: 'cluster-{ID26}' },
  },
  'AWS::RDS::DBInstance': {
    nameProperty: 'DBInstanceIdentifier',
    attributes: { DBInstanceArn: arn(`rds:${here}:db:{name}`), DbiResourceId: 'db-{ID26}' },
  },
  'AWS::RDS::DBProxy': {
    nameProperty: 'DBProxyName',
    attributes: { DBProxyArn: arn(`rds:${here}:db-proxy:prx-{hex17}`) },
  },
  'AWS::SageMaker::Endpoint': { ref: arn(`sagemaker:${here}:endpoint/{name}`), attributes: { EndpointName: '{name}' } },
  'AWS::SageMaker::EndpointConfig': {
    ref: arn(`sagemaker:${here}:endpoint-config/{name}`),
    attributes: { EndpointConfigName: '{name}' },
  },
  'AWS::SageMaker::Model': { ref: arn(`sagemaker:${here}:model/{name}`), attributes: { ModelName: '{name}' } },
  'AWS::SNS::Subscription': { ref: arn(`sns:${here}:{name}:{uuid}`), attributes: { Arn: '{ref}' } },
  'AWS::StepFunctions::Activity': {
    ref: arn(`states:${here}:activity:{name}`),
    attributes: { Arn: '{ref}', Name: '{name}' },
  },
  'AWS::Transfer::Server': {
    ref: arn(`transfer:${here}:server/s-{hex17}`),
    attributes: { Arn: '{ref}', ServerId: 's-{hex17}' },
  },
};

/** What says who somebody is, and lets nobody do anything. */
const IDENTITIES = /^AWS::IAM::(AccessKey|InstanceProfile|ServerCertificate|ServiceLinkedRole|VirtualMFADevice)$/;
/** They decide who may invoke, or what a function is, in ways that nobody here knows of. */
const NEVER_INERT = /^AWS::(Lambda|IAM|Organizations|Serverless)::/;

/** Types a deployment accepts without being asked and mentions as types only. */
export const QUIET_TYPES: readonly string[] = Object.keys(QUIET);

/** Whether resources of a type are accepted as doing nothing, unless the deployment is strict. */
export function isInertByDefault(type: string): boolean {
  return Object.hasOwn(QUIET, type) || Object.hasOwn(KNOWN, type) || IDENTITIES.test(type) || !NEVER_INERT.test(type);
}

/** A provider that gives an inert resource its name and attributes. */
export function inertProvider(type: string): ResourceProvider {
  const { nameProperty, ref = '{name}', attributes = {} } = ownMember(QUIET, type) ?? ownMember(KNOWN, type) ?? {};
  const resource = type.split('::').at(-1) ?? '';
  const names = nameProperty === undefined ? [`${resource}Name`, 'Name'] : [nameProperty].filter((name) => name !== '');
  const values = (context: ResourceContext, given: string | undefined): ResourceValues => {
    const name = given ?? context.generateName(63);
    const physicalId = fillPattern(ref, name, context);
    const filled = Object.entries(attributes).map(([key, pattern]) => [
      key,
      fillPattern(pattern.replaceAll('{ref}', physicalId), name, context),
    ]);
    return { physicalId, attributes: Object.fromEntries(filled), hasAnyAttribute: true };
  };
  return {
    type,
    inert: true,
    properties: names,
    replacedBy: names,
    create: (context, properties) => {
      const given = names.map((name) => properties.values[name]).find((value) => typeof value === 'string');
      return values(context, given as string | undefined);
    },
    update: (_context, _properties, { physicalId, attributes: kept }) => ({
      physicalId,
      attributes: kept,
      hasAnyAttribute: true,
    }),
    delete: () => undefined,
  };
}
