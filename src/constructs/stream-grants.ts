/** Facade that gives others the permission to stream from a function, in the policies of both sides. */
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Names, Token, TokenComparison } from 'aws-cdk-lib/core';
import { Construct, Node } from 'constructs';

/**
 * Permissions to stream from one function, alias or version.
 *
 * Response streaming over the Lambda API needs the action `lambda:InvokeFunction` on exactly the ARN that is invoked.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
 */
export class StreamGrants {
  /**
   * Grants on any function, alias or version, defined here or imported.
   *
   * A streaming function is granted by its `live` alias.
   */
  public static fromFunction(fn: lambda.IFunction): StreamGrants {
    return new StreamGrants('liveAlias' in fn ? (fn.liveAlias as lambda.IFunction) : fn);
  }

  private constructor(private readonly fn: lambda.IFunction) {}

  /**
   * Lets `grantee` stream from the function over the Lambda API.
   */
  public invoke(grantee: iam.IGrantable): iam.Grant {
    const principal = grantee.grantPrincipal;
    const sameAccount = Token.compareStrings(this.fn.env.account, principal.principalAccount ?? '');
    const identity = iam.Grant.addToPrincipal({
      grantee,
      actions: ['lambda:InvokeFunction'],
      resourceArns: [this.fn.functionArn],
    });
    if (sameAccount === TokenComparison.SAME || sameAccount === TokenComparison.BOTH_UNRESOLVED) return identity;
    if (!Construct.isConstruct(this.fn)) throw new Error('a function is a construct');
    const permission = new lambda.CfnPermission(this.fn, `Invoke${Names.nodeUniqueId(Node.of(grantee as never))}`, {
      action: 'lambda:InvokeFunction',
      functionName: this.fn.functionArn,
      principal: [principal.policyFragment.principalJson['AWS']].flat()[0] ?? '',
    });
    if (Construct.isConstruct(principal)) permission.node.addDependency(principal);
    return identity;
  }
}
