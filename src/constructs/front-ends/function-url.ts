/** What every function URL of ours does alike: it is the only one of its alias, and is granted by both permissions. */
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { checkFunctionUrls } from '../grants/function-urls';
import { give } from '../grants/give';
import { grantedFunction } from '../grants/granted-function';
import { URL_ACCESS } from '../grants/resource-statement';
import { StreamingConstructError } from '../problems/construct-error';

const urls = new WeakMap<IConstruct, lambda.FunctionUrl>();

/** @throws StreamingConstructError `SecondUrl` where the function has a URL, which CloudFormation would refuse half-way */
export function registerUrl(callee: lambda.IFunction, url: lambda.FunctionUrl): void {
  const first = urls.get(callee);
  if (first) {
    throw new StreamingConstructError(
      url,
      'SecondUrl',
      `an alias has one function URL, and ${callee.node.path} has ${first.node.path}; use that one, or add an alias for this URL`,
    );
  }
  urls.set(callee, url);
}

export function grantUrl(
  url: IConstruct,
  callee: lambda.IFunction,
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
  const granted = grantedFunction(callee);
  checkFunctionUrls(granted);
  return give(granted, { grantee, access: URL_ACCESS });
}
