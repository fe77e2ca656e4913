/**
 * What a call needs that a handler of the option `services` answers: whoever plays a service does not know of IAM. Of calls
 * that say in a member what they are about, as those to queues, topics and tables do; others are the handler's own business.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
import { isObject } from '../../base/is-object';
import { type Principal, principalAccount, principalName } from '../iam/principals';
import { queueArn } from '../resources/resource-policies';
import type { ServiceCall, ServiceRequest } from './service-call';

export interface NamedPermission {
  readonly action: string;
  readonly resource: string;
}

type Named = 'sqs' | 'sns' | 'dynamodb';

/** Whether calls to a service say what they are about. @param service as in the option `services` */
export function saysWhatItNeeds(service: string): service is Named {
  return service === 'sqs' || service === 'sns' || service === 'dynamodb';
}

/** Undefined where the call does not say it. */
export function namedPermission(
  { operation, protocol, service }: ServiceCall,
  { body }: Pick<ServiceRequest, 'body'>,
  caller: Principal,
  region: string,
): NamedPermission | undefined {
  if (!saysWhatItNeeds(service)) return undefined;
  const resource = resourceOf(service, membersOf(protocol, body), caller, region);
  // The permission for many is that for one.
  const action = `${service}:${service === 'dynamodb' ? operation : operation.replace(/Batch$/, '')}`;
  return resource === undefined ? undefined : { action, resource };
}

function resourceOf(
  service: Named,
  { QueueUrl, TableName, TopicArn }: Readonly<Record<string, unknown>>,
  caller: Principal,
  region: string,
): string | undefined {
  if (service === 'sns') return typeof TopicArn === 'string' ? TopicArn : undefined;
  const partition = principalName(caller).split(':')[1] ?? 'aws';
  if (service === 'sqs') return typeof QueueUrl === 'string' ? queueArn(QueueUrl, partition) : undefined;
  if (typeof TableName !== 'string') return undefined;
  return TableName.startsWith('arn:')
    ? TableName
    : `arn:${partition}:dynamodb:${region}:${principalAccount(caller) ?? ''}:table/${TableName}`;
}

function membersOf(protocol: ServiceCall['protocol'], body: Buffer): Readonly<Record<string, unknown>> {
  const text = body.toString('utf8');
  if (protocol === 'query') return Object.fromEntries(new URLSearchParams(text));
  try {
    const members: unknown = JSON.parse(text);
    return isObject(members) ? members : {};
  } catch {
    // Whoever plays the service says what is wrong with it.
    return {};
  }
}
