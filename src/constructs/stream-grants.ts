/** Facade that gives others the permission to stream from a function, in the policies of both sides. */
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { invokedFunction } from './facts/invoked-function';
import { checkFunctionUrls } from './grants/function-urls';
import { give } from './grants/give';
import { grantedFunction } from './grants/granted-function';
import { StreamResourcePolicy } from './grants/resource-policy';
import { API_ACCESS, URL_ACCESS } from './grants/resource-statement';
import { StreamingConstructError } from './problems/construct-error';

/**
 * Options of a grant to stream.
 */
export interface StreamGrantOptions {
  /**
   * ARN of the resource on whose behalf a service calls; may hold `*`.
   *
   * Only for a service principal.
   *
   * @default - any resource of `sourceAccount`
   */
  readonly sourceArn?: string | undefined;

  /**
   * Account on whose behalf a service calls.
   *
   * Only for a service principal.
   *
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
   * @default - the account in `sourceArn`; the account of the function where there is none
   */
  readonly sourceAccount?: string | undefined;

  /**
   * Confirms that every AWS account may invoke the function, when the grantee is `*` without conditions.
   *
   * @default false
   */
  readonly allowPublic?: boolean | undefined;

  /**
   * For a grantee of the function's own account: write the permission into the policy of the function instead of the grantee's.
   *
   * Either is enough there. Of use where the function's stack already refers to the stack of the role, so that a
   * statement in the role's policy would make the two stacks depend on each other.
   *
   * @default false
   */
  readonly preferResourcePolicy?: boolean | undefined;
}

/**
 * Permissions to stream from one function, alias or version.
 *
 * Each grant is on exactly the ARN that is invoked. In the account of the function one policy is enough; another account
 * needs a statement in the policies of both sides. What this app can write, it writes, in the order of deployment Lambda
 * asks for; what it cannot, it reports at synth with the statement to add on the other side.
 *
 * There is no IAM action of the name InvokeWithResponseStream: streaming needs `lambda:InvokeFunction`.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
 * @example
 *
 * declare const anyFunction: lambda.IFunction;
 * StreamGrants.fromFunction(anyFunction).invoke(new iam.AccountPrincipal('222222222222'));
 */
export class StreamGrants {
  /**
   * Grants on any function, alias or version, defined here or imported.
   *
   * A streaming function is granted by its alias `live`.
   *
   * @param fn what is invoked
   */
  public static fromFunction(fn: lambda.IFunction): StreamGrants {
    return new StreamGrants(invokedFunction(fn).invoked);
  }

  private constructor(private readonly fn: lambda.IFunction) {}

  /**
   * Lets the grantee stream from the function over the Lambda API.
   *
   * @throws an error where the grantee or its conditions cannot be expressed, and for `*` that is not confirmed
   *
   * @param grantee a role, user, account, organization or service; several as an `iam.CompositePrincipal`
   * @param options where a service calls from, and what has to be confirmed
   */
  public invoke(grantee: iam.IGrantable, options: StreamGrantOptions = {}): iam.Grant {
    return give(grantedFunction(this.fn), { grantee, access: API_ACCESS, options });
  }

  /**
   * Lets the grantee call the function through its function URL, and not over the Lambda API.
   *
   * Gives both permissions Lambda asks for: `lambda:InvokeFunctionUrl`, and `lambda:InvokeFunction` via a function URL.
   * @throws an error where the URL has authType NONE
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
   * @param grantee a role, user, account, organization or service; several as an `iam.CompositePrincipal`
   * @param options where a service calls from, and what has to be confirmed
   */
  public invokeUrl(grantee: iam.IGrantable, options: StreamGrantOptions = {}): iam.Grant {
    const granted = grantedFunction(this.fn);
    checkFunctionUrls(granted);
    return give(granted, { grantee, access: URL_ACCESS, options });
  }

  /**
   * Lets every principal of some organizational units stream from the function over the Lambda API.
   *
   * Needs `useResourcePolicy()`. Each caller also needs the permission in its own account.
   *
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgpaths
   * @param paths paths in AWS Organizations, such as `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*`
   */
  public invokeFromOrganizationPaths(...paths: string[]): iam.Grant {
    const granted = grantedFunction(this.fn);
    if (paths.length === 0) {
      throw new StreamingConstructError(
        granted.scope,
        'NoOrganizationPath',
        'no path was given; pass at least one, such as o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*',
      );
    }
    const members = new iam.StarPrincipal().withConditions({
      'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': paths },
    });
    return give(granted, { grantee: members, access: API_ACCESS });
  }

  /**
   * Writes every permission on this ARN into one `AWS::Lambda::ResourcePolicy`, which knows all conditions of IAM.
   *
   * To be called before anything is granted. Nothing else may put an `AWS::Lambda::Permission` on the same ARN, as the
   * one would overwrite the other; that is checked over the whole app at synth.
   *
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-resourcepolicy.html
   */
  public useResourcePolicy(): void {
    const granted = grantedFunction(this.fn);
    if (!granted.writable) {
      throw new StreamingConstructError(
        granted.scope,
        'PolicyOfAnotherStack',
        'the resource-based policy of this function cannot be written from this stack; call useResourcePolicy() in the app that defines the function',
      );
    }
    StreamResourcePolicy.use(granted);
  }
}
