/** Facade for the caller's side: the half of a grant that belongs into the policy of the role that calls. */
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { invokedFunction } from './facts/invoked-function';
import { giveOne } from './grants/give';
import { grantedFunction } from './grants/granted-function';
import { granteesOf } from './grants/grantee';
import { type Access, API_ACCESS, URL_ACCESS } from './grants/resource-statement';
import { StreamingConstructError } from './problems/construct-error';

/**
 * Permissions that callers of a function need in their own account.
 *
 * Nothing is written on the side of the function. Where caller and function are of different accounts its owner has to
 * allow the caller too; the statement for that is printed at synth.
 *
 * @example
 *
 * declare const role: iam.Role;
 * const chat = lambda.Function.fromFunctionArn(this, 'Chat', 'arn:aws:lambda:eu-west-1:111111111111:function:chat:live');
 * StreamCallerGrants.fromFunction(chat).invoke(role);
 */
export class StreamCallerGrants {
  /**
   * Grants to callers of any function, alias or version, usually one of another account.
   *
   * @param fn what is invoked
   */
  public static fromFunction(fn: lambda.IFunction): StreamCallerGrants {
    return new StreamCallerGrants(invokedFunction(fn).invoked);
  }

  private constructor(private readonly fn: lambda.IFunction) {}

  /**
   * Lets the caller stream from exactly this ARN over the Lambda API, as far as its own account is concerned.
   *
   * @throws an error where the grantee has no policy of its own, as an account or a service
   *
   * @param caller a role, user or group, or what has one
   */
  public invoke(caller: iam.IGrantable): iam.Grant {
    return this.give(caller, API_ACCESS);
  }

  /**
   * Lets the caller call the function through its function URL, as far as its own account is concerned.
   *
   * @throws an error where the grantee has no policy of its own, as an account or a service
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
   * @param caller a role, user or group, or what has one
   */
  public invokeUrl(caller: iam.IGrantable): iam.Grant {
    return this.give(caller, URL_ACCESS);
  }

  private give(caller: iam.IGrantable, access: readonly Access[]): iam.Grant {
    const granted = { ...grantedFunction(this.fn), writable: false };
    const [grantee, ...others] = granteesOf(granted.scope, caller);
    if (!grantee?.carrier || others.length > 0) {
      throw new StreamingConstructError(
        granted.scope,
        'CallerWithoutPolicy',
        `callerGrants writes into the policy of one caller, and ${String(caller.grantPrincipal)} has none; pass a role, a user or a group`,
      );
    }
    return giveOne(granted, grantee, access, {});
  }
}
