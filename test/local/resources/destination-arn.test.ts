import { deploy, stack } from '../engine/engine-fixture';
import { functionResources } from '../engine/write-assembly';

const arn = (service: string, name: string) => `arn:aws:${service}:eu-west-1:111111111111:${name}`;
const [QUEUE, TOPIC, BUS, BUCKET] = [arn('sqs', 'q'), arn('sns', 't'), arn('events', 'event-bus/b'), 'arn:aws:s3:::b'];

/** A function whose events go there. */
const asking = (DestinationConfig: object) =>
  deploy({
    S: stack({
      ...functionResources({ FunctionName: 'chat' }),
      Asks: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: { FunctionName: { Ref: 'Fn' }, Qualifier: '$LATEST', DestinationConfig },
      },
    }),
  });
const dying = (TargetArn: string) =>
  deploy({ S: stack(functionResources({ FunctionName: 'chat', DeadLetterConfig: { TargetArn } })) });

test('records go to queues, topics, functions and event buses, and those of failures to buckets', async () => {
  for (const Destination of [QUEUE, TOPIC, BUS, arn('lambda', 'function:next:live'), ''])
    expect((await asking({ OnSuccess: { Destination }, OnFailure: { Destination } })).stacks).toHaveLength(1);
  expect((await asking({ OnFailure: { Destination: BUCKET } })).stacks).toHaveLength(1);
  for (const Destination of [BUCKET, `${QUEUE}.fifo`, `${TOPIC}.fifo`, arn('dynamodb', 'table/t'), 'my-queue'])
    await expect(asking({ OnSuccess: { Destination } })).rejects.toThrow(
      `The destination ARN ${Destination} is invalid. (Service: Lambda, Status Code: 400)`,
    );
});

test('events that are given up go to a queue or a topic', async () => {
  for (const target of [QUEUE, TOPIC]) expect((await dying(target)).stacks).toHaveLength(1);
  for (const target of [BUS, `${QUEUE}.fifo`, 'my-queue'])
    await expect(dying(target)).rejects.toThrow(`The destination ARN ${target} is invalid.`);
});
