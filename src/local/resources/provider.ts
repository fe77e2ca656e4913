/** What a CloudFormation resource type is made of here: one provider per type, one file per provider. */

import type { ImageProgram, LocalState } from '../state';
import type { Properties } from './properties';

/** What a resource gives to the rest of the template. */
export interface ResourceValues {
  /** Value of `Ref`. */
  readonly physicalId: string;
  /** Values of `Fn::GetAtt`. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Any other attribute has a made-up value: nobody here knows what the type offers. */
  readonly hasAnyAttribute?: boolean;
}

/** Where the code of a function is. */
interface CodeLocation {
  readonly directory: string;
}

/** What a nested stack is deployed and deleted by. */
interface NestedStack {
  /**
   * Deploys its template over what it was before.
   * @param physicalId of the stack, unless it is new
   * @returns its id, and its outputs as attributes
   */
  deploy(parameters: Readonly<Record<string, string>>, physicalId?: string): Promise<ResourceValues>;
  delete(): Promise<void>;
}

/** The surroundings a provider works in. */
export interface ResourceContext {
  /** The state being changed: a copy that becomes visible when the whole stack is deployed. */
  readonly state: LocalState;
  readonly account: string;
  readonly region: string;
  /** `aws`, `aws-cn` or `aws-us-gov`, as the region has it. */
  readonly partition: string;
  readonly stackName: string;
  readonly logicalId: string;
  /** A name as CloudFormation generates it: stack, logical id, suffix; never longer than `maxLength`. */
  generateName(maxLength: number): string;
  /** The folder a function's `Code` property stands for. */
  locateCode(code: Properties): CodeLocation;
  /** What plays the container image of the function of this name, or at the construct path of this resource. */
  imageProgram(functionName: string): ImageProgram | undefined;
  /** A text with the addresses of AWS in it replaced by those that answer here; for what leaves the templates. */
  localAddress(text: string): string;
  /** Whether stacks of this process live in the account, so that its roles must exist when a policy names them. */
  isLocalAccount(account: string): boolean;
  /** Whether a bucket, by its id, has objects. */
  hasObjects(bucketId: string): boolean;
  /** The nested stack that this resource is. */
  readonly nestedStack: NestedStack;
  /** Adds a finding that does not stop the deployment. */
  warn(message: string): void;
}

/** A resource as it was deployed before. */
interface PreviousResource extends ResourceValues {
  readonly properties: Properties;
}

export interface ResourceProvider {
  /** For example `AWS::Lambda::Alias`. */
  readonly type: string;
  /** Resources of the type do nothing here. */
  readonly inert?: boolean;
  /** Properties that have an effect here. */
  readonly properties: readonly string[];
  /** Properties that are accepted and change nothing here. */
  readonly withoutEffect?: readonly string[];
  /** Properties whose change makes a new resource; every property when there is no `update`. */
  readonly replacedBy?: readonly string[];
  create(context: ResourceContext, properties: Properties): ResourceValues | Promise<ResourceValues>;
  update?(
    context: ResourceContext,
    properties: Properties,
    previous: PreviousResource,
  ): ResourceValues | Promise<ResourceValues>;
  delete(context: ResourceContext, previous: PreviousResource): void | Promise<void>;
}
