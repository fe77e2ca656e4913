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
