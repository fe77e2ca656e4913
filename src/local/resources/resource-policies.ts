/**
 * The policies of queues, topics and secrets: whom they let in, of their own account and of others.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
 */
import { requirePrincipals } from './principal-check';
import type { Properties } from './properties';
import type { PreviousResource, ResourceContext, ResourceProvider } from './provider';

interface PolicyKind {
  readonly type: string;
  /** Properties of the document and of what it belongs to. */
  readonly document: string;
  readonly owners: string;
  readonly withoutEffect?: readonly string[];
  /** That sets the policy. */
  readonly action: string;
}

const KINDS: readonly PolicyKind[] = [
  {
    type: 'AWS::SecretsManager::ResourcePolicy',
    document: 'ResourcePolicy',
    owners: 'SecretId',
    withoutEffect: ['BlockPublicPolicy'],
    action: 'secretsmanager:PutResourcePolicy',
  },
  { type: 'AWS::SNS::TopicPolicy', document: 'PolicyDocument', owners: 'Topics', action: 'sns:SetTopicAttributes' },
  { type: 'AWS::SQS::QueuePolicy', document: 'PolicyDocument', owners: 'Queues', action: 'sqs:SetQueueAttributes' },
];

export const resourcePolicies: readonly ResourceProvider[] = KINDS.map((kind) => ({
  type: kind.type,
  properties: [kind.document, kind.owners],
  ...(kind.withoutEffect && { withoutEffect: kind.withoutEffect }),
  replacedBy: kind.owners === 'SecretId' ? ['SecretId'] : [],
  create: (context, properties) => {
    put(kind, context, properties);
    return { physicalId: context.generateName(64), attributes: {} };
  },
  update: (context, properties, previous) => {
    remove(kind, context, previous);
    put(kind, context, properties);
    return { physicalId: previous.physicalId, attributes: {} };
  },
  delete: (context, previous) => remove(kind, context, previous),
}));

/** What sets the policy of a type, and of which resources; undefined for other types. */
export function policySetting(context: ResourceContext, type: string, properties: Properties) {
  const kind = KINDS.find((each) => each.type === type);
  return kind && { action: kind.action, owners: ownersOf(kind, context, properties) };
}

function put(kind: PolicyKind, context: ResourceContext, properties: Properties): void {
  const document = properties.policyDocument(kind.document, 'resource');
  requirePrincipals(context, document);
  for (const arn of ownersOf(kind, context, properties)) {
    context.requireAccess(kind.action, arn);
    context.state.resourcePolicies.set(arn, document);
  }
}

function remove(kind: PolicyKind, { state, ...context }: ResourceContext, { properties }: PreviousResource): void {
  for (const arn of ownersOf(kind, { state, ...context }, properties)) state.resourcePolicies.delete(arn);
}

/** ARNs, of queues from their URLs. */
function ownersOf({ owners }: PolicyKind, { partition }: ResourceContext, properties: Properties): readonly string[] {
  if (owners === 'SecretId') return [properties.text(owners)];
  return properties.texts(owners).map((given) => queueArn(given, partition) ?? given);
}

/** `https://sqs.<region>.amazonaws.com/<account>/<name>`; undefined for anything else. */
export function queueArn(url: string, partition = 'aws'): string | undefined {
  const [, region, account, name] = /^https?:\/\/sqs\.([a-z0-9-]+)\.[^/]+\/(\d{12})\/([\w.-]+)$/.exec(url) ?? [];
  return name === undefined ? undefined : `arn:${partition}:sqs:${region}:${account}:${name}`;
}
