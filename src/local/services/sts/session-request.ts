/** What all operations that give a session of a role ask and answer alike. */

import { isObject } from '../../../base/is-object';
import type { LocalCredentials } from '../../credentials';
import { ServiceException } from '../../errors';
import { policyProblem } from '../../iam/policy-problem';
import type { AssumedRole, Principal } from '../../iam/principals';
import type { PolicyDocument, RoleState } from '../../state';
import { xmlText } from '../service-answer';
import type { ServiceInput } from '../service-operation';

/** Issues credentials for a session, and what narrows it. */
export type IssueSession = (
  principal: Principal,
  durationSeconds: number,
  sessionPolicy?: PolicyDocument,
) => LocalCredentials;

export interface SessionRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly seconds: number;
  /** What the caller narrows the new session to. */
  readonly narrowedTo: PolicyDocument | undefined;
}

const HOUR_SECONDS = 3_600;

/** @throws a ServiceException for what STS would not take, and for what is not played */
export function readSessionRequest(input: ServiceInput, operation: string): SessionRequest {
  const { DurationSeconds = HOUR_SECONDS, Policy, RoleArn = '', RoleSessionName = '' } = input;
  const sessionName = String(RoleSessionName);
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    throw invalid(`RoleSessionName must be 2 to 64 of the characters a-z A-Z 0-9 _+=,.@-, got '${sessionName}'`);
  }
  const seconds = Number(DurationSeconds);
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 12 * HOUR_SECONDS) {
    throw invalid(`DurationSeconds must be 900 to 43200, got '${String(DurationSeconds)}'`);
  }
  if (Object.keys(input).some((name) => name.startsWith('PolicyArns.'))) {
    throw invalid(`the local target does not play PolicyArns of ${operation}; narrow the session with Policy`);
  }
  const narrowedTo = Policy === undefined ? undefined : readPolicy(String(Policy));
  return { roleArn: String(RoleArn), sessionName, seconds, narrowedTo };
}

/** @throws a ServiceException for members that would change the session, and are not played */
export function requireNotGiven(input: ServiceInput, operation: string, names: readonly string[]): void {
  for (const name of names) {
    if (input[name] === undefined) continue;
    throw invalid(`the local target does not play ${name.split('.')[0]} of ${operation}`);
  }
}

function readPolicy(json: string): PolicyDocument {
  const malformed = (what: string) =>
    new ServiceException({ type: 'MalformedPolicyDocument', statusCode: 400, message: `Policy ${what}` });
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch (error) {
    throw malformed(`is not JSON: ${(error as Error).message}`);
  }
  const problem = isObject(document) ? policyProblem(document, 'identity') : 'must be an object';
  if (problem !== undefined) throw malformed(problem);
  return document as PolicyDocument; // just checked
}

/** The role's own limit, and an hour for a session that assumes the next role. */
export function checkDuration(seconds: number, { maxSessionSeconds }: RoleState, caller: Principal): void {
  if (seconds > maxSessionSeconds) {
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  if (caller.kind === 'assumed-role' && seconds > HOUR_SECONDS) {
    throw invalid('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.');
  }
}

/** `Credentials` and `AssumedRoleUser` of an answer, with credentials that are new. */
export function sessionXml(
  session: AssumedRole,
  { roleId }: RoleState,
  { narrowedTo, seconds, sessionName }: SessionRequest,
  issue: IssueSession,
): string {
  const { accessKeyId, expiration, secretAccessKey, sessionToken } = issue(session, seconds, narrowedTo);
  return (
    `<Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>` +
    `<SessionToken>${sessionToken}</SessionToken><Expiration>${expiration.toISOString()}</Expiration></Credentials>` +
    `<AssumedRoleUser><Arn>${xmlText(session.arn)}</Arn><AssumedRoleId>${xmlText(`${roleId}:${sessionName}`)}</AssumedRoleId></AssumedRoleUser>`
  );
}

export function invalid(message: string): ServiceException {
  return new ServiceException({ type: 'ValidationError', statusCode: 400, message });
}
