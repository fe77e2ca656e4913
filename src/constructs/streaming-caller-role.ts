/** A role that calls streaming functions of other accounts: its ARN is known before anything is deployed. */
import { createHash } from 'node:crypto';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Names, Stack, Token } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { OBJECT } from '../base/option-problem';
import { type CheckedProps, checkProps, DURATION, having, LIST, TEXT } from './problems/check-props';
import { StreamCallerGrants } from './stream-caller-grants';

/**
 * Properties of a caller role.
 */
export interface StreamingCallerRoleProps extends iam.RoleProps {
  /**
   * What the role streams from.
   *
   * For a function of this app in another account, `streamGrants.invoke(role)` of the function gives both halves instead.
   *
   * @default - nothing yet; see `streamFrom()`
   */
  readonly streamsFrom?: lambda.IFunction[] | undefined;
}

/**
 * A role for callers of streaming functions, most of all of functions in other accounts.
 *
 * Lambda refuses a permission for a role that does not exist, so the owner of a function has to know the role, and it has
 * to be deployed first. Unless you give one, the role has a name made from its path in the app and its region, which does
 * not change from one deployment to the next; give its ARN to the owner of the function. Within one app, a grant to this
 * role deploys its stack before that of the function.
 *
 * A stack with a role of a fixed name is deployed with the capability CAPABILITY_NAMED_IAM, as the CDK CLI does.
 *
 * @example
 *
 * const caller = new StreamingCallerRole(this, 'Caller', {
 *   assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
 * });
 * caller.streamFrom(
 *   StreamingFunctionReference.fromArn(this, 'Chat', 'arn:aws:lambda:eu-west-1:111111111111:function:chat:live'),
 * );
 */
export class StreamingCallerRole extends iam.Role {
  /**
   * The ARN by which the owner of a function names this role; plain text where the stack says its account.
   */
  public readonly callerArn: string;

  /**
   * Defines the role.
   */
  public constructor(scope: Construct, id: string, props: StreamingCallerRoleProps) {
    checkProps(scope, id, props, ROLE_PROPS);
    const { streamsFrom, ...roleProps } = props;
    const roleName = props.roleName ?? stableName(scope, id);
    super(scope, id, { ...roleProps, roleName });
    this.callerArn = Stack.of(this).formatArn({
      service: 'iam',
      region: '',
      resource: `role${props.path ?? '/'}${roleName}`,
    });
    for (const fn of streamsFrom ?? []) this.streamFrom(fn);
  }

  /**
   * Lets this role stream from a function over the Lambda API, as far as this account is concerned.
   *
   * Where the function is of another account, the statement its owner needs is printed at synth.
   *
   * @param fn a function, version or alias; granted is exactly its ARN
   */
  public streamFrom(fn: lambda.IFunction): iam.Grant {
    return StreamCallerGrants.fromFunction(fn).invoke(this);
  }
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const ROLE_NAME_MAX_LENGTH = 64;
const HASH_LENGTH = 8;

/** Role names are unique in an account over all regions, so the same stack in two regions needs two. */
function stableName(scope: Construct, id: string): string {
  const { region } = Stack.of(scope);
  const key = [scope.node.path, id, Token.isUnresolved(region) ? '' : region].join('/');
  const hash = createHash('sha256').update(key).digest('hex').slice(0, HASH_LENGTH);
  const readable = Names.uniqueResourceName(scope, { maxLength: ROLE_NAME_MAX_LENGTH, separator: '-' });
  const name = `${readable}-${id.replace(/[^\w+=,.@-]/g, '')}`.slice(0, ROLE_NAME_MAX_LENGTH - HASH_LENGTH - 1);
  return `${name}-${hash}`;
}

const ROLE_PROPS: CheckedProps = {
  noun: 'properties of the caller role',
  required: { assumedBy: "new iam.ServicePrincipal('ecs-tasks.amazonaws.com')" },
  rules: {
    assumedBy: having('assumeRoleAction', "a principal, such as new iam.ServicePrincipal('ecs-tasks.amazonaws.com')"),
    description: TEXT,
    externalId: TEXT,
    externalIds: LIST,
    inlinePolicies: OBJECT,
    managedPolicies: LIST,
    maxSessionDuration: DURATION,
    path: TEXT,
    permissionsBoundary: OBJECT,
    roleName: TEXT,
    streamsFrom: LIST,
  },
};
