/**
 * Decides `sts:AssumeRole`: the role's trust policy must allow it, and across accounts the caller's own policies too. Whom an
 * identity provider vouches for comes in by actions of their own, and by the trust policy alone.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
 */

import { isObject } from '../../base/is-object';
import { type Clock, systemClock } from '../clock';
import type { LocalState, PolicyDocument, PolicyStatement, RoleState, UserState } from '../state';
import { globalContext, identityPolicies, type Organization, type RequestContext } from './authorize';
import { callerIdentity, definesUsers } from './caller-identity';
import type { Decision } from './decision';
import { evaluate } from './evaluate';
import { assumeActionOf, providerProblem, sessionKeys, wantedIdentity } from './federated-identity';
import { type AssumedRole, type Principal, principalAccount, type User } from './principals';
import { statementsOf } from './statement';

export interface AssumeRoleRequest {
  readonly role: RoleState;
  readonly by: Principal;
  readonly sessionName: string;
  /** Narrows the session of `by`. @default - it may do what its role may */
  readonly sessionPolicy?: PolicyDocument | undefined;
  /** @default - none is sent */
  readonly externalId?: string;
  /** Of the session. @default - none */
  readonly tags?: Readonly<Record<string, string>>;
  readonly organization?: Organization;
  /** What is known of the request itself. @default - nothing */
  readonly context?: RequestContext | undefined;
}

/** Whether `by` may assume the role, and pass the tags, for which there is a permission of its own. */
export function decideAssumeRole(state: LocalState, request: AssumeRoleRequest, clock: Clock = systemClock): Decision {
  const action = request.by.kind === 'federated' ? assumeActionOf(request.by) : 'sts:AssumeRole';
  const decision = decide(action, state, request, clock);
  const hasTags = Object.keys(request.tags ?? {}).length > 0;
  return decision.allowed && hasTags ? decide('sts:TagSession', state, request, clock) : decision;
}

function decide(action: string, state: LocalState, request: AssumeRoleRequest, clock: Clock): Decision {
  const { role, by, sessionName, sessionPolicy, externalId, organization, tags = {} } = request;
  const caller = callerIdentity(state, by);
  return evaluate({
    principal: by,
    action,
    resource: role.roleArn,
    isTrustPolicy: true,
    identityPolicies: identityPolicies(by, caller?.policies),
    resourcePolicy: role.trustPolicy,
    permissionsBoundary: caller?.permissionsBoundary,
    sessionPolicy,
    serviceControlPolicies: organization?.serviceControlPolicies?.[principalAccount(by) ?? ''],
    context: {
      ...globalContext(
        { principal: by, resource: role.roleArn },
        { clock, organization, caller, resourceTags: role.tags },
      ),
      ...request.context,
      ...(Object.keys(tags).length > 0 && { 'aws:TagKeys': Object.keys(tags) }),
      ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
      'sts:RoleSessionName': sessionName,
      'sts:ExternalId': externalId,
    },
  });
}

/**
 * The principal that a session of the role is.
 * @param by who assumed it, where that shows in the session
 */
export function sessionOf(
  role: RoleState,
  sessionName: string,
  tags?: Readonly<Record<string, string>>,
  by?: Principal,
): AssumedRole {
  const [, partition = 'aws'] = role.roleArn.split(':');
  return {
    kind: 'assumed-role',
    arn: `arn:${partition}:sts::${role.account}:assumed-role/${role.roleName}/${sessionName}`,
    account: role.account,
    roleArn: role.roleArn,
    roleId: role.roleId,
    ...(tags && { tags }),
    ...(by?.kind === 'federated' && { federation: sessionKeys(by) }),
  };
}

/**
 * Somebody whom the role's trust policy names: an administrator of a trusted account, a trusted role, a service, or somebody
 * of whom an identity provider says what the policy's conditions want.
 * The first that is really allowed; undefined when the policy lets nobody in.
 */
export function trustedCaller(state: LocalState, request: Omit<AssumeRoleRequest, 'by'>): Principal | undefined {
  const named = statementsOf(request.role.trustPolicy).flatMap((statement) =>
    principalsIn(statement, state, request.role.account),
  );
  const candidates = [administratorOf(request.role.account), ...named];
  return candidates.find((by) => decideAssumeRole(state, { ...request, by }).allowed);
}

/** The principal that a user is. */
export function principalOf({ userArn, account, userId }: UserState): User {
  return { kind: 'user', arn: userArn, account, userId };
}

/** Somebody with every identity-based permission of an account. */
export function administratorOf(account: string): Principal {
  return { kind: 'administrator', arn: `arn:aws:iam::${account}:root`, account };
}

function principalsIn(statement: PolicyStatement, state: LocalState, account: string): Principal[] {
  const { Principal: element } = statement;
  if (!isObject(element)) return [];
  return Object.entries(element).flatMap(([type, names]) =>
    [names].flat().flatMap((name: unknown) => {
      if (type === 'Federated')
        return providerProblem(String(name), account, state) ? [] : [wantedIdentity(String(name), statement)];
      return principalNamed(type, String(name), state);
    }),
  );
}

function principalNamed(type: string, name: string, state: LocalState): Principal[] {
  if (type === 'Service') return [{ kind: 'service', service: name }];
  const role = state.roles.get(name);
  if (role) return [sessionOf(role, 'trusted')];
  const user = state.users.get(name);
  if (user) return [principalOf(user)];
  const [, account, userName] = /^(?:arn:[^:]+:iam::)?(\d{12})(?::(?:root|user\/(.+)))?$/.exec(name) ?? [];
  if (account === undefined) return [];
  if (userName !== undefined && definesUsers(state, account)) return [];
  return [{ kind: 'administrator', arn: name.startsWith('arn:') ? name : `arn:aws:iam::${account}:root`, account }];
}
