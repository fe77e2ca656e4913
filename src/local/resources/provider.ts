/** What a CloudFormation resource type is made of here: one provider per type, one file per provider. */

import type { ImageProgram, LocalState } from '../state';
import type { Properties } from './properties';
import type { ProviderRunner } from './provider-request';

/** What a resource gives to the rest of the template. */
export interface ResourceValues {
  /** Value of `Ref`. */
  readonly physicalId: string;
  /** Values of `Fn::GetAtt`. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Of a custom resource: its provider knows of it, and must be told of changes. */
  readonly ranProvider?: boolean;
  /** Nothing was done for it, though its type is played: the next deployment tries again. */
  readonly didNothing?: boolean;
  /** Any other attribute has a made-up value: nobody here knows what the type offers. */
  readonly hasAnyAttribute?: boolean;
}

/** What IAM is asked for a step of a resource. */
export interface RequiredPermission {
  readonly action: string;
  readonly resource: string;
  /** Condition keys of the action. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** Where the code of a function is. */
interface CodeLocation {
  readonly directory: string;
}

/** An object to put into a bucket. */
export interface NewObject {
  readonly content: Buffer;
  /** By lower-case name: `content-type`, `x-amz-meta-…`. */
  readonly headers: Readonly<Record<string, string>>;
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

/**
 * Calls an operation of DynamoDB.
 * @throws an error whose `name` is the service's code, such as `ResourceInUseException`
 */
export type DynamoDb = (operation: string, input: object) => Promise<Readonly<Record<string, unknown>>>;

/** Calls DynamoDB as an account in a region. */
export type DynamoDbCaller = (account: string, region: string) => DynamoDb;

/** The surroundings a provider works in. */
export interface ResourceContext {
  /** The state being changed: a copy that becomes visible when the whole stack is deployed. */
  readonly state: LocalState;
  readonly account: string;
  readonly region: string;
  /** `aws`, `aws-cn` or `aws-us-gov`, as the region has it. */
  readonly partition: string;
  readonly stackName: string;
  /** The ARN of the stack. */
  readonly stackId: string;
  readonly logicalId: string;
  /** A name as CloudFormation generates it: stack, logical id, suffix; never longer than `maxLength`. */
  generateName(maxLength: number): string;
  /** The folder a function's `Code` property stands for. */
  locateCode(code: Properties): CodeLocation;
  /** The zip file that `S3Bucket` and `S3Key` name, as it is. */
  readArchive(code: Properties): Buffer;
  /** What plays a container image: of the function of this name, at the construct path of this resource, or by its Dockerfile. */
  imageProgram(functionName: string, imageUri: string): ImageProgram | undefined;
  /** A text with the addresses of AWS in it replaced by those that answer here; for what leaves the templates. */
  localAddress(text: string): string;
  /** Whether stacks of this process live in the account, so that its roles must exist when a policy names them. */
  isLocalAccount(account: string): boolean;
  /**
   * To be called with whatever a resource names that may be of another account: a function, a bucket, an object.
   * @throws in AWS's words where IAM does not let the stack's account do `action` with it
   */
  requireAccess(action: string, resourceArn: string): void;
  /** Whether the role of a function, by its ARN, lets it do this: what a provider does on AWS, which is played here. */
  providerMay(serviceToken: string, permission: RequiredPermission): boolean;
  /** Deletes all objects of a bucket, by its id. */
  emptyBucket(bucketId: string): void;
  /** Whether a bucket, by its id, has objects. */
  hasObjects(bucketId: string): boolean;
  /**
   * Puts objects into a bucket, by its id, and deletes those whose key `isGone`.
   * @returns what takes it back
   */
  changeObjects(
    bucketId: string,
    objects: ReadonlyMap<string, NewObject>,
    isGone: (key: string) => boolean,
  ): () => void;
  /** Where tables are made. @default - nowhere */
  readonly dynamoDb?: DynamoDb | undefined;
  /** Whether a custom resource of the stack has this function as its provider: what it lacks is told of that one. */
  readonly isProvider: boolean;
  /** Runs functions that are providers of custom resources; they see the stack as far as it has come. */
  readonly providers: ProviderRunner;
  /** Adds what undoes something that was done outside of the state, for a deployment that fails later. */
  undo(step: () => Promise<void>): void;
  /**
   * Tells that this resource does nothing here, though its type is played.
   * @param reason in words for a list of such resources; none where the type says enough
   */
  doesNothing(reason?: string): void;
  /**
   * Tells of a part that decides who gets in, or how a stream flows, and is not played: a warning.
   * @throws in a strict deployment
   */
  unplayed(what: string): void;
  /** The nested stack that this resource is. */
  readonly nestedStack: NestedStack;
  /** Adds a finding that does not stop the deployment. */
  warn(message: string): void;
  /**
   * Asks whether whoever deploys may do this.
   * @default - they may do everything
   * @throws in the words of AWS
   */
  readonly demand?: ((permission: RequiredPermission) => void) | undefined;
}

/** A resource as it was deployed before. */
export interface PreviousResource extends ResourceValues {
  readonly properties: Properties;
}

export interface ResourceProvider {
  /** For example `AWS::Lambda::Alias`. */
  readonly type: string;
  /** Resources of the type do nothing here. */
  readonly inert?: boolean;
  /** Does its work outside of the state: any property may have an effect, and a new physical id is a new resource. */
  readonly external?: boolean;
  /** A property that cannot be resolved is left out: a resource without it does nothing here. */
  readonly lenient?: boolean;
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
