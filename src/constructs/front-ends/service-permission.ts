/** Lets the service of a front end invoke the function: by permissions beside the front end, or in the one policy the function keeps. */
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { watchPolicySize } from '../checks/policy-size';
import { give } from '../grants/give';
import { grantedFunction } from '../grants/granted-function';
import { StreamResourcePolicy } from '../grants/resource-policy';
import { type Access, API_ACCESS, URL_ACCESS } from '../grants/resource-statement';

export interface CallingService {
  /** The service's principal, for example `cloudfront.amazonaws.com`. */
  readonly service: string;
  /** The front end itself: the service may not call for anything else. */
  readonly sourceArn: string;
}

/** @returns false where the function belongs to another app, whose policy cannot be written from here */
export function allowApi(frontEnd: Construct, id: string, callee: lambda.IFunction, from: CallingService): boolean {
  if (allowInOnePolicy(callee, from, API_ACCESS)) return true;
  const { service, sourceArn } = from;
  watchPolicySize(frontEnd);
  callee.addPermission(id, { principal: new iam.ServicePrincipal(service), sourceArn, scope: frontEnd });
  return frontEnd.node.tryFindChild(id) !== undefined;
}

/** Both permissions of a function URL. */
export function allowUrl(frontEnd: Construct, callee: lambda.IFunction, from: CallingService): boolean {
  if (allowInOnePolicy(callee, from, URL_ACCESS)) return true;
  const { service, sourceArn } = from;
  const common = { principal: new iam.ServicePrincipal(service), sourceArn, scope: frontEnd };
  callee.addPermission('InvokeFunctionUrl', {
    ...common,
    action: 'lambda:InvokeFunctionUrl',
    functionUrlAuthType: lambda.FunctionUrlAuthType.AWS_IAM,
  });
  callee.addPermission('InvokeFunction', { ...common, action: 'lambda:InvokeFunction', invokedViaFunctionUrl: true });
  return frontEnd.node.tryFindChild('InvokeFunction') !== undefined;
}

/** Permissions would overwrite an `AWS::Lambda::ResourcePolicy`, and the other way round. */
function allowInOnePolicy(callee: lambda.IFunction, from: CallingService, access: readonly Access[]): boolean {
  const granted = grantedFunction(callee);
  if (!StreamResourcePolicy.find(granted)) return false;
  const grantee = new iam.ServicePrincipal(from.service);
  give(granted, { grantee, access, options: { sourceArn: from.sourceArn } });
  return true;
}
