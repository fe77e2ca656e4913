/**
 * The roles that resources hand to services. They must be of the account itself, and whoever deploys must be allowed to pass them.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
 */

import { ownMember } from '../own-member';
import { CROSS_ACCOUNT_PASS_ROLE } from './execution-role';
import type { Properties } from './properties';

interface PassedRole {
  readonly roleArn: string;
  /** Who acts in it, for example `lambda.amazonaws.com`. */
  readonly service: string;
}

/** By type: path of the property, and the service. */
const PLACES: Readonly<Record<string, readonly [property: string, service: string]>> = {
  'AWS::ApiGateway::Authorizer': ['AuthorizerCredentials', 'apigateway.amazonaws.com'],
  'AWS::ApiGateway::Method': ['Integration.Credentials', 'apigateway.amazonaws.com'],
  'AWS::ApiGatewayV2::Authorizer': ['AuthorizerCredentialsArn', 'apigateway.amazonaws.com'],
  'AWS::ApiGatewayV2::Integration': ['CredentialsArn', 'apigateway.amazonaws.com'],
  'AWS::Lambda::Function': ['Role', 'lambda.amazonaws.com'],
  'AWS::StepFunctions::StateMachine': ['RoleArn', 'states.amazonaws.com'],
};

/** The role that a resource of `type` hands over; undefined where it has none, or calls with its caller's credentials. */
export function passedRole(type: string, properties: Properties | undefined): PassedRole | undefined {
  const [property = '', service = ''] = ownMember(PLACES, type) ?? [];
  const roleArn = property
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], properties?.values);
  return typeof roleArn === 'string' && /^arn:[^:]+:iam::\d*:role\//.test(roleArn) ? { roleArn, service } : undefined;
}

/** @throws where the role is of another account than the resource, in IAM's words and with a remedy */
export function requireOwnRole(type: string, properties: Properties, account: string): void {
  const passed = passedRole(type, properties);
  const owner = passed?.roleArn.split(':')[4];
  if (passed === undefined || owner === account) return;
  throw new Error(
    `${CROSS_ACCOUNT_PASS_ROLE} (${passed.roleArn} is of account '${owner}', the stack of '${account}': name a role of the same account, or give the stack the environment of that one)`,
  );
}
