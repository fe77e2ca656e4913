/** The app under check: all of its rendered resources, and what a reference in one of them points at. */
import { CfnElement, type CfnOutput, Stack } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import { isResource, type Json, member, type RenderedResource, renderResource } from './rendered-resource';

/** What the rules look at, and what leads there; rendering is most of the work. */
const OF_INTEREST = /^AWS::(Lambda|IAM|ApiGateway|ApiGatewayV2|ElasticLoadBalancingV2|CloudFormation|CloudFront)::/;

/** An expression with the stack in which it has a meaning. */
export interface InStack {
  readonly stack: Stack;
  readonly value: Json | undefined;
}

export class CheckedApp {
  /** Reads everything under `root`, and the functions and exports of the whole app around it. */
  public static read(root: IConstruct): CheckedApp {
    const everything = root.node.root.node.findAll();
    const within = new Set<IConstruct>(root.node.findAll());
    const resources = everything.filter(isResource).filter(({ cfnResourceType }) => OF_INTEREST.test(cfnResourceType));
    return new CheckedApp(resources.map(renderResource), everything.filter(isOutput), within);
  }

  private readonly byId: ReadonlyMap<string, RenderedResource>;
  private readonly exports = new Map<string, CfnOutput>();
  private readonly known = new Map<unknown, unknown>();

  private constructor(
    /** All resources of the app, also those outside the scope that is checked. */
    public readonly resources: readonly RenderedResource[],
    private readonly outputs: readonly CfnOutput[],
    private readonly within: ReadonlySet<IConstruct>,
  ) {
    this.byId = new Map(resources.map((resource) => [keyOf(resource.stack, resource.logicalId), resource]));
    for (const output of outputs) {
      if (output.exportName !== undefined)
        this.exports.set(String(Stack.of(output).resolve(output.exportName)), output);
    }
  }

  /** The resources of a type that the check was asked to look at. */
  public ofType(...types: readonly string[]): readonly RenderedResource[] {
    return this.resources.filter((resource) => types.includes(resource.type) && this.within.has(resource.at));
  }

  /** What `read` finds in the app, read once: several rules look at the same statements. */
  public once<T>(read: (app: CheckedApp) => T): T {
    if (!this.known.has(read)) this.known.set(read, read(this));
    return this.known.get(read) as T;
  }

  /** The resource with a logical id in a stack. */
  public byLogicalId(stack: Stack, logicalId: string): RenderedResource | undefined {
    return this.byId.get(keyOf(stack, logicalId));
  }

  /** What another stack exports under `name`. */
  public export(name: string): InStack | undefined {
    return inStack(this.exports.get(name));
  }

  /** What the parent of a nested stack gives it as a parameter. */
  public parameter(stack: Stack, name: string): InStack | undefined {
    const nested = this.resources.find(({ at }) => at === stack.nestedStackResource);
    return nested && { stack: nested.stack, value: member(nested.properties['Parameters'], name) };
  }

  /** What the nested stack behind a resource of type `AWS::CloudFormation::Stack` gives its parent. */
  public nestedOutput(resource: RenderedResource, name: string): InStack | undefined {
    const output = this.outputs.find(
      (candidate) =>
        Stack.of(candidate).nestedStackResource === resource.at &&
        Stack.of(candidate).resolve(candidate.logicalId) === name,
    );
    return inStack(output);
  }
}

function inStack(output: CfnOutput | undefined): InStack | undefined {
  const stack = output && Stack.of(output);
  return stack && { stack, value: stack.resolve(output.value) as Json };
}

function keyOf(stack: Stack, logicalId: string): string {
  return `${stack.node.addr}/${logicalId}`;
}

function isOutput(node: IConstruct): node is CfnOutput {
  return CfnElement.isCfnElement(node) && 'exportName' in node;
}
