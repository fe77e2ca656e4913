/** What every operation that is played here has in common: an input, who asks, and a permission. */
import { ServiceException } from '../errors';
import type { AuthorizationRequest, Authorize, RequestContext } from '../iam/authorize';

/** Who asks, and where. */
export interface ServiceCaller extends Pick<AuthorizationRequest, 'context' | 'principal' | 'sessionPolicy'> {
  readonly region: string;
}

/** What IAM is asked for a call. */
export interface CallPermission {
  readonly action: string;
  readonly resource: string;
  /** Condition keys of the action. */
  readonly context?: RequestContext;
}

/** By member; in the query protocol, members of lists are called `Tags.member.1.Key`. */
export type ServiceInput = Readonly<Record<string, unknown>>;

/** An object for JSON, the inside of its element for the query protocols. */
export type ServiceResult = Readonly<Record<string, unknown>> | string;

export type ServiceOperation<Context> = (
  input: ServiceInput,
  caller: ServiceCaller,
  context: Context,
) => ServiceResult | Promise<ServiceResult>;

/** A refusal has a name of its own in each protocol. */
const REFUSALS = {
  json: { type: 'AccessDeniedException', statusCode: 400 },
  query: { type: 'AccessDenied', statusCode: 403 },
  ec2: { type: 'UnauthorizedOperation', statusCode: 403 },
} as const;

/**
 * @param context condition keys of the action
 * @throws a ServiceException when IAM does not let the caller
 */
export function demand(
  action: string,
  resource: string,
  { context: given, principal, sessionPolicy }: ServiceCaller,
  authorize: Authorize,
  protocol: keyof typeof REFUSALS = 'json',
  context?: RequestContext,
): void {
  const decision = authorize({
    principal,
    action,
    resource,
    ...(sessionPolicy && { sessionPolicy }),
    context: { ...given, ...context },
  });
  if (decision.allowed) return;
  throw new ServiceException({ ...REFUSALS[protocol], message: decision.message ?? decision.reason });
}
