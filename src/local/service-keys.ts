/** The credentials that functions and services of AWS have here. */

import { systemClock } from './clock';
import type { CredentialStore, LocalCredentials } from './credentials';
import { sessionOf } from './iam/assume-role';
import type { AssumedRole } from './iam/principals';
import type { LocalState } from './state';

/** Sessions of functions last as long as an execution environment can. */
const FUNCTION_SESSION_SECONDS = 12 * 3_600;

/** CloudFront signs in the name of each distribution, with keys of its own. */
export function serviceKeys(credentials: CredentialStore): (distributionArn: string) => LocalCredentials {
  const keys = new Map<string, LocalCredentials>();
  return (arn) => {
    const known = keys.get(arn);
    if (known && known.expiration.getTime() - systemClock.now() > FUNCTION_SESSION_SECONDS * 500) return known;
    const account = arn.split(':')[4] ?? '';
    const context = { 'aws:SourceArn': arn, 'aws:SourceAccount': account };
    const issued = credentials.issueToService('cloudfront.amazonaws.com', context);
    keys.set(arn, issued);
    return issued;
  };
}

/** A function calls as its own role, in a session that has its name, as on AWS. */
export function functionCredentials(
  state: LocalState,
  credentials: CredentialStore,
  functionArn: string,
  roleArn: string,
): LocalCredentials | undefined {
  const session = functionSession(state, functionArn, roleArn);
  return session && credentials.issue(session, FUNCTION_SESSION_SECONDS);
}

/** Who a function is; undefined where no stack here has its role. */
export function functionSession(state: LocalState, functionArn: string, roleArn: string): AssumedRole | undefined {
  const role = state.roles.get(roleArn);
  return role && sessionOf(role, functionArn.split(':').at(-1) ?? 'function');
}

export function environmentOf(credentials: LocalCredentials | undefined): Record<string, string> {
  if (credentials === undefined) return {};
  return {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
  };
}
