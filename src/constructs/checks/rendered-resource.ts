/** A resource as CloudFormation will read it: properties rendered with overrides, names in CloudFormation's spelling. */
import { CfnResource, Stack } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';

/** Plain JSON of a template: tokens are resolved, intrinsic functions remain. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

export interface RenderedResource {
  readonly at: CfnResource;
  readonly stack: Stack;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonObject;
}

/** What CfnElement has under its `@internal` mark; every template is made by it, which makes it the steadiest way in. */
interface Renders {
  _toCloudFormation(): object;
}

export function isResource(node: IConstruct): node is CfnResource {
  return CfnResource.isCfnResource(node);
}

/** Renders one resource; call it when the tree is complete and references between stacks are resolved. */
export function renderResource(at: CfnResource): RenderedResource {
  const stack = Stack.of(at);
  const fragment = stack.resolve((at as unknown as Renders)._toCloudFormation()) as {
    Resources?: Record<string, { Properties?: JsonObject }>;
  };
  const [logicalId, body] = Object.entries(fragment.Resources ?? {})[0] ?? [stack.resolve(at.logicalId), {}];
  return { at, stack, logicalId, type: at.cfnResourceType, properties: body.Properties ?? {} };
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as a list: CloudFormation accepts one or many in policies. */
export function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}

/** The member `key` of `value`, where it is an object. */
export function member(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) ? value[key] : undefined;
}

export function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The path its author knows: of the construct that defines the resource, where there is one. */
export function pathOf(resource: RenderedResource): string {
  const { at } = resource;
  return (at.node.id === 'Resource' ? (at.node.scope ?? at) : at).node.path;
}
