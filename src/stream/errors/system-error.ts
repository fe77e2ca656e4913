/** Reads errors of the platform's network layer by their shape. Under jest, Node's own errors belong to another realm. */

/** The operating system's code, for example `ECONNRESET`; also of an error that was wrapped. */
export function systemCodeOf(error: unknown): string | undefined {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  if (typeof code === 'string') return code;
  return cause === undefined ? undefined : systemCodeOf(cause);
}

/** What `error` says, whatever it is: `ECONNREFUSED connect ECONNREFUSED …` of one error, or of the first of several addresses that all failed. */
export function describe(error: unknown): string {
  try {
    const { message, errors, name } = (error ?? {}) as {
      message?: unknown;
      name?: string;
      errors?: readonly unknown[];
    };
    if (message) return String(message);
    const first = Array.isArray(errors) ? errors[0] : undefined;
    return first === undefined ? (systemCodeOf(error) ?? name ?? String(error)) : describe(first);
  } catch {
    return 'an error that cannot be read'; // anything can be thrown, also what has no text
  }
}
