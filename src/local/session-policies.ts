/** The session policies of the sessions given out. A session is known by its ARN, so a name stands for one policy. */

import { policyProblem } from './iam/policy-problem';
import { type BecomeOptions, PrincipalError } from './principal-directory';
import type { PolicyDocument } from './state';

export class SessionPolicies {
  private readonly byArn = new Map<string, PolicyDocument | undefined>();
  private count = 0;

  /** `options` with a session name of its own when there is a policy and no name. Throws for a malformed policy. */
  named<Options extends BecomeOptions>(options: Options): Options {
    const { sessionPolicy, sessionName } = options;
    if (!sessionPolicy) return options;
    const problem = policyProblem({ ...sessionPolicy }, 'identity');
    if (problem !== undefined) throw new PrincipalError(`sessionPolicy ${problem}`);
    if (sessionName !== undefined) return options;
    this.count += 1;
    return { ...options, sessionName: `local-${this.count}` };
  }

  /** Notes the policy of a session. Throws when a session of that name has another one. */
  note(sessionArn: string, policy: PolicyDocument | undefined): void {
    const isKnown = this.byArn.has(sessionArn);
    if (isKnown && JSON.stringify(this.byArn.get(sessionArn)) !== JSON.stringify(policy)) {
      throw new PrincipalError(
        `${sessionArn} already is a session with another session policy; give it another sessionName`,
      );
    }
    this.byArn.set(sessionArn, policy);
  }

  find(sessionArn: string): PolicyDocument | undefined {
    return this.byArn.get(sessionArn);
  }
}
