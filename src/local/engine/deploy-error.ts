/** A stack could not be deployed or destroyed; recognised by its name. */

/** Which resource failed. */
export interface FailedResource {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  /** Where the CDK app defines it, when the assembly says so. */
  readonly constructPath: string | undefined;
}

export class DeployError extends Error {
  override readonly name = 'DeployError';
  /** The resource that failed; absent when the whole stack or assembly did. */
  readonly resource: FailedResource | undefined;

  constructor(message: string, options: { readonly cause?: unknown; readonly resource?: FailedResource } = {}) {
    super(message, options);
    this.resource = options.resource;
  }
}

/** The error for one resource, in the words of its cause. */
export function resourceError(action: string, resource: FailedResource, cause: unknown): DeployError {
  const { stackName, logicalId, type, constructPath } = resource;
  const where = constructPath === undefined ? type : `${type} at ${constructPath}`;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DeployError(`stack "${stackName}" could not be ${action}: resource ${logicalId} (${where}): ${reason}`, {
    cause,
    resource,
  });
}

/** The error for a whole stack; one that already names its stack stays as it is. */
export function stackError(action: string, stackName: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || cause.name === 'DeployError') return cause;
  return new DeployError(`stack "${stackName}" could not be ${action}: ${cause.message}`, { cause });
}
