import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Bucket, EventType } from 'aws-cdk-lib/aws-s3';
import { LambdaDestination, SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Stack } from 'aws-cdk-lib/core';
import { A, engine } from '../engine/engine-fixture';
import { temporaryFolder } from '../engine/write-assembly';

test('a bucket that tells a queue deploys, and says that it tells none, unless the deployment is strict', async () => {
  const app = new App({ outdir: temporaryFolder() });
  const stack = new Stack(app, 'S', { env: A });
  const code = lambda.Code.fromInline('exports.handler = async () => 1;');
  const fn = new lambda.Function(stack, 'Fn', { runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code });
  new Bucket(stack, 'Played').addEventNotification(EventType.OBJECT_CREATED, new LambdaDestination(fn));
  const queue = new SqsDestination(new Queue(stack, 'Queue'));
  new Bucket(stack, 'Bucket').addEventNotification(EventType.OBJECT_CREATED, queue);
  const { directory } = app.synth();
  await expect(engine.deploy(directory, { strict: true })).rejects.toThrow('and no queue, topic or event bus');
  const told =
    /^1 custom resource does nothing here \(S\/BucketNotifications\w+\): buckets of stacks tell functions of their objects here, and no queue, topic or event bus$/;
  for (let time = 0; time < 2; time += 1) {
    expect((await engine.deploy(directory)).warnings).toEqual([expect.stringMatching(told)]);
  }
});
