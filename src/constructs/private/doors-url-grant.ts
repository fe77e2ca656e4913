/** Grants through a URL: refused where the URL asks nobody for credentials, otherwise the function's both halves. */
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { StreamGrants } from '../stream-grants';
import { StreamingConstructError } from './errors';

export function grantUrl(
  url: IConstruct,
  target: lambda.IFunction,
  authType: lambda.FunctionUrlAuthType,
  grantee: iam.IGrantable,
): iam.Grant {
  if (authType === lambda.FunctionUrlAuthType.NONE) {
    throw new StreamingConstructError(
      url,
      'GrantOnPublicUrl',
      'this URL has authType: NONE, so a grant would never be looked at; remove the grant, or define the URL with authType: AWS_IAM',
    );
  }
  return StreamGrants.fromFunction(target).invokeUrl(grantee);
}
