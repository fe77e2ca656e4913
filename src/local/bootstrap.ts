/**
 * What `cdk bootstrap` makes in each account and region: a bucket for assets, roles for the CLI, a version. They are played
 * without having been deployed, as the names of the CDK's default synthesizer give them.
 * https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
 */

import type { BucketState } from './bucket-state';
import { bootstrapRole } from './iam/bootstrap-roles';
import type { LocalState, RoleState } from './state';

/** High enough for every version of the CDK. */
export const BOOTSTRAP_VERSION = '30';

/** The bucket of this name: one that a stack or a client made, or that of a bootstrapped account. */
export function findBucket({ buckets }: Pick<LocalState, 'buckets'>, name: string): BucketState | undefined {
  const made = buckets.get(name);
  if (made) return made;
  const [, account, region] = /^cdk-[a-z0-9]{1,10}-assets-(\d{12})-([a-z]{2}(?:-[a-z]+)+-\d)$/.exec(name) ?? [];
  if (account === undefined || region === undefined) return undefined;
  return { bucketName: name, bucketId: name, account, region, createdAt: 0 };
}

/** The role of this ARN: one that a stack defines, or that of a bootstrapped account. */
export function findRole({ roles }: Pick<LocalState, 'roles'>, roleArn: string): RoleState | undefined {
  return roles.get(roleArn) ?? bootstrapRole(roleArn);
}
