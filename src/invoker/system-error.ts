/** Reads errors of the platform's network layer by their shape. Under jest, Node's own errors belong to another realm. */

/** The operating system's code, for example `ECONNRESET`; also of an error that was wrapped. */
export function systemCodeOf(error: unknown): string | undefined {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  if (typeof code === 'string') return code;
  return cause === undefined ? undefined : systemCodeOf(cause);
}

/** `ECONNREFUSED connect ECONNREFUSED …` of one error, or of the first of several addresses that all failed. */
export function describe(error: unknown): string {
  const { message, errors, name } = (error ?? {}) as { message?: string; name?: string; errors?: readonly unknown[] };
  if (message) return message;
  const first = Array.isArray(errors) ? errors[0] : undefined;
  return first === undefined ? (systemCodeOf(error) ?? name ?? String(error)) : describe(first);
}
