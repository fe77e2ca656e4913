/** What a deployment is asked for, and what comes of it. */

export interface DeployOptions {
  /**
   * Names of stacks to deploy, as in `cdk deploy`, with the stacks they depend on; `*` and `?` are wildcards.
   * @default - all stacks
   */
  readonly stacks?: readonly string[];
  /**
   * Refuse resource types that are not played here, and list all of them, instead of accepting them as doing nothing.
   * @default false
   */
  readonly strict?: boolean;
  /**
   * Resource types to accept as doing nothing in a strict deployment, and `AWS::Lambda` and `AWS::IAM` types that are
   * not known here in any; `*` and `?` are wildcards. @default - none
   */
  readonly inertTypes?: readonly string[];
  /** Values of template parameters by `Parameter` or `Stack:Parameter`. @default - those of the assembly */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** What a client of AWS has changed beside deployments. */
export type ClientChange =
  | { readonly kind: 'stack-deleted'; readonly stackName: string; readonly account: string; readonly region: string }
  | { readonly kind: 'function-code' | 'function-configuration'; readonly functionArn: string };

export type ResourceChange = 'created' | 'updated' | 'replaced' | 'deleted' | 'retained' | 'unchanged';

/** What became of one stack. */
export interface StackResult {
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  readonly status: 'created' | 'updated' | 'unchanged';
  readonly outputs: Readonly<Record<string, string>>;
  /** By logical id; those of nested stacks as `Nested/Resource`. */
  readonly changes: Readonly<Record<string, ResourceChange>>;
}

export interface Deployment {
  /** In the order of deployment. */
  readonly stacks: readonly StackResult[];
  /** Findings that did not stop the deployment. */
  readonly warnings: readonly string[];
  /** Resource types of the assembly that do nothing here. */
  readonly inertTypes: readonly string[];
}
