/**
 * Which functions a bucket tells of its objects, as a template says it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
 */

import type { BucketNotification, BucketState } from '../bucket-state';
import { systemClock } from '../clock';
import { type AuthorizationRequest, createAuthorize } from '../iam/authorize';
import { refusalReason } from '../iam/explain';
import type { LocalState } from '../state';
import type { Properties } from './properties';
import type { ResourceContext } from './provider';

/** How the properties are called: CloudFormation has its own names, the API of S3 others. */
interface Names {
  readonly lambda: string;
  readonly others: readonly string[];
  readonly functionArn: string;
  readonly filter: string;
  readonly rules: string;
}

export const CLOUDFORMATION_NAMES: Names = {
  lambda: 'LambdaConfigurations',
  others: ['EventBridgeConfiguration', 'QueueConfigurations', 'TopicConfigurations'],
  functionArn: 'Function',
  filter: 'S3Key',
  rules: 'Rules',
};
export const API_NAMES: Names = {
  lambda: 'LambdaFunctionConfigurations',
  others: CLOUDFORMATION_NAMES.others,
  functionArn: 'LambdaFunctionArn',
  filter: 'Key',
  rules: 'FilterRules',
};

/** What a `NotificationConfiguration` has that no function is told of. */
export function otherDestinations(configuration: Properties, { others }: Names): readonly string[] {
  // A list without members names nobody.
  return others.filter((name) => ![undefined, '[]'].includes(JSON.stringify(configuration.values[name])));
}

/** @returns those whose function is deployed here; of the others a warning is given */
export function readNotifications(
  context: ResourceContext,
  configuration: Properties,
  { filter, functionArn, lambda, rules }: Names,
): readonly BucketNotification[] {
  const read = configuration.items(lambda).map((each) => {
    const ofName = (name: string) =>
      each
        .optionalObject('Filter')
        ?.optionalObject(filter)
        ?.items(rules)
        .find((rule) => rule.text('Name').toLowerCase() === name)
        ?.text('Value') ?? '';
    return {
      id: each.optionalText('Id') ?? context.generateName(64),
      events: each.has('Event') ? [each.text('Event')] : each.texts('Events'),
      functionArn: each.text(functionArn),
      prefix: ofName('prefix'),
      suffix: ofName('suffix'),
    };
  });
  return read.filter((each) => {
    const isHere = context.state.functions.has(each.functionArn.split(':').slice(0, 7).join(':'));
    if (!isHere) context.warn(`the bucket tells nobody of its objects: no stack defines ${each.functionArn}`);
    return isHere;
  });
}

/**
 * Puts the notifications of one resource in the place of those that it had.
 * @throws an Error where S3 may not call a function, as S3 checks it when they are stored
 */
export function putNotifications(
  context: ResourceContext,
  bucketName: string,
  owner: string,
  notifications: readonly BucketNotification[],
): void {
  const { state } = context;
  const bucket = state.buckets.get(bucketName);
  if (bucket === undefined) throw new Error(`The specified bucket does not exist: ${bucketName}`);
  if (notifications.length > 0)
    context.requireAccess('s3:PutBucketNotification', `arn:${context.partition}:s3:::${bucketName}`);
  const authorize = createAuthorize(state, systemClock);
  for (const { functionArn } of notifications) {
    const decision = authorize(notificationQuestion(bucket, functionArn));
    if (decision.allowed) continue;
    throw new Error(
      `Unable to validate the following destination configurations: ${functionArn}: ${refusalReason(decision)}`,
    );
  }
  const others = [...(bucket.notifications ?? [])].filter(([each]) => each !== owner);
  const own = notifications.length === 0 ? [] : [[owner, notifications] as const];
  state.buckets.set(bucketName, { ...bucket, notifications: new Map([...others, ...own]) });
}

/** What IAM is asked before S3 calls a function. */
export function notificationQuestion(
  { account, bucketName }: BucketState,
  functionArn: string,
): Pick<AuthorizationRequest, 'action' | 'context' | 'principal' | 'resource'> {
  const [, partition = 'aws'] = functionArn.split(':');
  return {
    principal: { kind: 'service', service: 's3.amazonaws.com' },
    action: 'lambda:InvokeFunction',
    resource: functionArn,
    context: { 'aws:SourceArn': `arn:${partition}:s3:::${bucketName}`, 'aws:SourceAccount': account },
  };
}

/** Those that want to know of a change, such as `ObjectCreated:Put`. */
export function notificationsFor(
  state: LocalState,
  bucketName: string,
  eventName: string,
  key: string,
): readonly BucketNotification[] {
  const all = [...(state.buckets.get(bucketName)?.notifications?.values() ?? [])].flat();
  const [family = ''] = eventName.split(':');
  const wanted = [`s3:${eventName}`, `s3:${family}:*`];
  return all.filter(
    ({ events, prefix, suffix }) =>
      events.some((event) => wanted.includes(event)) && key.startsWith(prefix) && key.endsWith(suffix),
  );
}
