/**
 * Calls functions when objects have come and gone, as `s3.amazonaws.com` and asynchronously.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */

import { randomUUID } from 'node:crypto';
import { findBucket } from '../../bootstrap';
import type { BucketNotification, BucketState } from '../../bucket-state';
import { systemClock } from '../../clock';
import type { Authorize } from '../../iam/authorize';
import { callerIdentity, uniqueId } from '../../iam/caller-identity';
import { refusalReason } from '../../iam/explain';
import type { Principal } from '../../iam/principals';
import type { Journal } from '../../journal/journal';
import type { AsyncQueue } from '../../operations/async-queue';
import { functionReference, resolveVersion } from '../../operations/function-reference';
import { notificationQuestion, notificationsFor } from '../../resources/bucket-destinations';
import type { EnvironmentPool } from '../../runtime/environment-pool';
import type { LocalState } from '../../state';
import type { StoredObject } from './object-store';

export interface BucketNotifierProps {
  readonly state: LocalState;
  readonly authorize: Authorize;
  readonly queue: AsyncQueue;
  readonly pool: EnvironmentPool;
  readonly journal: Journal | undefined;
}

/** A change of an object that somebody has made by a request. */
export interface ObjectChange {
  readonly eventName: ObjectEvent;
  readonly bucket: string;
  readonly key: string;
  /** What is there now; undefined where nothing is. */
  readonly object: StoredObject | undefined;
  readonly by: Principal;
  readonly sourceIp: string;
}

export type ObjectEvent =
  | 'ObjectCreated:CompleteMultipartUpload'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:Put'
  | 'ObjectRemoved:Delete';

export class BucketNotifier {
  /** Of two changes the later one has the greater. */
  private sequence = 0n;

  public constructor(private readonly props: BucketNotifierProps) {}

  /** Begins the calls; nobody waits for them. */
  public tell(change: ObjectChange): void {
    const { state } = this.props;
    const bucket = findBucket(state, change.bucket);
    if (bucket === undefined) return;
    this.sequence += 1n;
    for (const each of notificationsFor(state, change.bucket, change.eventName, change.key)) {
      this.call(bucket, each, change);
    }
  }

  private call(bucket: BucketState, notification: BucketNotification, change: ObjectChange): void {
    const { authorize, journal, pool, queue, state } = this.props;
    const { functionArn } = notification;
    const [, , , region = '', account = ''] = functionArn.split(':');
    const named = functionReference(functionArn, undefined, { region, account });
    // The function may be gone since the bucket was told of it.
    if (!state.functions.has(named.functionArn)) return;
    const requestId = randomUUID();
    const decision = authorize(notificationQuestion(bucket, functionArn));
    if (!decision.allowed) {
      const message = `S3 did not call this function for ${change.bucket}/${change.key}: ${refusalReason(decision)}`;
      pool.log(named.functionArn, resolveVersion(state, named, Math.random), requestId, message);
      return;
    }
    journal?.invoking(requestId, functionArn, { by: 'S3', what: change.eventName });
    const payload = Buffer.from(JSON.stringify({ Records: [this.record(bucket, notification, change)] }));
    queue.accept(named, { requestId, payload, invokedFunctionArn: functionArn });
  }

  private record(bucket: BucketState, { functionArn, id }: BucketNotification, change: ObjectChange): object {
    const { by, eventName, key, object, sourceIp } = change;
    const [, partition = 'aws'] = functionArn.split(':');
    const principalId = uniqueId(by, callerIdentity(this.props.state, by));
    return {
      eventVersion: '2.5',
      eventSource: 'aws:s3',
      awsRegion: bucket.region,
      eventTime: new Date(systemClock.now()).toISOString(),
      eventName,
      userIdentity: { principalId: principalId === undefined ? 'Anonymous' : `AWS:${principalId}` },
      requestParameters: { sourceIPAddress: sourceIp },
      responseElements: { 'x-amz-request-id': randomUUID(), 'x-amz-id-2': randomUUID() },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: id,
        bucket: {
          name: bucket.bucketName,
          ownerIdentity: { principalId: bucket.account },
          arn: `arn:${partition}:s3:::${bucket.bucketName}`,
        },
        object: {
          key: encodedKey(key),
          ...(object && { size: object.size, eTag: object.etag }),
          sequencer: this.sequence.toString(16).toUpperCase().padStart(18, '0'),
        },
      },
    };
  }
}

/** As in a form: `red flower.jpg` is `red+flower.jpg`; slashes stay. */
function encodedKey(key: string): string {
  return new URLSearchParams({ key }).toString().slice('key='.length).replaceAll('%2F', '/');
}
