/** What the engine remembers of a deployed stack, to update or destroy it later. */

import type { ResourceValues } from '../resources/provider';

export interface DeployedResource extends ResourceValues {
  readonly type: string;
  /** Resolved. */
  readonly properties: Readonly<Record<string, unknown>>;
  readonly constructPath: string | undefined;
  /** Kept when the resource leaves its stack (`DeletionPolicy`). */
  readonly retainOnDelete: boolean;
  /** Kept when another takes its place (`UpdateReplacePolicy`). */
  readonly retainOnReplace: boolean;
}

export interface DeployedStack {
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  /** In deployment order, by logical id. */
  readonly resources: ReadonlyMap<string, DeployedResource>;
  readonly outputs: Readonly<Record<string, string>>;
  /** The same with the addresses of AWS. */
  readonly values: Readonly<Record<string, string>>;
  /** Its nested stacks by logical id. */
  readonly nested: ReadonlyMap<string, DeployedStack>;
  /** Exported values by export name. */
  readonly exports: ReadonlyMap<string, string>;
  /** Export names this stack imports. */
  readonly imports: ReadonlySet<string>;
}

/** A stack and all stacks in it, the outer ones first. */
export function withNestedStacks(stack: DeployedStack): readonly DeployedStack[] {
  return [stack, ...[...stack.nested.values()].flatMap(withNestedStacks)];
}

/** Identifies a stack among all accounts and regions. */
export function stackKey(stack: {
  readonly account: string;
  readonly region: string;
  readonly stackName: string;
}): string {
  return `${stack.account}/${stack.region}/${stack.stackName}`;
}
