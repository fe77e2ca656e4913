/**
 * Lambda reads code from buckets of its own region alone.
 * https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-deployment.html
 */
import { findBucket } from './bootstrap';
import type { LocalState } from './state';

/** Why a function or layer of `region` cannot have its code from a bucket, in AWS's words; undefined where it can. */
export function codeBucketProblem(state: LocalState, bucketName: string, region: string): string | undefined {
  const bucket = findBucket(state, bucketName);
  if (bucket === undefined || bucket.region === region) return undefined;
  return (
    'Error occurred while GetObject. S3 Error Code: PermanentRedirect. S3 Error Message: The bucket is in this region: ' +
    `${bucket.region}. Please use this region to retry the request`
  );
}
