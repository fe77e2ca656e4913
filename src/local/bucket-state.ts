/** What is known of a bucket of S3. Plain, immutable data: a change makes a new object. */

import type { PolicyDocument } from './policy-document';

export interface PublicAccessBlock {
  /** Policies that let everybody in are refused. */
  readonly publicPolicy: boolean;
  /** Under such a policy only the bucket's own account gets in, and services of AWS. */
  readonly publicBuckets: boolean;
}

/** A bucket of S3. Its objects are no part of the state. */
export interface BucketState {
  readonly bucketName: string;
  /** By which its objects are known: one that is made anew under an old name has none. */
  readonly bucketId: string;
  readonly account: string;
  readonly region: string;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
  /** The bucket policy. */
  readonly policy?: PolicyDocument;
  /** What S3 Block Public Access keeps off. @default - nothing: there is no policy either */
  readonly blocks?: PublicAccessBlock;
  readonly website?: BucketWebsite | undefined;
  /** Whom it tells of its objects, by the resource that says so. @default - nobody */
  readonly notifications?: ReadonlyMap<string, readonly BucketNotification[]>;
}

/** Pages for whoever asks its website endpoint. */
export interface BucketWebsite {
  /** For a path that ends in a slash. */
  readonly indexDocument: string;
  readonly errorDocument: string | undefined;
  /** Where every request is sent instead. */
  readonly redirectTo: { readonly hostName: string; readonly protocol: string } | undefined;
  /** Requests are refused with what it is. */
  readonly unplayed: string | undefined;
}

/** Calls a function for some changes of some objects. */
export interface BucketNotification {
  readonly id: string;
  /** `s3:ObjectCreated:*`, `s3:ObjectRemoved:Delete`, … */
  readonly events: readonly string[];
  /** Qualified where it names an alias or a version. */
  readonly functionArn: string;
  /** Of the key. */
  readonly prefix: string;
  readonly suffix: string;
}
