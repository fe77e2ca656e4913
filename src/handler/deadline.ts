/** Ends a handler's work shortly before Lambda would end it, so that there is time to say so on the wire. */
import { ApplicationError } from './application-error';

/** Time kept for the last write where the options say nothing, in milliseconds; at most a tenth of the time there is. */
const DEFAULT_MARGIN_MS = 500;

export const DEADLINE_EXCEEDED = 'DeadlineExceeded';

export interface Deadline {
  /** Milliseconds until the function's timeout; `Infinity` where there is none. */
  readonly leftMs: number;
  /** Time before the timeout at which the work is given up, in milliseconds. */
  readonly marginMs: number | undefined;
}

/**
 * What `work` gives, or a rejection with an error named `DeadlineExceeded` when the deadline comes first; the signal
 * given to `work` aborts then, with the same error.
 */
export function beforeDeadline<Result>(
  { leftMs, marginMs = Math.min(DEFAULT_MARGIN_MS, leftMs / 10) }: Deadline,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      const message = `stopped ${marginMs} ms before the timeout`;
      const error = new ApplicationError(DEADLINE_EXCEEDED, message, { statusCode: 504 });
      controller.abort(error);
      reject(error);
    };
    // Node.js would fire a timer of Infinity at once.
    const timer = leftMs < Infinity ? setTimeout(giveUp, leftMs - marginMs) : undefined;
    work(controller.signal)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
