/** Lets the service of a front door invoke the function: by permissions beside the door, or in the one policy the function keeps. */
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { StreamGrants } from '../stream-grants';
import { grantTarget } from './grants/grant-target';
import { StreamResourcePolicy } from './grants/resource-policy';

export interface DoorService {
  /** The service's principal, for example `cloudfront.amazonaws.com`. */
  readonly service: string;
  /** The door itself: the service may not call for anything else. */
  readonly sourceArn: string;
}

/** @returns false where the function belongs to another app, whose policy cannot be written from here */
export function allowApi(door: Construct, id: string, target: lambda.IFunction, from: DoorService): boolean {
  const principal = new iam.ServicePrincipal(from.service);
  const { sourceArn } = from;
  if (keepsOnePolicy(target)) {
    StreamGrants.fromFunction(target).invoke(principal, { sourceArn });
    return true;
  }
  target.addPermission(id, { principal, sourceArn, scope: door });
  return door.node.tryFindChild(id) !== undefined;
}

/** Both permissions of a function URL. */
export function allowUrl(door: Construct, target: lambda.IFunction, from: DoorService): boolean {
  const principal = new iam.ServicePrincipal(from.service);
  const { sourceArn } = from;
  if (keepsOnePolicy(target)) {
    StreamGrants.fromFunction(target).invokeUrl(principal, { sourceArn });
    return true;
  }
  const common = { principal, sourceArn, scope: door };
  target.addPermission('InvokeFunctionUrl', {
    ...common,
    action: 'lambda:InvokeFunctionUrl',
    functionUrlAuthType: lambda.FunctionUrlAuthType.AWS_IAM,
  });
  target.addPermission('InvokeFunction', { ...common, action: 'lambda:InvokeFunction', invokedViaFunctionUrl: true });
  return door.node.tryFindChild('InvokeFunction') !== undefined;
}

/** Permissions would overwrite an `AWS::Lambda::ResourcePolicy`, and the other way round. */
function keepsOnePolicy(target: lambda.IFunction): boolean {
  return StreamResourcePolicy.find(grantTarget(target)) !== undefined;
}
