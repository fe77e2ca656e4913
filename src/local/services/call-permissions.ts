/** What IAM is asked for a call to a service that somebody else plays: whoever plays it knows of no policies. */
import { decodeEscapes } from '../../base/decode-escapes';
import { isObject } from '../../base/is-object';
import type { RequestContext } from '../iam/authorize';
import { ownMember } from '../own-member';
import { queueArn } from '../resources/resource-policies';
import type { TableScope } from './dynamodb-input';
import { dynamoDbPermissions } from './dynamodb-permissions';
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
  eventbridge: eventBridgePermissions,
  sfn: (operation, input) => onEach(`states:${operation}`, arnsOf(input)),
  sns: (operation, input, scope) => {
    // The ARN of a subscription begins with that of its topic.
    const topics = arnsOf(input).map((each) => each.split(':').slice(0, 6).join(':'));
    const name = text(input, 'Name');
    return onEach(`sns:${one(operation)}`, name === undefined ? topics : [...topics, arn('sns', scope, name)]);
  },
  sqs: (operation, input, scope) => {
    const [url, name] = [text(input, 'QueueUrl'), text(input, 'QueueName')];
    const account = text(input, 'QueueOwnerAWSAccountId') ?? scope.account;
    return onEach(`sqs:${one(operation)}`, [
      ...(url === undefined ? [] : [queueOf(url, scope)]),
      ...(name === undefined ? [] : [arn('sqs', { ...scope, account }, name)]),
      ...arnsOf(input),
    ]);
  },
};

/** The permission for many is that for one. */
function one(operation: string): string {
  return operation.replace(/Batch$/, '');
}

/** Of everything that a call names, lest what a service passes over decides; of `*` where it names nothing. */
function onEach(action: string, resources: readonly string[], context?: RequestContext): CallPermission[] {
  const each = resources.length > 0 ? [...new Set(resources)] : ['*'];
  return each.map((resource) => ({ action, resource, ...(context && { context }) }));
}

/** The members of an input that are ARNs. */
function arnsOf(input: ServiceInput): string[] {
  return Object.entries(input).flatMap(([name, value]) =>
    /arn$/i.test(name) && typeof value === 'string' && value.startsWith('arn:') ? [value] : [],
  );
}

/** Emulators and older addresses have other hosts: the account, where there is one, and the name end every address. */
function queueOf(url: string, scope: CallScope): string {
  const known = queueArn(url, scope.partition);
  if (known !== undefined) return known;
  const [name = '', account = ''] = (url.trim().split(/[?#]/)[0] ?? '').split('/').filter(Boolean).reverse();
  const isAccount = /^\d{12}$/.test(account) && !/^0+$/.test(account);
  return arn('sqs', isAccount ? { ...scope, account } : scope, name);
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html */
function eventBridgePermissions(operation: string, input: ServiceInput, scope: CallScope): readonly CallPermission[] {
  const busArn = (bus: string) => (bus.startsWith('arn:') ? bus : arn('events', scope, `event-bus/${bus}`));
  if (operation === 'PutEvents') {
    const entries = (Array.isArray(input['Entries']) ? input['Entries'] : []).filter(isObject);
    const values = (name: string) => entries.flatMap((each) => text(each, name) ?? []);
    return onEach(
      'events:PutEvents',
      entries.map((each) => busArn(text(each, 'EventBusName') ?? 'default')),
      { 'events:source': values('Source'), 'events:detail-type': values('DetailType') },
    );
  }
  const [bus, name, rule] = [text(input, 'EventBusName'), text(input, 'Name'), text(input, 'Rule')];
  const inBus = bus === undefined || bus === 'default' ? '' : `${bus.split('/').at(-1)}/`;
  const isOfBus = operation.endsWith('EventBus');
  const named = rule ?? (isOfBus ? undefined : name);
  return onEach(`events:${operation}`, [
    ...(named === undefined ? [] : [arn('events', scope, `rule/${inBus}${named}`)]),
    ...(isOfBus && name !== undefined ? [busArn(name)] : []),
    ...arnsOf(input),
  ]);
}

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
function bedrockPermissions(path: string, _input: ServiceInput, scope: CallScope): readonly CallPermission[] {
  const [, guardrail] = /^\w+ \/guardrail\/([^/]+)\/version\/[^/]+\/apply$/.exec(path) ?? [];
  if (guardrail !== undefined) {
    return onEach('bedrock:ApplyGuardrail', [arn('bedrock', scope, `guardrail/${decodeEscapes(guardrail)}`)]);
  }
  const [, model, verb = ''] = /^\w+ \/model\/([^/]+)\/([\w-]+)$/.exec(path) ?? [];
  const action = ownMember(BEDROCK_ACTIONS, verb);
  // Another operation, such as one of asynchronous invocations: whoever may invoke every model may ask for it.
  if (model === undefined || action === undefined) return onEach('bedrock:InvokeModel', []);
  const id = decodeEscapes(model);
  return onEach(`bedrock:${action}`, [id.startsWith('arn:') ? id : modelArn(id, scope)]);
}

/** `us.anthropic.claude-…` is a profile across regions, `anthropic.claude-…` a model. */
function modelArn(id: string, scope: CallScope): string {
  if (/^(us|us-gov|eu|apac|jp|au|ca|global)\.\w+\./.test(id)) return arn('bedrock', scope, `inference-profile/${id}`);
  return arn('bedrock', { ...scope, account: '' }, `foundation-model/${id}`);
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
