/** The errors of the local target that callers meet. They are recognised by `code` and brand: two copies may be loaded. */

/**
 * - `CONFIG_INVALID`: an option or argument that is unknown or has a wrong value; nothing happened.
 * - `ASSEMBLY_INVALID`: the cloud assembly cannot be read or does not fit together.
 * - `DEPLOY_FAILED`: a stack could not be deployed or destroyed; it is as it was before.
 * - `PRINCIPAL_INVALID`: nobody of that name is known here, or it may not be assumed.
 */
export type LocalErrorCode = 'CONFIG_INVALID' | 'ASSEMBLY_INVALID' | 'DEPLOY_FAILED' | 'PRINCIPAL_INVALID';

const BRAND = Symbol.for('cdk-lambda-streaming.LocalError');

abstract class BrandedError extends Error {
  public abstract readonly code: LocalErrorCode;

  public constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** An option or argument that is unknown or has a wrong value. */
export class LocalConfigError extends BrandedError {
  public override readonly name = 'LocalConfigError';
  public readonly code = 'CONFIG_INVALID';
}

/** The cloud assembly cannot be read or does not fit together. */
export class AssemblyError extends BrandedError {
  public override readonly name = 'AssemblyError';
  public readonly code = 'ASSEMBLY_INVALID';
}

/** Which resource failed. */
export interface FailedResource {
  readonly stackName: string;
  readonly logicalId: string;
  /** For example `AWS::Lambda::Function`. */
  readonly type: string;
  /** Where the CDK app defines it, when the assembly says so. */
  readonly constructPath: string | undefined;
}

/** A stack could not be deployed or destroyed. */
export class DeployError extends BrandedError {
  public override readonly name = 'DeployError';
  public readonly code = 'DEPLOY_FAILED';
  /** The resource that failed; absent when the whole stack or assembly did. */
  public readonly resource: FailedResource | undefined;

  public constructor(message: string, options: { readonly cause?: unknown; readonly resource?: FailedResource } = {}) {
    super(message, options);
    this.resource = options.resource;
  }
}

/** Nobody of that name is known here, or it may not be assumed; what IAM decided on that is its `cause`. */
export class PrincipalError extends BrandedError {
  public override readonly name = 'PrincipalError';
  public readonly code = 'PRINCIPAL_INVALID';
}

export type LocalError = LocalConfigError | AssemblyError | DeployError | PrincipalError;

/** Whether `value` is an error of the local target; its `code` says which. */
export function isLocalError(value: unknown): value is LocalError {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true;
}

export function isLocalConfigError(value: unknown): value is LocalConfigError {
  return isLocalError(value) && value.code === 'CONFIG_INVALID';
}

export function isAssemblyError(value: unknown): value is AssemblyError {
  return isLocalError(value) && value.code === 'ASSEMBLY_INVALID';
}

export function isDeployError(value: unknown): value is DeployError {
  return isLocalError(value) && value.code === 'DEPLOY_FAILED';
}

export function isPrincipalError(value: unknown): value is PrincipalError {
  return isLocalError(value) && value.code === 'PRINCIPAL_INVALID';
}

/** What a message shows of a value from a template: a text in quotes, any other value as JSON, and no more than a line. */
export function excerpt(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? 'nothing');
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}
