/** What IAM is asked for a call to a service that somebody else plays: whoever plays it knows of no policies. */
import { isObject } from '../../base/is-object';
import { queueArn } from '../resources/resource-policies';
import { dynamoDbPermissions, type TableScope } from './dynamodb-permissions';
import type { ServiceCall } from './service-call';
import type { CallPermission, ServiceInput } from './service-operation';

/** Where a call is made. */
export interface CallScope extends TableScope {
  readonly account: string;
  readonly partition: string;
  readonly region: string;
}

type Namer = (operation: string, input: ServiceInput, scope: CallScope) => readonly CallPermission[];

/** By the name of the service in the option `services`. */
const NAMERS: Readonly<Record<string, Namer>> = {
  'bedrock-runtime': bedrockPermissions,
  dynamodb: dynamoDbPermissions,
  eventbridge: (operation, { Entries: entries }, scope) => {
    if (operation !== 'PutEvents') return [{ action: `events:${operation}`, resource: '*' }];
    const buses = (Array.isArray(entries) ? entries : []).map((each) => text(each, 'EventBusName') ?? 'default');
    return [...new Set(buses)].map((bus) => ({
      action: 'events:PutEvents',
      resource: bus.startsWith('arn:') ? bus : arn('events', scope, `event-bus/${bus}`),
    }));
  },
  sfn: (operation, input) => [
    {
      action: `states:${operation}`,
      resource: text(input, 'stateMachineArn') ?? text(input, 'executionArn') ?? text(input, 'activityArn') ?? '*',
    },
  ],
  sns: (operation, input) => [
    {
      action: `sns:${operation.replace(/Batch$/, '')}`,
      resource: text(input, 'TopicArn') ?? text(input, 'TargetArn') ?? text(input, 'ResourceArn') ?? '*',
    },
  ],
  sqs: (operation, input, scope) => {
    const [url, name] = [text(input, 'QueueUrl'), text(input, 'QueueName')];
    const named = url === undefined ? name && arn('sqs', scope, name) : queueArn(url, scope.partition);
    return [{ action: `sqs:${operation.replace(/Batch$/, '')}`, resource: named ?? '*' }];
  },
};

/** Whether what a caller of the service asks for can be named to IAM. */
export function isNameable(service: string): boolean {
  return Object.hasOwn(NAMERS, service);
}

/** Undefined for a service whose calls nobody here can name. */
export function callPermissions(
  { operation, service }: ServiceCall,
  input: ServiceInput,
  scope: CallScope,
): readonly CallPermission[] | undefined {
  return isNameable(service) ? NAMERS[service]?.(operation, input, scope) : undefined;
}

const BEDROCK_ACTIONS: Readonly<Record<string, string>> = {
  converse: 'InvokeModel',
  'converse-stream': 'InvokeModelWithResponseStream',
  'count-tokens': 'CountTokens',
  invoke: 'InvokeModel',
  'invoke-with-bidirectional-stream': 'InvokeModelWithBidirectionalStream',
  'invoke-with-response-stream': 'InvokeModelWithResponseStream',
};

/**
 * Of an inference profile only the profile is asked for: which regions it leads to, whose models AWS asks for as well, is not known here.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
 */
function bedrockPermissions(operation: string, _input: ServiceInput, scope: CallScope): readonly CallPermission[] {
  const [, model, verb = ''] = /\/model\/([^/]+)\/([\w-]+)/.exec(operation) ?? [];
  const action = BEDROCK_ACTIONS[verb];
  if (model === undefined || action === undefined) return [];
  const id = decoded(model);
  return [{ action: `bedrock:${action}`, resource: id.startsWith('arn:') ? id : modelArn(id, scope) }];
}

/** `us.anthropic.claude-…` is a profile across regions, `anthropic.claude-…` a model. */
function modelArn(id: string, scope: CallScope): string {
  if (/^(us|us-gov|eu|apac|jp|au|ca|global)\.\w+\./.test(id)) return arn('bedrock', scope, `inference-profile/${id}`);
  return arn('bedrock', { ...scope, account: '' }, `foundation-model/${id}`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not an encoding: it names no model under any policy.
    return text;
  }
}

function arn(
  service: string,
  { account, partition, region }: Pick<CallScope, 'account' | 'partition' | 'region'>,
  resource: string,
): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}

function text(value: unknown, name: string): string | undefined {
  const found = isObject(value) ? value[name] : undefined;
  return typeof found === 'string' ? found : undefined;
}
