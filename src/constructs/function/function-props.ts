/** What the properties of a streaming function may be, for callers without a compiler. */
import { ANYTHING, OBJECT, type Rules } from '../../base/option-problem';
import { type CheckedProps, DURATION, FLAG, having, LIST, NUMBER, TEXT } from '../problems/check-props';

const ROLE = having('grantPrincipal', 'a role, such as new iam.Role(…) or iam.Role.fromRoleArn(…)');
const SIZE = having('toMebibytes', 'a Size, such as Size.gibibytes(1)');

/** Those of `lambda.FunctionOptions` in the oldest and the newest aws-cdk-lib we are tested with. */
const FUNCTION_OPTIONS: Rules = {
  ...named(
    'adotInstrumentation applicationLogLevel applicationLogLevelV2 codeSigningConfig currentVersionOptions',
    'deadLetterQueue deadLetterTopic durableConfig environmentEncryption filesystem insightsVersion logFormat',
    'loggingFormat logGroup logRemovalPolicy logRetention logRetentionRetryOptions onFailure onSuccess paramsAndSecrets',
    'profilingGroup recursiveLoop runtimeManagementMode snapStart systemLogLevel systemLogLevelV2 tenancyConfig tracing',
    'vpcSubnets',
  ),
  allowAllIpv6Outbound: FLAG,
  allowAllOutbound: FLAG,
  allowPublicSubnet: FLAG,
  architecture: having('dockerPlatform', 'a lambda.Architecture, such as lambda.Architecture.ARM_64'),
  deadLetterQueueEnabled: FLAG,
  description: TEXT,
  environment: OBJECT,
  ephemeralStorageSize: SIZE,
  events: LIST,
  functionName: TEXT,
  initialPolicy: LIST,
  ipv6AllowedForDualStack: FLAG,
  layers: LIST,
  logRetentionRole: ROLE,
  maxEventAge: DURATION,
  memorySize: NUMBER,
  profiling: FLAG,
  reservedConcurrentExecutions: NUMBER,
  retryAttempts: NUMBER,
  role: ROLE,
  securityGroups: LIST,
  timeout: DURATION,
  vpc: having('vpcId', 'a VPC, such as ec2.Vpc.fromLookup(…)'),
};

export const FUNCTION_PROPS: CheckedProps = {
  noun: 'properties of a streaming function',
  rules: {
    ...FUNCTION_OPTIONS,
    entry: TEXT,
    bundling: OBJECT,
    code: having('bind', "a lambda.Code, such as lambda.Code.fromAsset('dist')"),
    image: having('_bind', "a lambda.DockerImageCode, such as lambda.DockerImageCode.fromImageAsset('app')"),
    handler: TEXT,
    runtime: having('family', 'a lambda.Runtime, such as lambda.Runtime.NODEJS_24_X'),
    webAdapter: having('attachTo', 'a WebAdapter, such as WebAdapter.layer()'),
    liveAliasOptions: OBJECT,
  },
};

function named(...lines: readonly string[]): Rules {
  return Object.fromEntries(lines.flatMap((line) => line.split(' ')).map((name) => [name, ANYTHING]));
}
