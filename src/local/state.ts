/**
 * What the deploy engine writes and the data plane reads: the Lambda and IAM state of every account in the process.
 * Plain data, so that both sides can be tested alone; the only behaviour is copying it.
 */

import type { BucketState } from './bucket-state';
import type {
  DistributionState,
  EdgeFunctionState,
  Forwarding,
  ResponseHeaders,
  SigningBehavior,
} from './cloudfront-state';
import type { HttpApiState } from './http-api-state';
import type { PolicyDocument } from './policy-document';
import type { ApiKeyState, RestApiState, UsagePlanState } from './rest-api-state';

export type { PolicyDocument, PolicyStatement } from './policy-document';

/** What runs in place of a container image. */
export interface ImageProgram {
  /** Program and arguments, as in `CMD` of a Dockerfile. */
  readonly command: readonly string[];
  /** Folder it starts in. @default - the working directory */
  readonly cwd?: string;
  /** What `ENV` of the Dockerfile gives; variables of the function win. @default - none */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The configuration of `$LATEST` or of one published version. */
export interface FunctionConfiguration {
  readonly account: string;
  readonly region: string;
  readonly functionName: string;
  /** `$LATEST` or the version number. */
  readonly version: string;
  /** Folder that holds the unpacked code; Lambda's `/var/task`. */
  readonly codeDirectory: string;
  readonly handler: string;
  /** For example `nodejs24.x`; empty for a container image. */
  readonly runtime: string;
  /** The container image that is the code, where the package type is `Image`; `codeDirectory` is empty then. */
  readonly imageUri?: string;
  /** The web server behind the web adapter: what plays the image, whose folder is `codeDirectory` then, or the `bootstrap` of an OS-only runtime. */
  readonly imageCommand?: readonly string[];
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Folders with the content of its layers, which are merged under `/opt` on AWS: of two files of a name the later wins. */
  readonly layerDirectories?: readonly string[];
  readonly roleArn: string;
  /** Queue or topic that gets the events of asynchronous invocations that failed. */
  readonly deadLetterArn?: string;
  readonly logGroupName: string;
  /** @default 'Text' */
  readonly logFormat?: 'JSON' | 'Text';
  /** `TRACE` to `FATAL`; only with the log format JSON. @default 'INFO' */
  readonly applicationLogLevel?: string;
  /** Changes with every property that a published version freezes, also with those that have no effect here. */
  readonly revision?: string;
  /** What the function declares; it runs on the host's. @default 'x86_64' */
  readonly architecture?: 'arm64' | 'x86_64';
  /** When this configuration was deployed, in milliseconds since the Unix epoch. @default 0 */
  readonly lastModified?: number;
}

/** How asynchronous invocations of a function, version or alias go on. */
export interface EventInvokeState {
  /** Further runs after one that failed, 0 to 2. */
  readonly retries: number;
  readonly maximumAgeSeconds: number;
  /** ARN of who is told of a success. */
  readonly onSuccess?: string;
  /** ARN of who is told of an event that is given up. */
  readonly onFailure?: string;
}

export interface AliasState {
  readonly name: string;
  readonly functionVersion: string;
  /** Share of requests by version, 0 to 1, beside `functionVersion`. */
  readonly additionalVersionWeights: Readonly<Record<string, number>>;
}

export interface FunctionUrlState {
  readonly qualifier: string | undefined;
  readonly authType: 'AWS_IAM' | 'NONE';
  readonly invokeMode: 'BUFFERED' | 'RESPONSE_STREAM';
  /** The label that leads its host on AWS, and its path here. */
  readonly urlId: string;
  /** Its address on AWS. */
  readonly url: string;
  readonly cors?: Readonly<Record<string, unknown>>;
}

/** A function with everything that hangs on it. */
export interface FunctionState {
  /** `arn:aws:lambda:<region>:<account>:function:<name>`, unqualified. */
  readonly functionArn: string;
  readonly account: string;
  readonly region: string;
  readonly functionName: string;
  /** By version; always holds `$LATEST`. */
  readonly versions: Map<string, FunctionConfiguration>;
  readonly aliases: Map<string, AliasState>;
  readonly urls: FunctionUrlState[];
  /** Resource-based policies by qualified or unqualified ARN. */
  readonly resourcePolicies: Map<string, PolicyDocument>;
  /** By `$LATEST`, version or alias. */
  readonly eventInvokes?: Map<string, EventInvokeState>;
  /** Number of the newest version ever published: AWS never gives a number twice. */
  lastVersion: number;
  /** Invocations that may run at once; 0 stops the function. @default - as many as the target runs */
  readonly reservedConcurrency?: number;
  /** Tags, for conditions on `aws:ResourceTag/<key>`. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** What policies are attached to, with all of them. */
export interface PolicyHolder {
  readonly account: string;
  /** Inline and managed policies by a name that explains a decision. */
  readonly policies: Map<string, PolicyDocument>;
}

/** An IAM user. */
export interface UserState extends PolicyHolder {
  readonly userArn: string;
  readonly userName: string;
  /** `AIDA…`, never given twice: a user defined anew under an old name is another user. */
  readonly userId: string;
  /** Names of the groups it is in. */
  readonly groups: Set<string>;
  readonly permissionsBoundary?: PolicyDocument;
  /** Of the managed policy that is its boundary. */
  readonly permissionsBoundaryArn?: string;
  /** Tags, for conditions on `aws:PrincipalTag/<key>`. */
  readonly tags: Readonly<Record<string, string>>;
}

/** A group of IAM users. */
export interface GroupState extends PolicyHolder {
  readonly groupArn: string;
  readonly groupName: string;
}

/** An IAM role. */
export interface RoleState extends PolicyHolder {
  readonly roleArn: string;
  readonly roleName: string;
  /** `AROA…`, never given twice: a role defined anew under an old name is another role. */
  readonly roleId: string;
  readonly trustPolicy: PolicyDocument;
  readonly permissionsBoundary?: PolicyDocument;
  /** Of the managed policy that is its boundary. */
  readonly permissionsBoundaryArn?: string;
  /** Longest session in seconds. */
  readonly maxSessionSeconds: number;
  /** Tags, for conditions on `aws:PrincipalTag/<key>`. */
  readonly tags?: Readonly<Record<string, string>>;
}

interface LogGroupState {
  readonly logGroupArn: string;
  readonly logGroupName: string;
  /** Days, or undefined for "never expire". */
  readonly retentionDays: number | undefined;
}

interface SecretState {
  readonly name: string;
  readonly value: string;
}

/** What the keys of a table of DynamoDB are called. */
export interface TableKeys {
  readonly partitionKey: string;
  /** Partition keys of its indexes by name. */
  readonly indexes: Readonly<Record<string, string>>;
}

interface LayerState {
  /** Number of the newest version ever published: AWS never gives a number twice. */
  readonly lastVersion: number;
  /** Folder of the content by version. */
  readonly versions: Map<string, string>;
}

/** A state machine that asks whether a custom resource is complete until it says so, or the time is up. */
export interface WaiterState {
  /** ARN of the function that fails until the resource is complete. */
  readonly isComplete: string;
  /** ARN of the function that answers when the time is up. */
  readonly onTimeout: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
}

export interface LocalState {
  /** By unqualified function ARN. */
  readonly functions: Map<string, FunctionState>;
  /** By ARN without a version. */
  readonly layers: Map<string, LayerState>;
  /** By role ARN. */
  readonly roles: Map<string, RoleState>;
  /** By user ARN. */
  readonly users: Map<string, UserState>;
  /** Ids of users that were deleted, by ARN: they are no administrators of an account afterwards. */
  readonly formerUsers: Map<string, string>;
  /** By group ARN. */
  readonly groups: Map<string, GroupState>;
  /** For whom tokens of the OpenID Connect providers may be, by the ARN of the provider. */
  readonly identityProviders: Map<string, readonly string[]>;
  /** Kinds of identity providers that were deleted, by ARN: what still trusts one lets nobody in. */
  readonly formerProviders: Map<string, string>;
  /** Customer managed policies by ARN. */
  readonly managedPolicies: Map<string, PolicyDocument>;
  /** By ARN, without the trailing `:*`. */
  readonly logGroups: Map<string, LogGroupState>;
  /** SSM parameter values by ARN. */
  readonly parameters: Map<string, string>;
  /** By ARN. */
  readonly secrets: Map<string, SecretState>;
  /** By name, which all accounts share. */
  readonly buckets: Map<string, BucketState>;
  /** Policies of queues, topics and secrets by the ARN of what they belong to. */
  /** Tags of tables, secrets and parameters by ARN, for conditions on `aws:ResourceTag/<key>`; others keep theirs themselves. */
  readonly resourceTags: Map<string, Readonly<Record<string, string>>>;
  readonly resourcePolicies: Map<string, PolicyDocument>;
  /** Tables of DynamoDB by ARN. Their items are with whoever plays the service. */
  readonly tables: Map<string, TableKeys>;
  /** State machines that are waiters, by ARN. */
  readonly waiters: Map<string, WaiterState>;
  /** REST APIs by id. */
  readonly restApis: Map<string, RestApiState>;
  /** HTTP APIs by id. */
  readonly httpApis: Map<string, HttpApiState>;
  /** Keys of REST APIs by id. */
  readonly apiKeys: Map<string, ApiKeyState>;
  /** By id. */
  readonly usagePlans: Map<string, UsagePlanState>;
  /** CloudFront distributions by the first label of their domain name. */
  readonly distributions: Map<string, DistributionState>;
  /** CloudFront Functions by ARN. */
  readonly edgeFunctions: Map<string, EdgeFunctionState>;
  /** How CloudFront signs, by the id of the origin access control. */
  readonly originAccessControls: Map<string, SigningBehavior>;
  /** What cache policies and origin request policies forward, by id. */
  readonly forwardingPolicies: Map<string, Forwarding>;
  /** By the id of the response headers policy. */
  readonly responseHeaders: Map<string, ResponseHeaders>;
}

/** A process without any account's resources. */
export function emptyState(): LocalState {
  return {
    functions: new Map(),
    layers: new Map(),
    roles: new Map(),
    users: new Map(),
    formerUsers: new Map(),
    groups: new Map(),
    identityProviders: new Map(),
    formerProviders: new Map(),
    managedPolicies: new Map(),
    logGroups: new Map(),
    parameters: new Map(),
    secrets: new Map(),
    buckets: new Map(),
    resourcePolicies: new Map(),
    resourceTags: new Map(),
    tables: new Map(),
    waiters: new Map(),
    restApis: new Map(),
    httpApis: new Map(),
    apiKeys: new Map(),
    usagePlans: new Map(),
    distributions: new Map(),
    edgeFunctions: new Map(),
    originAccessControls: new Map(),
    forwardingPolicies: new Map(),
    responseHeaders: new Map(),
  };
}

/**
 * A copy that can be changed without touching `state`. Containers are copied; what they hold is immutable and shared,
 * so that an unchanged function keeps its configuration object and with it its warm execution environments.
 */
export function copyState(state: LocalState): LocalState {
  return {
    functions: new Map([...state.functions].map(([arn, fn]) => [arn, copyFunction(fn)])),
    layers: new Map(
      [...state.layers].map(([arn, { lastVersion, versions }]) => [arn, { lastVersion, versions: new Map(versions) }]),
    ),
    roles: new Map([...state.roles].map(([arn, role]) => [arn, { ...role, policies: new Map(role.policies) }])),
    users: new Map(
      [...state.users].map(([arn, user]) => [
        arn,
        { ...user, policies: new Map(user.policies), groups: new Set(user.groups) },
      ]),
    ),
    formerUsers: new Map(state.formerUsers),
    groups: new Map([...state.groups].map(([arn, group]) => [arn, { ...group, policies: new Map(group.policies) }])),
    identityProviders: new Map(state.identityProviders),
    formerProviders: new Map(state.formerProviders),
    managedPolicies: new Map(state.managedPolicies),
    logGroups: new Map(state.logGroups),
    parameters: new Map(state.parameters),
    secrets: new Map(state.secrets),
    buckets: new Map(state.buckets),
    resourcePolicies: new Map(state.resourcePolicies),
    resourceTags: new Map(state.resourceTags),
    tables: new Map(state.tables),
    waiters: new Map(state.waiters),
    restApis: new Map(state.restApis),
    httpApis: new Map(state.httpApis),
    apiKeys: new Map(state.apiKeys),
    usagePlans: new Map(state.usagePlans),
    distributions: new Map(state.distributions),
    edgeFunctions: new Map(state.edgeFunctions),
    originAccessControls: new Map(state.originAccessControls),
    forwardingPolicies: new Map(state.forwardingPolicies),
    responseHeaders: new Map(state.responseHeaders),
  };
}

/** Makes `target` hold what `source` holds, in one synchronous step; whoever keeps `target` sees the change whole. */
export function replaceState(target: LocalState, source: LocalState): void {
  refill(target.functions, source.functions);
  refill(target.layers, source.layers);
  refill(target.roles, source.roles);
  refill(target.users, source.users);
  refill(target.formerUsers, source.formerUsers);
  refill(target.groups, source.groups);
  refill(target.identityProviders, source.identityProviders);
  refill(target.formerProviders, source.formerProviders);
  refill(target.managedPolicies, source.managedPolicies);
  refill(target.logGroups, source.logGroups);
  refill(target.parameters, source.parameters);
  refill(target.secrets, source.secrets);
  refill(target.buckets, source.buckets);
  refill(target.resourcePolicies, source.resourcePolicies);
  refill(target.resourceTags, source.resourceTags);
  refill(target.tables, source.tables);
  refill(target.waiters, source.waiters);
  refill(target.restApis, source.restApis);
  refill(target.httpApis, source.httpApis);
  refill(target.apiKeys, source.apiKeys);
  refill(target.usagePlans, source.usagePlans);
  refill(target.distributions, source.distributions);
  refill(target.edgeFunctions, source.edgeFunctions);
  refill(target.originAccessControls, source.originAccessControls);
  refill(target.forwardingPolicies, source.forwardingPolicies);
  refill(target.responseHeaders, source.responseHeaders);
}

/** Whether something that has an address of its own is deployed under an id. */
export function hasFrontEnd(
  state: LocalState,
  frontEnd: 'cloudfront' | 'lambda-url' | 'execute-api',
  id: string,
): boolean {
  if (frontEnd === 'cloudfront') return state.distributions.has(id);
  if (frontEnd === 'execute-api') return state.restApis.has(id) || state.httpApis.has(id);
  return [...state.functions.values()].some(({ urls }) => urls.some(({ urlId }) => urlId === id));
}

function copyFunction(fn: FunctionState): FunctionState {
  return {
    ...fn,
    versions: new Map(fn.versions),
    aliases: new Map(fn.aliases),
    urls: [...fn.urls],
    resourcePolicies: new Map(fn.resourcePolicies),
    ...(fn.eventInvokes && { eventInvokes: new Map(fn.eventInvokes) }),
  };
}

function refill<V>(target: Map<string, V>, source: ReadonlyMap<string, V>): void {
  target.clear();
  for (const [key, value] of source) target.set(key, value);
}
