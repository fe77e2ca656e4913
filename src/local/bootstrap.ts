/**
 * What `cdk bootstrap` makes in each account and region: a bucket for assets, roles for the CLI, a version. They are played
 * without having been deployed, as the names of the CDK's default synthesizer give them.
 * https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
 */

import type { BucketState, LocalState, PolicyDocument, RoleState } from './state';

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

/** What each kind of role may do, as far as it matters here. */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  'cfn-exec': ['*'],
  deploy: [
    'cloudformation:*',
    's3:*',
    'kms:*',
    'iam:PassRole',
    'ssm:GetParameter',
    'ssm:GetParameters',
    'sts:GetCallerIdentity',
  ],
  'file-publishing': ['s3:*', 'kms:*'],
  'image-publishing': ['ecr:*'],
  lookup: ['*'],
};

/** The role of this ARN: one that a stack defines, or that of a bootstrapped account. */
export function findRole({ roles }: Pick<LocalState, 'roles'>, roleArn: string): RoleState | undefined {
  return roles.get(roleArn) ?? bootstrapRole(roleArn);
}

/** As `cdk bootstrap` makes it without options: its own account may assume it. */
function bootstrapRole(roleArn: string): RoleState | undefined {
  const [, account = '', roleName = '', kind = ''] =
    /^arn:[^:]+:iam::(\d{12}):role\/(cdk-[a-z0-9]{1,10}-(cfn-exec|deploy|file-publishing|image-publishing|lookup)-role-\1-[a-z0-9-]+)$/.exec(
      roleArn,
    ) ?? [];
  const Action = ROLES[kind];
  if (Action === undefined) return undefined;
  const policy: PolicyDocument = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] };
  const AWS = `arn:aws:iam::${account}:root`;
  return {
    roleArn,
    account,
    roleName,
    roleId: `AROA${roleName.toUpperCase().replace(/[^A-Z2-7]/g, '')}`.slice(0, 21),
    trustPolicy: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' }],
    },
    policies: new Map([['Bootstrap', policy]]),
    maxSessionSeconds: 3_600,
  };
}
