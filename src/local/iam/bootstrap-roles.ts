/**
 * The roles that `cdk bootstrap` makes when it is given no options, with the policies of its template:
 * https://github.com/aws/aws-cdk-cli/blob/main/packages/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml
 */
import type { PolicyDocument, PolicyStatement, RoleState } from '../state';
import { managedPolicyDocument } from './aws-managed-policies';

interface Bootstrapped {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  readonly qualifier: string;
}

const KINDS = ['cfn-exec', 'deploy', 'file-publishing', 'image-publishing', 'lookup'] as const;

/** What a kind of role has: AWS managed policies by name, and statements of its own. */
interface Permissions {
  readonly managed?: string;
  readonly statements?: readonly PolicyStatement[];
}

const allow = (
  Action: string | readonly string[],
  Resource: PolicyStatement['Resource'],
  Condition?: PolicyStatement['Condition'],
) => ({
  Effect: 'Allow' as const,
  Action,
  Resource,
  ...(Condition && { Condition }),
});

const READ_OBJECTS = ['s3:GetObject*', 's3:GetBucket*', 's3:List*'];
const WRITE_OBJECTS = ['s3:DeleteObject*', 's3:PutObject*', 's3:Abort*'];
const USE_KEY = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'];

/** As `cdk bootstrap` makes it; undefined for the ARN of any other role. */
export function bootstrapRole(roleArn: string): RoleState | undefined {
  const [, partition = '', account = '', roleName = '', qualifier = '', name = '', region = ''] =
    /^arn:([^:]+):iam::(\d{12}):role\/(cdk-([a-z0-9]{1,10})-([a-z-]+)-role-\2-([a-z]{2}(?:-[a-z]+)+-\d))$/.exec(
      roleArn,
    ) ?? [];
  const kind = KINDS.find((each) => each === name);
  if (kind === undefined) return undefined;
  const permissions = permissionsOf(kind, { partition, account, region, qualifier });
  return {
    roleArn,
    account,
    roleName,
    roleId: `AROA${roleName.toUpperCase().replace(/[^A-Z2-7]/g, '')}`.slice(0, 21),
    trustPolicy: { Version: '2012-10-17', Statement: [trust(kind, account)] },
    policies: policiesOf(permissions),
    maxSessionSeconds: 3_600,
  };
}

/** CloudFormation alone acts in the execution role; the others are assumed by the account, without an external id. */
function trust(kind: (typeof KINDS)[number], AWS: string): PolicyStatement {
  const Action = 'sts:AssumeRole';
  return kind === 'cfn-exec'
    ? { Effect: 'Allow', Principal: { Service: 'cloudformation.amazonaws.com' }, Action }
    : {
        Effect: 'Allow',
        Principal: { AWS },
        Action: [Action, 'sts:TagSession'],
        Condition: { Null: { 'sts:ExternalId': 'true' } },
      };
}

function policiesOf({ managed, statements }: Permissions): Map<string, PolicyDocument> {
  const policies = new Map<string, PolicyDocument>();
  const arn = `arn:aws:iam::aws:policy/${managed}`;
  const document = managed === undefined ? undefined : managedPolicyDocument(arn);
  if (document) policies.set(arn, document);
  if (statements) policies.set('default', { Version: '2012-10-17', Statement: [...statements] });
  return policies;
}

function permissionsOf(kind: (typeof KINDS)[number], at: Bootstrapped): Permissions {
  const { account, partition, qualifier, region } = at;
  const bucket = `arn:${partition}:s3:::cdk-${qualifier}-assets-${account}-${region}`;
  const assets = [bucket, `${bucket}/*`];
  const repository = `arn:${partition}:ecr:${region}:${account}:repository/cdk-${qualifier}-container-assets-${account}-${region}`;
  switch (kind) {
    case 'cfn-exec':
      return { managed: 'AdministratorAccess' };
    case 'lookup':
      return { managed: 'ReadOnlyAccess', statements: [{ ...allow('kms:Decrypt', '*'), Effect: 'Deny' }] };
    case 'file-publishing':
      return {
        statements: [
          allow([...READ_OBJECTS, 's3:GetEncryptionConfiguration', ...WRITE_OBJECTS], assets, {
            StringEquals: { 'aws:ResourceAccount': account },
          }),
        ],
      };
    case 'image-publishing':
      return {
        statements: [
          allow(['ecr:PutImage', 'ecr:*Layer*', 'ecr:Describe*', 'ecr:BatchGetImage'], repository),
          allow('ecr:GetAuthorizationToken', '*'),
        ],
      };
    case 'deploy':
      return { managed: 'AWSCloudFormationReadOnlyAccess', statements: deployStatements(at, assets) };
  }
}

function deployStatements({ account, partition, qualifier, region }: Bootstrapped, assets: string[]) {
  const operations = [
    'CreateChangeSet',
    'DeleteChangeSet',
    'ExecuteChangeSet',
    'CreateStack',
    'UpdateStack',
    'RollbackStack',
    'ContinueUpdateRollback',
    'CreateStackRefactor',
    'ExecuteStackRefactor',
    'DeleteStack',
    'UpdateTerminationProtection',
  ];
  return [
    allow([...operations.map((name) => `cloudformation:${name}`), 'sts:GetCallerIdentity'], '*'),
    // Buckets of pipelines, in other accounts.
    allow([...READ_OBJECTS, ...WRITE_OBJECTS], '*', { StringNotEquals: { 's3:ResourceAccount': account } }),
    allow(USE_KEY, '*', { StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` } }),
    allow('iam:PassRole', `arn:${partition}:iam::${account}:role/cdk-${qualifier}-cfn-exec-role-${account}-${region}`),
    allow(READ_OBJECTS, assets),
    allow(
      ['ssm:GetParameter', 'ssm:GetParameters'],
      `arn:${partition}:ssm:${region}:${account}:parameter/cdk-bootstrap/${qualifier}/version`,
    ),
  ];
}
