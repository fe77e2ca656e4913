/** Raised when an entry cannot be found, built or staged. */
export class BundlingError extends Error {
  readonly name = 'BundlingError';
}

/** By name: a package can be loaded twice, and test runners give each file its own `Error`. */
export function isBundlingError(error: unknown): error is BundlingError {
  return field(error, 'name') === 'BundlingError';
}

/** A property of something thrown, which may be anything. */
export function field(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}

/** Why something could not be bundled. */
export interface Failure {
  readonly failure: string;
  /** What was thrown, unless the words say it all. */
  readonly cause?: unknown;
}

/** The failure that something thrown is: hooks are functions of the user, and may throw anything. */
export function failureOf(error: unknown): Failure {
  return { failure: String(field(error, 'message') ?? error), cause: error };
}
