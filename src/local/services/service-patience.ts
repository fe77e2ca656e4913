/** Ends the wait for whoever plays a service: the caller leaves, or it has lasted too long. */
import type { ServerResponse } from 'node:http';

/** A function of a test that has not begun to answer by then has forgotten to. */
export const HANDLER_PATIENCE_MS = 60_000;
/** No function waits longer. */
export const ENDPOINT_PATIENCE_MS = 15 * 60_000;

/** Why nobody waits any more. */
export class Unanswered extends Error {
  public override readonly name = 'Unanswered';
  public constructor(
    message: string,
    public readonly hasCallerLeft: boolean,
  ) {
    super(message);
  }
}

/**
 * @param ask gets a signal for as long as the caller is there
 * @throws Unanswered when the answer has not begun in time
 */
export async function waitForAnswer<Answer>(
  response: ServerResponse,
  patienceMs: number,
  ask: (signal: AbortSignal) => Answer | Promise<Answer>,
): Promise<Answer> {
  const over = new AbortController();
  const since = Date.now();
  const timer = setTimeout(() => {
    over.abort(new Unanswered(`it has not begun to answer within ${patienceMs / 1_000} seconds`, false));
  }, patienceMs);
  timer.unref();
  response.once('close', () => {
    const seconds = ((Date.now() - since) / 1_000).toFixed(1);
    over.abort(new Unanswered(`it had not begun to answer when the caller left, after ${seconds} seconds`, true));
  });
  const ended = new Promise<never>((_, reject) => {
    over.signal.addEventListener('abort', () => reject(over.signal.reason), { once: true });
  });
  // The answer may have begun long before the caller leaves.
  ended.catch(() => undefined);
  try {
    return await Promise.race([ask(over.signal), ended]);
  } finally {
    clearTimeout(timer);
  }
}
