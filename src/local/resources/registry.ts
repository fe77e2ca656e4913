/** Every resource type the local target knows; any other fails the deployment before it starts. */

import { matchesWildcard } from '../iam/wildcards';
import { iamManagedPolicy } from './iam-managed-policy';
import { iamPolicy } from './iam-policy';
import { iamRole } from './iam-role';
import { INERT_TYPES, inertProvider } from './inert-types';
import { lambdaAlias } from './lambda-alias';
import { lambdaEventInvokeConfig } from './lambda-event-invoke-config';
import { lambdaFunction } from './lambda-function';
import { lambdaPermission } from './lambda-permission';
import { lambdaResourcePolicy } from './lambda-resource-policy';
import { lambdaUrl } from './lambda-url';
import { lambdaVersion } from './lambda-version';
import { logsLogGroup } from './logs-log-group';
import type { ResourceProvider } from './provider';
import { ssmParameter } from './ssm-parameter';

/** Types with an effect. */
export const EFFECTIVE_PROVIDERS: readonly ResourceProvider[] = [
  iamManagedPolicy,
  iamPolicy,
  iamRole,
  lambdaAlias,
  lambdaEventInvokeConfig,
  lambdaFunction,
  lambdaPermission,
  lambdaResourcePolicy,
  lambdaUrl,
  lambdaVersion,
  logsLogGroup,
  ssmParameter,
];

const providers: ReadonlyMap<string, ResourceProvider> = new Map(
  [...EFFECTIVE_PROVIDERS, ...INERT_TYPES.map(inertProvider)].map((provider) => [provider.type, provider]),
);

/** Finds the provider of a type; undefined for a type that is not supported. */
export type ProviderFinder = (type: string) => ResourceProvider | undefined;

/** A finder that also accepts types matching `inertTypes`, as doing nothing. */
export function providerFinder(inertTypes: readonly string[] = []): ProviderFinder {
  return (type) => {
    const provider = providers.get(type);
    if (provider || !inertTypes.some((pattern) => matchesWildcard(pattern, type))) return provider;
    return inertProvider({ type, hasAnyAttribute: true });
  };
}
