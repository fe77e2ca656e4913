/**
 * In whose name CloudFormation makes resources: in a role that it was passed, else in the session of the caller, whose every
 * action is decided like one of its own.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
 */
import { findRole } from '../../bootstrap';
import { ServiceException } from '../../errors';
import { decideAssumeRole, sessionOf } from '../../iam/assume-role';
import type { RequestContext } from '../../iam/authorize';
import type { RequiredPermission } from '../../resources/provider';
import { demand, type ServiceCaller } from '../service-operation';
import { type CloudFormationCall, textOf, validationError } from './cloudformation-call';

const CLOUDFORMATION = 'cloudformation.amazonaws.com';

/**
 * The role of the request, else the one that the stack has: it stays, also for who may not pass it.
 * @throws a ServiceException when the caller may not pass it, or CloudFormation cannot act in it
 */
export function actingRole(call: CloudFormationCall, previous: string | undefined): string | undefined {
  const roleArn = textOf(call, 'RoleARN');
  if (roleArn === undefined) return previous;
  const { authorize, caller, state } = call;
  demand('iam:PassRole', roleArn, caller, authorize, 'query', { 'iam:PassedToService': CLOUDFORMATION });
  const role = findRole(state, roleArn);
  const by = { kind: 'service', service: CLOUDFORMATION } as const;
  if (role === undefined || !decideAssumeRole(state, { role, by, sessionName: 'AWSCloudFormation' }).allowed) {
    throw validationError(`Role ${roleArn} is invalid or cannot be assumed`);
  }
  return roleArn;
}

/** Decides what a deployment does. Its errors become the reasons in the events of the resources. */
export function demandAs(call: CloudFormationCall, roleArn: string | undefined): (asked: RequiredPermission) => void {
  const { authorize, caller, state } = call;
  const role = roleArn === undefined ? undefined : findRole(state, roleArn);
  // A role that is gone since has no policies.
  const principal = role === undefined ? caller.principal : sessionOf(role, 'AWSCloudFormation');
  const who: ServiceCaller = roleArn === undefined ? caller : { principal, region: caller.region };
  const via: RequestContext =
    roleArn === undefined ? { 'aws:CalledVia': [CLOUDFORMATION], 'aws:ViaAWSService': 'true' } : {};
  return ({ action, context, resource }) => {
    try {
      demand(action, resource, who, authorize, 'query', { ...via, ...context });
    } catch (error) {
      if (!(error instanceof ServiceException)) throw error;
      throw new Error(`${error.serviceError.message} (HandlerErrorCode: AccessDenied)`);
    }
  };
}
