/** Sends what Lambda tells of asynchronous invocations to other services, as the request that an SDK would send for the function's role. */
import { createHash, randomUUID } from 'node:crypto';
import { type SigningKeys, signRequest } from '../http/sign-request';
import type { Authorize } from '../iam/authorize';
import type { Principal } from '../iam/principals';
import type { Delivery } from '../operations/invocation-record';
import type { Services } from './service-route';

export interface DeliveryProps {
  /** Where this target answers. */
  readonly endpoint: () => string;
  readonly services: Services;
  /** Of a session of the role of a function. */
  readonly keysFor: (functionArn: string, roleArn: string) => SigningKeys | undefined;
  /** Who a function is, and what it may. */
  readonly sessionFor: (functionArn: string, roleArn: string) => Principal | undefined;
  readonly authorize: Authorize;
}

interface ServiceMessage {
  /** As in the option `services`. */
  readonly service: string;
  readonly signingName: string;
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Longest wait for a service that is given as an address. */
const PATIENCE_MS = 30_000;

/** @throws where the service refuses, or nobody plays it */
export async function sendDelivery(props: DeliveryProps, delivery: Delivery): Promise<void> {
  const { endpoint, keysFor, services } = props;
  const { functionArn, roleArn } = delivery.sender;
  const keys = keysFor(functionArn, roleArn);
  if (keys === undefined) throw new Error(`its role ${roleArn} is not deployed here`);
  const [, , , region = ''] = delivery.destination.split(':');
  const { body, headers, method, path, service, signingName } = messageFor(delivery);
  const given = services[service];
  const base = typeof given === 'string' ? given.replace(/\/$/, '') : endpoint();
  // A handler of the option is asked by its name, a part of the target by what the request says.
  if (service !== 's3' && service !== 'lambda') requirePermission(props, delivery);
  const url = new URL(typeof given === 'function' ? `${base}/_services/${service}${path}` : `${base}${path}`);
  const bytes = Buffer.from(body);
  const signed = signRequest(
    { method, url: url.pathname + url.search, headers: { ...headers, host: url.host }, body: bytes },
    keys,
    {
      region: region === '' ? (delivery.functionArn.split(':')[3] ?? '') : region,
      service: signingName,
      payloadHash: service === 's3' ? createHash('sha256').update(bytes).digest('hex') : undefined,
    },
  );
  const answer = await fetch(url, { method, headers: signed, body, signal: AbortSignal.timeout(PATIENCE_MS) });
  const said = await answer.text();
  if (!answer.ok) throw new Error(`${service} answered ${answer.status}: ${said.slice(0, 500)}`);
}

/** What the role of a function needs: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
const ACTIONS: Readonly<Record<string, string>> = {
  events: 'events:PutEvents',
  sns: 'sns:Publish',
  sqs: 'sqs:SendMessage',
};

/**
 * Whoever plays a service does not know of IAM.
 * @throws where the role of the function may not send, or the policy of what is sent to does not let in its account
 */
function requirePermission({ authorize, sessionFor }: DeliveryProps, { destination, sender }: Delivery): void {
  const principal = sessionFor(sender.functionArn, sender.roleArn);
  const action = ACTIONS[destination.split(':')[2] ?? ''];
  if (principal === undefined || action === undefined) return;
  const { allowed, message, missing, reason } = authorize({ principal, action, resource: destination });
  if (allowed) return;
  const hint = missing.includes('resource-based')
    ? '; of another account the local target knows AWS::SQS::QueuePolicy and AWS::SNS::TopicPolicy of stacks that are deployed here'
    : '';
  throw new Error(`${message ?? reason}${hint}`);
}

const JSON_1_0 = 'application/x-amz-json-1.0';
const JSON_1_1 = 'application/x-amz-json-1.1';

function messageFor(delivery: Delivery): ServiceMessage {
  const { body, destination } = delivery;
  const [, , service = '', region = '', account = '', ...rest] = destination.split(':');
  const name = rest.join(':');
  const post = { method: 'POST', path: '/', signingName: service } as const;
  switch (service) {
    case 'lambda': {
      const path = `/2015-03-31/functions/${encodeURIComponent(destination)}/invocations`;
      const headers = { 'content-type': 'application/json', 'x-amz-invocation-type': 'Event' };
      return { ...post, service, path, headers, body };
    }
    case 'sqs': {
      const MessageAttributes = messageAttributes(delivery);
      const QueueUrl = `https://sqs.${region}.amazonaws.com/${account}/${name}`;
      const headers = { 'content-type': JSON_1_0, 'x-amz-target': 'AmazonSQS.SendMessage' };
      return { ...post, service, headers, body: JSON.stringify({ QueueUrl, MessageBody: body, ...MessageAttributes }) };
    }
    case 'sns': {
      const parameters = new URLSearchParams({
        Action: 'Publish',
        Version: '2010-03-31',
        TopicArn: destination,
        Message: body,
      });
      Object.entries(delivery.attributes ?? {}).forEach(([attribute, { type, value }], index) => {
        const prefix = `MessageAttributes.entry.${index + 1}`;
        parameters.set(`${prefix}.Name`, attribute);
        parameters.set(`${prefix}.Value.DataType`, type);
        parameters.set(`${prefix}.Value.StringValue`, value);
      });
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      return { ...post, service, headers, body: parameters.toString() };
    }
    case 'events': {
      const entry = {
        Source: 'lambda',
        DetailType: `Lambda Function Invocation Result - ${delivery.isSuccess ? 'Success' : 'Failure'}`,
        Resources: [destination, delivery.functionArn],
        Detail: body,
        EventBusName: destination,
      };
      const headers = { 'content-type': JSON_1_1, 'x-amz-target': 'AWSEvents.PutEvents' };
      return { ...post, service: 'eventbridge', headers, body: JSON.stringify({ Entries: [entry] }) };
    }
    case 's3': {
      const time = new Date().toISOString();
      const day = time.slice(0, 10);
      const object = `${day}T${time.slice(11, 19).replaceAll(':', '.')}-${randomUUID()}`;
      const functionName = delivery.sender.functionArn.split(':').at(-1) ?? '';
      const path = `/${name}/aws/lambda/async/${functionName}/${day.replaceAll('-', '/')}/${object}`;
      return { ...post, service, method: 'PUT', path, headers: { 'content-type': 'application/json' }, body };
    }
    default:
      throw new Error(`Lambda sends to functions, queues, topics, event buses and buckets, got '${destination}'`);
  }
}

function messageAttributes({ attributes }: Delivery): Readonly<Record<string, unknown>> {
  if (attributes === undefined) return {};
  const entries = Object.entries(attributes).map(([name, { type, value }]) => [
    name,
    { DataType: type, StringValue: value },
  ]);
  return { MessageAttributes: Object.fromEntries(entries) };
}
