/** What the Security Token Service answers of whoever has signed: who one is, and sessions of roles. */

import { findRole } from '../../bootstrap';
import { ServiceException } from '../../errors';
import { decideAssumeRole, sessionOf } from '../../iam/assume-role';
import type { Organization } from '../../iam/authorize';
import { callerIdentity, uniqueId } from '../../iam/caller-identity';
import { principalAccount, principalName } from '../../iam/principals';
import type { LocalState } from '../../state';
import { listOfStructures } from '../query-protocol';
import { xmlText } from '../service-answer';
import type { ServiceCaller, ServiceInput, ServiceOperation, ServiceResult } from '../service-operation';
import { checkDuration, type IssueSession, readSessionRequest, requireNotGiven, sessionXml } from './session-request';

export interface StsContext {
  readonly state: LocalState;
  readonly organization: Organization | undefined;
  readonly issue: IssueSession;
}

/** By signing name and operation. */
export const STS: Readonly<Record<string, ServiceOperation<StsContext>>> = {
  'sts.GetCallerIdentity': (_, { principal }, { state }) => {
    const id = uniqueId(principal, callerIdentity(state, principal)) ?? 'local';
    return `<Arn>${xmlText(principalName(principal))}</Arn><UserId>${xmlText(id)}</UserId><Account>${principalAccount(principal) ?? ''}</Account>`;
  },
  'sts.AssumeRole': assumeRole,
};

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
function assumeRole(input: ServiceInput, caller: ServiceCaller, context: StsContext): ServiceResult {
  const { issue, organization, state } = context;
  const { principal, sessionPolicy } = caller;
  const asked = readSessionRequest(input, 'AssumeRole');
  requireNotGiven(input, 'AssumeRole', ['SourceIdentity', 'SerialNumber', 'TransitiveTagKeys.member.1']);
  const { ExternalId: externalId } = input;
  const { roleArn, sessionName } = asked;
  const tags = Object.fromEntries(listOfStructures(input, 'Tags').map(({ Key = '', Value = '' }) => [Key, Value]));
  const role = findRole(state, roleArn);
  const request = {
    by: principal,
    context: caller.context,
    sessionName,
    sessionPolicy,
    tags,
    ...(typeof externalId === 'string' && { externalId }),
    ...(organization && { organization }),
  };
  const decision = role && decideAssumeRole(state, { role, ...request });
  if (role === undefined || !decision?.allowed) {
    const message =
      decision?.message ??
      `User: ${principalName(principal)} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
    throw new ServiceException({ type: 'AccessDenied', statusCode: 403, message });
  }
  checkDuration(asked.seconds, role, principal);
  return sessionXml(sessionOf(role, sessionName, tags), role, asked, issue);
}
