/** Ends a handler's work shortly before Lambda would end it, so that there is time to say so on the wire. */
import { ApplicationError } from './application-error';

/** Time kept for the last write where the options say nothing, in milliseconds; at most a tenth of the time there is. */
const DEFAULT_MARGIN_MS = 500;

export const DEADLINE_EXCEEDED = 'DeadlineExceeded';

/**
 * What `work` gives, or a rejection with an error named `DeadlineExceeded` when the deadline comes first; the signal
 * given to `work` aborts then, with the same error.
 *
 * @param leftMs until the function's timeout; `Infinity` where there is none
 */
export function beforeDeadline<Result>(
  leftMs: number,
  marginMs: number = Math.min(DEFAULT_MARGIN_MS, leftMs / 10),
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    // Node.js would fire a timer of Infinity at once.
    const timer =
      leftMs < Infinity
        ? setTimeout(() => {
            const message = `stopped ${marginMs} ms before the timeout`;
            const error = new ApplicationError(DEADLINE_EXCEEDED, message, { statusCode: 504 });
            controller.abort(error);
            reject(error);
          }, leftMs - marginMs)
        : undefined;
    work(controller.signal)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
