/**
 * What CloudFormation and the provider of a custom resource say to each other.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
 */

export interface ProviderRequest {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly RequestId: string;
  readonly StackId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceType: string;
  readonly ServiceToken: string;
  readonly ResourceProperties: Readonly<Record<string, unknown>>;
  readonly OldResourceProperties?: Readonly<Record<string, unknown>>;
}

export interface ProviderAnswer {
  readonly succeeded: boolean;
  /** Why it failed. */
  readonly reason: string;
  readonly physicalId: string | undefined;
  /** Values of `Fn::GetAtt`. */
  readonly data: Readonly<Record<string, unknown>>;
  /** What kept the provider from its work is missing here, not wrong with it; in words for a list. */
  readonly missing: string | undefined;
}

/** Runs the functions that are providers of custom resources. */
export interface ProviderRunner {
  /** Why the function that a service token names cannot be a provider here; undefined when it can. */
  problem(serviceToken: string): string | undefined;
  /**
   * Sends a request and waits for the answer.
   * @throws when there will be none, or not within `timeoutSeconds`
   */
  run(request: ProviderRequest, timeoutSeconds: number): Promise<ProviderAnswer>;
}
