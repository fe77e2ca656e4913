/**
 * What a stack may do with a resource of another account: what IAM lets its account do, as for everybody who calls.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
 */
import { findBucket } from '../bootstrap';
import { systemClock } from '../clock';
import { administratorOf } from '../iam/assume-role';
import { createAuthorize, type Organization } from '../iam/authorize';
import type { LocalState } from '../state';

/**
 * Why a stack of `account` may not do `action` with `resource`, in AWS's words; undefined within the account, where the
 * deployment is taken for one by its administrator.
 */
export function borderProblem(
  state: LocalState,
  account: string,
  { action, resource, organization }: { action: string; resource: string; organization: Organization | undefined },
): string | undefined {
  const [, , service, , named = ''] = resource.split(':');
  const owner = service === 's3' ? findBucket(state, resource.split(/[:/]/)[5] ?? '')?.account : named;
  if (owner === undefined || owner === '' || owner === account) return undefined;
  const { allowed, message, reason } = createAuthorize(
    state,
    systemClock,
    organization,
  )({ principal: administratorOf(account), action, resource });
  return allowed ? undefined : (message ?? reason);
}
