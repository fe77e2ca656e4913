/** Asynchronous invocations as the CDK configures them: retries, age, destinations and dead letters, at a speed that tests can wait for. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Alias, type FunctionProps } from 'aws-cdk-lib/aws-lambda';
import * as destinations from 'aws-cdk-lib/aws-lambda-destinations';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Duration } from 'aws-cdk-lib/core';
import { type FrontEndApp, frontEndApp } from '../front-ends/front-end-app';

/** So that the waits of one and two minutes are 60 and 120 ms. */
const SPEED = 1_000;

let app: FrontEndApp;
let client: LambdaClient;
const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
const logs: { readonly functionArn: string; readonly requestId: string | undefined; readonly message: string }[] = [];
/** What services were asked, by target or action. */
const asked: { readonly of: string; readonly body: string }[] = [];

function take(request: Request): Promise<Response> {
  const of = request.headers.get('x-amz-target') ?? request.method + new URL(request.url).pathname;
  return request.text().then((body) => {
    asked.push({ of, body });
    return Response.json({});
  });
}

const HANDLER = `async (event, context) => {
  process.stdout.write('run ' + event.id + '\\n');
  process.stdout.write('at ' + event.id + ' ' + Date.now() + '\\n');
  if (event.fails) throw new TypeError('not today');
  return { got: event.id };
}`;

beforeAll(async () => {
  app = await frontEndApp(
    ({ stack, fn }) => {
      const timeout = Duration.minutes(15);
      const told = fn('Told', "async (record) => process.stdout.write('told ' + JSON.stringify(record) + '\\n')", {
        functionName: 'told',
        timeout,
      });
      const queue = new sqs.Queue(stack, 'Queue');
      const named = (functionName: string, props: Partial<FunctionProps>) =>
        fn(functionName, HANDLER, { functionName, timeout, ...props });
      const onFailure = new destinations.LambdaDestination(told);
      const chain = named('chain', { onSuccess: onFailure, onFailure, maxEventAge: Duration.hours(6) });
      new Alias(stack, 'Own', { aliasName: 'own', version: chain.currentVersion, retryAttempts: 0, onFailure });
      named('queue', { onFailure: new destinations.SqsDestination(queue), retryAttempts: 0, deadLetterQueue: queue });
      named('topic', {
        onFailure: new destinations.SnsDestination(new sns.Topic(stack, 'Topic')),
        retryAttempts: 1,
        deadLetterTopic: new sns.Topic(stack, 'Dead'),
      });
      named('bus', { onSuccess: new destinations.EventBridgeDestination(new events.EventBus(stack, 'Bus')) });
      named('bucket', { onFailure: new destinations.S3Destination(new s3.Bucket(stack, 'Bucket')), retryAttempts: 0 });
      named('old', { onFailure, maxEventAge: Duration.minutes(2) });
      named('off', { onFailure, reservedConcurrentExecutions: 0 });
      named('alone', {});
      const role = new iam.Role(stack, 'Bare', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
      named('denied', { onSuccess: onFailure, role: role.withoutPolicyUpdates() });
    },
    {
      clock: { speed: SPEED },
      onLog: (record) => logs.push(record),
      services: { sqs: take, eventbridge: take },
    },
  );
  client = new LambdaClient({ ...app.local.clientConfig({ as: 'arn:aws:iam::111111111111:root' }), maxAttempts: 1 });
});
afterAll(async () => {
  client.destroy();
  await app.stop();
  warnings.mockRestore();
});

async function invoke(FunctionName: string, event: object) {
  const Payload = Buffer.from(JSON.stringify(event));
  const { StatusCode, Payload: body } = await client.send(
    new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }),
  );
  expect([StatusCode, body?.length ?? 0]).toEqual([202, 0]);
}

/** Waits until it gives something. */
async function until<T>(what: () => T | undefined): Promise<T> {
  for (;;) {
    const found = what();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
const runsOf = (id: string) => logs.filter(({ message }) => message === `run ${id}`);
const recordOf = (id: string) =>
  until(() => {
    const line = logs.find(({ message }) => message.startsWith('told ') && message.includes(`"id":"${id}"`));
    return line && JSON.parse(line.message.slice(5));
  });

test('a success and an event that failed three times are told to a function', async () => {
  await Promise.all([invoke('chain', { id: 'good' }), invoke('chain', { id: 'bad', fails: true })]);
  expect(await recordOf('good')).toMatchObject({
    version: '1.0',
    requestContext: {
      functionArn: 'arn:aws:lambda:eu-west-1:111111111111:function:chain:$LATEST',
      condition: 'Success',
      approximateInvokeCount: 1,
    },
    requestPayload: { id: 'good' },
    responseContext: { statusCode: 200, executedVersion: '$LATEST' },
    responsePayload: { got: 'good' },
  });
  const { requestContext, responseContext, responsePayload } = await recordOf('bad');
  expect(requestContext).toMatchObject({ condition: 'RetriesExhausted', approximateInvokeCount: 3 });
  expect(responseContext).toMatchObject({ statusCode: 200, functionError: 'Unhandled' });
  expect(responsePayload).toMatchObject({ errorType: 'TypeError', errorMessage: 'not today' });
  const times = logs.map(({ message }) => Number(/^at bad (\d+)$/.exec(message)?.[1])).filter(Number.isFinite);
  const [first = 0, second = 0, third = 0] = times;
  // A minute and two; timers may be a millisecond early.
  expect(second - first).toBeGreaterThanOrEqual(60_000 / SPEED - 2);
  expect(third - second).toBeGreaterThanOrEqual(120_000 / SPEED - 2);
  expect(new Set(runsOf('bad').map(({ requestId }) => requestId))).toEqual(new Set([requestContext.requestId]));
});

test('an alias has a configuration of its own', async () => {
  await invoke('chain:own', { id: 'aliased', fails: true });
  expect((await recordOf('aliased')).requestContext).toMatchObject({
    functionArn: 'arn:aws:lambda:eu-west-1:111111111111:function:chain:own',
    approximateInvokeCount: 1,
  });
});

test('an event that is too old is tried no more, and a function that is off is not tried at all', async () => {
  await Promise.all([invoke('old', { id: 'aged', fails: true }), invoke('off', { id: 'never' })]);
  expect((await recordOf('aged')).requestContext).toMatchObject({ condition: 'EventAgeExceeded' });
  expect(runsOf('aged').length).toBeLessThan(3);
  expect((await recordOf('never')).requestContext).toMatchObject({ approximateInvokeCount: 0 });
});

test('queues and event buses get messages as an SDK would send them, and buckets objects', async () => {
  await Promise.all([
    invoke('queue', { id: 'q', fails: true }),
    invoke('bus', { id: 'b' }),
    invoke('bucket', { id: 's', fails: true }),
  ]);
  const [record, letter] = await until(() => {
    const sent = asked.filter(({ of }) => of === 'AmazonSQS.SendMessage').map(({ body }) => JSON.parse(body));
    return sent.length === 2 ? sent : undefined;
  });
  expect(record.QueueUrl).toMatch(/^https:\/\/sqs\.eu-west-1\.amazonaws\.com\/111111111111\/./);
  expect(JSON.parse(record.MessageBody).requestContext).toMatchObject({ condition: 'RetriesExhausted' });
  expect(letter).toMatchObject({
    MessageBody: '{"id":"q","fails":true}',
    MessageAttributes: {
      RequestID: { DataType: 'String' },
      ErrorCode: { DataType: 'Number', StringValue: '200' },
      ErrorMessage: { DataType: 'String', StringValue: 'not today' },
    },
  });
  const { body } = await until(() => asked.find(({ of }) => of === 'AWSEvents.PutEvents'));
  expect(JSON.parse(body).Entries).toMatchObject([
    {
      Source: 'lambda',
      DetailType: 'Lambda Function Invocation Result - Success',
      Detail: expect.stringContaining('"b"'),
    },
  ]);
});

test('what nobody takes is in the log, and the process is warned', async () => {
  await Promise.all([
    invoke('topic', { id: 't', fails: true }),
    invoke('denied', { id: 'd' }),
    invoke('alone', { id: 'a', fails: true }),
  ]);
  const logged = (text: string) => until(() => logs.find(({ message }) => message.includes(text)));
  expect((await logged('could not send the record of an asynchronous invocation of topic')).message).toMatch(
    /to arn:aws:sns:.*: sns answered 400: .*startLocal\(\{ services.*; it was \{"version"/s,
  );
  expect((await logged('could not send the record of an asynchronous invocation of denied')).message).toContain(
    'is not authorized',
  );
  await logged('The event is discarded (RetriesExhausted); the function has no destination for it');
  const said = warnings.mock.calls.map(([text]) => String(text));
  expect(said.filter((text) => text.includes('of topic to arn:aws:sns:')).length).toBeGreaterThan(0);
});

test('stop() ends while events wait for another attempt, and says what it drops', async () => {
  const other = await frontEndApp(({ fn }) => fn('Fails', HANDLER, { functionName: 'fails' }), {
    onLog: (record) => logs.push(record),
  });
  const root = new LambdaClient(other.local.clientConfig({ as: 'arn:aws:iam::111111111111:root' }));
  const Payload = Buffer.from('{"id":"waits","fails":true}');
  await root.send(new InvokeCommand({ FunctionName: 'fails', InvocationType: 'Event', Payload }));
  await until(() =>
    logs.find(({ functionArn, message }) => functionArn.endsWith(':fails') && message.startsWith('REPORT')),
  );
  root.destroy();
  await other.stop();
  expect(warnings).toHaveBeenCalledWith(
    'stop() of the local target dropped 1 asynchronous invocation(s) that were not done, of fails',
  );
});
