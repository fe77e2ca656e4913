/** Asks IAM who may do something, without doing it. */
import { principalArn, principalNamed } from './credentials';
import { decideAssumeRole, principalOf, sessionOf } from './iam/assume-role';
import type { Authorize, Organization, RequestContext } from './iam/authorize';
import type { Decision } from './iam/decision';
import { type Explanation, explain } from './iam/explain';
import { knownAction } from './iam/lambda-actions';
import type { Principal } from './iam/principals';
import { LocalConfigError } from './local-error';
import type { LocalState } from './state';

/** What is asked of {@link LocalTarget.whoMay}. */
export interface WhoMayQuestion {
  /** For example `lambda:InvokeFunction`, which `InvokeWithResponseStream` needs, too. Upper and lower case are one, as for IAM. */
  readonly action: string;
  /** The exact ARN of the request: of a function with the qualifier by which it would be called. */
  readonly resource: string;
  /**
   * ARN of a role, of a user, or of an account's root; or the name of a role that no other has, or none but this one in the
   * account of the resource. @default - every role and user of the deployed stacks
   */
  readonly as?: string;
  /**
   * Whether `lambda:InvokeFunction` is asked as by a call of the function URL, which needs it beside `lambda:InvokeFunctionUrl`:
   * https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
   * @default false
   */
  readonly throughUrl?: boolean;
}

/** What IAM decides for one principal. */
export interface PrincipalDecision extends Explanation {
  /** ARN of the role, root or user. */
  readonly as: string;
}

const SESSION_NAME = 'local';

/** Who may assume the role of `as` is not asked: services have theirs, too. */
export function whoMay(
  state: LocalState,
  authorize: Authorize,
  { action: asked, resource, as, throughUrl = false }: WhoMayQuestion,
  organization?: Organization,
): readonly PrincipalDecision[] {
  const action = knownAction(asked);
  const principals: (readonly [arn: string, principal: Principal])[] =
    as === undefined
      ? [
          ...[...state.roles.values()].map((role) => [role.roleArn, sessionOf(role, SESSION_NAME)] as const),
          ...[...state.users.values()].map((user) => [user.userArn, principalOf(user)] as const),
        ]
      : [namedAs(principalNamed(state, as, SESSION_NAME, resource.split(':')[4]), as)];
  const context = contextOf(state, { action, resource, throughUrl });
  const decide = /^sts:(?:AssumeRole|TagSession)/i.test(action)
    ? assumption(state, action, resource, organization)
    : (principal: Principal) => authorize({ principal, action, resource, context });
  return principals.map(([arn, principal]) => Object.assign(explain(decide(principal)), { as: arn }));
}

/** Whether a principal may assume a role: its trust policy has a say, which belongs to no other action. */
function assumption(
  state: LocalState,
  action: string,
  resource: string,
  organization: Organization | undefined,
): (by: Principal) => Decision {
  if (action.toLowerCase() !== 'sts:assumerole') {
    throw new LocalConfigError(`whoMay() answers 'sts:AssumeRole' of what opens a session of a role, got '${action}'`);
  }
  const role = state.roles.get(resource);
  if (role === undefined) {
    throw new LocalConfigError(
      `whoMay(): 'sts:AssumeRole' needs the ARN of a deployed role as resource, got '${resource}'`,
    );
  }
  return (by) =>
    decideAssumeRole(state, { role, by, sessionName: SESSION_NAME, ...(organization && { organization }) });
}

/** What a call of a function URL tells IAM. */
function contextOf(
  state: LocalState,
  { action, resource, throughUrl }: Required<Pick<WhoMayQuestion, 'action' | 'resource' | 'throughUrl'>>,
): RequestContext {
  if (action === 'lambda:InvokeFunction' && throughUrl) return { 'lambda:InvokedViaFunctionUrl': 'true' };
  if (action !== 'lambda:InvokeFunctionUrl') return {};
  const [name, qualifier] = [resource.split(':').slice(0, 7).join(':'), resource.split(':')[7]];
  const url = state.functions.get(name)?.urls.find((each) => each.qualifier === qualifier);
  return { 'lambda:FunctionUrlAuthType': url?.authType ?? 'AWS_IAM' };
}

const namedAs = (principal: Principal, as: string) => [principalArn(principal) ?? as, principal] as const;
