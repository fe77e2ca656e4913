/** The role a function runs as (https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html). */
import { decideAssumeRole } from '../iam/assume-role';
import type { LocalState } from '../state';

/** IAM's words for the role of another account, whoever passes it. */
export const CROSS_ACCOUNT_PASS_ROLE = 'Cross-account pass role is not allowed.';

/** Why Lambda cannot run a function as this role, in AWS's words; undefined where it can. */
export function executionRoleProblem(state: LocalState, roleArn: string): string | undefined {
  const refusal = 'The role defined for the function cannot be assumed by Lambda.';
  const role = state.roles.get(roleArn);
  if (role === undefined) return `${refusal} (${roleArn} does not exist)`;
  const by = { kind: 'service', service: 'lambda.amazonaws.com' } as const;
  if (decideAssumeRole(state, { role, by, sessionName: 'lambda' }).allowed) return undefined;
  return `${refusal} (the trust policy of ${roleArn} does not name the service lambda.amazonaws.com)`;
}
