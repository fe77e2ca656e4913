/**
 * The whole resource-based policy of one ARN as `AWS::Lambda::ResourcePolicy`: every condition, one document.
 * It replaces what `AWS::Lambda::Permission` has put on the same ARN, so the two must not meet.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-resourcepolicy.html
 */
import { CfnResource, Lazy, Stack } from 'aws-cdk-lib/core';
import { Construct, type IConstruct } from 'constructs';
import { stableText } from '../facts/stable-text';
import { StreamingConstructError } from '../problems/construct-error';
import type { GrantedFunction } from './granted-function';
import { policyStatement, type ResourceStatement, statementHash } from './resource-statement';

const TYPE = 'AWS::Lambda::ResourcePolicy';
const CHILD_ID = 'StreamResourcePolicy';
/** The same ARN can be known to a stack as an alias and as an import. */
const policiesOf = new WeakMap<Stack, StreamResourcePolicy[]>();

export class StreamResourcePolicy extends Construct {
  /** The policy of `granted`, where one has been asked for: by this construct or by another that stands for the same ARN. */
  public static find(granted: GrantedFunction): StreamResourcePolicy | undefined {
    const own = granted.scope.node.tryFindChild(CHILD_ID);
    if (own) return own as StreamResourcePolicy;
    const arn = stableText(granted.stack, granted.arn);
    return policiesOf.get(granted.stack)?.find((policy) => policy.arn === arn);
  }

  /** @throws StreamingConstructError where permissions are already on the ARN */
  public static use(granted: GrantedFunction): StreamResourcePolicy {
    const existing = StreamResourcePolicy.find(granted);
    if (existing) return existing;
    const [rival] = rivals(granted.scope, granted.arn);
    if (rival) throw new StreamingConstructError(granted.scope, 'MixedResourcePolicies', mixed(granted.scope, rival));
    return new StreamResourcePolicy(granted);
  }

  public readonly resource: CfnResource;
  private readonly arn: string;
  private readonly statements = new Map<string, Record<string, unknown>>();

  private constructor(private readonly granted: GrantedFunction) {
    super(granted.scope, CHILD_ID);
    this.arn = stableText(granted.stack, granted.arn);
    policiesOf.set(granted.stack, [...(policiesOf.get(granted.stack) ?? []), this]);
    // aws-cdk-lib has a class for this type only since 2.268
    this.resource = new CfnResource(this, 'Resource', {
      type: TYPE,
      properties: {
        ResourceArn: granted.arn,
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: Lazy.any({ produce: () => [...this.statements.values()] }),
        },
      },
    });
    this.node.addValidation({ validate: () => this.check() });
  }

  /** Equal statements are one. */
  public add(statement: ResourceStatement): CfnResource {
    const sid = `Stream${statementHash(this.granted.stack, statement)}`;
    this.statements.set(sid, policyStatement(statement, this.granted.arn, sid));
    return this.resource;
  }

  private check(): string[] {
    const found = rivals(this.node.root, this.granted.arn, this.resource);
    const messages = found.map((rival) => mixed(this.resource, rival));
    if (this.statements.size === 0) {
      messages.push(
        'useResourcePolicy() was called, but nothing is granted; grant something, or remove the call: a policy needs a statement',
      );
    }
    return messages;
  }
}

/** Resources that write to the policy of the same ARN. */
function rivals(root: IConstruct, arn: string, except?: CfnResource): CfnResource[] {
  return root.node.findAll().filter((node): node is CfnResource => {
    if (node === except || !CfnResource.isCfnResource(node)) return false;
    const property = POLICY_WRITERS[node.cfnResourceType];
    if (!property) return false;
    const written = (node as unknown as Record<string, unknown>)[property] ?? rawProperty(node, 'ResourceArn');
    const stack = Stack.of(node);
    return stableText(stack, written) === stableText(stack, arn);
  });
}

/** Type → the member of its class in aws-cdk-lib that names the function. */
const POLICY_WRITERS: Readonly<Record<string, string>> = {
  'AWS::Lambda::Permission': 'functionName',
  [TYPE]: 'resourceArn',
};

/** A plain CfnResource keeps its properties in a protected member. */
function rawProperty(node: CfnResource, name: string): unknown {
  return (node as unknown as { _cfnProperties?: Record<string, unknown> })._cfnProperties?.[name];
}

function mixed(policy: IConstruct, rival: CfnResource): string {
  return (
    `${rival.node.path} (${rival.cfnResourceType}) and ${policy.node.path} (${TYPE}) both write the resource-based policy of the same ARN, ` +
    'and one would overwrite the other; call useResourcePolicy() before anything is granted and give every permission by streamGrants, ' +
    'or do without useResourcePolicy()'
  );
}
