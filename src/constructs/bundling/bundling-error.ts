/** The error of bundling, for whoever wants to tell it from others. */

/** Why something could not be bundled. */
export type BundlingErrorCode =
  /** No file is where the entry was looked for. */
  | 'EntryNotFound'
  /** The entry is not the path of a source file. */
  | 'EntryInvalid'
  /** An option cannot be used, alone or with others or in this project. */
  | 'OptionInvalid'
  /** esbuild or `tsc` refuses the source, or several constructs fail for different reasons. */
  | 'BuildFailed'
  /** A hook, an installation or a container failed. */
  | 'CommandFailed'
  /** esbuild, TypeScript, a lock file or a package manager is missing, broken or too old. */
  | 'ToolMissing'
  /** Lambda would not take the bundle. */
  | 'BundleTooLarge'
  /** The output folder cannot be written to. */
  | 'OutputUnwritable'
  /** The code was not given to a construct in the way that constructs of the framework do it. */
  | 'NotBound';

/** By name in the registry of symbols: a package can be loaded twice, and test runners give each file its own `Error`. */
const BRAND = Symbol.for('cdk-lambda-streaming.BundlingError');

/**
 * An entry cannot be found, built or staged.
 *
 * Recognise it with `isBundlingError()`.
 *
 * @jsii ignore
 */
export class BundlingError extends Error {
  public readonly name = 'BundlingError';

  /** `cause` is what was thrown, unless the message says it all. */
  public constructor(
    /** Stable identifier of what went wrong. */
    public readonly code: BundlingErrorCode,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    Object.defineProperty(this, BRAND, { value: true });
    keepMessage(this, message);
    // A mistake in a source is found by the message; twenty lines of whoever called app.synth() would only push it away.
    if (code === 'BuildFailed') this.stack = `${this.name}: ${message}`;
  }
}

/**
 * Whether something thrown is a `BundlingError`, with one code or with any.
 *
 * @jsii ignore
 */
export function isBundlingError(error: unknown, code?: BundlingErrorCode): error is BundlingError {
  const branded = typeof error === 'object' && error !== null && Reflect.get(error, BRAND) === true;
  return branded && (code === undefined || Reflect.get(error, 'code') === code);
}

/** The framework puts `Resolution error: ` before the message of whatever passes by, once for each level it resolves. */
function keepMessage(error: Error, message: string): void {
  Object.defineProperty(error, 'message', { get: () => message, set: () => undefined, enumerable: false });
}
