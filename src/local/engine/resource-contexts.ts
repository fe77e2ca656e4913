/** The surroundings in which the resources of one deployment are made, apart from what their own stack knows. */

import { dockerfileProgram } from '../assembly/dockerfile';
import type { AssemblyStack } from '../assembly/read-assembly';
import { systemClock } from '../clock';
import { sessionOf } from '../iam/assume-role';
import { createAuthorize, type Organization } from '../iam/authorize';
import { ownMember } from '../own-member';
import { providerParts } from '../resources/custom-resource';
import type { DynamoDbCaller, ResourceContext } from '../resources/provider';
import type { ProviderRunner } from '../resources/provider-request';
import { copyState, type ImageProgram, type LocalState, replaceState } from '../state';
import { borderProblem } from './account-border';
import type { CodeStore } from './code-store';
import type { IdleResource } from './idle-resources';
import { physicalName } from './physical-name';
import type { ContextFor } from './resource-step';
import type { StackEnvironment } from './stack-scope';

/** What a deployment asks of the objects in buckets. */
export interface StoredObjects {
  /** The file with the content of an object, or undefined. */
  fileOf(bucketName: string, key: string): string | undefined;
  hasObjects(bucketId: string): boolean;
  /** Deletes all objects of a bucket. */
  empty(bucketId: string): void;
  change: ResourceContext['changeObjects'];
}

/** As a {@link ProviderRunner}, of the state that is given. */
export interface ProviderRuns extends Pick<ProviderRunner, 'run'> {
  /** A deployment begins. */
  begin(hasNewPackages: boolean): void;
  problem(serviceToken: string, state: LocalState): string | undefined;
}

/** Takes what a deployment has to say, and answers what it asks. */
export interface Findings {
  warn(message: string): void;
  doesNothing(resource: IdleResource): void;
  /** @default - whoever deploys may do everything */
  readonly demand?: ResourceContext['demand'];
}

export interface ContextProps {
  readonly environment: StackEnvironment;
  /** The copy that the deployment changes. */
  readonly state: LocalState;
  /** The state of the target. */
  readonly live: LocalState;
  /** Those that stacks live in. */
  readonly accounts: ReadonlySet<string>;
  readonly told: Findings;
  /** Refuse what does nothing. */
  readonly strict: boolean;
  /** Tells generated names of this deployment from those of others. */
  readonly uniqueness: string;
  readonly code: CodeStore;
  /** What plays container images, by construct path or name of the function. */
  readonly images: Readonly<Record<string, ImageProgram>> | undefined;
  /** The objects of buckets. @default - there are none */
  readonly objects: StoredObjects | undefined;
  readonly providers: ProviderRuns | undefined;
  /** Makes tables, as an account in a region. @default - nobody plays DynamoDB */
  readonly dynamoDb?: DynamoDbCaller | undefined;
  readonly localAddress: (text: string) => string;
  /** The organization of the accounts, which conditions of policies may ask for. */
  readonly organization: Organization | undefined;
}

export function contextsFor(props: ContextProps): ContextFor {
  const { accounts, code, environment, images = {}, objects, organization, state, told, uniqueness } = props;
  const { account, region, partition } = environment;
  const requireAccess = (action: string, resource: string) => {
    const problem = borderProblem(state, account, { action, resource, organization });
    if (problem !== undefined) throw new Error(problem);
  };
  const requireRead = (bucket: string, key: string) =>
    requireAccess('s3:GetObject', `arn:${partition}:s3:::${bucket}/${key}`);
  return ({ stackName, stackId, assembly: stack }, logicalId, type) => ({
    state,
    account,
    region,
    partition,
    stackName,
    stackId,
    logicalId,
    isProvider: providerParts(stack?.template.Resources).functions.has(logicalId),
    providers: providersOf(props),
    doesNothing: (reason) => {
      if (props.strict) throw new Error(`it does nothing here${reason === undefined ? '' : `: ${reason}`}`);
      told.doesNothing({ type, where: `${stackName}/${logicalId}`, reason });
    },
    unplayed: (what) => {
      if (props.strict) throw new Error(what);
      told.warn(`${stackName}/${logicalId}: ${what}`);
    },
    warn: (text) => told.warn(`${stackName}/${logicalId}: ${text}`),
    demand: told.demand,
    generateName: (maxLength) => physicalName(stackName, logicalId, uniqueness, maxLength),
    locateCode: (given) => ({
      directory: providerParts(stack?.template.Resources).idle.has(logicalId)
        ? code.nothing()
        : code.locate(
            given,
            stack?.assets ?? [],
            { account, region, partition, requireRead },
            isBundled(stack, logicalId),
          ),
    }),
    readArchive: (given) => code.archive(given, stack?.assets ?? [], { account, region, partition, requireRead }),
    imageProgram: (functionName, imageUri) => {
      // The construct's path, not that of the CloudFormation resource inside of it.
      const path = stack?.constructPaths.get(logicalId)?.replace(/\/Resource$/, '');
      const named = ownMember(images, functionName) ?? (path === undefined ? undefined : ownMember(images, path));
      if (named !== undefined) return named;
      const image = stack?.images?.find(({ tag }) => imageUri.endsWith(`:${tag}`));
      const guessed = image?.directory === undefined ? undefined : dockerfileProgram(image.directory, image.dockerfile);
      if (guessed !== undefined) {
        told.warn(
          `${stackName}/${logicalId}: the container image of function '${functionName}' is played by '${guessed.command.join(' ')}' in '${guessed.cwd}', as its Dockerfile says; the option 'images' names another program`,
        );
      }
      return guessed;
    },
    localAddress: props.localAddress,
    dynamoDb: props.dynamoDb?.(account, region),
    emptyBucket: (bucketId) => objects?.empty(bucketId),
    hasObjects: (bucketId) => objects?.hasObjects(bucketId) ?? false,
    changeObjects: (...change) => objects?.change(...change) ?? (() => undefined),
    isLocalAccount: (other) => accounts.has(other),
    requireAccess,
    providerMay: (serviceToken, { action, resource }) => {
      const fn = state.functions.get(serviceToken.split(':').slice(0, 7).join(':'));
      const role = state.roles.get(fn?.versions.get('$LATEST')?.roleArn ?? '');
      if (fn === undefined || role === undefined) return false;
      const principal = sessionOf(role, fn.functionName);
      return createAuthorize(state, systemClock, organization)({ principal, action, resource }).allowed;
    },
  });
}

/** Written by aws-cdk-lib where `cdk` runs the app, for tools that look for code: `ASSET_RESOURCE_METADATA_IS_BUNDLED_KEY`. */
function isBundled(stack: AssemblyStack | undefined, logicalId: string): boolean {
  return stack?.template.Resources?.[logicalId]?.Metadata?.['aws:asset:is-bundled'] === true;
}

/** Providers see the stack as far as it has come, and what they change with the services of the target stays. */
function providersOf({ live, providers, state }: ContextProps): ProviderRunner {
  return {
    problem: (serviceToken) =>
      providers === undefined ? 'functions do not run here' : providers.problem(serviceToken, state),
    run: async (request, timeoutSeconds) => {
      if (providers === undefined) throw new Error('functions do not run here');
      replaceState(live, copyState(state));
      try {
        return await providers.run(request, timeoutSeconds);
      } finally {
        replaceState(state, copyState(live));
      }
    },
  };
}
