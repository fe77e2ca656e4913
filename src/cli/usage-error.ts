/** The caller asked wrongly: an option or argument that is missing, unknown or has a wrong value. */

const NAME = 'UsageError';

/** Recognise it with {@link isUsageError}: the file of each command has a copy of its own. */
export class UsageError extends Error {
  public override readonly name = NAME;
}

export function isUsageError(error: unknown): boolean {
  return error instanceof Error && error.name === NAME;
}
