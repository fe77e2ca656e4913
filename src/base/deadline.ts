/** Ends the work of an invocation shortly before Lambda would, so that there is time to tell the reader. */

/** Time kept for the last write where nothing is said, in milliseconds; at most a tenth of the time there is. */
const DEFAULT_MARGIN_MS = 500;

export interface Deadline {
  /** Aborts at the deadline. Made when it is first asked for: it costs more than the rest of a short invocation. */
  readonly signal: AbortSignal;
  readonly hasPassed: boolean;
  /** Rejects at the deadline. Never settles otherwise. */
  readonly expired: Promise<never>;
  clear(): void;
}

/**
 * @param leftMs until the function's timeout; `Infinity` where there is none
 * @param newError what `signal` and `expired` give as the reason
 */
export function startDeadline(
  leftMs: number,
  marginMs: number = Math.min(DEFAULT_MARGIN_MS, leftMs / 10),
  newError: (message: string) => Error,
): Deadline {
  let controller: AbortController | undefined;
  let reason: Error | undefined;
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    // Node.js would fire a timer of Infinity at once.
    if (leftMs === Infinity) return;
    timer = setTimeout(() => {
      reason = newError(`stopped ${marginMs} ms before the function's timeout`);
      controller?.abort(reason);
      reject(reason);
    }, leftMs - marginMs);
  });
  return {
    get signal() {
      if (!controller) {
        controller = new AbortController();
        if (reason) controller.abort(reason);
      }
      return controller.signal;
    },
    get hasPassed() {
      return !!reason;
    },
    expired,
    clear: () => clearTimeout(timer),
  };
}
