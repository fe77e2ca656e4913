/** The one origin access control and the one pair of permissions that a distribution needs for a function URL. */
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Aws, Fn, Names } from 'aws-cdk-lib/core';
import { Construct, type IConstruct } from 'constructs';
import { idBelowStack } from '../facts/id-below-stack';
import { StreamingConstructError } from '../problems/construct-error';
import { warn } from '../problems/warnings';
import { allowUrl } from './service-permission';

const CLOUDFRONT = 'cloudfront.amazonaws.com';
const OAC_NAME_MAX_LENGTH = 64;
const UUID_LENGTH = 36;

/** `origin` is the construct CloudFront makes for each behavior's origin; its scope is the distribution. */
export function originAccess(
  origin: Construct,
  url: lambda.IFunctionUrl,
  distributionId: string | undefined,
): cloudfront.FunctionUrlOriginAccessControl {
  const distribution: IConstruct = origin.node.scope ?? origin;
  if (distributionId === undefined) {
    throw new StreamingConstructError(
      origin,
      'OriginWithoutDistribution',
      'a streaming origin needs the id of its distribution, and was bound without one; use it in a behavior of a cloudfront.Distribution',
    );
  }
  const id = `StreamAccess${idBelowStack(distribution, url)}`;
  const existing = distribution.node.tryFindChild(id) as OriginAccess | undefined;
  return (existing ?? new OriginAccess(distribution, id, url, distributionId)).control;
}

class OriginAccess extends Construct {
  public readonly control: cloudfront.FunctionUrlOriginAccessControl;

  public constructor(scope: IConstruct, id: string, url: lambda.IFunctionUrl, distributionId: string) {
    super(scope as Construct, id);
    this.control = new cloudfront.FunctionUrlOriginAccessControl(this, 'OriginAccessControl', {
      originAccessControlName: uniqueName(this),
      signing: cloudfront.Signing.SIGV4_ALWAYS,
    });
    const sourceArn = `arn:${Aws.PARTITION}:cloudfront::${Aws.ACCOUNT_ID}:distribution/${distributionId}`;
    const callee = 'invokedFunction' in url ? (url.invokedFunction as lambda.IFunction) : undefined;
    if (callee) this.allowOnFunction(callee, sourceArn);
    else this.allowOnPlainUrl(url, sourceArn);
  }

  private allowOnFunction(callee: lambda.IFunction, sourceArn: string): void {
    if (allowUrl(this, callee, { service: CLOUDFRONT, sourceArn })) return;
    warn(
      this,
      'CloudFrontPermissionMissing',
      `the function ${callee.functionArn} is defined elsewhere, so its owner has to allow this distribution: two permissions for ${CLOUDFRONT} ` +
        'with the ARN of the distribution as source, lambda:InvokeFunctionUrl (FunctionUrlAuthType AWS_IAM) and lambda:InvokeFunction (InvokedViaFunctionUrl true)',
    );
  }

  /** A plain CDK function URL keeps its function to itself; its resource says which function and which alias. */
  private allowOnPlainUrl(url: lambda.IFunctionUrl, sourceArn: string): void {
    const resource = url.node.defaultChild as lambda.CfnUrl | undefined;
    const arn = resource?.targetFunctionArn ?? url.functionArn;
    const functionName = resource?.qualifier ? `${arn}:${resource.qualifier}` : arn;
    const common = { principal: CLOUDFRONT, functionName, sourceArn };
    const pair = [
      new lambda.CfnPermission(this, 'InvokeFunctionUrl', {
        ...common,
        action: 'lambda:InvokeFunctionUrl',
        functionUrlAuthType: lambda.FunctionUrlAuthType.AWS_IAM,
      }),
      new lambda.CfnPermission(this, 'InvokeFunction', {
        ...common,
        action: 'lambda:InvokeFunction',
        invokedViaFunctionUrl: true,
      }),
    ];
    if (resource) for (const permission of pair) permission.node.addDependency(resource); // the alias is there before it
  }
}

/** Names are unique in an account, worldwide; the stack's own id keeps two deployments of one app apart. */
function uniqueName(scope: Construct): string {
  const readable = Names.uniqueResourceName(scope, { maxLength: OAC_NAME_MAX_LENGTH - UUID_LENGTH - 1 });
  return `${readable}-${Fn.select(2, Fn.split('/', Aws.STACK_ID))}`;
}
