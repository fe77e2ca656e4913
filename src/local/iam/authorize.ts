/** Decides a request from the policies the deployed stacks hold: finds them in the state and has them evaluated. */

import { merged } from '../../base/merged';
import { findBucket } from '../bootstrap';
import type { BucketState } from '../bucket-state';
import type { Clock } from '../clock';
import type { LocalState, PolicyDocument } from '../state';
import { type CallerIdentity, callerIdentity, uniqueId } from './caller-identity';
import type { Decision } from './decision';
import { type EvaluationRequest, evaluate, type NamedPolicy } from './evaluate';
import { type Principal, principalAccount } from './principals';
import { isPublicPolicy } from './public-policy';

/** Condition keys and their values; keys compare without letter case. */
export type RequestContext = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Which organization each account belongs to; feeds `aws:PrincipalOrgID` and `aws:PrincipalOrgPaths`. */
export interface Organization {
  /** For example `o-exampleorgid`. */
  readonly id: string;
  /** Organization path by account: `{ '222222222222': 'o-exampleorgid/r-root/ou-root-sales/' }`. */
  readonly paths: Readonly<Record<string, string>>;
  /**
   * Service control policies by account, one per level of the organization: each must allow.
   * @default - everything is allowed
   */
  readonly serviceControlPolicies?: Readonly<Record<string, readonly PolicyDocument[]>>;
}

export interface AuthorizationRequest {
  readonly principal: Principal;
  /** @default - the session is not restricted further */
  readonly sessionPolicy?: PolicyDocument;
  /** For example `lambda:InvokeFunction`. */
  readonly action: string;
  /** The exact ARN of the request: with the qualifier when the caller gave one. */
  readonly resource: string;
  /** Keys beyond those of the principal, such as `aws:SourceArn`. */
  readonly context?: RequestContext;
  /** Of the call that needs the permission: its refusal is found by it. */
  readonly requestId?: string;
}

/** Answers whether a request may go on. */
export type Authorize = (request: AuthorizationRequest) => Decision;

/** An `authorize` over `state`, which is read anew for each request. */
export function createAuthorize(state: LocalState, clock: Clock, organization?: Organization): Authorize {
  return (request) => {
    const caller = callerIdentity(state, request.principal);
    const fn = state.functions.get(unqualified(request.resource));
    const passed = state.roles.get(request.resource);
    const bucket = bucketOf(state, request);
    const owner = ownerOf(request, bucket);
    // An index has neither tags nor a policy of its own.
    const named = request.resource.replace(/(:table\/[^/]+)\/.*$/, '$1');
    const tags = state.resourceTags.get(named);
    return evaluate({
      principal: request.principal,
      action: request.action,
      resource: request.resource,
      ...owner,
      context: merged(
        globalContext(
          { principal: request.principal, resource: request.resource, ...owner },
          { clock, organization, caller, resourceTags: fn?.tags ?? passed?.tags ?? tags },
        ),
        tagsContext('iam:ResourceTag', passed?.tags),
        ownTagsContext(request.resource, tags),
        s3Context(request, owner?.resourceAccount, bucket),
        isAction(request, 'lambda:InvokeFunctionUrl') ? { 'lambda:FunctionArn': request.resource } : undefined,
        request.context,
      ),
      identityPolicies: identityPolicies(request.principal, caller?.policies),
      // A policy belongs to one exact ARN: that of the function, of one version or of one alias.
      resourcePolicy:
        fn?.resourcePolicies.get(request.resource) ??
        bucketPolicy(bucket, request.principal) ??
        state.resourcePolicies.get(named) ??
        apiPolicy(state, request),
      permissionsBoundary: caller?.permissionsBoundary,
      sessionPolicy: request.sessionPolicy,
      serviceControlPolicies: organization?.serviceControlPolicies?.[principalAccount(request.principal) ?? ''],
    });
  };
}

/** IAM does not care for upper and lower case in the names of actions. */
function isAction({ action }: AuthorizationRequest, name: string): boolean {
  return action.toLowerCase() === name.toLowerCase();
}

function isOfS3({ action }: AuthorizationRequest): boolean {
  return action.toLowerCase().startsWith('s3:');
}

/** The bucket that `arn:…:s3:::<name>[/<key>]` names: such ARNs do not say whose it is. */
function bucketOf(state: LocalState, request: AuthorizationRequest): BucketState | undefined {
  if (!isOfS3(request)) return undefined;
  return findBucket(state, request.resource.split(':')[5]?.split('/')[0] ?? '');
}

/** A bucket that is kept from the public hears of its public policy for its own account only. */
function bucketPolicy(bucket: BucketState | undefined, principal: Principal): PolicyDocument | undefined {
  const { account, blocks, policy } = bucket ?? {};
  const isStranger = principal.kind !== 'service' && principalAccount(principal) !== account;
  return isStranger && blocks?.publicBuckets && policy && isPublicPolicy(policy) ? undefined : policy;
}

/** Of what does not exist yet, of everything, and of what nobody owns, such as Bedrock's models, it is the caller. */
function ownerOf({ principal, resource }: AuthorizationRequest, bucket: BucketState | undefined) {
  const account = bucket?.account ?? (resource.split(':')[4] ? undefined : principalAccount(principal));
  return account === undefined ? undefined : { resourceAccount: account };
}

/** S3 has a key of its own for the owner; its ARNs do not say the region either. */
function s3Context(request: AuthorizationRequest, owner?: string, bucket?: BucketState): RequestContext {
  if (!isOfS3(request)) return {};
  return { 's3:ResourceAccount': owner, ...(bucket && { 'aws:RequestedRegion': bucket.region }) };
}

/** The policy of the REST API that `arn:…:execute-api:<region>:<account>:<api>/…` belongs to. */
function apiPolicy({ restApis }: LocalState, request: AuthorizationRequest): PolicyDocument | undefined {
  if (!isAction(request, 'execute-api:Invoke')) return undefined;
  return restApis.get(request.resource.split(':')[5]?.split('/')[0] ?? '')?.policy;
}

/** `arn:…:function:chat:live` belongs to `arn:…:function:chat`. */
function unqualified(functionArn: string): string {
  return functionArn.split(':').slice(0, 7).join(':');
}

const ADMINISTRATOR: NamedPolicy = {
  name: 'AdministratorAccess',
  document: { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
};

/** What the principal may do on its own account's behalf. */
export function identityPolicies(principal: Principal, policies?: ReadonlyMap<string, PolicyDocument>): NamedPolicy[] {
  if (principal.kind === 'administrator') return [ADMINISTRATOR];
  return [...(policies ?? [])].map(([name, document]) => ({ name, document }));
}

/** What {@link globalContext} reads beside the request. */
export interface ContextSources {
  readonly clock: Clock;
  readonly organization: Organization | undefined;
  readonly caller: CallerIdentity | undefined;
  readonly resourceTags: Readonly<Record<string, string>> | undefined;
}

/** The condition keys that a request to any service has. */
export function globalContext(
  { principal, resource, resourceAccount }: Pick<EvaluationRequest, 'principal' | 'resource' | 'resourceAccount'>,
  { clock, organization, caller, resourceTags }: ContextSources,
): RequestContext {
  return merged(
    principalContext(principal, organization),
    identityContext(principal, caller),
    resourceContext(resource, resourceAccount, organization),
    tagsContext('aws:ResourceTag', resourceTags),
    networkContext(clock),
  );
}

/** The condition keys that say who calls. */
export function principalContext(principal: Principal, organization?: Organization): RequestContext {
  if (principal.kind === 'service') {
    return { 'aws:PrincipalIsAWSService': 'true', 'aws:PrincipalServiceName': principal.service };
  }
  if (principal.kind === 'federated') return { 'aws:PrincipalIsAWSService': 'false', ...principal.keys };
  if (principal.kind === 'anonymous') return { 'aws:PrincipalIsAWSService': 'false', 'aws:PrincipalType': 'Anonymous' };
  const path = organization?.paths[principal.account];
  return {
    'aws:PrincipalIsAWSService': 'false',
    'aws:PrincipalType': principalType(principal),
    'aws:PrincipalArn': principal.kind === 'assumed-role' ? principal.roleArn : principal.arn,
    'aws:PrincipalAccount': principal.account,
    ...nameContext(principal),
    ...(path !== undefined && { 'aws:PrincipalOrgID': organization?.id, 'aws:PrincipalOrgPaths': [path] }),
  };
}

function principalType(principal: { readonly kind: string; readonly arn: string }): string {
  if (principal.kind === 'assumed-role') return 'AssumedRole';
  return principal.arn.endsWith(':root') ? 'Account' : 'User';
}

/** A user has a name, and the root user the id of its account. */
function nameContext({ kind, arn, account }: Extract<Principal, { readonly account: string }>): RequestContext {
  if (kind === 'assumed-role') return {};
  return arn.endsWith(':root') ? { 'aws:userid': account } : { 'aws:username': arn.split('/').at(-1) };
}

/** What a user has of itself, and a session of its role and of its credentials. */
function identityContext(principal: Principal, caller: CallerIdentity | undefined): RequestContext {
  const id = uniqueId(principal, caller);
  const named = id === undefined ? {} : { 'aws:userid': id };
  if (principal.kind === 'user') return { ...named, ...tagsContext('aws:PrincipalTag', caller?.tags) };
  if (principal.kind !== 'assumed-role') return {};
  return {
    ...named,
    ...(principal.issuedAt !== undefined && { 'aws:TokenIssueTime': new Date(principal.issuedAt).toISOString() }),
    ...tagsContext('aws:PrincipalTag', { ...caller?.tags, ...principal.tags }),
    ...principal.federation,
  };
}

function resourceContext(resource: string, owner: string | undefined, organization?: Organization): RequestContext {
  const [, , , region, named = ''] = resource.split(':');
  const account = owner ?? named;
  const path = organization?.paths[account];
  return {
    ...(region !== undefined && region !== '' && { 'aws:RequestedRegion': region }),
    'aws:ResourceAccount': account,
    ...(path !== undefined && { 'aws:ResourceOrgID': organization?.id, 'aws:ResourceOrgPaths': [path] }),
  };
}

function tagsContext(prefix: string, tags: Readonly<Record<string, string>> = {}): RequestContext {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${prefix}/${key}`, value]));
}

/** The keys that services have beside `aws:ResourceTag`. */
const OWN_TAG_KEYS: ReadonlyMap<string, string> = new Map([
  ['secretsmanager', 'secretsmanager:ResourceTag'],
  ['ssm', 'ssm:resourceTag'],
]);

function ownTagsContext(resource: string, tags: Readonly<Record<string, string>> | undefined): RequestContext {
  const prefix = OWN_TAG_KEYS.get(resource.split(':')[2] ?? '');
  return prefix === undefined ? {} : tagsContext(prefix, tags);
}

/** AWS is always called over TLS; loopback stands for that here. */
function networkContext(clock: Clock): RequestContext {
  const now = clock.now();
  return {
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1_000)),
    'aws:SecureTransport': 'true',
    // No service here calls another one with the credentials of its caller.
    'aws:ViaAWSService': 'false',
    'aws:SourceIp': '127.0.0.1',
  };
}
