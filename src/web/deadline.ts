/** Ends the work of an invocation shortly before Lambda would, so that there is time to tell the reader. */

/** Time kept for the last write where the options say nothing, in milliseconds; at most a tenth of the time there is. */
const DEFAULT_MARGIN_MS = 500;

export interface Deadline {
  /** Aborts at the deadline. */
  readonly signal: AbortSignal;
  /** Rejects at the deadline, with an error named `DeadlineExceeded`. Never settles otherwise. */
  readonly expired: Promise<never>;
  clear(): void;
}

/** @param leftMs until the function's timeout; `Infinity` where there is none */
export function startDeadline(leftMs: number, marginMs: number = Math.min(DEFAULT_MARGIN_MS, leftMs / 10)): Deadline {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    // Node.js would fire a timer of Infinity at once.
    if (leftMs === Infinity) return;
    timer = setTimeout(() => {
      const error = new Error(`stopped ${marginMs} ms before the function's timeout`);
      error.name = 'DeadlineExceeded';
      controller.abort(error);
      reject(error);
    }, leftMs - marginMs);
  });
  return { signal: controller.signal, expired, clear: () => clearTimeout(timer) };
}
