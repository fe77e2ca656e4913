/** The app under check: all of its rendered resources, and what a reference in one of them points at. */
import { CfnOutput, Stack, Token } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import { isResource, type Json, type RenderedResource, renderResource } from './rendered-resource';

export class App {
  /** Reads everything under `root`, and the functions and exports of the whole app around it. */
  public static read(root: IConstruct): App {
    const everything = root.node.root.node.findAll();
    const rendered = everything.filter(isResource).map(renderResource);
    const within = new Set<IConstruct>(root.node.findAll());
    return new App(rendered, within, exportsOf(everything));
  }

  private readonly byId: ReadonlyMap<string, RenderedResource>;

  private constructor(
    /** All resources of the app, also those outside the scope that is checked. */
    public readonly resources: readonly RenderedResource[],
    private readonly within: ReadonlySet<IConstruct>,
    private readonly exported: ReadonlyMap<string, { readonly stack: Stack; readonly value: Json }>,
  ) {
    this.byId = new Map(resources.map((resource) => [keyOf(resource.stack, resource.logicalId), resource]));
  }

  /** The resources of a type that the check was asked to look at. */
  public ofType(...types: readonly string[]): readonly RenderedResource[] {
    return this.resources.filter((resource) => types.includes(resource.type) && this.within.has(resource.at));
  }

  /** The resource with a logical id in a stack. */
  public byLogicalId(stack: Stack, logicalId: string): RenderedResource | undefined {
    return this.byId.get(keyOf(stack, logicalId));
  }

  /** The value another stack exports under `name`, with the stack in which it has a meaning. */
  public export(name: string): { readonly stack: Stack; readonly value: Json } | undefined {
    return this.exported.get(name);
  }
}

function keyOf(stack: Stack, logicalId: string): string {
  return `${stack.node.addr}/${logicalId}`;
}

function exportsOf(everything: readonly IConstruct[]): Map<string, { stack: Stack; value: Json }> {
  const exported = new Map<string, { stack: Stack; value: Json }>();
  for (const node of everything) {
    if (!(node instanceof CfnOutput) || node.exportName === undefined) continue;
    const stack = Stack.of(node);
    const name = stack.resolve(node.exportName) as Json;
    if (typeof name === 'string' && !Token.isUnresolved(name)) {
      exported.set(name, { stack, value: stack.resolve(node.value) as Json });
    }
  }
  return exported;
}
