/** The way to the Lambda API from within a VPC, open for some functions only. */
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { OBJECT } from '../base/option-problem';
import { grantedFunction } from './grants/granted-function';
import { INVOKE_FUNCTION } from './grants/resource-statement';
import { type CheckedProps, checkProps, FLAG, having, LIST } from './problems/check-props';
import { StreamingConstructError } from './problems/construct-error';

/**
 * Properties of an interface endpoint for streaming.
 */
export interface StreamingInterfaceEndpointProps {
  /**
   * The VPC the callers are in.
   */
  readonly vpc: ec2.IVpc;

  /**
   * What may be invoked through the endpoint; a streaming function by its alias `live`.
   */
  readonly functions: lambda.IFunction[];

  /**
   * Who may use the endpoint.
   *
   * @default - every principal; the policies of caller and function still decide
   */
  readonly callers?: iam.IPrincipal[] | undefined;

  /**
   * The subnets of the endpoint, one per Availability Zone.
   *
   * @default - the private subnets
   */
  readonly subnets?: ec2.SubnetSelection | undefined;

  /**
   * The security groups of the endpoint.
   *
   * @default - one is defined
   */
  readonly securityGroups?: ec2.ISecurityGroup[] | undefined;

  /**
   * Whether the usual host name of the Lambda API leads to the endpoint within the VPC.
   *
   * @default true
   */
  readonly privateDnsEnabled?: boolean | undefined;

  /**
   * Whether the security group lets in the whole VPC on port 443.
   *
   * @default true
   */
  readonly open?: boolean | undefined;
}

/**
 * An interface VPC endpoint of the Lambda API, with a policy that names the functions.
 *
 * Function URLs do not stream within a VPC; the Lambda API does, through this endpoint, without a way to the internet.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-endpoints.html
 * @example
 *
 * declare const vpc: ec2.Vpc;
 * declare const fn: StreamingFunction;
 * new StreamingInterfaceEndpoint(this, 'Endpoint', { vpc, functions: [fn] });
 */
export class StreamingInterfaceEndpoint extends ec2.InterfaceVpcEndpoint {
  /**
   * Defines the endpoint and its policy.
   *
   * @throws an error where no function is given
   */
  public constructor(scope: Construct, id: string, props: StreamingInterfaceEndpointProps) {
    checkProps(scope, id, props, ENDPOINT_PROPS);
    const { functions, callers, ...options } = props;
    super(scope, id, { ...options, service: ec2.InterfaceVpcEndpointAwsService.LAMBDA });
    if (functions.length === 0) {
      throw new StreamingConstructError(
        this,
        'NoFunctions',
        'functions is empty, so nothing could be invoked through this endpoint; pass at least one',
      );
    }
    this.addToPolicy(
      new iam.PolicyStatement({
        actions: [INVOKE_FUNCTION],
        principals: callers ?? [new iam.AnyPrincipal()],
        resources: functions.map((fn) => grantedFunction(fn).arn),
      }),
    );
  }
}

const ENDPOINT_PROPS: CheckedProps = {
  noun: 'properties of the endpoint',
  required: { vpc: 'new ec2.Vpc(…)', functions: '[fn]' },
  rules: {
    vpc: having('vpcId', 'a VPC, such as ec2.Vpc.fromLookup(…)'),
    functions: LIST,
    callers: LIST,
    subnets: OBJECT,
    securityGroups: LIST,
    privateDnsEnabled: FLAG,
    open: FLAG,
  },
};
