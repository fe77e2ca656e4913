/** Ends a handler's work shortly before Lambda would end it, so that there is time to say so on the wire. */
import { ApplicationError } from './application-error';
import type { LambdaContext } from './lambda-runtime';

/** Time kept for the last write where the options say nothing, in milliseconds; at most a tenth of the time there is. */
const DEFAULT_MARGIN_MS = 500;

export const DEADLINE_EXCEEDED = 'DeadlineExceeded';

/**
 * What `work` gives, or a rejection with an error named `DeadlineExceeded` when the deadline comes first; the signal
 * given to `work` aborts then, with the same error.
 */
export async function beforeDeadline<Result>(
  lambda: LambdaContext | undefined,
  marginMs: number | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  if (!lambda) return work(controller.signal);
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    const left = lambda.getRemainingTimeInMillis();
    const margin = marginMs ?? Math.min(DEFAULT_MARGIN_MS, left / 10);
    timer = setTimeout(() => {
      const message = `stopped ${margin} ms before the function times out`;
      const error = new ApplicationError(DEADLINE_EXCEEDED, message, { statusCode: 504 });
      controller.abort(error);
      reject(error);
    }, left - margin);
  });
  try {
    return await Promise.race([work(controller.signal), expired]);
  } finally {
    clearTimeout(timer);
  }
}
