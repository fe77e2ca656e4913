/** Every resource type the local target plays, and which of the others it accepts as doing nothing. */

import { matchesWildcard } from '../iam/wildcards';
import { restAuthorizer } from './apigateway-authorizer';
import { apiKey, usagePlan, usagePlanKey } from './apigateway-keys';
import { restMethod } from './apigateway-method';
import {
  gatewayResponse,
  requestValidator,
  restApi,
  restDeployment,
  restResource,
  restStage,
} from './apigateway-rest-api';
import { httpApi, httpAuthorizer, httpIntegration, httpRoute, httpStage } from './apigatewayv2';
import { cloudFormationStack } from './cloudformation-stack';
import { cloudFrontDistribution } from './cloudfront-distribution';
import { cloudFrontFunction } from './cloudfront-function';
import { cachePolicy, originAccessControl, originRequestPolicy } from './cloudfront-policies';
import { crossRegionExportReader, crossRegionExportWriter, crossRegionParameterReader } from './cross-region-exports';
import { customResource, isCustomType } from './custom-resource';
import { dynamoDbGlobalTable, dynamoDbTable } from './dynamodb-table';
import { cdkOidcProvider, iamOidcProvider, iamSamlProvider } from './iam-identity-provider';
import { iamManagedPolicy } from './iam-managed-policy';
import { iamGroupPolicy, iamPolicy, iamRolePolicy, iamUserPolicy } from './iam-policy';
import { iamRole } from './iam-role';
import { iamGroup, iamUser, iamUserToGroupAddition } from './iam-user';
import { inertProvider, isInertByDefault, QUIET_TYPES } from './inert-types';
import { lambdaAlias } from './lambda-alias';
import { lambdaEventInvokeConfig } from './lambda-event-invoke-config';
import { lambdaFunction } from './lambda-function';
import { lambdaLayerVersion } from './lambda-layer-version';
import { lambdaLayerVersionPermission } from './lambda-layer-version-permission';
import { lambdaPermission } from './lambda-permission';
import { lambdaResourcePolicy } from './lambda-resource-policy';
import { lambdaUrl } from './lambda-url';
import { lambdaVersion } from './lambda-version';
import { logRetention } from './log-retention';
import { logsLogGroup } from './logs-log-group';
import type { ResourceProvider } from './provider';
import { resourcePolicies } from './resource-policies';
import { responseHeadersPolicy } from './response-headers-policy';
import { s3AutoDeleteObjects } from './s3-auto-delete-objects';
import { s3Bucket } from './s3-bucket';
import { s3BucketDeployment } from './s3-bucket-deployment';
import { s3BucketNotifications } from './s3-bucket-notifications';
import { s3BucketPolicy } from './s3-bucket-policy';
import { secretsManagerSecret } from './secretsmanager-secret';
import { ssmParameter } from './ssm-parameter';
import { stateMachine } from './stepfunctions-state-machine';

/** Types with an effect. */
export const EFFECTIVE_PROVIDERS: readonly ResourceProvider[] = [
  apiKey,
  cachePolicy,
  cdkOidcProvider,
  cloudFormationStack,
  cloudFrontDistribution,
  cloudFrontFunction,
  crossRegionExportReader,
  crossRegionExportWriter,
  crossRegionParameterReader,
  dynamoDbGlobalTable,
  dynamoDbTable,
  gatewayResponse,
  httpApi,
  httpAuthorizer,
  httpIntegration,
  httpRoute,
  httpStage,
  iamGroup,
  iamGroupPolicy,
  iamManagedPolicy,
  iamOidcProvider,
  iamPolicy,
  iamRole,
  iamRolePolicy,
  iamSamlProvider,
  iamUser,
  iamUserPolicy,
  iamUserToGroupAddition,
  lambdaAlias,
  lambdaEventInvokeConfig,
  lambdaFunction,
  lambdaLayerVersion,
  lambdaLayerVersionPermission,
  lambdaPermission,
  lambdaResourcePolicy,
  lambdaUrl,
  lambdaVersion,
  logRetention,
  logsLogGroup,
  originAccessControl,
  originRequestPolicy,
  responseHeadersPolicy,
  requestValidator,
  restApi,
  restAuthorizer,
  restDeployment,
  restMethod,
  restResource,
  restStage,
  s3Bucket,
  s3BucketDeployment,
  s3BucketNotifications,
  ...resourcePolicies,
  s3BucketPolicy,
  s3AutoDeleteObjects,
  secretsManagerSecret,
  ssmParameter,
  stateMachine,
  usagePlan,
  usagePlanKey,
];

const providers: ReadonlyMap<string, ResourceProvider> = new Map(
  EFFECTIVE_PROVIDERS.map((provider) => [provider.type, provider]),
);

/** What is only played by somebody else. */
const TABLES = [dynamoDbGlobalTable.type, dynamoDbTable.type];

/** Finds the provider of a deployed resource, also of one that is no longer accepted. */
export const findDeployed: ProviderFinder = (type) =>
  isCustomType(type)
    ? (providers.get(type) ?? customResource(type))
    : providerFinder({ inertTypes: ['*'], dynamoDb: true })(type);

/** Finds the provider of a type; undefined for a type that is not accepted. */
export type ProviderFinder = (type: string) => ResourceProvider | undefined;

/** What a deployment accepts beside the types that are played. */
export interface AcceptedTypes {
  /** Only the types that change nothing anywhere, and those named here; `*` and `?` are wildcards. */
  readonly inertTypes?: readonly string[];
  readonly strict?: boolean;
  /** Where tables are made. @default - nowhere, and they do nothing */
  readonly dynamoDb?: unknown;
}

/** A finder for one deployment. */
export function providerFinder({ dynamoDb, inertTypes = [], strict = false }: AcceptedTypes): ProviderFinder {
  return (type) => {
    const named = inertTypes.some((pattern) => matchesWildcard(pattern, type));
    const provider = dynamoDb === undefined && TABLES.includes(type) ? undefined : providers.get(type);
    // Whoever names one of the CDK's own, and not all, does not want it to run.
    if (provider && !(isCustomType(type) && inertTypes.includes(type))) return provider;
    if (isCustomType(type) && !named) return customResource(type);
    const accepted = strict ? QUIET_TYPES.includes(type) : isInertByDefault(type);
    return accepted || named ? inertProvider(type) : undefined;
  };
}
