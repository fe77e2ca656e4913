/** A function, version or alias of another stack, app or account, known by its ARN. */
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Fn, Stack, Token } from 'aws-cdk-lib/core';
import type { Construct, IConstruct, Node } from 'constructs';
import { environmentOfArn, relate } from './grants/environment';
import { StreamingConstructError } from './problems/construct-error';
import { StreamCallerGrants } from './stream-caller-grants';
import { StreamGrants } from './stream-grants';

/**
 * What is invoked by an ARN of another stack, app or account.
 *
 * Keeps the qualifier: grants are on exactly this ARN, and `functionName` is the name a caller invokes.
 *
 * @example
 *
 * declare const role: iam.Role;
 * const chat = StreamingFunctionReference.fromArn(this, 'Chat', 'arn:aws:lambda:eu-west-1:111111111111:function:chat:live');
 * chat.callerGrants.invoke(role);
 */
export class StreamingFunctionReference extends lambda.FunctionBase {
  /**
   * Refers to a function, version or alias by its ARN.
   *
   * @throws an error where the ARN is not one of a Lambda function
   *
   * @param scope the construct to define it in
   * @param id the construct's id
   * @param functionArn `arn:aws:lambda:<region>:<account>:function:<name>`, with or without `:<version or alias>`; or a token
   */
  public static fromArn(scope: Construct, id: string, functionArn: string): StreamingFunctionReference {
    return StreamingFunctionReference.fromAttributes(scope, id, { functionArn });
  }

  /**
   * Refers to a function, version or alias when more than its ARN is known.
   *
   * @param scope the construct to define it in
   * @param id the construct's id
   * @param attrs what is known of the function
   */
  public static fromAttributes(
    scope: Construct,
    id: string,
    attrs: lambda.FunctionAttributes,
  ): StreamingFunctionReference {
    return new StreamingFunctionReference(scope, id, attrs);
  }

  /** The ARN that is invoked, with its qualifier. */
  public readonly functionArn: string;
  /** Name of the function, with its qualifier: `<name>:<version or alias>`. */
  public readonly functionName: string;
  /** The execution role, where it is known. */
  public readonly role?: iam.IRole;
  /** The execution role as grantee. */
  public readonly grantPrincipal: iam.IPrincipal;
  /** The node that carries permissions. */
  public readonly permissionsNode: Node = this.node;
  /** The architecture of the function. */
  public readonly architecture: lambda.Architecture;
  /** Whether the function runs each tenant apart, where it is known. */
  public readonly tenancyConfig?: lambda.TenancyConfig;
  /** The version or alias in the ARN; undefined where there is none, or a token hides it. */
  public readonly qualifier?: string;
  /** The ARNs that `grantInvoke()` grants: this one. */
  public readonly resourceArnsForGrantInvoke: string[];

  /** Permissions that callers need in their own account. */
  public readonly callerGrants: StreamCallerGrants;
  /** Permissions on both sides, where this stack may write that of the function. */
  public readonly streamGrants: StreamGrants;

  /** Whether permissions can be put on the function from this stack. */
  protected readonly canCreatePermissions: boolean;

  /** @internal */
  protected readonly _skipPermissions?: boolean;

  private constructor(scope: Construct, id: string, attrs: lambda.FunctionAttributes) {
    const { functionArn, role } = attrs;
    checkArn(scope, id, functionArn);
    super(scope, id, { environmentFromArn: functionArn });
    const [name, qualifier] = nameAndQualifier(functionArn);
    this.functionArn = functionArn;
    this.functionName = qualifier === undefined ? name : `${name}:${qualifier}`;
    this.qualifier = qualifier;
    this.role = role;
    this.grantPrincipal = role ?? new iam.UnknownPrincipal({ resource: this });
    this.architecture = attrs.architecture ?? lambda.Architecture.X86_64;
    this.tenancyConfig = attrs.tenancyConfig;
    this.resourceArnsForGrantInvoke = [functionArn];
    this.canCreatePermissions = attrs.sameEnvironment ?? isOfStack(this, functionArn);
    this._skipPermissions = attrs.skipPermissions;
    const { securityGroup } = attrs;
    if (securityGroup) this._connections = new ec2.Connections({ securityGroups: [securityGroup] });
    this.streamGrants = StreamGrants.fromFunction(this);
    this.callerGrants = StreamCallerGrants.fromFunction(this);
  }
}

/** arn, partition, lambda, region, account, function, name: a qualifier would be the eighth. */
const UNQUALIFIED_PARTS = 7;

function checkArn(scope: IConstruct, id: string, arn: string): void {
  if (Token.isUnresolved(arn) && !arn.startsWith('arn:')) return; // a parameter, an import: nothing to look at yet
  const parts = arn.split(':');
  const [prefix, , service = '', , , resource = ''] = parts;
  const isFunction =
    prefix === 'arn' &&
    (service === 'lambda' || Token.isUnresolved(service)) &&
    (resource === 'function' || Token.isUnresolved(resource)) &&
    (parts.length === UNQUALIFIED_PARTS || parts.length === UNQUALIFIED_PARTS + 1) &&
    !parts.includes('');
  if (isFunction) return;
  throw new StreamingConstructError(
    scope,
    'FunctionArn',
    `${id}: functionArn must be arn:<partition>:lambda:<region>:<account>:function:<name>, optionally with :<version or alias>, got '${arn}'`,
  );
}

function nameAndQualifier(arn: string): [name: string, qualifier: string | undefined] {
  if (!arn.startsWith('arn:')) return [Fn.select(UNQUALIFIED_PARTS - 1, Fn.split(':', arn)), undefined];
  const [name = '', qualifier] = arn.split(':').slice(UNQUALIFIED_PARTS - 1);
  return [name, qualifier];
}

function isOfStack(scope: IConstruct, arn: string): boolean {
  const stack = Stack.of(scope);
  return relate(stack, environmentOfArn(arn, 'AWS::Lambda::').account, stack.account) === 'same';
}
